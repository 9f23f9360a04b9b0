// AlpacaEval's completion parsers (benchmark/alpaca_eval/completion_parsers): any completion ends in labels or a data error, and
// preferences are in [1, 2].
#include "base/python_literal.h"
#include "base/text.h"
#include "benchmark/alpaca_eval/completion_parsers.h"
#include "fuzz.h"

namespace assay::fuzz {
namespace {

using alpaca_eval::CompletionParser;

const std::vector<CompletionParser>& parsers() {
  static const std::vector<CompletionParser> all = [] {
    std::vector<CompletionParser> made;
    for (auto [name, arguments] : {
             std::pair{"regex_parser", R"({'outputs_to_match': {1: '(?:^|\\n) ?Output \\(a\\)', 2: '(?i)\\bb+\\b'}})"},
             {"lmsys_parser", "None"},
             {"ranking_parser", "{'model_1_name': 'm'}"},
             {"json_parser", "{'annotation_key': 'k'}"},
             {"json_parser", "{'annotation_key': None}"},
             {"eval_parser", "{}"},
             {"replace_parser", "{'replacer': {'a': 1}, 'default_replacer': 2}"},
             {"pipeline_meta_parser",
              "{'parsers_to_kwargs': {'json_parser': {'annotation_key': 'k'}, 'ranking_parser': {'model_1_name': 'm'}}}"},
             {"pipeline_meta_parser",
              "{'parsers_to_kwargs': {'eval_parser': {}, 'logprob_parser': {'numerator_token': 'm', 'denominator_tokens': ['m', "
              "'M']}}}"},
         }) {
      auto parser = CompletionParser::make(name, read_python_literal(arguments).value());
      REQUIRE(parser.has_value());
      made.push_back(*parser);
    }
    return made;
  }();
  return all;
}

}  // namespace

void fuzz_one(std::string_view input) {
  std::size_t which = take_byte(input) % parsers().size();
  auto labels = parsers()[which].parse(PythonValue::of(valid_utf8(input)));
  if (!labels) {
    REQUIRE(labels.error().kind == ErrorKind::data);
    return;
  }
  for (const PythonValue& label : *labels) {
    auto preference = alpaca_eval::preference_of(label);
    REQUIRE(!preference || (*preference >= 1 && *preference <= 2));
  }
}

}  // namespace assay::fuzz
