// How the original harness names a model (--model hf-causal --model_args pretrained=...), as a model spec of ours.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace assay::compat {

/// "a=b,c=d": a value may hold "=". Usage error for a part without "=", or a name given twice.
Result<std::map<std::string, std::string>> harness_model_arguments(std::string_view text);

struct HarnessModel {
  std::string spec;
  std::vector<std::string> notes;  // what was accepted and changes nothing, one sentence each
};
/// `model`: hf, hf-causal, hf-causal-experimental and gpt2 with pretrained=FILE.gguf (or hf:ORG/NAME:FILE.gguf), gpt3 with engine=NAME,
/// dummy, or a model spec. Usage errors name an argument or a model that has no counterpart, and what to do.
Result<HarnessModel> harness_model(const std::string& model, std::string_view text);

}  // namespace assay::compat
