// MixEval's foreign texts: data files, response and judged files, judges' verdicts, rule parsers.
#include <cmath>

#include "base/text.h"
#include "benchmark/mixeval/base_output.h"
#include "benchmark/mixeval/judged_file.h"
#include "benchmark/mixeval/model_registry.h"
#include "benchmark/mixeval/prompts.h"
#include "benchmark/mixeval/response_file.h"
#include "benchmark/mixeval/rule_freeform.h"
#include "benchmark/mixeval/rule_multichoice.h"
#include "benchmark/mixeval/verdict.h"
#include "fuzz.h"

namespace assay::fuzz {
namespace {

using namespace assay::mixeval;

void files(Split split, std::string_view input) {
  if (auto entries = read_entries(input, split, "data")) {
    REQUIRE(!entries->empty());
    for (const Entry& entry : *entries) {
      if (split == Split::multiple_choice) REQUIRE(entry.answer < entry.options.size() && entry.options.size() <= kMostOptions);
      auto prompt = formatted_input(split, entry);
      REQUIRE(prompt.has_value() || prompt.error().kind == ErrorKind::unsupported);
      if (prompt) REQUIRE(is_valid_utf8(*prompt));
    }
    REQUIRE(clusters_of(*entries).size() == entries->size());
  }
  if (auto read = read_responses(input, split, "responses", nullptr)) {
    std::string again;
    for (const StoredResponse& one : read->lines) append_json(again, one.entry.fields, JsonStyle::python), again += '\n';
    auto back = read_responses(again, split, "again", nullptr);
    REQUIRE(back.has_value() && back->lines.size() == read->lines.size() && back->doubled.size() == read->doubled.size() && !back->torn_at);
  }
  for (bool rule : {false, true})
    if (auto judged = read_judged(input, split, rule, "judged"))
      for (const JudgedLine& line : *judged) REQUIRE(std::isfinite(line.value));
}

void answers(std::string_view input) {
  const std::string text = valid_utf8(input);
  if (auto score = parse_score(text)) REQUIRE(score->span.begin < score->span.end && score->span.end <= text.size() && !std::isnan(score->value));
  if (auto option = parse_option(text)) REQUIRE(option->letter >= 'A' && option->letter <= 'Z' && option->span.end <= text.size());
  for (Split split : {Split::free_form, Split::multiple_choice}) REQUIRE(text.starts_with(cut_base_output(split, text)));
  const std::vector<std::string> options{"red", "", "the blue one"};
  if (auto option = find_option(text, options)) REQUIRE(*option < options.size());
  const std::vector<Normal> parsed = parse_answer(text);
  REQUIRE(!parsed.empty());
  for (const Normal& one : parsed)
    if (const std::string* said = std::get_if<std::string>(&one)) REQUIRE(is_valid_utf8(*said));
  (void)answer_matches(parsed, {"7", "red"});
}

}  // namespace

void fuzz_one(std::string_view input) {
  const std::uint8_t bits = take_byte(input);
  const Split split = bits & 1 ? Split::multiple_choice : Split::free_form;
  switch ((bits >> 1) % 3) {
    case 0: files(split, input); break;
    case 1: answers(input); break;
    default: {
      ModelRegistry registry;
      if (registry.add(input, "models")) {
        for (const RegisteredModel& model : registry.models()) REQUIRE(registry.find(model.name) == &model);
      }
    }
  }
}

}  // namespace assay::fuzz
