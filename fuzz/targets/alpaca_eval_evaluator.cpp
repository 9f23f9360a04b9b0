// Evaluator configurations and the YAML they are written in (base/python_yaml, benchmark/alpaca_eval/evaluator_config): any bytes end in a value, a
// configuration, or an error that says what is wrong.
#include "base/python_yaml.h"
#include "base/text.h"
#include "benchmark/alpaca_eval/decoder.h"
#include "benchmark/alpaca_eval/evaluator_config.h"
#include "fuzz.h"

namespace assay::fuzz {

void fuzz_one(std::string_view input) {
  auto value = read_python_yaml(input, "input");
  if (!value) REQUIRE(value.error().kind == ErrorKind::data && !value.error().where.empty());
  auto config = alpaca_eval::read_evaluator_config(input, "input", [](std::string_view) { return std::optional<std::string>(); });
  if (!config) {
    REQUIRE(!config.error().message.empty());
    return;
  }
  REQUIRE(!config->annotators.empty());
  for (const alpaca_eval::AnnotatorConfig& annotator : config->annotators) {
    REQUIRE(annotator.batch_size >= 1);
    auto decoder = alpaca_eval::make_decoder(annotator.fn_completions, annotator.completions_kwargs, annotator.name);
    if (!decoder) {
      REQUIRE(!decoder.error().message.empty());
    } else if (auto request = decoder->request("<|im_start|>user\nx\n<|im_end|>")) {
      REQUIRE(!request->messages.empty() || !request->prompt.empty());
    }
  }
}

}  // namespace assay::fuzz
