#include "cli/launch.h"

#include <algorithm>
#include <map>

#include "base/hash.h"
#include "base/number.h"
#include "base/ports.h"
#include "base/shell_words.h"
#include "base/text.h"
#include "cli/template_file.h"
#include "model/server/child_process.h"
#include "model/server/launched_model.h"
#include "model/server/recipe.h"
#ifdef ASSAY_WITH_LLAMA
#include "model/llama/weights_hash.h"
#endif

namespace assay::cli {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kKeptLogs = 20;

std::string setting(const ModelSpec& spec, const char* key) {
  auto it = spec.settings.find(key);
  return it == spec.settings.end() ? std::string() : it->second;
}

bool is_file(const fs::path& path) {
  std::error_code ignored;
  return fs::is_regular_file(path, ignored);
}

Result<std::string> sum_of(Session& session, const fs::path& file) {
#ifdef ASSAY_WITH_LLAMA
  auto home = session.invocation().data_home();
  return weights_sha256(file, home ? *home / "weights.json" : fs::path());
#else
  (void)session;
  return sha256_file(file);
#endif
}

/// Of all files in a folder, and what they are called there: the SHA-256 of what `sha256sum` prints of them, sorted by name. Without hidden
/// ones and caches of byte code, which come and go by themselves.
Result<std::string> sum_of_folder(Session& session, const fs::path& folder) {
  std::map<std::string, fs::path> files;
  std::error_code code;
  fs::recursive_directory_iterator it(folder, code);
  for (; !code && it != fs::recursive_directory_iterator(); it.increment(code)) {
    const std::string name = it->path().filename().string();
    const bool passing = name.starts_with(".") || name == "__pycache__";
    if (passing) it.disable_recursion_pending();
    if (!passing && is_file(it->path())) files.emplace(it->path().lexically_relative(folder).generic_string(), it->path());
  }
  if (code) return fail(ErrorKind::io, "cannot list the model's files: " + code.message(), folder.string());
  std::string lines;
  for (const auto& [name, path] : files) {
    auto sum = sum_of(session, path);
    if (!sum) return sum;
    lines += *sum + "  " + name + "\n";
  }
  return sha256_hex(lines);
}

/// The files of a model: FILE.gguf, or all parts of FILE-00001-of-0000N.gguf.
std::vector<fs::path> gguf_files(const fs::path& file) {
  std::string stem = file.stem().string();
  std::size_t of = stem.rfind("-of-");
  if (of == std::string::npos || of < 6 || stem.size() != of + 9 || stem[of - 6] != '-') return {file};
  auto count = python_float(stem.substr(of + 4));
  if (!count || *count < 1 || *count > 999) return {file};
  std::vector<fs::path> out;
  for (int i = 1; i <= static_cast<int>(*count); ++i) {
    std::string digits = std::to_string(i);
    out.push_back(file.parent_path() / (stem.substr(0, of - 5) + std::string(5 - digits.size(), '0') + digits + stem.substr(of) + file.extension().string()));
  }
  return out;
}

/// The GGUF file that `model=` names, if it does.
std::optional<fs::path> gguf_of(const LaunchWish& wish) {
  for (const fs::path& path : {fs::path(wish.model), fs::path(wish.model_dir) / wish.model})
    if (lower(path.extension().string()) == ".gguf" && is_file(path)) return path;
  return std::nullopt;
}

/// The folder that `model=` names, if it does; else it is a name on a hub, or one that only the server knows.
std::optional<fs::path> folder_of(const LaunchWish& wish) {
  std::error_code ignored;
  if (wish.model.empty()) return std::nullopt;
  for (const fs::path& path : {fs::path(wish.model), fs::path(wish.model_dir) / wish.model})
    if (fs::is_directory(path, ignored)) return path;
  return std::nullopt;
}

/// An adapter or a model among the arguments. Other folders there are for the server's own use.
bool is_model_folder(const fs::path& path) { return is_file(path / "config.json") || is_file(path / "adapter_config.json"); }

/// Where the system would find the program; "" = nowhere.
fs::path program_file(const Invocation& invocation, const std::string& program) {
  if (contains(program, "/")) return program;
  for (const std::string& folder : split(invocation.environment.get("PATH").value_or(""), ':'))
    if (fs::path file = fs::path(folder) / program; !folder.empty() && is_file(file)) return file;
  return {};
}

/// What is known of who it is before anybody asks the server.
Result<void> add_sums(Session& session, const LaunchWish& wish, const LaunchPlan& plan, LaunchOptions& out) {
  if (auto weights = gguf_of(wish)) {
    std::string sums;
    for (const fs::path& part : gguf_files(*weights)) {
      auto sum = sum_of(session, part);
      if (!sum) return std::unexpected(sum.error());
      sums += sums.empty() ? *sum : "+" + *sum;
    }
    out.facts["weights"] = sums.size() > 64 ? sha256_hex(sums) : sums;
    out.facts.erase("model");  // the same bytes elsewhere are the same model
    out.label = weights->filename().string();
    out.identity_known = true;
    if (fs::path program = program_file(session.invocation(), plan.words[0]); is_file(program))
      if (auto sum = sum_of(session, program)) out.facts["program"] = *sum;
  } else if (auto folder = folder_of(wish)) {  // trained on, it is another model of the same name
    auto sum = sum_of_folder(session, *folder);
    if (!sum) return std::unexpected(sum.error());
    out.facts["weights"] = *sum;
  }
  // Adapters, templates, configurations: their names say little, their bytes everything. Not what the server itself writes.
  json::object files;
  std::error_code ignored;
  auto words = split_shell_words(wish.args.empty() ? wish.command : wish.args);
  std::string option;
  for (const std::string& word : words ? *words : std::vector<std::string>()) {
    std::size_t equals = word.find('=');
    std::string name = word;
    if (word.starts_with("-")) {
      option = lower(word.substr(0, equals));
      name = equals == std::string::npos ? "" : word.substr(equals + 1);
    }
    bool written = contains(option, "log") || contains(option, "cache") || contains(option, "out");
    if (!word.starts_with("-")) option.clear();
    if (std::size_t named = name.find('='); named != std::string::npos && !fs::exists(name, ignored)) name.erase(0, named + 1);  // vLLM: NAME=ADAPTER
    if (written || name.empty() || files.contains(name)) continue;
    auto sum = is_file(name) ? sum_of(session, name) : is_model_folder(name) ? sum_of_folder(session, name) : std::string();
    if (!sum) return std::unexpected(sum.error());
    if (!sum->empty()) files[name] = *sum;
  }
  if (!files.empty()) out.facts["files"] = std::move(files);
  return {};
}

/// A file of its own for every server, and not for ever.
Result<fs::path> log_file(Session& session, const std::string& recipe, int port) {
  auto home = session.invocation().data_home();
  if (!home) return std::unexpected(home.error());
  fs::path folder = *home / "servers";
  std::error_code code;
  std::vector<std::pair<fs::file_time_type, fs::path>> logs;
  for (const auto& entry : fs::directory_iterator(folder, code))
    if (entry.path().extension() == ".log") logs.emplace_back(entry.last_write_time(code), entry.path());
  std::sort(logs.begin(), logs.end());
  for (std::size_t i = 0; i + kKeptLogs <= logs.size(); ++i) fs::remove(logs[i].second, code);
  std::string time = std::to_string(session.timer().clock().unix_micros() / 1000);
  return folder / (recipe + "-" + time + "-" + std::to_string(port) + ".log");
}

std::string percent_encoded(std::string_view text) {
  std::string out;
  for (char c : text) {
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || std::string_view("-_./:").find(c) != std::string_view::npos;
    static constexpr char digits[] = "0123456789ABCDEF";
    if (plain) out += c;
    else out += {'%', digits[static_cast<unsigned char>(c) >> 4], digits[static_cast<unsigned char>(c) & 15]};
  }
  return out;
}

/// The spec of the model behind the server: an address like any other.
Result<ModelSpec> inner_spec(const ModelSpec& spec, const LaunchRecipe& recipe, const LaunchWish& wish, int port) {
  std::string api = setting(spec, "api");
  if (api.empty() && recipe.api != "chat") api = recipe.api;
  std::string settings;
  if (!api.empty()) settings = "api=" + api;
  for (const char* key : {"timeout", "total_timeout", "reasoning", "template", "key_env", "extra"})
    if (std::string value = setting(spec, key); !value.empty()) settings += (settings.empty() ? "" : "&") + std::string(key) + "=" + percent_encoded(value);
  std::string text = "http://127.0.0.1:" + std::to_string(port) + "/v1" + (settings.empty() ? "" : "?" + settings);
  if (recipe.asked_by_name || (recipe.name == "command" && !wish.model.empty())) text += "#" + percent_encoded(wish.model);
  auto inner = parse_model_spec(text);
  if (!inner) {
    inner.error().where = spec.text;
    return std::unexpected(inner.error());
  }
  inner->text = spec.text;
  return inner;
}

}  // namespace

