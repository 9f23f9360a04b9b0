#include "cli/compat/harness_model.h"

#include <algorithm>

#include "base/text.h"

namespace assay::compat {
namespace {

const std::vector<std::string> kLocal{"hf", "hf-causal", "hf-causal-experimental", "gpt2"};

std::unexpected<Error> no_counterpart(const std::string& name, const std::string& model) {
  return fail(ErrorKind::usage, "--model_args: " + shorten(name, 60) + " has no counterpart for --model " + model, "",
              "leave it out; settings of a model stand in its spec: --model 'gguf:FILE?n_ctx=2048&threads=8' (docs/model-specs.md)");
}

Result<HarnessModel> local_model(const std::string& model, std::map<std::string, std::string> arguments) {
  HarnessModel out;
  auto file = arguments.find("pretrained");
  if (file == arguments.end()) return fail(ErrorKind::usage, "--model_args of --model " + model + " must name pretrained=FILE.gguf");
  if (!file->second.ends_with(".gguf"))
    return fail(ErrorKind::usage, "\"" + shorten(file->second, 100) + "\" is no GGUF file, and other weights are not read", "",
                "convert the model to GGUF, or take one from a hub: pretrained=hf:ORG/NAME:FILE.gguf; a served model: --model http://HOST/v1#NAME");
  std::string settings;
  for (const auto& [name, value] : arguments) {
    if (name == "pretrained") continue;
    if (name == "use_accelerate") {
      out.notes.emplace_back("use_accelerate changes nothing here (nor did the pinned harness know it for hf-causal)");
    } else if (name == "revision" && value == "main") {
      continue;
    } else if (name == "max_length") {
      settings += (settings.empty() ? "?" : "&") + ("n_ctx=" + value);
    } else {
      return no_counterpart(name, model);
    }
  }
  out.spec = "gguf:" + file->second + settings;
  return out;
}

}  // namespace

Result<std::map<std::string, std::string>> harness_model_arguments(std::string_view text) {
  std::map<std::string, std::string> out;
  if (text.empty()) return out;
  for (const std::string& part : split(text, ',')) {
    if (strip(part).empty()) continue;
    const std::size_t equals = part.find('=');
    if (equals == std::string::npos || equals == 0)
      return fail(ErrorKind::usage, "--model_args takes NAME=VALUE,NAME=VALUE, not \"" + shorten(part, 60) + "\"");
    if (!out.emplace(part.substr(0, equals), part.substr(equals + 1)).second)
      return fail(ErrorKind::usage, "--model_args: " + shorten(part.substr(0, equals), 60) + " is given twice");
  }
  return out;
}

Result<HarnessModel> harness_model(const std::string& model, std::string_view text) {
  auto arguments = harness_model_arguments(text);
  if (!arguments) return fail(arguments.error());
  if (std::find(kLocal.begin(), kLocal.end(), model) != kLocal.end()) return local_model(model, std::move(*arguments));
  if (model == "gpt3") {
    auto engine = arguments->find("engine");
    if (engine == arguments->end()) return fail(ErrorKind::usage, "--model_args of --model gpt3 must name engine=NAME");
    for (const auto& [name, value] : *arguments)
      if (name != "engine") return no_counterpart(name, model);
    return HarnessModel{"openai:" + engine->second + "?api=completions", {}};
  }
  if (model == "dummy") {
    if (!arguments->empty()) return no_counterpart(arguments->begin()->first, model);
    return HarnessModel{"baseline:random", {}};
  }
  if (model == "hf-seq2seq" || model == "anthropic" || model == "textsynth")
    return fail(ErrorKind::usage, "--model " + model + " is not supported: it gives no log-likelihoods of given texts here", "",
                "a GGUF file (--model gguf:FILE) or a server that echoes log-probabilities (--model http://HOST/v1?api=completions#NAME)");
  if (model.find(':') != std::string::npos) {
    if (!arguments->empty()) return no_counterpart(arguments->begin()->first, "with a model spec");
    return HarnessModel{model, {}};
  }
  std::vector<std::string> known = kLocal;
  known.insert(known.end(), {"gpt3", "dummy"});
  std::vector<std::string> near = did_you_mean(model, known);
  return fail(ErrorKind::usage, "--model \"" + shorten(model, 60) + "\" is not known", "",
              (near.empty() ? std::string() : "did you mean " + join(near, " or ") + "? ") + "known: " + join(known, ", ") +
                  ", or a model spec such as gguf:FILE");
}

}  // namespace assay::compat
