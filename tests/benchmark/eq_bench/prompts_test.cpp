#include "benchmark/eq_bench/prompts.h"

#include <gtest/gtest.h>

#include "base/hash.h"
#include "base/text.h"
#include "golden.h"

namespace assay::eq_bench {
namespace {

using test::protocol;

// Words of our own around the strings that the rules look for.
const std::string kStored =
    "\nThe gardener looks up.\n\nRate each emotion. Then critique your answer by thinking it through step by step. Finally, give "
    "your "
    "revised scores.\n\nFirst pass scores:\nCalm: <score>\n\nCritique: <your critique here>\n\nRevised scores:\nCalm: <revised "
    "score>\n\n[End "
    "of answer]\n\nZero is allowed.\n";

TEST(EqBenchPrompts, CutsTheRevisionInV2WithoutRevise) {
  EXPECT_EQ(prompt_to_send(kStored, protocol("2", "en", false)),
            "\nThe gardener looks up.\n\nRate each emotion.\n\nCalm: <score>\n\n\n[End of answer]\n\nZero is allowed.\n\nYour "
            "answer:\n");
  for (const Protocol& p :
       {protocol("2", "en", true), protocol("1", "en", false), protocol("2", "ja", false), protocol("2", "jahalf", false)})
    EXPECT_EQ(prompt_to_send(kStored, p), kStored);
}

TEST(EqBenchPrompts, AMissingMarkerActsLikePositionMinusOne) {
  EXPECT_EQ(prompt_to_send("ab\u00e9", protocol("2", "en", false)), "ab\n\u00e9\nYour answer:\n");
  // In German the sentence of the instruction is such a marker, and the end of its line another.
  const std::string sentence =
      "Geben Sie jeder dieser möglichen Emotionen eine Punktzahl von 0-10 für die relative Intensität, die sie wahrscheinlich fühlen werden.";
  const std::string cut = sentence.substr(0, sentence.size() - 1);
  EXPECT_EQ(prompt_to_send("abc", protocol("2", "de", false)), "ab" + sentence + "\nc\nIhre Antwort:\n");
  EXPECT_EQ(prompt_to_send("", protocol("2", "de", false)), cut + "\n.\nIhre Antwort:\n");
  EXPECT_EQ(prompt_to_send("Geben Sie jeder dieser möglichen Emotionen Punkte Kritik: <Ihre Kritik hier>[Ende der Antwort]", protocol("2", "de", false)),
            sentence + "\n]\nIhre Antwort:\n");
  EXPECT_EQ(prompt_to_send("", protocol("2", "en", false)), "\n\nYour answer:\n");
}

TEST(EqBenchGolden, Prompts) {
  ASSAY_NEED_SHARED("golden/eq-bench/prompts.json");
  json::value file = assay::test::load_json(assay::test::shared("golden/eq-bench/prompts.json"));
  std::size_t cases = 0;
  for (const json::value& c : find(file, "cases")->as_array()) {
    std::string set = test::text_of(c, "set") == "v2" ? "v2" : "v1", lang = test::text_of(c, "lang"),
                id = test::text_of(c, "question_id");
    const Question& q = test::question(test::official(set, lang), id);
    std::string prompt = prompt_to_send(q.prompt, protocol(set.substr(1), lang, test::bool_of(c, "revise")));
    EXPECT_EQ(sha256_hex(prompt), test::text_of(c, "sha256")) << set << " " << lang << " " << id;
    EXPECT_EQ(count_code_points(prompt), static_cast<std::size_t>(get_integer(c, "chars").value()));
    ++cases;
  }
  EXPECT_EQ(cases, 1488u);
}

}  // namespace
}  // namespace assay::eq_bench
