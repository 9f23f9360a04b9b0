#include "cli/compat/mixeval_models.h"

#include "base/number.h"
#include "base/text.h"
#include "model/model_spec.h"

namespace assay::compat {
namespace {

bool is_gguf(const std::string& path) { return lower(path).ends_with(".gguf"); }

/// A text that is a spec as it stands: an address, or a back end's name and a colon.
bool is_spec(const std::string& text) {
  if (text.starts_with("http://") || text.starts_with("https://")) return true;
  const std::size_t colon = text.find(':');
  return colon != std::string::npos && colon > 1 && parse_model_spec(text).has_value();
}

/// `spec` with a setting that it does not have yet.
std::string with_setting(std::string spec, const std::string& key, const std::string& value) {
  const std::size_t name = spec.find('#');
  std::string tail = name == std::string::npos ? "" : spec.substr(name);
  if (name != std::string::npos) spec.resize(name);
  const std::size_t query = spec.find('?');
  if (query != std::string::npos && (contains(spec.substr(query), "?" + key + "=") || contains(spec.substr(query), "&" + key + "="))) return spec + tail;
  return spec + (query == std::string::npos ? "?" : "&") + key + "=" + value + tail;
}

/// OpenAI's client sends to OPENAI_BASE_URL where a program names no address.
Result<std::string> at_openai(const std::string& name, const std::string& settings, const std::string& key, const EnvironmentVariable& variable) {
  auto base = variable ? variable("OPENAI_BASE_URL", key) : std::optional<std::string>();
  if (!base) return std::unexpected(base.error());
  std::string url = base->value_or("");
  while (url.ends_with('/')) url.pop_back();
  return url.empty() ? "openai:" + name + settings : url + settings + "#" + name;
}

std::unexpected<Error> cannot_load(const std::string& what, const char* option) {
  return fail(ErrorKind::usage, what + " is a checkpoint that only Python's libraries load", {},
              std::string("serve it and name the address, or take its GGUF file: ") + option + " http://HOST:PORT/v1#NAME, " + option + " gguf:FILE");
}

}  // namespace

Result<MixevalModel> tested_model(const MixevalFlags& flags, const mixeval::RegisteredModel& model, const EnvironmentVariable& variable) {
  MixevalModel out;
  out.options["kind"] = mixeval::name(model.kind);
  if (model.known) out.options["as"] = model.name;
  if (!model.max_tokens.empty()) out.options["max_tokens"] = model.max_tokens;
  if (model.kind != mixeval::Kind::base) {
    if (flags.model_systemprompt && !flags.model_systemprompt->empty() && model.name == "local_chat")
      out.options["system"] = *flags.model_systemprompt;
    else if (model.system)
      out.options["system"] = *model.system;
  }
  if (!model.system_text.empty() && !out.options.contains("system"))
    out.notes.push_back("the original sends " + model.name + " a system message of its own, which is not here, and none is sent: get it with assay data import mixeval --from DIR, or assay data pull mixeval --files " +
                        model.system_text);
  if (flags.model) {
    out.spec = *flags.model;
  } else if (flags.model_path && (model.name == "local_chat" || model.name == "local_base")) {
    if (is_gguf(*flags.model_path) && !is_spec(*flags.model_path))
      out.spec = "gguf:" + *flags.model_path;
    else if (is_spec(*flags.model_path))
      out.spec = *flags.model_path;
    else
      return cannot_load(*flags.model_path, "--model_path");
  } else if (!model.spec.empty()) {
    out.spec = model.spec;
    auto parts = parse_model_spec(model.spec);
    if (model.known && parts && parts->backend == "openai" && parts->base.empty()) {
      const std::size_t query = std::min(model.spec.find('?'), model.spec.size());
      const auto key = parts->settings.find("key_env");
      auto spec = at_openai(parts->name, model.spec.substr(query), key == parts->settings.end() ? "OPENAI_API_KEY" : key->second, variable);
      if (!spec) return std::unexpected(spec.error());
      out.spec = std::move(*spec);
    }
  } else if (model.name == "local_chat" || model.name == "local_base") {
    return fail(ErrorKind::usage, model.name + " needs --model_path", {}, "a GGUF file, or a model spec: assay mixeval --help");
  } else {
    return cannot_load(model.model.empty() ? model.name : model.model, "--model");
  }
  if (model.turns && model.kind == mixeval::Kind::chat) {
    // Only who takes raw text can be asked in the class's own format; a chat endpoint writes the turns itself.
    auto spec = parse_model_spec(out.spec);
    const auto api = spec ? spec->settings.find("api") : std::map<std::string, std::string>::const_iterator();
    const bool raw = spec && !spec->settings.contains("template") && (spec->backend == "gguf" || (api != spec->settings.end() && (api->second == "completions" || api->second == "llama.cpp")));
    const mixeval::TurnTemplate& turns = *model.turns;
    if (raw)
      out.options["turns"] = write_json(to_json(turns));
    else
      out.notes.push_back(model.name + " has a chat format of its own; here the model's back end writes the turns (a GGUF file, or an address with ?api=completions, is asked in that format)");
  }
  for (const auto& one : model.sampling) {
    if (model.known) break;  // option as= brings them
    auto number = as_number(one.value());
    if (!number) continue;
    std::string value = python_repr(*number);
    if (value.ends_with(".0")) value.resize(value.size() - 2);
    out.spec = with_setting(out.spec, std::string(one.key()), value);
  }
  if (flags.max_gpu_memory) out.notes.emplace_back("--max_gpu_memory changes no number and is passed over: gpu_layers= in the model's spec says how much of a GGUF file is offloaded");
  return out;
}

Result<std::string> judge_spec(const MixevalFlags& flags, const std::string& name, const EnvironmentVariable& variable) {
  if (flags.judge) return *flags.judge;
  if (flags.judge_model_id) {
    if (is_spec(*flags.judge_model_id)) return *flags.judge_model_id;
    if (is_gguf(*flags.judge_model_id)) return "gguf:" + *flags.judge_model_id;
    return cannot_load(*flags.judge_model_id, "--judge");
  }
  auto of = [&](const std::string& name) { return variable(name, "").value_or(std::nullopt).value_or(""); };
  if (!of("MODEL_PARSER_API").empty()) {
    if (flags.api_base_url) {
      std::string url = *flags.api_base_url;
      while (url.ends_with('/')) url.pop_back();
      return url + "?key_env=MODEL_PARSER_API#" + name;
    }
    return at_openai(name, "?key_env=MODEL_PARSER_API", "MODEL_PARSER_API", variable);
  }
  if (of("OPENAI_API_TYPE") == "azure") {
    auto endpoint = variable("OPENAI_API_BASE", "OPENAI_API_KEY");
    if (!endpoint) return std::unexpected(endpoint.error());
    std::string base = endpoint->value_or("");
    while (base.ends_with('/')) base.pop_back();
    if (base.empty()) return fail(ErrorKind::usage, "OPENAI_API_TYPE is azure, and OPENAI_API_BASE names no endpoint");
    const std::string version = of("OPENAI_API_VERSION");
    return base + "?api=azure&key_env=OPENAI_API_KEY" + (version.empty() ? "" : "&api_version=" + version) + "#" + name;
  }
  return fail(ErrorKind::usage, "No correct judge endpoint specified in .env, see ReadMe", {},
              "put MODEL_PARSER_API=KEY into .env, or name the judge: --judge SPEC");
}

}  // namespace assay::compat
