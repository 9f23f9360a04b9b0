#include "model/server/recipe.h"

#include <algorithm>
#include <array>
#include <charconv>

#include "base/shell_words.h"
#include "base/text.h"
#include "base/written_key.h"

namespace assay {
namespace {

bool is_port(std::string_view option) { return option == "--port" || option == "--api-port"; }

/// Leaves out options of a command with their values.
template <class Drop>
std::vector<std::string> without(const std::vector<std::string>& words, Drop drop) {  // drop(option)
  std::vector<std::string> out;
  for (std::size_t i = 0; i < words.size(); ++i) {
    std::string_view option = option_of(words[i]);
    if (option.empty() || !drop(option)) {
      out.push_back(words[i]);
      continue;
    }
    const bool inside = option.size() < words[i].size();  // --option=value
    if (!inside && i + 1 < words.size() && !words[i + 1].starts_with("-")) ++i;
  }
  return out;
}

std::optional<int> port_in(const std::vector<std::string>& words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    if (!is_port(option_of(words[i]))) continue;
    std::size_t equals = words[i].find('=');
    std::string_view text = equals != std::string::npos ? std::string_view(words[i]).substr(equals + 1) : i + 1 < words.size() ? std::string_view(words[i + 1]) : "";
    int port = 0;
    auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), port);
    if (code == std::errc() && end == text.data() + text.size() && port > 0 && port < 65536) return port;
  }
  return std::nullopt;
}

json::array strings(const std::vector<std::string>& words) { return json::array(words.begin(), words.end()); }

}  // namespace

const std::vector<LaunchRecipe>& launch_recipes() {
  // A traceback ends only the programs that go on living after it: the others end by themselves.
  static const std::string kTraceback = "Traceback (most recent call last)";
  static const std::vector<LaunchRecipe> table{
      {.name = "llama-server",
       .what = "llama.cpp's server, with a GGUF file",
       .command = {{"{program}"}, {"-m", "{model}"}, {"--host", "127.0.0.1"}, {"--port", "{port}"}, {"{args}"}},
       .program = "llama-server",
       .api = "chat",
       .neutral = {"-t", "--threads", "-tb", "--threads-batch", "--threads-http", "--host", "-a", "--alias", "--log-file", "-lv", "--log-verbosity", "--timeout", "-to"}},
      {.name = "vllm",
       .what = "vLLM, with a model folder or a Hugging Face name",
       .command = {{"{program}"}, {"serve", "{model}"}, {"{trust}"}, {"--host", "127.0.0.1"}, {"--port", "{port}"}, {"{args}"}},
       .program = "vllm",
       .api = "chat",
       .asked_by_name = true,
       .neutral = {"--host", "--uvicorn-log-level"}},
      {.name = "sglang",
       .what = "SGLang, with a model folder or a Hugging Face name",
       .command = {{"{program}"}, {"-m", "sglang.launch_server"}, {"--model-path", "{model}"}, {"{trust}"}, {"--host", "127.0.0.1"}, {"--port", "{port}"}, {"{args}"}},
       .program = "python3",
       .api = "chat",
       .asked_by_name = true,
       .neutral = {"--host", "--log-level"}},
      {.name = "transformers",
       .what = "`transformers serve`, with a model folder or a Hugging Face name",
       .command = {{"{program}"}, {"serve"}, {"--force-model", "{model}"}, {"{trust}"}, {"--host", "127.0.0.1"}, {"--port", "{port}"}, {"{args}"}},
       .program = "transformers",
       .api = "chat",
       .asked_by_name = true,
       .neutral = {"--host", "--log-level", "--model-timeout"}},
      {.name = "ooba",
       .what = "text-generation-webui by its start script (program=), as EQ-Bench's program starts it",
       .command = {{"{program}"}, {"--model", "{model}"}, {"--model-dir", "{model_dir}"}, {"{trust}"}, {"--api"}, {"--api-port", "{chosen_port}"}, {"{args}"}},
       .program = {},
       .api = "ooba",
       .needs_model = false,
       .port = 5000,
       .ready_line = "Running on local URL",
       .failure_lines = {"The path to the model does not exist. Exiting.", kTraceback},
       .neutral = {"--listen-host", "--listen-port"}},
      {.name = "command",
       .what = "any program: command= with {port} in it, and {model} where it wants one",
       .command = {{"{args}"}},
       .program = {},
       .api = "chat",
       .needs_model = false,
       .failure_lines = {kTraceback},
       .neutral = {"--host"}},
  };
  return table;
}

