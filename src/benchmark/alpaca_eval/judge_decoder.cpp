#include "benchmark/alpaca_eval/judge_decoder.h"

#include <cmath>

#include "base/number.h"

namespace assay::alpaca_eval {
namespace {

using Kind = PythonValue::Kind;

/// Numbers that YAML 1.1 takes for texts count.
std::optional<double> number_of(const PythonValue& arguments, std::string_view name) {
  const PythonValue* value = arguments.kind == Kind::dict ? arguments.find(name) : nullptr;
  if (!value) return std::nullopt;
  if (value->kind == Kind::text) return python_float(value->text);
  if (value->kind == Kind::integer && value->text.empty()) return static_cast<double>(value->integer);
  if (value->kind == Kind::floating) return value->real;
  return std::nullopt;
}

}  // namespace

Result<Decoder> judge_decoder(const AnnotatorConfig& annotator) {
  auto made = make_decoder(annotator.fn_completions, annotator.completions_kwargs, annotator.name);
  if (made) {
    answer_with(*made, "");
    return made;
  }
  if (made.error().kind != ErrorKind::unsupported) return made;
  Decoder out;
  out.function = annotator.fn_completions;
  if (const PythonValue* name = annotator.completions_kwargs.find("model_name"); name && name->kind == Kind::text) out.model = name->text;
  // The original's own defaults where the configuration is silent.
  out.sampling.temperature = number_of(annotator.completions_kwargs, "temperature").value_or(0.7);
  double limit = 2048;
  for (std::string_view name : {"max_tokens", "max_tokens_to_sample", "max_new_tokens", "max_output_tokens"})
    if (auto own = number_of(annotator.completions_kwargs, name); own && *own >= 1 && *own <= 1e9) limit = std::floor(*own);
  out.sampling.max_tokens = static_cast<int>(limit);
  out.deviates.push_back("of the settings of " + annotator.name + ", whose " + annotator.fn_completions + " cannot be asked here, temperature and token limit alone are kept");
  answer_with(out, "");
  return out;
}

}  // namespace assay::alpaca_eval
