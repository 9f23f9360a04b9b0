#include "cli/eq_bench_run.h"

#include <algorithm>
#include <cstdio>

#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"
#include "benchmark/eq_bench/formats.h"
#include "benchmark/eq_bench/upload_document.h"
#include "benchmark/judgemark/rescore.h"
#include "cli/compat/eq_bench_console.h"
#include "cli/eq_bench_download.h"
#include "cli/local_time.h"
#include "cli/run_job.h"

namespace assay::compat {
namespace {

using cli::Invocation;
using cli::RunJob;
using cli::RunJobResult;
using cli::Session;
namespace fs = std::filesystem;

/// The state of one run while it is worked on.
struct Work {
  Session& session;
  const EqBenchConfig& config;
  const BatchSettings& settings;
  const RunWish& wish;
  RunOutcome out{};
  Instant began{};
  std::optional<RunJobResult> done{};  // what was asked, if anything was
  std::optional<Error> failure{};
  std::size_t questions = 0;

  const Invocation& invocation() const { return session.invocation(); }
  double seconds() const { return std::chrono::duration<double>(session.timer().clock().now() - began).count(); }
  void say(const std::string& lines) const { invocation().json() ? (invocation().quiet() ? void() : invocation().err(lines)) : invocation().out(lines); }
  void note(const std::string& line) const {
    if (!invocation().quiet()) invocation().say(line);
  }
  std::string benchmark() const { return std::string(name(wish.type)); }
};

/// Whether the entry answers every unit, so that no model has to be there.
bool nothing_to_ask(const json::object& run, const Evaluation& evaluation) {
  if (const judgemark::Prepared* set = judgemark::prepared_of(evaluation))
    return std::ranges::all_of(set->items, [&](const judgemark::Item& item) {
      auto held = set->held ? set->held->find(item.sample) : judgemark::Held::const_iterator();
      return set->held && held != set->held->end() && held->second.finished();
    });
  const json::value* iterations = run.if_contains("iterations");
  for (std::size_t i = 0; i < evaluation.unit_count(); ++i) {
    const json::value* iteration = !iterations ? nullptr : find(*iterations, std::to_string(evaluation.unit(i).iteration));
    const json::value* scores = iteration ? find(*iteration, "individual_scores") : nullptr;
    for (const std::string& sample : evaluation.samples_of(i)) {
      const json::value* one = scores ? find(*scores, sample) : nullptr;
      if (!one || !one->is_object() || one->get_object().empty()) return false;
    }
  }
  return true;
}

/// Judgemark's results, of the stories as the entry has them.
Result<json::value> judgemark_results(const json::object& run, const Evaluation& evaluation, const std::string& index) {
  auto stored = judgemark::run_from_json(index, run, "raw_results.json");
  if (!stored) return std::unexpected(stored.error());
  return json::value(to_json(judgemark::results_of(*stored, *judgemark::prepared_of(evaluation))));
}

/// What the run's own answers look like in the original's layout: `iterations`.
Result<json::object> fresh_entry(const RunJobResult& done, BenchmarkType type) {
  auto files = done.plan.evaluation->original_files(*done.result.results, done.result.report);
  if (!files) return std::unexpected(files.error());
  json::object out;
  for (const Evaluation::OutputFile& file : *files) {
    if (file.name != "raw_results.json") continue;
    auto value = parse_json(file.content, file.name);
    if (!value) return std::unexpected(value.error());
    if (!value->is_object() || value->get_object().empty()) continue;
    json::value& entry = value->get_object().begin()->value();
    if (json::value* iterations = entry.is_object() ? entry.get_object().if_contains("iterations") : nullptr; iterations && iterations->is_object()) {
      if (type == BenchmarkType::eq_bench)  // computed from the whole entry, in its order
        for (auto& iteration : iterations->get_object())
          if (iteration.value().is_object())
            for (std::string_view key : {"benchmark_results", "benchmark_results_fullscale"}) iteration.value().get_object().stable_erase(key);
      out["iterations"] = std::move(*iterations);
    }
  }
  return out;
}

Result<void> append(const fs::path& path, const std::string& line) {
  std::error_code code;
  const bool there = fs::exists(path, code);
  std::FILE* file = std::fopen(path.c_str(), "ab");
  if (!file) return fail(ErrorKind::io, "cannot append to the file", path.string());
  const std::string text = (there ? "" : eq_bench::csv_header()) + line;
  const bool wrote = std::fwrite(text.data(), 1, text.size(), file) == text.size();
  if (std::fclose(file) != 0 || !wrote) return fail(ErrorKind::io, "cannot write the file", path.string());
  return {};
}

void show_iterations(const Work& work, const json::object& run) {
  const int n = work.wish.row.n_iterations;
  const bool eq_bench = work.wish.type == BenchmarkType::eq_bench;
  if (!work.done) {  // nothing was left to ask
    for (int i = 1; i <= n; ++i) {
      work.say(iteration_line(i, n));
      const json::value* iteration = find(run.at("iterations"), std::to_string(i));
      const json::value* scores = iteration && work.settings.verbose ? find(*iteration, "individual_scores") : nullptr;
      if (scores && scores->is_object())
        for (const auto& member : scores->get_object()) work.say("Question " + std::string(member.key()) + " already complete\n");
    }
    return;
  }
  int last = 0;
  auto read = work.done->result.results->for_each([&](std::size_t, const Unit& unit, const UnitResult& result) {
    while (last < unit.iteration) work.say(iteration_line(++last, n));
    for (const SampleResult& sample : result.samples)
      if (eq_bench)
        if (std::string lines = question_lines(sample, work.wish.version, work.settings.verbose); !lines.empty()) work.say(valid_utf8(lines));
    return true;
  });
  if (!read) work.note(to_string(read.error()));
}

/// Asks what is missing, again where that may help. Sets done, failure, out.interrupted.
void ask(Work& work, const cli::Selection& selection, const Benchmark& benchmark, const RunModels& models) {
  for (long long tries = 1;; ++tries) {
    RunJob job;
    job.benchmark = &benchmark;
    job.selection = selection;
    job.specs = models.specs;
    job.retry = work.settings.overwrite && tries == 1 ? RetryWhat::everything : RetryWhat::unparseable;
    job.model_ids = work.settings.model_ids;
    job.concurrency = work.settings.concurrency;
    auto done = work.session.complete(run_job(work.session, std::move(job)));
    work.failure.reset();
    if (!done) work.failure = done.error();
    else if (done->result.stopped) work.failure = *done->result.stopped;
    if (done) work.done = std::move(*done);
    if (!work.failure) {
      work.out.code = cli::kDone;
      work.out.document.erase("error");
      return;
    }
    work.out.interrupted = work.failure->kind == ErrorKind::cancelled;
    if (work.out.interrupted) return;
    work.out.code = work.invocation().report(*work.failure, work.out.document);
    work.say(work.benchmark() + " benchmark run failed.\n");
    if (!retryable(work.failure->kind) || tries > work.settings.retries) return;
    work.say("Retrying " + std::to_string(tries) + " of " + std::to_string(work.settings.retries) + "\n");
  }
}

Async<std::vector<Error>> send(UploadTargets targets, UploadedResult result, UploadOptions options) {
  co_return co_await upload_result(std::move(targets), std::move(result), options);
}

void upload(Work& work, const json::object& entry, const RunFigures& figures, std::string_view completed, const std::optional<std::string>& failed) {
  if (!work.settings.uploads.any()) return;
  eq_bench::FinishedRun run;
  run.benchmark_type = work.benchmark();
  run.index_string = work.wish.index();
  run.entry = entry;
  run.success = !failed;
  run.score = figures.score;
  run.parseable = figures.parseable;
  run.error = failed.value_or("");
  run.completed = work.session.timer().clock().unix_micros() / 1'000'000;
  run.csv_row = csv_values(work.wish, completed, figures, failed);
  auto document = eq_bench::upload_document(run);
  if (!document) return work.note("warning: the result was not uploaded: " + to_string(document.error()));
  UploadedResult result{eq_bench::upload_collection(run), std::move(*document), eq_bench::upload_row(run)};
  UploadOptions options;
  options.transport = &work.session.transport();
  options.clock = &work.session.timer().clock();
  const auto& servers = work.settings.engines.servers;
  if (auto it = servers.find("firestore"); it != servers.end()) options.firestore_base = it->second;
  if (auto it = servers.find("sheets"); it != servers.end()) options.sheets_base = it->second;
  auto errors = work.session.complete(send(work.settings.uploads, std::move(result), options));
  if (!errors) return work.note("warning: the result was not uploaded: " + to_string(errors.error()));
  for (const Error& error : *errors) work.note("warning: " + to_string(error));
}

/// Writes what there is, prints it, adds the line. Errors of files end here, as their code.
void publish(Work& work, const Evaluation& evaluation) {
  auto refuse = [&](const Error& error) { work.out.code = std::max(work.out.code, work.invocation().report(error, work.out.document)); };
  // Read again: another process may have written its runs meanwhile.
  auto results = load_results(work.settings);
  if (!results) return refuse(results.error());
  json::object& run = open_run(*results, work.wish);
  std::optional<json::value> judgemark;
  if (work.done) {
    auto fresh = fresh_entry(*work.done, work.wish.type);
    if (!fresh) return refuse(fresh.error());
    add_missing(run, *fresh);
  }
  if (work.wish.type == BenchmarkType::judgemark && !work.failure) {
    auto computed = judgemark_results(run, evaluation, work.wish.index());
    if (!computed) return refuse(computed.error());
    run["judgemark_results"] = std::move(*computed);
  }
  if (auto held = run.find("judgemark_results"); held != run.end()) judgemark = held->value();
  RunFigures figures;
  if (!work.failure) {
    auto computed = compute_figures(run, work.wish, work.questions);
    if (!computed) return refuse(computed.error());
    figures = *computed;
  }
  if (auto written = write_file(work.settings.raw_results(), write_json(*results, JsonStyle::python)); !written) return refuse(written.error());
  json::object& document = work.out.document;
  if (work.done) document["report"] = to_json(work.done->result.report);
  document["answers"] = held_answers(run, work.wish.type, work.wish.row.n_iterations);
  if (work.out.interrupted) {
    document["status"] = "interrupted";
    return;
  }

  const std::string completed = cli::local_text(work.session.timer().clock().unix_micros() / 1'000'000);
  if (!work.failure) show_iterations(work, run);
  std::optional<std::string> failed;
  if (work.failure) failed = work.failure->message;
  else {
    work.say(complete_lines(work.wish, completed, work.seconds(), figures, judgemark ? &*judgemark : nullptr));
    if (!figures.failure.empty()) failed = figures.failure;
  }
  if (failed) work.say(failed_lines(work.wish, completed));
  document["status"] = failed ? "failed" : "complete";
  work.out.succeeded = !failed;
  document["score"] = figures.score ? json::value(*figures.score) : json::value(nullptr);
  if (work.wish.type == BenchmarkType::eq_bench) document["parseable"] = figures.parseable ? json::value(*figures.parseable) : json::value(nullptr);
  if (failed) {
    document["reason"] = *failed;
    if (!work.failure) work.note("run " + work.wish.row.run_id + " (" + work.benchmark() + "): " + *failed);
    work.out.code = std::max<int>(work.out.code, cli::kFailed);
  } else if (work.done && work.done->result.report.status != "complete") {
    work.note("run " + work.wish.row.run_id + " (" + work.benchmark() + "): " + work.done->result.report.reason);
    work.out.code = std::max<int>(work.out.code, cli::kFailed);
  }
  if (auto written = append(work.settings.csv(), csv_line(work.wish, completed, figures, failed)); !written) return refuse(written.error());
  upload(work, run, figures, completed, failed);
}

}  // namespace

std::string benchmark_ref(const RunWish& wish) {
  if (wish.type != BenchmarkType::eq_bench) return std::string(name(wish.type));
  return "eq-bench@" + wish.version.substr(1) + (wish.language == "en" ? "" : ":" + wish.language);
}

std::string choose_edition(const Invocation& invocation, const BatchSettings& settings, const RunWish& wish) {
  if (!settings.edition.empty()) return settings.edition;
  auto pack = cli::pack_store().find("eq-bench");
  auto home = invocation.data_home();
  if (!pack || !home) return "auto";
  const std::string role = wish.type == BenchmarkType::eq_bench ? wish.version + "/questions/" + wish.language : (wish.type == BenchmarkType::judgemark ? "judgemark/test-set" : "creative-writing/prompts/v2");
  const PackFile* file = (*pack)->file(role);
  std::error_code code;
  if (!file || !fs::is_regular_file(file->path, code)) return "auto";
  auto content = read_file(file->path);
  const bool same = content && sha256_hex(*content) == file->sha256;
  if (same && official_file(**pack, role, *home)) return "auto";
  if (same) {
    // All of the folder if it is whole; else this file, whose bytes have just been checked.
    bool taken = import_pack(**pack, *home, ".") && official_file(**pack, role, *home);
    if (auto place = official_path(**pack, *file, *home); !taken && place) taken = write_file(*place, *content).has_value();
    if (taken && !invocation.quiet()) invocation.err("assay: took the official data from this folder\n");
    if (taken) return "auto";
  }
  // Somebody's own questions under the official name: the original takes them, so they are taken; their scores are not official.
  if (wish.type != BenchmarkType::eq_bench) return "auto";
  if (!invocation.quiet()) invocation.say(file->path + " differs from the official file: its questions are used, as the edition \"custom\"");
  return file->path;
}

Result<cli::Selection> selection_of(const Invocation& invocation, const BatchSettings& settings, const RunWish& wish, std::shared_ptr<const json::value> held) {
  auto found = cli::benchmark_registry().find(benchmark_ref(wish));
  if (!found) return std::unexpected(found.error());
  cli::Selection out;
  out.settings.ref = found->second;
  out.settings.iterations = wish.row.n_iterations;
  if (wish.type == BenchmarkType::judgemark) out.settings.iterations = 1;  // only the first one counts
  if (wish.type == BenchmarkType::eq_bench && settings.revise) out.settings.options["revise"] = "true";
  if (wish.type == BenchmarkType::creative_writing) out.settings.options["engine"] = wish.row.inference_engine;
  out.settings.held = std::move(held);
  out.edition = choose_edition(invocation, settings, wish);
  return out;
}

Result<RunModels> models_of(const EqBenchConfig& config, const BatchSettings& settings, const RunWish& wish) {
  RunModels out;
  auto take = [&](const char* role, Result<EngineModel> model) -> Result<void> {
    if (!model) return std::unexpected(model.error());
    out.specs[role] = model->spec;
    for (std::string& note : model->notes) out.notes.push_back(std::move(note));
    return {};
  };
  Result<void> taken;
  if (wish.type == BenchmarkType::judgemark) taken = take("model", judge_of_config(config, settings.engines));
  else taken = take("model", model_of_row(wish.row, config, settings.engines));
  if (taken && wish.type == BenchmarkType::creative_writing) taken = take("judge", judge_of_config(config, settings.engines));
  if (!taken) return std::unexpected(taken.error());
  return out;
}

Result<json::object> load_results(const BatchSettings& settings) {
  auto text = read_file(settings.raw_results());
  if (!text && text.error().kind == ErrorKind::not_found) return json::object();
  if (!text) return std::unexpected(text.error());
  return parse_raw_results(*text, settings.raw_results().string());
}

RunOutcome run_one(Session& session, const EqBenchConfig& config, const BatchSettings& settings, const RunWish& wish) {
  Work work{.session = session, .config = config, .settings = settings, .wish = wish};
  work.began = session.timer().clock().now();
  work.out.document = {{"run_id", wish.row.run_id}, {"benchmark", work.benchmark()}, {"index", wish.index()}, {"status", "error"}};
  auto refuse = [&](const Error& error) {
    work.out.code = work.invocation().report(error, work.out.document);
    return std::move(work.out);
  };
  auto results = load_results(settings);
  if (!results) return refuse(results.error());
  if (settings.overwrite && results->contains(wish.index())) {
    results->stable_erase(wish.index());  // this run alone: the original forgets all others, too
    if (auto written = write_file(settings.raw_results(), write_json(*results, JsonStyle::python)); !written) return refuse(written.error());
  }
  const json::object& run = open_run(*results, wish);
  if (already_completed(run)) {
    work.say(work.benchmark() + " benchmark run " + wish.row.run_id + " already completed.\n");
    work.out.document["status"] = "already complete";
    work.out.succeeded = true;
    return std::move(work.out);
  }
  std::shared_ptr<const json::value> held;
  if (held_answers(run, wish.type, wish.row.n_iterations) > 0 || wish.type != BenchmarkType::eq_bench) held = std::make_shared<const json::value>(run);
  auto selection = selection_of(work.invocation(), settings, wish, std::move(held));
  if (!selection) return refuse(selection.error());
  const Benchmark& benchmark = *cli::benchmark_registry().find(benchmark_ref(wish))->first;
  auto home = work.invocation().data_home();
  if (!home) return refuse(home.error());
  std::string edition;
  auto evaluation = cli::prepare(benchmark, *selection, *home, edition);
  if (!evaluation) return refuse(evaluation.error());
  work.questions = (*evaluation)->unit_count() / static_cast<std::size_t>(std::max(1, selection->settings.iterations));
  if (!nothing_to_ask(run, **evaluation)) {
    RunWish local = wish;  // with the model where it is now; the files keep the row's own words
    Result<void> here;
    if (wish.type != BenchmarkType::judgemark) here = fetch_model(session, config, settings, local.row);
    auto models = here ? models_of(config, settings, local) : Result<RunModels>(std::unexpected(here.error()));
    work.out.interrupted = !here && here.error().kind == ErrorKind::cancelled;
    if (models) {
      for (const std::string& note : models->notes) work.note(note);
      ask(work, *selection, benchmark, *models);
    } else {
      work.failure = models.error();
      work.out.code = work.invocation().report(models.error(), work.out.document);
    }
  }
  publish(work, **evaluation);
  if (work.out.interrupted) work.out.code = cli::kInterrupted;
  return std::move(work.out);
}

}  // namespace assay::compat
