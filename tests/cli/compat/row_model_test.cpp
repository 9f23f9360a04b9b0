// Which model a row's engine means: the spec that asks what the original asked, where it asked it, with keys named and never written.
#include "cli/compat/row_model.h"

#include <gtest/gtest.h>

#include <map>
#include <set>

#include "base/text.h"
#include "model/hub/file_pattern.h"
#include "model/model_spec.h"

namespace assay::compat {
namespace {

struct Machine {
  EngineSurroundings engines;
  std::map<std::string, std::vector<std::string>> folders;
  std::set<std::string> variables;

  Machine() {
    engines.ooba_launch_script = "/ooba/start_linux.sh";
    engines.snapshot = [this](const std::string& repository) { return folders.contains("/hub/" + repository) ? "/hub/" + repository : ""; };
    engines.has_variable = [this](const std::string& name) { return variables.contains(name); };
    engines.template_file = [](const std::string& name) { return "instruction-templates/" + name + ".yaml"; };
    engines.is_folder = [this](const std::string& path) { return folders.contains(path); };
    engines.files = [this](const std::string& path) { return folders[path]; };
    engines.wanted = [](const std::string& path, const std::vector<std::string>& include, const std::vector<std::string>& exclude) {
      return wanted_file(path, include, exclude);
    };
  }
};

BenchmarkRow row(const std::string& engine, const std::string& model) {
  BenchmarkRow out;
  out.run_id = "r";
  out.inference_engine = engine;
  out.model_path = model;
  return out;
}

/// The spec, which must be one that the program reads.
std::string spec_of(const BenchmarkRow& r, const EqBenchConfig& config, const EngineSurroundings& engines) {
  auto model = model_of_row(r, config, engines);
  if (!model) return "error: " + model.error().message;
  auto spec = parse_model_spec(model->spec);
  EXPECT_TRUE(spec) << model->spec << ": " << to_string(spec.error());
  EXPECT_FALSE(contains(model->spec, "sk-")) << model->spec;
  return model->spec;
}

TEST(RowModel, HostedEngines) {
  Machine m;
  EqBenchConfig config;
  EXPECT_EQ(spec_of(row("openai", "gpt-4o"), config, m.engines), "openai:gpt-4o?timeout=600");
  EXPECT_EQ(spec_of(row("anthropic", "claude-3-opus-20240229"), config, m.engines), "anthropic:claude-3-opus-20240229");
  EXPECT_EQ(spec_of(row("mistralai", "mistral-small"), config, m.engines), "mistral:mistral-small?timeout=200");
  EXPECT_EQ(spec_of(row("gemini", "gemini-pro"), config, m.engines), "gemini:gemini-pro");
  config.api_key = Secret("sk-1");
  EXPECT_EQ(spec_of(row("openai", "gpt-4o"), config, m.engines), "openai:gpt-4o?timeout=600&key_env=config.cfg:api_key");
  config.openai_compatible_url = "https://api.openai.com/v1/";
  EXPECT_EQ(spec_of(row("openai", "gpt-4o"), config, m.engines), "openai:gpt-4o?timeout=600&key_env=config.cfg:api_key");
  config.openai_compatible_url = "http://localhost:11434/v1/";
  EXPECT_EQ(spec_of(row("openai", "llama3:8b?x=1#2 %"), config, m.engines),
            "http://localhost:11434/v1/?timeout=600&key_env=config.cfg:api_key#llama3:8b%3Fx%3D1%232%20%25");
  EXPECT_EQ(parse_model_spec(model_of_row(row("openai", "llama3:8b?x=1#2 %"), config, m.engines)->spec)->name, "llama3:8b?x=1#2 %");
  EXPECT_EQ(spec_of(row("openai", ""), config, m.engines), "error: the row names no model");
}

TEST(RowModel, KeysOfTheEnvironmentComeBeforeTheJudges) {
  Machine m;
  EqBenchConfig config;
  config.judge_model_api = "mistralai";
  config.judge_model = "mistral-large";
  config.judge_model_api_key = Secret("sk-2");
  EXPECT_EQ(spec_of(row("mistralai", "m"), config, m.engines), "mistral:m?timeout=200&key_env=config.cfg:judge_model_api_key");
  EXPECT_EQ(spec_of(row("gemini", "m"), config, m.engines), "gemini:m");
  m.variables = {"MISTRAL_API_KEY"};
  EXPECT_EQ(spec_of(row("mistralai", "m"), config, m.engines), "mistral:m?timeout=200");
  EXPECT_EQ(judge_of_config(config, m.engines)->spec, "mistral:mistral-large?timeout=200&key_env=config.cfg:judge_model_api_key");
}

TEST(RowModel, JudgesOfEveryFamily) {
  Machine m;
  EqBenchConfig config;
  EXPECT_EQ(judge_of_config(config, m.engines).error().message, "judge_model_api is not set in config.cfg");
  config.judge_model_api = "anthropic";
  EXPECT_EQ(judge_of_config(config, m.engines).error().message, "judge_model is not set in config.cfg");
  config.judge_model = "claude";
  EXPECT_EQ(judge_of_config(config, m.engines)->spec, "anthropic:claude");
  config.judge_model_api = "openai";
  config.openai_compatible_url = "http://localhost:1/v1";  // the tested model's, not the judge's
  EXPECT_EQ(judge_of_config(config, m.engines)->spec, "openai:claude?timeout=600");
  config.judge_model_api = "llama.cpp";
  EXPECT_EQ(judge_of_config(config, m.engines)->spec, "http://localhost:8080?api=llama.cpp&timeout=86400#claude");
  config.judge_model_api = "ooba";
  EXPECT_EQ(judge_of_config(config, m.engines)->spec, "http://127.0.0.1:5000?api=ooba&timeout=300#claude");
  config.judge_model_api = "vllm";
  EXPECT_FALSE(judge_of_config(config, m.engines));
}

TEST(RowModel, ServersElsewhere) {
  Machine m;
  m.engines.servers = {{"anthropic", "http://h:1/v1"}, {"gemini", "http://h:2"}, {"llama.cpp", "http://h:3"}, {"mistralai", "http://h:4/v1"}, {"ooba", "http://h:5"}, {"transformers", "http://h:6/v1"}};
  EqBenchConfig config;
  EXPECT_EQ(spec_of(row("anthropic", "c"), config, m.engines), "http://h:1/v1?api=messages&key_env=ANTHROPIC_API_KEY#c");
  EXPECT_EQ(spec_of(row("gemini", "g"), config, m.engines), "http://h:2?api=gemini&key_env=GEMINI_API_KEY#g");
  EXPECT_EQ(spec_of(row("mistralai", "m"), config, m.engines), "http://h:4/v1?timeout=200&key_env=MISTRAL_API_KEY#m");
  EXPECT_EQ(spec_of(row("ooba", "m"), config, m.engines), "http://h:5?api=ooba&timeout=300#m");
  EXPECT_EQ(spec_of(row("transformers", "org/m"), config, m.engines), "http://h:6/v1?min_p=0.1&top_k=50&top_p=1#org/m");
  config.openai_compatible_url = "http://h:7/v1";
  EXPECT_EQ(spec_of(row("openai", "o"), config, m.engines), "http://h:7/v1?timeout=600&key_env=config.cfg:api_key#o");
  BenchmarkRow llama = row("llama.cpp", "model_name");
  llama.instruction_template = "Llama v2";
  EXPECT_EQ(spec_of(llama, config, m.engines), "http://h:3?api=llama.cpp&template=instruction-templates/Llama%20v2.yaml&timeout=86400#model_name");
}

TEST(RowModel, Ooba) {
  Machine m;
  EqBenchConfig config;
  config.ooba_params_global = "--auto-devices\n--x";
  config.ooba_request_timeout = 12;
  config.trust_remote_code = true;
  BenchmarkRow r = row("ooba", "TheBloke/M");
  r.instruction_template = "Alpaca";
  r.ooba_params = " ";
  EXPECT_EQ(spec_of(r, config, m.engines),
            "launch:ooba?template=Alpaca&timeout=12&program=/ooba/start_linux.sh&model=TheBloke/M&trust_remote_code=on&args=--auto-devices%20--x");
  r.model_path = "/models/m.gguf";
  r.ooba_params = " --loader llama.cpp --tensor_split 1,3";
  EXPECT_EQ(spec_of(r, config, m.engines),
            "launch:ooba?template=Alpaca&timeout=12&program=/ooba/start_linux.sh&model_dir=/models&model=m.gguf&trust_remote_code=on&args=--loader%20llama.cpp%20--tensor_split%201,3");
  config.automatically_launch_ooba = false;
  EXPECT_EQ(spec_of(r, config, m.engines), "http://127.0.0.1:5000?api=ooba&template=Alpaca&timeout=12#/models/m.gguf");
}

TEST(RowModel, TransformersTakesAGgufOfTheModelElseLaunchesAServer) {
  Machine m;
  EqBenchConfig config;
  config.trust_remote_code = true;
  BenchmarkRow r = row("transformers", "/models/m.GGUF");
  r.instruction_template = "ChatML";
  EXPECT_EQ(spec_of(r, config, m.engines), "gguf:/models/m.GGUF?min_p=0.1&top_k=50&top_p=1&template=instruction-templates/ChatML.yaml");

  r = row("transformers", "org/m");
  EXPECT_EQ(spec_of(r, config, m.engines), "launch:transformers?model=org/m&trust_remote_code=on");
  r.instruction_template = "ChatML";
  EXPECT_TRUE(spec_of(r, config, m.engines).starts_with("error: a server for org/m renders prompts by the model's own template"));
  r.instruction_template.clear();
  r.quantization = "8bit";
  EXPECT_TRUE(spec_of(r, config, m.engines).starts_with("error: 8bit quantisation"));

  m.folders["/hub/org/m"] = {"README.md", "m-Q4_K_M.gguf", "m-Q8_0.gguf", "mmproj-m.gguf", "big-00001-of-00002.gguf", "big-00002-of-00002.gguf"};
  EXPECT_TRUE(spec_of(r, config, m.engines).starts_with("error: org/m has 3 GGUF files"));
  r.include_patterns = {"*Q8_0.gguf", "*.json"};
  EXPECT_EQ(spec_of(r, config, m.engines), "gguf:/hub/org/m/m-Q8_0.gguf?min_p=0.1&top_k=50&top_p=1");
  EXPECT_EQ(model_of_row(r, config, m.engines)->notes.size(), 2u);
  r.include_patterns.clear();
  r.exclude_patterns = {"m-*"};
  EXPECT_EQ(spec_of(r, config, m.engines), "gguf:/hub/org/m/big-00001-of-00002.gguf?min_p=0.1&top_k=50&top_p=1");

  m.folders["/local"] = {"x.gguf"};
  r = row("transformers", "/local");
  EXPECT_EQ(spec_of(r, config, m.engines), "gguf:/local/x.gguf?min_p=0.1&top_k=50&top_p=1");
  r.lora_path = "/lora";
  EXPECT_TRUE(spec_of(r, config, m.engines).starts_with("error: a LoRA adapter"));
  EXPECT_EQ(spec_of(row("transformers", "meta-llama/Meta-Llama-3-8B-Instruct"), config, m.engines), "launch:transformers?system=&model=meta-llama/Meta-Llama-3-8B-Instruct&trust_remote_code=on");
}

}  // namespace
}  // namespace assay::compat