Result<std::unique_ptr<Model>> make_launched_backend(Session& session, const ModelSpec& spec, const ModelOptions& options, std::shared_ptr<RateHints> hints) {
  auto recipe = find_launch_recipe(spec.name);
  if (!recipe) return std::unexpected(recipe.error());
  LaunchWish wish{.program = setting(spec, "program"),
                  .model = setting(spec, "model"),
                  .model_dir = setting(spec, "model_dir"),
                  .trust_remote_code = setting(spec, "trust_remote_code") == "on",
                  .args = setting(spec, "args"),
                  .command = setting(spec, "command"),
                  .ready = setting(spec, "ready"),
                  .port = static_cast<int>(python_float(setting(spec, "port")).value_or(0))};
  auto port = free_loopback_port();
  if (!port) return std::unexpected(port.error());
  auto plan = plan_launch(**recipe, wish, *port);
  if (!plan) return std::unexpected(plan.error());
  LaunchOptions launch;
  launch.facts = plan->facts;
  launch.label = wish.model.empty() ? "launch:" + spec.name : wish.model;
  if (options.model_id.empty()) {
    if (auto summed = add_sums(session, wish, *plan, launch); !summed) return std::unexpected(summed.error());
  } else {
    launch.facts = {{"backend", "launch"}, {"recipe", spec.name}, {"model_id", options.model_id}};
    launch.identity_known = true;
  }
  for (const char* key : {"api", "reasoning", "template", "extra"})
    if (std::string value = setting(spec, key); !value.empty()) launch.facts[key] = value;

  auto inner_text = inner_spec(spec, **recipe, wish, plan->port);
  if (!inner_text) return std::unexpected(inner_text.error());
  if (std::string name = setting(spec, "template"); !name.empty() && inner_text->backend == "llama.cpp") {
    auto file = find_template(session.invocation(), name);
    if (!file) return std::unexpected(file.error());
    auto sum = sha256_file(*file);
    if (!sum) return std::unexpected(sum.error());
    launch.facts["template"] = *sum;
  }
  auto inner = make_http_backend(session, *inner_text, options, std::move(hints));
  if (!inner) return inner;

  ServerOptions server;
  server.label = spec.name == "command" ? fs::path(plan->words[0]).filename().string() : spec.name;
  server.command.words = plan->words;
  const Secret key = session.invocation().environment.secret(setting(spec, "key_env"));
  for (std::string& word : server.command.words) word = replace_all(word, "{key}", key.reveal());
  auto log = log_file(session, spec.name, plan->port);
  if (!log) return std::unexpected(log.error());
  server.command.log = *log;
  server.port = plan->port;
  server.ready_line = wish.ready.empty() ? (*recipe)->ready_line : wish.ready;
  server.failure_lines = (*recipe)->failure_lines;
  server.shown = join_shell_words(plan->words);
  if (auto wait = python_float(setting(spec, "start_timeout"))) server.start_timeout = std::chrono::duration_cast<Duration>(std::chrono::duration<double>(*wait));
  if (auto most = python_float(setting(spec, "restarts"))) launch.restarts = static_cast<int>(*most);
  launch.shown = {{"recipe", spec.name}, {"command", server.shown}, {"port", plan->port}, {"log", log->string()}};
  static const std::unique_ptr<ProcessLauncher> launcher = make_process_launcher();
  ServerSeams seams{*launcher, session.transport(), session.timer(), loopback_port_free, [&session] { return session.stop().level() > 0; }};
  return make_launched_model(std::move(*inner), std::make_unique<ServerProcess>(std::move(server), std::move(seams)), session.timer(), std::move(launch));
}

}  // namespace assay::cli
