// assay eq-bench: the original program under its own name, with its options, its config.cfg and its results files.
#include "cli/commands.h"

#include <algorithm>
#include <filesystem>

#include "base/file.h"
#include "base/text.h"
#include "cli/compat/eq_bench_console.h"
#include "cli/eq_bench_download.h"
#include "cli/eq_bench_run.h"
#include "cli/dry_run.h"
#include "cli/exit_code.h"
#include "cli/hub.h"
#include "cli/template_file.h"
#include "model/hub/file_pattern.h"
#include "model/hub/hub_cache.h"

namespace assay::compat {
namespace {

using cli::Invocation;
using cli::Session;
namespace fs = std::filesystem;

/// The original's words in ours: -v1 and -revise with one dash, and a list of values after --benchmarks.
std::vector<std::string> translate(const std::vector<std::string>& words) {
  std::vector<std::string> out;
  bool list = false;
  for (const std::string& word : words) {
    const bool option = word.size() > 1 && word[0] == '-';
    if (option) list = word == "--benchmarks";
    if (word == "-v1" || word == "-revise") {
      out.push_back("-" + word);
    } else if (list && !option) {
      out.push_back("--benchmarks=" + word);
    } else if (word != "--benchmarks") {
      out.push_back(word);
    }
  }
  return out;
}

/// What a batch is made of, read from the command line and config.cfg.
struct Batch {
  fs::path file;
  EqBenchConfig config;
  BatchSettings settings;
  std::vector<BenchmarkRow> rows;
  std::vector<BenchmarkType> types;
  std::string version = "v2", language = "en";