Result<const LaunchRecipe*> find_launch_recipe(std::string_view name) {
  std::vector<std::string> names;
  for (const LaunchRecipe& recipe : launch_recipes()) {
    if (recipe.name == name) return &recipe;
    names.push_back(recipe.name);
  }
  auto near = did_you_mean(name, names);
  return fail(ErrorKind::usage, "there is no way to launch \"" + shorten(name, 60) + "\"", {},
              (near.empty() ? std::string() : "did you mean " + near[0] + "? ") + "There are " + join(names, ", ") + ".");
}

Result<LaunchPlan> plan_launch(const LaunchRecipe& recipe, const LaunchWish& wish, int free_port) {
  bool free_form = recipe.name == "command";
  auto usage = [&](const std::string& what, std::string hint) { return fail(ErrorKind::usage, "launch:" + recipe.name + " " + what, {}, std::move(hint)); };
  if (recipe.needs_model && wish.model.empty()) return usage("needs a model", "add ?model=FILE_OR_NAME");
  if (!free_form && recipe.program.empty() && wish.program.empty()) return usage("needs the start script", "add ?program=/path/to/start_script.sh");
  if (free_form && wish.command.empty()) return usage("needs a command", "add ?command=... with {port} where the server is told its port");
  if (!free_form && !wish.command.empty()) return usage("has a command of its own", "args= adds to it, program= names the program, launch:command takes command=");

  auto args = split_shell_words(free_form ? wish.command : wish.args);
  if (!args) return std::unexpected(args.error());
  if (free_form && !wish.args.empty()) {
    auto more = split_shell_words(wish.args);
    if (!more) return std::unexpected(more.error());
    args->insert(args->end(), more->begin(), more->end());
  }
  LaunchPlan plan;
  auto told = port_in(*args);
  if (told && wish.port && *told != wish.port) return usage("is given two ports", "leave out port=" + std::to_string(wish.port) + " or the one in its arguments");
  plan.port = wish.port ? wish.port : told ? *told : recipe.port ? recipe.port : free_port;
  std::string port = std::to_string(plan.port);
  bool port_follows = told && !free_form;  // the arguments say it already
  auto value = [&](std::string_view name) -> std::string {
    if (name == "{program}") return wish.program.empty() ? recipe.program : wish.program;
    if (name == "{model}") return wish.model;
    if (name == "{model_dir}") return wish.model_dir;
    if (name == "{trust}") return wish.trust_remote_code ? "--trust-remote-code" : "";
    if (name == "{port}") return port_follows ? "" : port;
    if (name == "{chosen_port}") return wish.port && !port_follows ? port : "";
    return std::string(name);
  };
  bool told_port = !free_form;
  for (const auto& group : recipe.command) {
    std::vector<std::string> words;
    bool whole = true;
    for (const std::string& word : group) {
      if (word == "{args}") {
        for (const std::string& arg : *args) {
          std::string filled = arg;
          if (free_form) {
            told_port = told_port || contains(arg, "{port}") || wish.port || told;
            filled = replace_all(replace_all(arg, "{port}", port), "{model}", wish.model);
          }
          words.push_back(std::move(filled));
        }
        continue;
      }
      words.push_back(word.starts_with("{") ? value(word) : word);
      whole = whole && !words.back().empty();
    }
    if (whole) plan.words.insert(plan.words.end(), words.begin(), words.end());
  }
  if (!told_port) return usage("does not tell the program its port", "write {port} into the command, or say with port=N where it listens by itself");
  if (plan.words.empty()) return usage("has an empty command", "");

  std::vector<std::string> told_words = without(*args, [&](std::string_view option) {
    return is_port(option) || names_key(option) || std::find(recipe.neutral.begin(), recipe.neutral.end(), option) != recipe.neutral.end();
  });
  plan.facts = {{"backend", "launch"}, {"recipe", recipe.name}};
  if (!wish.model.empty()) plan.facts["model"] = wish.model;
  if (!told_words.empty()) plan.facts["args"] = strings(told_words);
  if (wish.trust_remote_code) plan.facts["trust_remote_code"] = true;
  return plan;
}

}  // namespace assay
