#include "cli/compat/row_model.h"

#include <algorithm>

#include "base/text.h"

namespace assay::compat {
namespace {

constexpr std::string_view kOpenAi = "https://api.openai.com/v1";
constexpr std::string_view kLlamaCpp = "http://localhost:8080";
constexpr std::string_view kOoba = "http://127.0.0.1:5000";
constexpr int kNever = 86400;  // the original's llama.cpp requests have no time-out

/// What would end a value of a spec, or be read as something else in it.
std::string encoded(std::string_view text) {
  constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (char c : text) {
    if (std::string_view("%&#?= +").find(c) == std::string_view::npos) {
      out += c;
    } else {
      out += '%';
      out += digits[static_cast<unsigned char>(c) >> 4];
      out += digits[c & 15];
    }
  }
  return out;
}

/// A spec that is put together from settings.
class Spec {
 public:
  void set(std::string_view key, std::string_view value) { settings_ += (settings_.empty() ? "" : "&") + std::string(key) + "=" + encoded(value); }
  void set(std::string_view key, int value) { set(key, std::to_string(value)); }
  std::string named(std::string_view backend, std::string_view name) const {
    return std::string(backend) + ":" + std::string(name) + (settings_.empty() ? "" : "?" + settings_);
  }
  std::string at(std::string_view url, std::string_view name) const {
    return std::string(url) + (settings_.empty() ? "" : "?" + settings_) + (name.empty() ? "" : "#" + encoded(name));
  }