  RunWish wish(const BenchmarkRow& row, BenchmarkType type) const {
    RunWish out;
    out.type = type;
    out.row = row;
    out.version = version;
    out.language = language;
    out.judge_model = config.judge_model;
    return out;
  }
};

Result<std::map<std::string, std::string>> servers_of(const Invocation& invocation) {
  static const std::vector<std::string> engines{"openai", "anthropic", "mistralai", "gemini", "llama.cpp", "ooba", "transformers", "firestore", "sheets"};
  std::map<std::string, std::string> out;
  for (const std::string& text : invocation.arguments.all("server")) {
    const std::size_t equals = text.find('=');
    const std::string engine = text.substr(0, equals), url = equals == std::string::npos ? "" : text.substr(equals + 1);
    if (std::find(engines.begin(), engines.end(), engine) == engines.end())
      return fail(ErrorKind::usage, "--server takes ENGINE=URL, not \"" + shorten(text, 80) + "\"", "", "engines and places of upload: " + join(engines, ", "));
    if (!url.starts_with("http://") && !url.starts_with("https://"))
      return fail(ErrorKind::usage, "--server " + engine + "= takes an address that begins with http:// or https://");
    out[engine] = url;
  }
  return out;
}

std::string home_folder(const Invocation& invocation) { return invocation.environment.get("HOME").value_or(""); }

/// Where huggingface_hub keeps files, unless the config says otherwise.
fs::path hub_cache(const Invocation& invocation, const EqBenchConfig& config, const RowSurroundings& surroundings) {
  if (!config.cache_dir.empty()) return absolute_path(config.cache_dir, surroundings);
  return cli::hub_cache_folder(invocation).value_or(fs::path());
}

std::vector<std::string> files_below(const std::string& folder) {
  std::vector<std::string> out;
  std::error_code code;
  constexpr std::size_t kMost = 100'000;
  for (fs::recursive_directory_iterator it(folder, fs::directory_options::skip_permission_denied, code), end; !code && it != end && out.size() < kMost; it.increment(code))
    if (!it->is_directory(code)) out.push_back(fs::path(it->path()).lexically_relative(folder).string());
  std::sort(out.begin(), out.end());
  return out;
}

Result<void> read_rows(const Invocation& invocation, Batch& batch) {
  std::error_code code;
  RowSurroundings s;
  s.working_directory = fs::current_path(code).string();
  s.home = home_folder(invocation);
  s.launch_ooba = batch.config.automatically_launch_ooba;
  s.exists = [](const std::string& path) {
    std::error_code ignored;
    return !path.empty() && fs::exists(path, ignored);
  };
  s.has_template = [&](const std::string& name) { return s.exists("instruction-templates/" + name + ".yaml") || cli::find_template(invocation, name); };
  if (!batch.config.ooba_launch_script.empty()) {
    s.ooba_launch_script = absolute_path(batch.config.ooba_launch_script, s);
    if (!s.exists(s.ooba_launch_script))
      return fail(ErrorKind::usage, "Oobabooga launch script not found in file system: " + s.ooba_launch_script, batch.file.string(),
                  "correct ooba_launch_script in [Oobabooga config], or leave it empty");
  }
  auto rows = parse_benchmark_rows(batch.config, batch.file.string(), s);
  if (!rows) return std::unexpected(rows.error());
  batch.rows = std::move(*rows);
  if (batch.rows.empty())
    return fail(ErrorKind::usage, "no benchmark row is in [Benchmarks to run]", batch.file.string(), "add one, e.g.: myrun1, openai_api, gpt-4o, , , 1, openai, ,");

  EngineSurroundings& engines = batch.settings.engines;
  engines.ooba_launch_script = s.ooba_launch_script;
  batch.settings.hub_cache = hub_cache(invocation, batch.config, s);
  engines.snapshot = [cache = HubCache(batch.settings.hub_cache)](const std::string& repository) {
    auto address = parse_hub_address(repository);
    auto place = address ? cache.find(*address) : std::nullopt;
    return place ? place->string() : std::string();
  };
  engines.has_variable = [&](const std::string& name) { return invocation.environment.provider(name).has_value(); };
  engines.template_file = [](const std::string& name) {
    std::error_code ignored;
    const std::string here = "instruction-templates/" + name + ".yaml";
    return fs::is_regular_file(here, ignored) ? here : name;
  };
  engines.is_folder = [](const std::string& path) {
    std::error_code ignored;
    return fs::is_directory(path, ignored);
  };
  engines.files = files_below;
  engines.wanted = [](const std::string& path, const std::vector<std::string>& include, const std::vector<std::string>& exclude) {
    return wanted_file(path, include, exclude);
  };
  return {};
}

Result<void> read_options(const Invocation& invocation, Batch& batch) {
  const cli::Arguments& arguments = invocation.arguments;
  batch.language = strip(arguments.get("language").value_or("en"));
  const std::vector<std::string> languages{"en", "de", "ja", "jahalf"};
  if (std::find(languages.begin(), languages.end(), batch.language) == languages.end())
    return fail(ErrorKind::usage, "Invalid language value specified: \"" + shorten(batch.language, 40) + "\"", "", "languages: " + join(languages, ", "));
  if (arguments.has("v1")) {
    if (batch.language != "en") return fail(ErrorKind::usage, "Error: Only English language is supported for EQ-Bench v1.");
    batch.version = "v1";
  }
  std::vector<std::string> names = arguments.all("benchmarks");
  if (names.empty()) names = {"eq-bench"};
  for (const std::string& name : names) {
    auto type = benchmark_type(name);
    if (!type)
      return fail(ErrorKind::usage, "there is no benchmark \"" + shorten(name, 60) + "\" in EQ-Bench", "",
                  std::string("it has eq-bench, creative-writing and judgemark") + (contains(name, ",") ? "; separate them by blanks" : ""));
    batch.types.push_back(*type);
  }
  BatchSettings& settings = batch.settings;
  auto retries = arguments.integer("retries", 0);
  if (!retries) return std::unexpected(retries.error());
  if (*retries) settings.retries = **retries;
  auto concurrency = arguments.integer("concurrency", 1);
  if (!concurrency) return std::unexpected(concurrency.error());
  if (*concurrency) settings.concurrency = static_cast<std::size_t>(**concurrency);
  auto servers = servers_of(invocation);
  if (!servers) return std::unexpected(servers.error());
  settings.engines.servers = std::move(*servers);
  settings.overwrite = arguments.has("overwrite");
  settings.verbose = arguments.has("verbose");
  settings.fast = arguments.has("fast");
  settings.remove = arguments.has("delete");
  settings.revise = arguments.has("revise");
  settings.edition = arguments.get("edition").value_or("");
  settings.model_ids = arguments.all("model-id");
  settings.results = arguments.get("results-dir").value_or(".");
  return {};
}

/// Nothing is asked: for every row and benchmark the model spec, the run's index, and the plan.
int dry(const Invocation& invocation, const Batch& batch) {
  auto session = Session::without_journal(invocation);
  json::array documents;
  int code = cli::kDone;
  auto results = load_results(batch.settings);
  if (!results) return invocation.report(results.error());
  for (const BenchmarkRow& row : batch.rows)
    for (BenchmarkType type : batch.types) {
      const RunWish wish = batch.wish(row, type);
      json::object document{{"run_id", row.run_id}, {"benchmark", benchmark_ref(wish)}, {"index", wish.index()}};
      const json::object& run = open_run(*results, wish);
      const std::size_t held = batch.settings.overwrite ? 0 : held_answers(run, type, row.n_iterations);
      document["held"] = held;
      auto models = models_of(batch.config, batch.settings, wish);
      auto selection = selection_of(invocation, batch.settings, wish, nullptr);
      if (!models || !selection) {
        code = std::max(code, invocation.report(models ? selection.error() : models.error(), document));
        documents.push_back(std::move(document));
        continue;
      }
      json::object& roles = document["roles"].emplace_object();
      for (const auto& [role, spec] : models->specs) roles[role] = spec;
      auto judges = models->specs;
      judges.erase("model");
      auto plan = dry_run(*session, *cli::benchmark_registry().find(benchmark_ref(wish))->first, *selection, models->specs.at("model"), judges);
      if (!plan) {
        code = std::max(code, invocation.report(plan.error(), document));
      } else if (invocation.json()) {
        document["plan"] = std::move(plan->document);
      } else {
        invocation.out("run " + wish.index() + "\n");
        for (const auto& [role, spec] : models->specs) invocation.out("  " + role + ": " + spec + "\n");
        for (const std::string& note : models->notes) invocation.out("  " + note + "\n");
        if (held > 0) invocation.out("  raw_results.json holds " + std::to_string(held) + " answers, which are not asked again\n");
        invocation.out(plan->text + "\n");
      }
      documents.push_back(std::move(document));
    }
  invocation.out(invocation.json() ? write_json(documents, JsonStyle::pretty) + "\n" : "Nothing was asked.\n");
  return code;
}

std::string continue_command(const Invocation& invocation, bool overwrite) {
  std::string out = "assay eq-bench";
  for (const auto& [name, values] : invocation.arguments.options) {
    if (name == "overwrite") continue;  // it would begin anew
    const std::string option = name == "v1" || name == "revise" ? "-" + name : "--" + name;
    if (values.empty()) out += " " + option;
    for (const std::string& value : values) {
      const bool plain = value.find_first_of(" '\"\\$&;|<>()*?#~`!") == std::string::npos;
      out += " " + option + " " + (plain ? value : "'" + replace_all(value, "'", "'\\''") + "'");
    }
  }
  return out + (overwrite ? "   (without -w, which begins anew)" : "");
}

int work(Invocation& invocation) {
  Batch batch;
  if (auto read = read_options(invocation, batch); !read) return invocation.report(read.error());
  batch.file = invocation.arguments.get("config").value_or("config.cfg");
  auto text = read_file(batch.file, 16 << 20);
  if (!text)
    return invocation.report(Error{ErrorKind::usage, text.error().kind == ErrorKind::not_found ? "the configuration file is not there" : text.error().message, batch.file.string(),
                                   "run in the folder of config.cfg, or name it with --config FILE"});
  auto config = read_eq_bench_config(*text, batch.file.string());
  if (!config) return invocation.report(config.error());
  batch.config = std::move(*config);
  for (const std::string& warning : batch.config.warnings) invocation.say("warning: " + warning);
  if (auto read = read_rows(invocation, batch); !read) return invocation.report(read.error());
  if (!batch.config.api_key.empty()) invocation.environment.add_secret(std::string(kApiKeyName), batch.config.api_key);
  if (!batch.config.judge_model_api_key.empty()) invocation.environment.add_secret(std::string(kJudgeKeyName), batch.config.judge_model_api_key);
  if (invocation.arguments.has("dry-run")) return dry(invocation, batch);

  std::error_code code;
  fs::create_directories(batch.settings.results, code);
  if (code) return invocation.report(Error{ErrorKind::usage, "cannot create the folder: " + code.message(), batch.settings.results.string(), "name another one with --results-dir"});
  std::vector<Error> warnings;
  const fs::path beside = batch.file.parent_path();
  batch.settings.uploads = find_upload_targets(beside.empty() ? "." : beside, batch.config.google_spreadsheet_url, warnings);
  for (const Error& warning : warnings) invocation.say("warning: " + to_string(warning));
  auto session = Session::open(invocation);
  if (!session) return invocation.report(session.error());

  const Instant began = (*session)->timer().clock().now();
  auto say = [&](const std::string& lines) { invocation.json() ? (invocation.quiet() ? void() : invocation.err(lines)) : invocation.out(lines); };
  int worst = cli::kDone;
  bool interrupted = false;
  json::array runs;
  for (std::size_t i = 0; i < batch.rows.size() && !interrupted; ++i) {
    say(row_heading(batch.rows[i], i + 1, batch.rows.size()));
    bool succeeded = true;
    for (BenchmarkType type : batch.types) {
      RunOutcome outcome = run_one(**session, batch.config, batch.settings, batch.wish(batch.rows[i], type));
      worst = std::max(worst, outcome.code);
      succeeded = succeeded && outcome.succeeded;
      runs.push_back(std::move(outcome.document));
      interrupted = outcome.interrupted;
      if (interrupted) break;
    }
    if (succeeded && !interrupted && batch.settings.remove) delete_model(**session, batch.settings, batch.rows, i);
  }
  if (!interrupted) say(batch_lines(std::chrono::duration<double>((*session)->timer().clock().now() - began).count()));
  if (invocation.json())
    invocation.out(write_json(json::object{{"runs", std::move(runs)}, {"raw_results", batch.settings.raw_results().string()}, {"csv", batch.settings.csv().string()}}, JsonStyle::pretty) + "\n");
  if (!interrupted) return worst;
  invocation.err("to go on: " + continue_command(invocation, batch.settings.overwrite) + "\n");
  return cli::kInterrupted;
}

}  // namespace
}  // namespace assay::compat

