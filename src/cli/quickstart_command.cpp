// assay quickstart: the whole path with no key, no network and no download - sample questions, a small GGUF model in this process, baselines.
#include <fmt/core.h>

#include "base/file.h"
#include "base/text.h"
#include "benchmark/eq_bench/questions.h"
#include "cli/benchmarks.h"
#include "cli/commands.h"
#include "cli/run_files.h"
#include "cli/run_job.h"
#include "cli/show_report.h"
#ifdef ASSAY_WITH_LLAMA
#include "model/llama/quickstart_model.h"
#endif

namespace assay::cli {
namespace {

struct Contestant {
  std::string spec, label;
};

#ifdef ASSAY_WITH_LLAMA
/// Every emotion name of the sample sets, first seen first: the constructed model's vocabulary.
Result<std::vector<std::string>> emotion_names(const Pack& pack) {
  std::vector<std::string> out;
  for (const OwnFile& file : pack.own) {
    if (!file.name.starts_with("v2/")) continue;
    auto questions = eq_bench::read_questions(file.content, file.name);
    if (!questions) return std::unexpected(questions.error());
    for (const eq_bench::Question& question : *questions)
      for (const std::string& name : question.reference.names)
        if (std::find(out.begin(), out.end(), name) == out.end()) out.push_back(name);
  }
  return out;
}

Result<void> keep(const std::filesystem::path& path, const Result<std::string>& bytes) {
  if (!bytes) return std::unexpected(bytes.error());
  if (auto there = read_file(path); there && *there == *bytes) return {};
  return write_file(path, *bytes);
}

Result<std::vector<Contestant>> make_models(const Pack& pack, const std::filesystem::path& home) {
  auto names = emotion_names(pack);
  if (!names) return std::unexpected(names.error());
  std::filesystem::path folder = home / "quickstart";
  if (auto kept = keep(folder / "assay-format.gguf", make_quickstart_model(*names)); !kept) return std::unexpected(kept.error());
  if (auto kept = keep(folder / "assay-random.gguf", Result<std::string>(make_random_model(1))); !kept) return std::unexpected(kept.error());
  return std::vector<Contestant>{{"gguf:" + (folder / "assay-format.gguf").string(), "assay-format.gguf"},
                                 {"gguf:" + (folder / "assay-random.gguf").string(), "assay-random.gguf"}};
}
#endif

int work(Invocation& invocation) {
  auto home = invocation.data_home();
  if (!home) return invocation.report(home.error());
  auto pack = pack_store().find("eq-bench");
  if (!pack) return invocation.report(pack.error());
  std::vector<Contestant> contestants;
#ifdef ASSAY_WITH_LLAMA
  auto models = make_models(**pack, *home);
  if (!models) return invocation.report(models.error());
  contestants = *models;
#else
  invocation.err("this build has no GGUF engine: the baselines only\n");
#endif
  contestants.push_back({"baseline:reference", "baseline: reference"});
  contestants.push_back({"baseline:constant", "baseline: constant"});
  contestants.push_back({"baseline:random", "baseline: random"});

  auto session = Session::open(invocation);
  if (!session) return invocation.report(session.error());
  std::vector<Report> reports;
  std::vector<RunJobResult> finished;
  for (const char* name : {"eq-bench@2", "eq-bench@2:de"}) {
    auto found = benchmark_registry().find(name);
    if (!found) return invocation.report(found.error());
    for (const Contestant& contestant : contestants) {
      RunJob job;
      job.benchmark = found->first;
      job.selection.settings.ref = found->second;
      job.selection.edition = "sample";
      job.specs["model"] = contestant.spec;
      job.labels["model"] = contestant.label;
      auto done = (*session)->complete(run_job(**session, std::move(job)));
      if (!done) return invocation.report(done.error());
      if (done->result.stopped) return invocation.report(*done->result.stopped);
      reports.push_back(done->result.report);
      finished.push_back(std::move(*done));
    }
  }
  std::filesystem::path page = invocation.arguments.get("out").value_or("report.html");
  auto written = write_html(page, finished);
  auto unwritten = [&] {
    if (written.error().hint.empty()) written.error().hint = "name another place: assay quickstart --out FILE";
    return invocation.report(written.error());
  };
  if (invocation.json()) {
    if (!written) return unwritten();
    json::array document;
    for (const Report& report : reports) document.push_back(to_json(report));
    invocation.out(write_json(document, JsonStyle::pretty) + "\n");
    return kDone;
  }
  show_ranking(invocation, reports);
  if (!written) return unwritten();
  invocation.out(fmt::format(
      "\nThe questions are this project's own small sample, not the official ones; the reference intensities are its authors' too.\n"
      "assay-format knows the answer format and nothing of emotions; assay-random has random weights, so nothing it says can be read.\n"
      "Every answer with its formula: {}\n\n"
      "Go on\n"
      "  official data   assay data pull eq-bench   (or: assay data import eq-bench --from FOLDER)\n"
      "  your server     assay run eq-bench --model http://127.0.0.1:8080/v1#NAME      your file   --model gguf:model.gguf\n"
      "  an API model    OPENAI_API_KEY=... assay run eq-bench --model openai:gpt-4o   (ANTHROPIC_API_KEY: anthropic:...)\n",
      page.string()));
  return kDone;
}

}  // namespace

CommandSpec quickstart_command() {
  CommandSpec c;
  c.name = "quickstart";
  c.summary = "measure two tiny models and three baselines; needs nothing";
  c.positional_help = "No key, no network, no download: the project's own sample questions.";
  c.options = {{"--out", "FILE", "where the page goes (default: report.html)"}};
  c.examples = {"assay quickstart", "assay quickstart --out /tmp/report.html"};
  c.work = work;
  return c;
}

}  // namespace assay::cli
