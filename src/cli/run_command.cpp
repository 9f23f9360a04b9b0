// assay run BENCHMARK... --model SPEC...
#include <filesystem>

#include "base/file.h"
#include "base/text.h"
#include "cli/benchmarks.h"
#include "cli/commands.h"
#include "cli/dry_run.h"
#include "cli/hub.h"
#include "cli/run_job.h"
#include "cli/session.h"
#include "cli/show_report.h"

namespace assay::cli {
namespace {

struct Wish {
  const Benchmark* benchmark;
  Selection selection;
  std::map<std::string, std::string> judges;
};

/// One `--judge [ROLE=]SPEC`; the role is "" where it serves every one.
struct JudgeWord {
  std::string text, role, spec;
};

Result<std::vector<JudgeWord>> judge_words(const Arguments& arguments) {
  std::vector<JudgeWord> out;
  for (const std::string& text : arguments.all("judge")) {
    const std::size_t equals = text.find('=');
    const std::string role = equals == std::string::npos ? "" : text.substr(0, equals);
    const bool named = !role.empty() && role.find_first_of(":/?#") == std::string::npos;
    out.push_back(named ? JudgeWord{text, role, text.substr(equals + 1)} : JudgeWord{text, "", text});
    if (auto spec = parse_model_spec(out.back().spec); !spec) return std::unexpected(spec.error());
  }
  return out;
}

std::vector<std::string> judge_roles(const std::vector<std::string>& roles) {
  std::vector<std::string> out = roles;
  std::erase(out, "model");
  return out;
}

/// A judge that none of the benchmarks has a place for is a mistake; where one of several has none, the others' judge is no concern of it.
Result<void> check_judges(const std::vector<JudgeWord>& words, const std::vector<Wish>& wishes) {
  for (const JudgeWord& word : words) {
    std::vector<std::string> names, known;
    for (const Wish& wish : wishes) {
      names.push_back(wish.benchmark->info().name);
      for (std::string& role : judge_roles(wish.benchmark->info().roles)) known.push_back(std::move(role));
    }
    const std::string who = join(names, ", "), has = wishes.size() == 1 ? " has no " : ": none has a ";
    if (known.empty()) return fail(ErrorKind::usage, who + has + "judge", "--judge " + word.text, "leave --judge out");
    if (!word.role.empty() && std::find(known.begin(), known.end(), word.role) == known.end())
      return fail(ErrorKind::usage, who + has + "role \"" + word.role + "\"", "--judge " + word.text, "the roles: " + join(known, ", "));
  }
  return {};
}

/// Who judges for one benchmark. A judge of a named role goes before one of every role; those that it needs must be there.
Result<std::map<std::string, std::string>> judges_of(const std::vector<JudgeWord>& words, const Wish& wish) {
  std::map<std::string, std::string> out;
  const std::vector<std::string> needed = judge_roles(wish.benchmark->roles_needed(wish.selection.settings));
  for (const std::string& role : needed) {
    const JudgeWord* found = nullptr;
    for (const JudgeWord& word : words)
      if (word.role == role || (word.role.empty() && !found)) found = &word;
    if (!found)
      return fail(ErrorKind::usage, wish.benchmark->info().name + " needs a judge" + (role == "judge" ? "" : " for the role " + role), "",
                  needed.size() == 1 ? "give --judge SPEC" : "give --judge SPEC for all of its roles (" + join(needed, ", ") + "), or --judge " + role + "=SPEC for this one");
    out.emplace(role, found->spec);
  }
  return out;
}

/// An option goes to the benchmarks that have it. One that none has stays everywhere, and the first says what is wrong.
void share_options(std::vector<Wish>& wishes) {
  auto has = [](const Wish& wish, const std::string& key) {
    const std::vector<BenchmarkOption>& options = wish.benchmark->info().options;
    return std::any_of(options.begin(), options.end(), [&](const BenchmarkOption& option) { return option.key == key; });
  };
  for (const auto& [key, value] : std::map(wishes.front().selection.settings.options)) {
    if (std::none_of(wishes.begin(), wishes.end(), [&](const Wish& wish) { return has(wish, key); })) continue;
    for (Wish& wish : wishes)
      if (!has(wish, key)) wish.selection.settings.options.erase(key);
  }
}

/// The options, the edition and the data of the benchmarks that come later, before the first of them is paid for.
Result<void> check_later(const Invocation& invocation, const std::vector<Wish>& wishes) {
  auto home = invocation.data_home();
  if (!home) return std::unexpected(home.error());
  for (std::size_t i = 1; i < wishes.size(); ++i) {
    std::string edition;
    if (auto evaluation = prepare(*wishes[i].benchmark, wishes[i].selection, *home, edition); !evaluation) {
      Error error = evaluation.error();
      error.message = wishes[i].selection.settings.ref.text() + ": " + error.message;
      return std::unexpected(std::move(error));
    }
  }
  return {};
}

Result<RetryWhat> retry_of(const Invocation& invocation) {
  std::string text = invocation.arguments.get("retry").value_or("failed");
  if (text == "failed") return RetryWhat::failed;
  if (text == "unparseable") return RetryWhat::unparseable;
  if (text == "everything") return RetryWhat::everything;
  if (text == "none") return RetryWhat::none;
  return fail(ErrorKind::usage, "--retry takes failed, unparseable, everything or none, not \"" + text + "\"");
}

/// A name for a folder: what is not a letter, digit, '.', '_' or '-' becomes '_'.
std::string folder_name(std::string text) {
  for (char& c : text)
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-')) c = '_';
  return text;
}

std::string continue_command(const Invocation& invocation) {
  std::string out = "assay run";
  for (const std::string& word : invocation.arguments.positional) out += " " + word;
  for (const auto& [name, values] : invocation.arguments.options) {
    if (values.empty()) out += " --" + name;
    for (const std::string& value : values) {
      bool plain = value.find_first_of(" '\"\\$&;|<>()*?#~`!") == std::string::npos;
      out += " --" + name + " " + (plain ? value : "'" + replace_all(value, "'", "'\\''") + "'");
    }
  }
  return out;
}

/// --seed, for every model that takes one and was not given its own.
std::string with_seed(const std::string& text, long long seed) {
  auto spec = parse_model_spec(text);
  bool takes = spec && (spec->is_remote() || spec->backend == "gguf" || spec->backend == "baseline");
  if (!takes || spec->settings.contains("seed") || (spec->backend == "baseline" && spec->name != "random")) return text;
  std::size_t query = text.rfind('?');
  bool has_settings = query != std::string::npos && text.find('=', query) != std::string::npos;
  std::size_t end = has_settings ? std::min(text.find('#', query), text.size()) : text.size();
  return text.substr(0, end) + (has_settings ? "&" : "?") + "seed=" + std::to_string(seed) + text.substr(end);
}

/// Task files name data sets of a hub: what was pulled is found without --option rows.
void look_into_hub_cache(const Invocation& invocation, Selection& selection) {
  if (selection.settings.ref.name != "harness") return;
  auto cache = hub_cache_folder(invocation);
  std::error_code problem;
  if (!cache || !std::filesystem::is_directory(*cache, problem) || cache->string().find(',') != std::string::npos) return;
  std::string& rows = selection.settings.options["rows"];
  rows += (rows.empty() ? "" : ",") + cache->string();
}

int work(Invocation& invocation) {
  const Arguments& arguments = invocation.arguments;
  std::vector<Wish> wishes;
  for (const std::string& text : arguments.positional) {
    auto found = benchmark_registry().find(text);
    if (!found) return invocation.report(found.error());
    auto selection = selection_of(invocation, found->second);
    if (!selection) return invocation.report(selection.error());
    wishes.push_back({found->first, *selection, {}});
  }
  share_options(wishes);
  auto words = judge_words(arguments);
  if (!words) return invocation.report(words.error());
  if (auto checked = check_judges(*words, wishes); !checked) return invocation.report(checked.error());
  for (Wish& wish : wishes) {
    look_into_hub_cache(invocation, wish.selection);
    auto judges = judges_of(*words, wish);
    if (!judges) return invocation.report(judges.error());
    wish.judges = std::move(*judges);
  }
  std::vector<std::string> models = arguments.all("model");
  if (models.empty())
    return invocation.report(Error{ErrorKind::usage, "no model to measure", "", "give --model SPEC, e.g. --model openai:gpt-4o or --model gguf:model.gguf"});
  for (const std::string& model : models)
    if (auto spec = parse_model_spec(model); !spec) return invocation.report(spec.error());
  auto seed = arguments.integer("seed", 0);
  if (!seed) return invocation.report(seed.error());
  if (*seed)
    for (std::string& model : models) model = with_seed(model, **seed);
  auto retry = retry_of(invocation);
  if (!retry) return invocation.report(retry.error());

  if (arguments.has("dry-run")) {
    auto session = Session::without_journal(invocation);
    auto out = arguments.get("out");
    std::vector<DryRunResult> plans;
    for (const Wish& wish : wishes)
      for (const std::string& model : models) {
        auto plan = dry_run(*session, *wish.benchmark, wish.selection, model, wish.judges);
        if (!plan) return invocation.report(plan.error());
        plans.push_back(std::move(*plan));
      }
    json::array documents;
    std::string text, lines;
    for (std::size_t i = 0; i < plans.size(); ++i) {
      documents.push_back(std::move(plans[i].document));
      text += (i ? "\n" : "") + plans[i].text;
      if (i % models.size() == 0) lines += plans[i].requests;  // they do not depend on the model
    }
    if (out) {
      std::filesystem::path file = std::filesystem::path(*out) / "requests.jsonl";
      if (auto written = write_file(file, lines); !written) return invocation.report(written.error());
      text += "\nEvery request: " + file.string() + "\n";
    }
    invocation.out(invocation.json() ? write_json(documents.size() > 1 ? json::value(documents) : documents[0], JsonStyle::pretty) + "\n"
                                     : text + "Nothing was asked. What the journal holds already is counted here, too; a run neither asks nor pays for it again.\n");
    return kDone;
  }

  auto concurrency = arguments.integer("concurrency", 1);
  if (!concurrency) return invocation.report(concurrency.error());
  if (auto out = arguments.get("out")) {  // now, and not after an hour of answers
    std::error_code code;
    std::filesystem::create_directories(*out, code);
    if (code) return invocation.report(Error{ErrorKind::usage, "cannot create the folder: " + code.message(), *out, "name another one with --out"});
  }
  if (auto checked = check_later(invocation, wishes); !checked) return invocation.report(checked.error());
  auto session = Session::open(invocation);
  if (!session) return invocation.report(session.error());
  bool several = wishes.size() * models.size() > 1;
  int code = kDone;
  json::array documents;
  std::vector<Report> reports;
  bool interrupted = false;
  for (const Wish& wish : wishes) {
    for (const std::string& model : models) {
      if (interrupted) break;
      RunJob job;
      job.benchmark = wish.benchmark;
      job.selection = wish.selection;
      job.specs = wish.judges;
      job.specs["model"] = model;
      job.retry = *retry;
      job.model_ids = arguments.all("model-id");
      if (*concurrency) job.concurrency = static_cast<std::size_t>(**concurrency);
      if (auto out = arguments.get("out"))
        job.out = several ? std::filesystem::path(*out) / folder_name(wish.selection.settings.ref.text() + "-" + model) : std::filesystem::path(*out);
      auto done = (*session)->complete(run_job(**session, std::move(job)));
      if (!done) {
        // Another model's or benchmark's trouble must not stop the rest of the batch. Its place in the document says what it was.
        json::object document{{"benchmark", wish.selection.settings.ref.text()}, {"roles", {{"model", model}}}};
        int one = invocation.report(done.error(), document);
        documents.push_back(std::move(document));
        code = std::max(code, one);
        interrupted = one == kInterrupted;
        continue;
      }
      RunResult* result = &done->result;
      if (result->stopped) {
        code = std::max<int>(code, exit_code(*result->stopped));
        interrupted = result->stopped->kind == ErrorKind::cancelled;
        invocation.say(to_string(*result->stopped));
      } else if (result->report.status != "complete") {
        code = std::max<int>(code, kFailed);
      }
      if (invocation.json()) {
        documents.push_back(to_json(result->report));
      } else {
        show_summary(invocation, result->report);
      }
      reports.push_back(std::move(result->report));
    }
  }
  if (!invocation.json() && reports.size() > 1) show_ranking(invocation, reports);
  if (invocation.json() && !documents.empty())
    invocation.out(write_json(several ? json::value(documents) : documents[0], JsonStyle::pretty) + "\n");
  if (interrupted) {
    invocation.err("to go on: " + continue_command(invocation) + "\n");
    return kInterrupted;
  }
  return code;
}

}  // namespace

CommandSpec run_command() {
  CommandSpec c;
  c.name = "run";
  c.summary = "measure models with benchmarks; run again to resume";
  c.positional = "BENCHMARK...";
  c.positional_help = "name[@version][:variant], e.g. eq-bench, eq-bench@1, eq-bench@2:de (assay list benchmarks)";
  c.least = 1;
  c.most = -1;
  c.options = {
      {"-m,--model", "SPEC", "openai:NAME, anthropic:NAME, http(s)://HOST/v1#NAME, gguf:FILE, replay:FILE,\nbaseline:random|constant|reference; settings after '?': docs/model-specs.md", true},
      {"--judge", "[ROLE=]SPEC", "the judge, of the benchmarks that have one; without ROLE for all of its roles", true},
  };
  for (OptionSpec& option : selection_options()) c.options.push_back(std::move(option));
  std::vector<OptionSpec> rest{
      {"--concurrency", "N", "at most N requests in flight (default: adapts to the provider)"},
      {"--max-cost", "USD", "spend no more than this: what is in flight counts at its dearest; stops cleanly"},
      {"--seed", "N", "seed of every model's sampler (the same as ?seed=N in each spec)"},
      {"--retry", "WHAT", "failed (default): ask again what failed; unparseable: also what could not be read;\neverything: all of it anew (goes on where that was cut short); none"},
      {"--model-id", "[ROLE=]LABEL", "this endpoint's identity, when what it says of itself has changed; judge=LABEL is the judge's", true},
      {"--out", "DIR", "write report.json, report.html, scores.jsonl and the original tool's files"},
      {"--dry-run", "", "ask nothing: show the plan, the cost and the first prompt; with --out every request"},
  };
  for (OptionSpec& option : rest) c.options.push_back(std::move(option));
  c.examples = {
      "assay run eq-bench --model openai:gpt-4o",
      "assay run eq-bench@2 --model http://127.0.0.1:8080/v1#llama --model gguf:model.gguf --out results",
      "assay run eq-bench --edition sample --model baseline:random --iterations 3",
      "assay run eq-bench --model anthropic:claude-3-5-sonnet-20241022 --dry-run",
  };
  c.work = work;
  return c;
}

}  // namespace assay::cli
