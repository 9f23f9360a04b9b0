#include "benchmark/mixeval/board_layouts.h"

#include "benchmark/mixeval/entry.h"

namespace assay::mixeval {
namespace {

BoardColumn whole(std::string title, std::string benchmark, std::string brief) {
  return {std::move(title), std::move(benchmark), {}, "overall", 100, 1, std::move(brief)};
}
BoardColumn source(const std::string& source, Split split, bool hard) {
  // Their first letters tell the source benchmarks apart: "Triv", "MMLU", "DROP", "Hell", "Comm", "Bool".
  const std::string brief = source.substr(0, 4) + (hard ? "-H" : "");
  return {source + (hard ? "-Hard (Mixed)" : " (Mixed)"), hard ? "mixeval-hard" : "mixeval", {std::string(name(split)), source}, "score", 100, 1, brief};
}

}  // namespace

const std::vector<BoardLayout>& board_layouts() {
  constexpr Split ff = Split::free_form, mc = Split::multiple_choice;
  static const std::vector<BoardLayout> layouts{
      {"mixeval-chat",
       "MixEval, chat models",
       {whole("MixEval-Hard", "mixeval-hard", "Hard"), whole("MixEval", "mixeval", "MixEval"), {"Arena Elo (0527)", "", {}, "", 1, 0, "Elo"}, source("TriviaQA", ff, false), source("MMLU", mc, false),
        source("DROP", ff, false), source("HellaSwag", mc, false), source("CommonsenseQA", mc, false), source("TriviaQA", ff, true), source("MMLU", mc, true), source("DROP", ff, true)},
       0,
       2},
      {"mixeval-base",
       "MixEval, base models",
       {whole("MixEval", "mixeval", "MixEval"), whole("MixEval-Hard", "mixeval-hard", "Hard"), source("TriviaQA", ff, false), source("MMLU", mc, false), source("DROP", ff, false), source("HellaSwag", mc, false),
        source("CommonsenseQA", mc, false), source("BoolQ", mc, false), source("TriviaQA", ff, true), source("MMLU", mc, true), source("DROP", ff, true)},
       0,
       11}};
  return layouts;
}

}  // namespace assay::mixeval