 private:
  std::string settings_;
};

std::string without_slash(std::string url) {
  while (url.ends_with('/')) url.pop_back();
  return url;
}

/// GGUF files of a row's model: the file itself, or those of its folder or of the cache that the filters leave.
std::vector<std::string> gguf_files(const BenchmarkRow& row, const EngineSurroundings& s) {
  if (lower(row.model_path).ends_with(".gguf")) return {row.model_path};
  std::vector<std::string> out;
  auto take = [&](const std::string& folder) {
    for (const std::string& file : s.files(folder))
      if (lower(file).ends_with(".gguf") && s.wanted(file, row.include_patterns, row.exclude_patterns)) out.push_back(folder + "/" + file);
  };
  if (s.is_folder(row.model_path)) {
    take(row.model_path);
    return out;
  }
  if (const std::string snapshot = s.snapshot(row.model_path); !snapshot.empty()) take(snapshot);
  return out;
}

/// These chat models were asked with an empty system message by the original's transformers engine.
bool empty_system(const std::string& model) {
  return model.ends_with("Meta-Llama-3-8B-Instruct") || model.ends_with("Meta-Llama-3-70B-Instruct");
}

Result<EngineModel> transformers(const BenchmarkRow& row, const EqBenchConfig& config, const EngineSurroundings& s) {
  EngineModel out;
  if (!row.lora_path.empty())
    return fail(ErrorKind::unsupported, "a LoRA adapter cannot be put on top of the model here", "row " + row.run_id,
                "merge it into the model, or serve both and use the engine openai with openai_compatible_url");
  std::vector<std::string> files = gguf_files(row, s);
  std::erase_if(files, [](const std::string& file) { return !is_model_file(file); });
  Spec spec;
  if (empty_system(row.model_path)) spec.set("system", "");
  auto sample_as_transformers = [&] {  // its own min_p over the library's defaults
    spec.set("min_p", "0.1");
    spec.set("top_k", 50);
    spec.set("top_p", "1");
  };
  if (files.size() > 1)
    return fail(ErrorKind::usage, row.model_path + " has " + std::to_string(files.size()) + " GGUF files: " + shorten(join(files, ", "), 300), "row " + row.run_id,
                "name one of them as model_path, or leave one with --include [\"*Q4_K_M.gguf\"] at the end of the row");
  if (files.size() == 1) {
    sample_as_transformers();
    if (!row.instruction_template.empty()) spec.set("template", s.template_file(row.instruction_template));
    out.spec = spec.named("gguf", files[0]);
    out.notes.push_back("transformers: in this process, from " + files[0]);
    if (row.quantization == "8bit" || row.quantization == "4bit")
      out.notes.push_back("transformers: the weights are quantised as that file has them; " + row.quantization + " stays a label");
    return out;
  }
  if (row.quantization == "8bit" || row.quantization == "4bit")
    return fail(ErrorKind::unsupported, row.quantization + " quantisation of bitsandbytes is not available", "row " + row.run_id,
                "give a GGUF file of the model as model_path, e.g. model-Q8_0.gguf or model-Q4_K_M.gguf");
  if (!row.instruction_template.empty())
    return fail(ErrorKind::unsupported, "a server for " + row.model_path + " renders prompts by the model's own template, not by " + row.instruction_template,
                "row " + row.run_id, "leave instruction_template empty, or give a GGUF file of the model as model_path");
  if (auto server = s.servers.find("transformers"); server != s.servers.end()) {
    sample_as_transformers();
    out.spec = spec.at(server->second, row.model_path);
    out.notes.push_back("transformers: asked at " + server->second);
    return out;
  }
  spec.set("model", row.model_path);
  if (config.trust_remote_code) spec.set("trust_remote_code", "on");
  out.spec = spec.named("launch", "transformers");
  out.notes.push_back("transformers: no GGUF file of " + row.model_path + " is here, so `transformers serve` is launched; it samples by the model's own settings");
  return out;
}

Result<EngineModel> ooba(const BenchmarkRow& row, const EqBenchConfig& config, const EngineSurroundings& s) {
  EngineModel out;
  Spec spec;
  auto server = s.servers.find("ooba");
  const bool launch = config.automatically_launch_ooba && server == s.servers.end();
  if (!launch) spec.set("api", "ooba");
  if (!row.instruction_template.empty()) spec.set("template", row.instruction_template);
  spec.set("timeout", config.ooba_request_timeout);
  if (!launch) {
    out.spec = spec.at(server == s.servers.end() ? kOoba : std::string_view(server->second), row.model_path);
    return out;
  }
  spec.set("program", s.ooba_launch_script);
  std::string model = row.model_path;
  // A folder or file of the user's: its parent is the model folder, as the script wants it.
  if (const std::size_t slash = model.rfind('/'); model.starts_with('/') && slash != std::string::npos) {
    spec.set("model_dir", slash == 0 ? "/" : model.substr(0, slash));
    model = model.substr(slash + 1);
  }
  spec.set("model", model);
  if (config.trust_remote_code) spec.set("trust_remote_code", "on");
  const std::string params(strip(row.ooba_params.empty() || strip(row.ooba_params).empty() ? config.ooba_params_global : row.ooba_params));
  if (!params.empty()) spec.set("args", replace_all(params, "\n", " "));
  out.spec = spec.named("launch", "ooba");
  return out;
}

/// A key of config.cfg: "" where it has none.
using Key = std::string_view;

/// A hosted model, or a server that speaks as one.
EngineModel hosted(const std::string& engine, const std::string& model, Key key, const std::string& variable, const EngineSurroundings& s,
                   const std::string& compatible_url) {
  EngineModel out;
  Spec spec;
  auto server = s.servers.find(engine);
  std::string url = server != s.servers.end() ? server->second : engine == "openai" ? compatible_url : "";
  if (engine == "openai" && without_slash(url) == kOpenAi) url.clear();
  if (!url.empty() && engine == "anthropic") spec.set("api", "messages");
  if (!url.empty() && engine == "gemini") spec.set("api", "gemini");
  if (engine == "openai") spec.set("timeout", 600);
  if (engine == "mistralai") spec.set("timeout", 200);
  if (!key.empty()) {
    spec.set("key_env", key);
  } else if (!url.empty()) {
    // An address of one's own gets a key only where that is said, as --server ENGINE= does; and an error names what was wanted.
    spec.set("key_env", engine == "openai" ? kApiKeyName : std::string_view(variable));
  }
  const std::string backend = engine == "mistralai" ? "mistral" : engine;
  out.spec = url.empty() ? spec.named(backend, model) : spec.at(url, model);
  return out;
}

std::string variable_of(const std::string& engine) {
  if (engine == "openai") return "OPENAI_API_KEY";
  if (engine == "anthropic") return "ANTHROPIC_API_KEY";
  if (engine == "mistralai") return "MISTRAL_API_KEY";
  return "GEMINI_API_KEY";
}

EngineModel llama_cpp(const BenchmarkRow& row, const EngineSurroundings& s) {
  Spec spec;
  spec.set("api", "llama.cpp");
  if (!row.instruction_template.empty()) spec.set("template", s.template_file(row.instruction_template));
  spec.set("timeout", kNever);
  auto server = s.servers.find("llama.cpp");
  EngineModel out;
  out.spec = spec.at(server == s.servers.end() ? kLlamaCpp : std::string_view(server->second), row.model_path);
  return out;
}

bool is_hosted(const std::string& engine) { return engine == "openai" || engine == "anthropic" || engine == "mistralai" || engine == "gemini"; }

}  // namespace

bool is_model_file(const std::string& path) {
  const std::string name = lower(path.substr(path.rfind('/') + 1));
  if (!name.ends_with(".gguf") || name.starts_with("mmproj")) return false;
  const std::size_t of = name.rfind("-of-");
  return of == std::string::npos || of < 6 || name.substr(of - 5, 5) == "00001";
}

Result<EngineModel> model_of_row(const BenchmarkRow& row, const EqBenchConfig& config, const EngineSurroundings& s) {
  const std::string& engine = row.inference_engine;
  if (engine == "transformers") return transformers(row, config, s);
  if (engine == "ooba") return ooba(row, config, s);
  if (engine == "llama.cpp") return llama_cpp(row, s);
  if (row.model_path.empty()) return fail(ErrorKind::usage, "the row names no model", "row " + row.run_id, "model_path is the name that " + engine + " knows it by");
  if (engine != "openai" && row.model_path.find('?') != std::string::npos) return fail(ErrorKind::usage, "a model's name cannot hold a '?'", "row " + row.run_id);
  Key key = engine == "openai" && !config.api_key.empty() ? kApiKeyName : Key();
  // The original had no place for these keys: the environment's counts, else the judge's where it is the same provider's.
  if (engine != "openai" && !s.has_variable(variable_of(engine)) && config.judge_model_api == engine && !config.judge_model_api_key.empty()) key = kJudgeKeyName;
  return hosted(engine, row.model_path, key, variable_of(engine), s, config.openai_compatible_url);
}

Result<EngineModel> judge_of_config(const EqBenchConfig& config, const EngineSurroundings& s) {
  const std::string where = "[Creative Writing Benchmark]";
  const std::string api = lower(strip(config.judge_model_api));
  if (api.empty() || (config.judge_model.empty() && is_hosted(api)))
    return fail(ErrorKind::usage, std::string(api.empty() ? "judge_model_api" : "judge_model") + " is not set in config.cfg", where,
                "name the judge, e.g. judge_model_api = anthropic and judge_model = claude-3-5-sonnet-20241022");
  if (is_hosted(api)) {
    const Key key = config.judge_model_api_key.empty() ? Key() : kJudgeKeyName;
    // The original's judges know no other address than the official one; --server does.
    return hosted(api, config.judge_model, key, variable_of(api), s, "");
  }
  BenchmarkRow row;
  row.run_id = "judge";
  row.model_path = config.judge_model;
  row.inference_engine = api;
  if (api == "llama.cpp") return llama_cpp(row, s);
  if (api == "ooba") {
    EqBenchConfig running;  // a judge's server is the user's to start
    running.automatically_launch_ooba = false;
    running.ooba_request_timeout = config.ooba_request_timeout;
    return ooba(row, running, s);
  }
  return fail(ErrorKind::usage, "judge_model_api = " + shorten(config.judge_model_api, 40) + " is not known", where,
              "it is openai, anthropic, mistralai, gemini, llama.cpp or ooba");
}

}  // namespace assay::compat
