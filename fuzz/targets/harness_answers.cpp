// What today's harness does to a model's answer: filters with any pattern, the comparisons with a reference, the translation
// scores.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cmath>

#include "base/text.h"
#include "benchmark/harness/argument_string.h"
#include "benchmark/harness/yaml_filters.h"
#include "benchmark/harness/yaml_text_metrics.h"
#include "fuzz.h"
#include "stats/bleu.h"
#include "stats/chrf.h"
#include "stats/ter.h"

namespace assay::fuzz {
namespace {

bool valid(const PythonValue& value) {
  if (value.kind == PythonValue::Kind::text) return is_valid_utf8(value.text);
  for (const PythonValue& item : value.items)
    if (!valid(item)) return false;
  return true;
}

PythonValue dict(std::initializer_list<std::pair<const char*, PythonValue>> entries) {
  PythonValue out;
  out.kind = PythonValue::Kind::dict;
  for (const auto& [key, value] : entries) {
    out.items.push_back(PythonValue::of(key));
    out.items.push_back(value);
  }
  return out;
}

}  // namespace

// settings, then a pattern, a reference and the answer, a line each (the answer: the rest).
void fuzz_one(std::string_view input) {
  const std::uint8_t settings = take_byte(input);
  const std::string pattern = valid_utf8(take_line(input)), reference = valid_utf8(take_line(input)), answer = valid_utf8(input);
  harness::FilterConfig config;
  config.name = "fuzz";
  auto step = [&](const char* function, PythonValue options = {}) { config.steps.push_back({function, std::move(options), {}}); };
  const PythonValue select = PythonValue::of(std::int64_t{settings % 4} - 2);
  if (settings & 4) step("remove_whitespace");
  if (settings & 8) step("uppercase");
  if (settings & 16) step("lowercase");
  if (settings & 32)
    step("multi_choice_regex", dict({{"regex_pattern", PythonValue::of(pattern)},
                                     {"group_select", select},
                                     {"ignore_case", PythonValue::of(true)},
                                     {"ignore_punctuation", PythonValue::of(true)}}));
  else
    step("regex", dict({{"regex_pattern", PythonValue::of(pattern)}, {"group_select", select}}));
  step("majority_vote");
  if (settings & 64) step("take_first");
  if (auto chain = harness::FilterChain::make(config, "fuzz.yaml")) {
    const json::value row{{"choices", {reference, "B", ""}}};
    const std::vector<std::string> answers{answer, reference, answer};
    auto value = chain->apply(answers, row);
    REQUIRE(value ? valid(*value) : value.error().kind == ErrorKind::data);
    auto again = chain->apply(answers, row);
    REQUIRE(value.has_value() == again.has_value() && (!value || *value == *again));
  }
  const PythonValue patterns = PythonValue::list_of({PythonValue::of(pattern)}), flag = PythonValue::of((settings & 128) != 0);
  if (auto exact = harness::ExactMatch::make(
          dict({{"regexes_to_ignore", patterns}, {"ignore_case", flag}, {"ignore_punctuation", flag}}), "fuzz")) {
    auto same = (*exact)(answer, answer);
    REQUIRE(!same || *same);
  }
  if (auto similarity = harness::anls(answer, reference)) REQUIRE(*similarity == 0 || (*similarity >= 0.5 && *similarity <= 1));
  const std::vector<std::string> references{reference};
  const double bleu = bleu_score(bleu_counts(answer, references)), chrf = chrf_score(chrf_counts(answer, references)),
               ter = ter_score(ter_counts(answer, references));
  REQUIRE(bleu >= 0 && bleu <= 100.0001 && chrf >= 0 && chrf <= 100.0001 && ter >= 0 && std::isfinite(ter));
  const std::vector<std::string> itself{answer};
  REQUIRE(ter_score(ter_counts(answer, itself)) == 0);
  if (auto arguments = harness::read_argument_string(answer)) REQUIRE(valid(*arguments));
}

}  // namespace assay::fuzz
