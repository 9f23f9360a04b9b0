// Verdicts, cut answers and both rule parsers against the original's (golden/mixeval).
#include <gtest/gtest.h>

#include <cmath>
#include <random>

#include "base/python_regex.h"
#include "base/text.h"
#include "benchmark/mixeval/base_output.h"
#include "benchmark/mixeval/rule_freeform.h"
#include "benchmark/mixeval/rule_multichoice.h"
#include "benchmark/mixeval/rule_numbers.h"
#include "benchmark/mixeval/verdict.h"
#include "support/shared_data.h"

namespace assay::mixeval {
namespace {

using test::load_json;
using test::shared;

TEST(MixevalVerdict, EveryVectorOfTheOriginal) {
  ASSAY_NEED_SHARED("golden/mixeval/judge_parse.json");
  const json::value golden = load_json(shared("golden/mixeval/judge_parse.json"));
  for (const json::value& item : golden.at("scores").as_array()) {
    const std::string text = *get_string(item, "text");
    auto score = parse_score(text);
    if (find(item, "error")) {
      EXPECT_FALSE(score && score->accepted()) << text;
      continue;
    }
    EXPECT_EQ(score ? score->value : -1, *get_number(item, "result")) << text;
    EXPECT_EQ(score && score->accepted(), *get_bool(item, "accepted")) << text;
    if (score) {
      EXPECT_EQ(text[score->span.begin], '[');
    }
  }
  for (const json::value& item : golden.at("options").as_array()) {
    const std::string text = *get_string(item, "text");
    auto option = parse_option(text);
    EXPECT_EQ(option ? std::string(1, option->letter) : "-1", *get_string(item, "result")) << text;
    EXPECT_EQ(option.has_value(), *get_bool(item, "accepted")) << text;
  }
}

TEST(MixevalVerdict, AnyNumberOfLeadingZerosIsAZeroOrAFraction) {
  const std::string zeros(500, '0');
  auto value = [](const std::string& words) {
    auto score = parse_score(words);
    return score ? score->value : -1;
  };
  EXPECT_EQ(value("[[" + zeros + "]]"), 0);
  EXPECT_EQ(value("[[" + zeros + ".5]]"), 0.5);
  EXPECT_EQ(value("[" + zeros + "1." + zeros + "]"), 1);
  EXPECT_EQ(value("[[" + zeros + "1]]"), -1);
  EXPECT_EQ(value("[[0." + zeros + "1]]"), 0);
}

TEST(MixevalBaseOutput, EveryVectorOfTheOriginal) {
  ASSAY_NEED_SHARED("golden/mixeval/basemodel_extract.json");
  const json::value golden = load_json(shared("golden/mixeval/basemodel_extract.json"));
  for (const json::value& item : golden.at("items").as_array()) {
    const std::string text = *get_string(item, "text");
    EXPECT_EQ(cut_base_output(Split::free_form, text), *get_string(item, "freeform")) << text;
    EXPECT_EQ(cut_base_output(Split::multiple_choice, text), *get_string(item, "multichoice")) << text;
  }
}

std::string cut(const json::value& item, Split split) {
  const std::string response = *get_string(item, "response");
  return get_string(item, "model_type") == "BaseModel" ? std::string(cut_base_output(split, response)) : response;
}

TEST(MixevalRule, MultipleChoiceVectors) {
  ASSAY_NEED_SHARED("golden/mixeval/rule_multichoice.json");
  std::size_t drawn = 0;
  const json::value golden = load_json(shared("golden/mixeval/rule_multichoice.json"));
  for (const json::value& item : golden.at("items").as_array()) {
    std::vector<std::string> options;
    for (const json::value& option : item.at("options").as_array()) options.emplace_back(option.as_string());
    PythonRandom random(*get_integer(item, "seed"));
    const RuleChoice made = parse_choice(cut(item, Split::multiple_choice), options, random);
    EXPECT_EQ(std::string(1, made.letter), *get_string(item, "result")) << write_json(item);
    EXPECT_EQ(made.guessed, *get_bool(item, "used_random")) << write_json(item);
    drawn += made.guessed;
  }
  EXPECT_GT(drawn, 10u);
}

/// As the vectors write a value: a number as Python's repr, a text as it is.
json::value shown(const Normal& one) {
  if (const double* number = std::get_if<double>(&one)) return *number;
  return json::value(std::get<std::string>(one));
}

/// Whether both hold the same things; the vectors write numbers that JSON lacks as {"float": "inf"}.
bool same(const json::value& wanted, const Normal& made) {
  if (const double* number = std::get_if<double>(&made)) {
    if (auto odd = get_string(wanted, "float")) return *odd == (std::isnan(*number) ? "nan" : *number > 0 ? "inf" : "-inf") && !std::isfinite(*number);
    auto value = as_number(wanted);
    return value && *value == *number;
  }
  return wanted.is_string() && std::string_view(wanted.as_string()) == std::get<std::string>(made);
}

TEST(MixevalRule, FreeFormVectors) {
  ASSAY_NEED_SHARED("golden/mixeval/rule_freeform.json");
  const json::value golden = load_json(shared("golden/mixeval/rule_freeform.json"));
  for (const json::value& item : golden.at("items").as_array()) {
    const std::vector<Normal> parsed = parse_answer(cut(item, Split::free_form));
    const json::array& wanted = item.at("parsed").as_array();
    std::string made;
    for (const Normal& one : parsed) made += write_json(shown(one)) + " ";
    EXPECT_EQ(parsed.size(), wanted.size()) << write_json(item) << made;
    for (const json::value& one : wanted)
      EXPECT_TRUE(std::any_of(parsed.begin(), parsed.end(), [&](const Normal& p) { return same(one, p); })) << write_json(item) << made;
    std::vector<std::string> targets;
    for (const json::value& one : item.at("target").as_array()) targets.emplace_back(one.as_string());
    EXPECT_EQ(answer_matches(parsed, targets), *get_bool(item, "correct")) << write_json(item) << made;
  }
}

TEST(MixevalRule, TheFirstZeroOfTheKeyTextsKeepsItsSign) {
  auto zero = [](std::string_view response) { return std::get<double>(parse_answer(response).front()); };
  EXPECT_TRUE(std::signbit(zero("it is -0")));
  // A set keeps what came first, and all key texts come before the numbers in them.
  EXPECT_FALSE(std::signbit(zero("it is -0.001 m\nit is 0")));
  EXPECT_TRUE(std::signbit(zero("it is 0.001 m\nit is -0")));
}

TEST(MixevalRule, PlainNumbersAreThoseOfThePattern) {
  const PythonRegex pattern = PythonRegex::compile(R"(-?(?:\d+\.\d+|\.\d+|\d+\b)(?![eE][+-]?\d+)(?![,\d]))").value();
  const std::vector<std::string> letters{"0", "1", "27", "27", ".", ".", ".", ",", "-", "-", "+", "e", "E", "x", " ", "_", "\n", "\u00e9", "\u0663", "\u00b2", "\uff11", "\U0001d7d8"};
  std::mt19937 random(7);
  for (int i = 0; i < 50'000; ++i) {
    std::string text;
    for (std::size_t n = random() % 12; n > 0; --n) text += letters[random() % letters.size()];
    std::vector<std::string> wanted;
    const std::vector<Match> found = pattern.find_all(text).value();
    for (const Match& match : found) wanted.emplace_back(match.text(text, 0));
    std::vector<std::string> made = extract_numbers(text);
    ASSERT_GE(made.size(), wanted.size()) << text;
    made.erase(made.begin(), made.end() - static_cast<std::ptrdiff_t>(wanted.size()));  // the other two patterns' come first
    ASSERT_EQ(made, wanted) << text;
  }
}

TEST(MixevalRule, AModelThatRepeatsOneDigitIsReadAtOnce) {
  const std::string digits(3'000'000, '1');  // the pattern itself takes hours
  EXPECT_TRUE(extract_numbers(digits + "x").empty());
  EXPECT_TRUE(extract_numbers(digits + ",").empty());
  EXPECT_EQ(extract_numbers(digits + "."), std::vector{digits});
}

TEST(MixevalRule, NumberVectors) {
  ASSAY_NEED_SHARED("golden/mixeval/rule_numbers.json");
  const json::value golden = load_json(shared("golden/mixeval/rule_numbers.json"));
  for (const json::value& item : golden.at("extract_numbers").as_array()) {
    const std::vector<std::string> made = extract_numbers(*get_string(item, "text"));
    EXPECT_EQ(json::value(json::array(made.begin(), made.end())), item.at("result")) << write_json(item);
  }
  for (const json::value& item : golden.at("normalize_str").as_array()) {
    const std::vector<Normal> made = normalize(*get_string(item, "text"));
    const json::array& wanted = item.at("result").as_array();
    ASSERT_EQ(made.size(), wanted.size()) << write_json(item);
    for (std::size_t i = 0; i < made.size(); ++i) EXPECT_TRUE(same(wanted[i], made[i])) << write_json(item) << write_json(shown(made[i]));
    EXPECT_EQ(std::holds_alternative<double>(made.front()), *get_bool(item, "is_number")) << write_json(item);
  }
}

}  // namespace
}  // namespace assay::mixeval