namespace assay::cli {

CommandSpec eq_bench_command() {
  CommandSpec c;
  c.name = "eq-bench";
  c.summary = "EQ-Bench's own program: reads its config.cfg, writes its results files";
  c.options = {
      {"-w,--overwrite", "", "ask everything anew instead of resuming; other runs in raw_results.json stay"},
      {"-d,--delete", "", "delete models that were downloaded for a row after it has succeeded"},
      {"-f,--fast", "", "download with several connections a file"},
      {"-v,--verbose", "", "print every answer"},
      {"-r,--retries", "N", "try a run again N times when it fails (default 5)"},
      {"-l,--language", "LANG", "en (default), de, ja, jahalf"},
      {"--v1", "", "version 1 of EQ-Bench; -v1 as well"},
      {"--revise", "", "ask for a critique and revised scores; -revise as well"},
      {"--benchmarks", "NAME", "eq-bench (default), creative-writing, judgemark; several, separated by blanks", true},
      {"--config", "FILE", "another file than ./config.cfg"},
      {"--results-dir", "DIR", "where raw_results.json and benchmark_results.csv are (default: here, as the original)"},
      {"--server", "ENGINE=URL", "where an engine's server is, e.g. llama.cpp=http://gpu7:8080; also firestore= and sheets=", true},
      {"--concurrency", "N", "at most N requests in flight; 1 = one after another, as the original"},
      {"--edition", "NAME", "other questions: sample, or a file or folder of yours (default: data/ here, else the official ones)"},
      {"--model-id", "[ROLE=]LABEL", "the endpoint's identity, when what it says of itself has changed; judge=LABEL is the judge's", true},
      {"--max-cost", "USD", "spend no more than this, all rows together"},
      {"--dry-run", "", "ask nothing: show what each row would ask of which model"},
  };
  c.examples = {
      "assay eq-bench",
      "assay eq-bench --benchmarks eq-bench creative-writing judgemark",
      "assay eq-bench -l de -r 2 --config rows/german.cfg",
      "assay eq-bench -v1 -revise --results-dir v1-results",
      "assay eq-bench --dry-run",
  };
  c.translate = compat::translate;
  c.work = compat::work;
  return c;
}

}  // namespace assay::cli
