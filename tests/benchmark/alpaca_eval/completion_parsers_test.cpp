#include "benchmark/alpaca_eval/completion_parsers.h"

#include <cmath>

#include "base/python_literal.h"
#include "support/shared_data.h"

namespace assay::alpaca_eval {
namespace {

PythonValue literal(std::string_view text) {
  auto value = read_python_literal(text);
  if (!value) ADD_FAILURE() << to_string(value.error());
  return value.value_or(PythonValue{});
}

std::string labels(std::string_view parser, std::string_view arguments, std::string_view completion) {
  auto made = CompletionParser::make(parser, literal(arguments));
  if (!made) return "usage: " + to_string(made.error());
  auto result = made->parse(PythonValue::of(std::string(completion)));
  if (!result) return "error";
  return write_json(to_json(PythonValue::list_of(*result)));
}

TEST(AlpacaEvalParsers, TheEarliestMatchGoesFirst) {
  constexpr const char* kRegexes =
      "{'outputs_to_match': {1: '(?:^|\\n) ?Output \\\\(a\\\\)', 2: '(?:^|\\n) ?Output \\\\(b\\\\)'}}";
  EXPECT_EQ(labels("regex_parser", kRegexes, "Output (b)\nOutput (a)"), "[2,1]");
  EXPECT_EQ(labels("alpaca_eval.completion_parsers.regex_parser", kRegexes, "no"), "[]");
  EXPECT_EQ(labels("regex_parser", "{'outputs_to_match': {1: 'x*'}}", "abc"), "error");
}

TEST(AlpacaEvalParsers, WrongConfigurationsAreNamed) {
  EXPECT_NE(labels("regex_parsr", "{}", "x").find("did you mean regex_parser"), std::string::npos);
  EXPECT_NE(labels("regex_parser", "{}", "x").find("outputs_to_match"), std::string::npos);
  EXPECT_NE(labels("ranking_parser", "{'model_1_nam': 'm'}", "x").find("did you mean model_1_name"), std::string::npos);
  EXPECT_NE(labels("regex_parser", "{'outputs_to_match': {1: '('}}", "x").find("usage"), std::string::npos);
  EXPECT_NE(labels("logprob_parser", "{'numerator_token': 'm'}", "x").find("denominator_tokens"), std::string::npos);
  EXPECT_NE(labels("pipeline_meta_parser", "{'parsers_to_kwargs': {'nothing': {}}}", "x").find("nothing"), std::string::npos);
  EXPECT_NE(labels("json_parser", "[1]", "x").find("no mapping"), std::string::npos);
}

TEST(AlpacaEvalParsers, LogprobsThatAreMissingAreSaid) {
  auto parser = CompletionParser::make("logprob_parser", literal("{'numerator_token': 'm', 'denominator_tokens': ['m', 'M']}"));
  ASSERT_TRUE(parser);
  for (const char* choice : {"{}", "{'logprobs': None}", "{'logprobs': {'content': [{'token': 'm'}]}}", "'text'"}) {
    auto result = parser->parse(literal(choice));
    ASSERT_FALSE(result) << choice;
    EXPECT_NE(result.error().message.find("log probabilities"), std::string::npos);
  }
}

TEST(AlpacaEvalParsers, OnlyTheTokensAskedForNeedALogprob) {
  auto parse = [](std::string_view tokens) {
    auto parser = CompletionParser::make("logprob_parser", literal("{'numerator_token': 'm', 'denominator_tokens': ['M'], 'is_binarize': False}"));
    auto result = parser->parse(literal("{'logprobs': {'content': [{'top_logprobs': [" + std::string(tokens) + "]}]}}"));
    return result ? write_json(to_json(PythonValue::list_of(*result))) : "error";
  };
  EXPECT_EQ(parse("{'token': 'M', 'logprob': -0.5}, {'token': 'The'}, {'token': 1, 'logprob': None}"), "[2.0]");
  EXPECT_EQ(parse("{'token': 'M', 'logprob': None}, {'token': 'M', 'logprob': -0.5}"), "[2.0]");
  EXPECT_EQ(parse("{'token': 'M', 'logprob': -0.5}, {'token': 'M', 'logprob': None}"), "error");
  EXPECT_EQ(parse("{'token': 'm', 'logprob': -0.5}"), write_json(to_json(literal("[-1e999]"))));  // nothing to divide by
}

TEST(AlpacaEvalParsers, ATextInJsonIsAListOfItsLetters) {
  EXPECT_EQ(labels("json_parser", "{'annotation_key': None}", "\"1é\""), "[\"1\",\"é\"]");
  EXPECT_EQ(labels("json_parser", "{'annotation_key': 'a'}", "\"\""), "[]");
  EXPECT_EQ(labels("json_parser", "{'annotation_key': 'a'}", "\"1\""), "error");
}

TEST(AlpacaEvalParsers, Preferences) {
  EXPECT_EQ(preference_of(literal("0")), 1.5);
  EXPECT_EQ(preference_of(literal("True")), 1.0);
  EXPECT_EQ(preference_of(literal("1.25")), 1.25);
  for (const char* no : {"3", "'1'", "None", "0.5", "[1]", "1+0j"}) EXPECT_FALSE(preference_of(literal(no))) << no;
  EXPECT_FALSE(preference_of(PythonValue::of(std::nan(""))));
}

// A label in the form in which the golden files write it.
json::value golden_form(const PythonValue& value) {
  using Kind = PythonValue::Kind;
  json::array items;
  for (const PythonValue& item : value.items) items.push_back(golden_form(item));
  switch (value.kind) {
    case Kind::floating:
      if (std::isnan(value.real)) return "NaN";
      if (std::isinf(value.real)) return value.real > 0 ? "Infinity" : "-Infinity";
      return value.real;
    case Kind::complex:
      return {{"__complex__", json::string("(" + write_json(json::value(static_cast<std::int64_t>(value.real))) + "+" +
                                           write_json(json::value(static_cast<std::int64_t>(value.imaginary))) + "j)")}};
    case Kind::bytes:
      return {{"__bytes__", value.text}};
    case Kind::list:
      return items;
    case Kind::tuple:
      return {{"__tuple__", items}};
    case Kind::set:
      return {{"__set__", items}};
    default:
      return to_json(value);
  }
}

// Keys of mappings of labels are whole numbers in the configurations, texts in the golden files.
PythonValue with_number_labels(PythonValue arguments) {
  for (std::size_t i = 0; i + 1 < arguments.items.size(); i += 2) {
    if (arguments.items[i].text == "outputs_to_match") {
      PythonValue& outputs = arguments.items[i + 1];
      for (std::size_t k = 0; k + 1 < outputs.items.size(); k += 2) {
        if (outputs.items[k].text == "1" || outputs.items[k].text == "2")
          outputs.items[k] = PythonValue::of(std::int64_t{outputs.items[k].text == "1" ? 1 : 2});
      }
    } else if (arguments.kind == PythonValue::Kind::dict && arguments.items[i + 1].kind == PythonValue::Kind::dict) {
      arguments.items[i + 1] = with_number_labels(arguments.items[i + 1]);
    }
  }
  return arguments;
}

void expect_cases(const char* path, std::size_t at_least) {
  json::value file = test::load_json(test::shared(path));
  std::size_t seen = 0;
  for (const json::value& c : find(file, "cases")->as_array()) {
    SCOPED_TRACE(write_json(c).substr(0, 500));
    ++seen;
    auto parser = CompletionParser::make(get_string(c, "parser").value(), with_number_labels(python_value(*find(c, "kwargs"))));
    ASSERT_TRUE(parser) << to_string(parser.error());
    auto result = parser->parse(python_value(*find(c, "completion")));
    EXPECT_EQ(result.has_value(), get_bool(c, "ok").value());
    if (!result || !get_bool(c, "ok").value()) continue;
    const json::array& want = find(c, "result")->as_array();
    ASSERT_EQ(result->size(), want.size());
    for (std::size_t i = 0; i < want.size(); ++i) {
      json::value mine = golden_form((*result)[i]);
      if (mine.is_double() && as_number(want[i]))
        EXPECT_NEAR(mine.as_double(), *as_number(want[i]), 1e-15);
      else
        EXPECT_EQ(write_json(mine), write_json(want[i]));
    }
  }
  EXPECT_GE(seen, at_least);
}

TEST(AlpacaEvalParsers, Golden) {
  ASSAY_NEED_SHARED("golden/alpaca-eval/parsers.json");
  expect_cases("golden/alpaca-eval/parsers.json", 138);
}

TEST(AlpacaEvalParsers, GoldenLogprobs) {
  ASSAY_NEED_SHARED("golden/alpaca-eval/logprob.json");
  expect_cases("golden/alpaca-eval/logprob.json", 43);
}

}  // namespace
}  // namespace assay::alpaca_eval
