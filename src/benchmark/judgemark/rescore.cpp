#include "benchmark/judgemark/rescore.h"

#include <filesystem>
#include <map>

#include "base/clock.h"
#include "base/file.h"
#include "base/text.h"
#include "benchmark/judgemark/evaluation.h"
#include "benchmark/judgemark/summary.h"
#include "benchmark/result_files.h"

namespace assay::judgemark {
namespace {

struct Basis {
  Settings settings;
  std::optional<Prepared> set;
  std::vector<Reference> references;
};

Result<Basis> basis_of(const Benchmark::ScoreRequest& request, DataSource& data) {
  Basis out;
  auto settings = make_settings(request.settings.ref.version, request.settings.options);
  if (!settings) return std::unexpected(settings.error());
  out.settings = std::move(*settings);
  PrepareSettings wish = request.settings;
  wish.held = nullptr;
  wish.iterations = 1;
  auto prepared = prepare(wish, data);
  const bool selects = request.settings.limit || !request.settings.samples.empty();
  if (!prepared && (prepared.error().kind != ErrorKind::data || selects)) return std::unexpected(prepared.error());
  if (prepared) {
    out.references = prepared->references;
    out.set = std::move(*prepared);
  } else {
    out.references = official_references(out.settings.formula);
  }
  return out;
}

/// The stories of every model in stored order, those that the file lacks behind them.
std::vector<ModelRows> models_of(const StoredRun& run, const Basis& basis, bool reparse, std::vector<ScoredSample>* samples) {
  const story::Protocol& protocol = basis.settings.protocol;
  const StoredIteration none;
  const StoredIteration* first = &none;
  for (const StoredIteration& iteration : run.iterations)
    if (iteration.name == "1") first = &iteration;

  std::vector<ModelRows> models;
  auto row_of = [&](const std::string& sample, const StoredItem* item, std::size_t prompt, const std::vector<std::string>& criteria) {
    SampleResult result;
    if (item) {
      result = story::recorded_result(sample, *item, criteria, protocol, reparse);
    } else {
      result.sample = sample;
      result.outcome = run.document || run.results ? Outcome::unparseable : Outcome::missing;  // a finished run gave it up
      result.reason = "the file holds no judgement of it";
    }
    story::Row row = story::row_of(result, prompt);
    if (samples) samples->push_back({{sample, 1}, std::move(result)});
    return row;
  };
  if (basis.set) {
    const Prepared& set = *basis.set;
    std::map<std::string, std::pair<const StoredItem*, std::size_t>> stored;
    for (const StoredModel& model : first->models)
      for (const StoredItem& item : model.items) stored.emplace(sample_name(model.name, item.id), std::pair(&item, stored.size()));
    for (const std::string& name : set.models) models.push_back({name, {}});
    std::vector<story::Row> rows;
    std::vector<std::optional<std::size_t>> places;
    for (const Item& item : set.items) {
      auto it = stored.find(item.sample);
      places.push_back(it == stored.end() ? std::nullopt : std::optional(it->second.second));
      rows.push_back(row_of(item.sample, it == stored.end() ? nullptr : it->second.first, item.prompt, set.criteria[item.prompt]));
    }
    for (std::size_t i : stored_order(places)) models[set.items[i].model].rows.push_back(std::move(rows[i]));
  } else {
    std::map<std::string, std::size_t> prompts;
    for (const StoredModel& model : first->models) {
      models.push_back({model.name, {}});
      for (const StoredItem& item : model.items)
        models.back().rows.push_back(row_of(sample_name(model.name, item.id), &item, prompts.try_emplace(item.id, prompts.size()).first->second, {}));
    }
  }
  return models;
}

Report report_of(const StoredRun& run, const std::string& path, const Basis& basis, const Benchmark::ScoreRequest& request,
                 std::vector<ScoredSample>* samples) {
  const std::vector<ModelRows> models = models_of(run, basis, request.reparse, samples);
  const bool whole = !basis.set || basis.set->items.size() == basis.set->in_file;
  Report report;
  report.benchmark = request.settings.ref.text();
  report.edition = basis.set ? basis.set->edition : "official";
  report.roles["model"] = run.metadata.judge_model.empty() ? std::filesystem::path(path).stem().string() : run.metadata.judge_model;
  if (run.completed && *run.completed > 0 && *run.completed < 253'402'300'800) report.created = utc_text(*run.completed * 1'000'000);
  report.total.name = report.benchmark;
  summarize(basis.settings, report.roles["model"], models, basis.references, whole, report);
  if (!whole) report.deviates.emplace_back("a part of the samples only");
  if (basis.set) report.manifest = basis.set->manifest();
  std::string text = request.reparse ? "the judge's words parsed again" : "stored scores";
  if (!basis.set) text += "; the test set is not here, so the file's own stories are all";
  report.manifest["source"] = json::object{{"file", path}, {"run", run.index}, {"text", text}};
  return report;
}

}  // namespace

Result<std::vector<Report>> score_path(const Benchmark::ScoreRequest& request, DataSource& data) {
  auto files = result_files(request.path);
  if (!files) return std::unexpected(files.error());
  auto basis = basis_of(request, data);
  if (!basis) return std::unexpected(basis.error());
  std::vector<Report> out;
  for (const std::filesystem::path& file : *files) {
    auto text = read_file(file);
    if (!text) return std::unexpected(text.error());
    auto runs = read_results(*text, file.string());
    if (!runs) return std::unexpected(runs.error());
    for (const StoredRun& run : *runs) {
      if (request.samples) request.samples->emplace_back();
      out.push_back(report_of(run, file.string(), *basis, request, request.samples ? &request.samples->back() : nullptr));
    }
  }
  if (out.empty())
    return fail(ErrorKind::data, "no run of judgemark is recorded there", request.path, "it holds runs of other benchmarks, or none");
  return out;
}


StoredResults results_of(const StoredRun& run, const Prepared& prepared) {
  Basis basis{prepared.settings, prepared, prepared.references};
  return stored_results(compute_metrics(items_of(models_of(run, basis, false, nullptr), prepared.settings.protocol.negatives), prepared.references, prepared.settings.formula));
}

}  // namespace assay::judgemark
