#include "benchmark/creative_writing/rescore.h"

#include <filesystem>
#include <unordered_map>
#include <unordered_set>

#include "base/clock.h"
#include "base/file.h"
#include "base/number.h"
#include "base/text.h"
#include "benchmark/creative_writing/evaluation.h"
#include "benchmark/creative_writing/summary.h"
#include "benchmark/result_files.h"

namespace assay::creative_writing {
namespace {

/// The prompts of the official sets, for files that are scored where those sets are not.
std::vector<std::string> known_ids(int version) {
  std::vector<std::string> out;
  auto add = [&](int from, int to) {
    for (int i = from; i <= to; ++i) out.push_back(std::to_string(i));
  };
  if (version == 1) {
    add(1, 2);
    add(5, 10);
    add(19, 29);
    return out;
  }
  for (int id : {2, 6, 9, 10, 19, 20, 22}) add(id, id);
  add(26, 38);
  add(41, 44);
  return out;
}

struct Basis {
  Settings settings;
  Items items;
  json::object manifest;
  std::string edition = "official";
  bool whole = true;
};

/// What is scored against: the prompt file, or the ids alone when only that file is missing.
Result<Basis> basis_of(const Benchmark::ScoreRequest& request, DataSource& data) {
  Basis out;
  auto settings = make_settings(request.settings.ref.version, request.settings.options);
  if (!settings) return std::unexpected(settings.error());
  out.settings = std::move(*settings);
  PrepareSettings wish = request.settings;
  wish.held = nullptr;
  auto prepared = prepare(wish, data);
  if (prepared) {
    for (const story::StoryPrompt& prompt : *prepared->selected) out.items.ids.push_back(prompt.id);
    out.items.criteria = prepared->criteria;
    out.manifest = prepared->manifest();
    out.edition = prepared->edition;
    out.whole = prepared->selected->size() == prepared->all->size();
    return out;
  }
  const bool selects = request.settings.limit || !request.settings.samples.empty();
  if (prepared.error().kind != ErrorKind::data || selects) return std::unexpected(prepared.error());
  out.items.ids = known_ids(out.settings.version);
  out.manifest = {{"benchmark", request.settings.ref.text()}, {"version", out.settings.version}, {"program", out.settings.protocol.program}};
  return out;
}

Result<Report> report_of(const StoredRun& run, const std::string& path, const Basis& basis, const Benchmark::ScoreRequest& request,
                         std::vector<ScoredSample>* samples) {
  const story::Protocol& protocol = basis.settings.protocol;
  std::unordered_map<std::string_view, std::size_t> index;
  for (std::size_t i = 0; i < basis.items.ids.size(); ++i) index.emplace(basis.items.ids[i], i);
  const std::vector<std::string> none;
  auto criteria = [&](std::size_t i) -> const std::vector<std::string>& { return basis.items.criteria.empty() ? none : basis.items.criteria[i]; };
  std::vector<Rows> iterations;
  for (const StoredIteration& iteration : run.iterations) {
    Rows rows;
    std::vector<bool> seen(basis.items.ids.size());
    const int number = static_cast<int>(iterations.size()) + 1;
    for (const StoredItem& item : iteration.items) {
      auto it = index.find(item.id);
      if (it == index.end()) {
        if (!basis.whole) continue;
        return fail(ErrorKind::data, "the file judges a prompt \"" + shorten(item.id, 40) + "\" that " + request.settings.ref.text() + " does not have",
                    path, basis.settings.version == 2 ? "if it was made with the prompts of version 1: creative-writing@1" : "");
      }
      seen[it->second] = true;
      SampleResult result = story::recorded_result(item.id, item, criteria(it->second), protocol, request.reparse);
      rows.push_back(story::row_of(result, it->second));
      if (samples) samples->push_back({{item.id, number}, std::move(result)});
    }
    // An uploaded document is the end of a run: what it lacks was given up. Of a raw_results.json that cannot be known.
    for (std::size_t i = 0; i < seen.size(); ++i) {
      if (seen[i]) continue;
      SampleResult result;
      result.sample = basis.items.ids[i];
      result.outcome = run.document ? Outcome::unparseable : Outcome::missing;
      result.reason = "the file holds no judgement of it";
      rows.push_back(story::row_of(result, i));
      if (samples) samples->push_back({{basis.items.ids[i], number}, std::move(result)});
    }
    iterations.push_back(std::move(rows));
  }
  const std::size_t declared = std::max<std::size_t>(static_cast<std::size_t>(std::max(1, run.metadata.total_iterations)), iterations.size());
  while (iterations.size() < declared && declared <= 1000) {  // declared but not there
    Rows rows;
    for (std::size_t i = 0; i < basis.items.ids.size(); ++i) rows.emplace_back().item = i;
    iterations.push_back(std::move(rows));
  }

  Report report;
  report.benchmark = request.settings.ref.text();
  report.edition = basis.edition;
  report.roles["model"] = run.metadata.model_path.empty() ? std::filesystem::path(path).stem().string() : run.metadata.model_path;
  if (!run.metadata.judge_model.empty()) report.roles["judge"] = run.metadata.judge_model;
  if (run.completed && *run.completed > 0 && *run.completed < 253'402'300'800) report.created = utc_text(*run.completed * 1'000'000);
  report.total.name = report.benchmark;
  summarize(protocol, basis.items, declared, iterations, report);
  if (!basis.whole) report.deviates.emplace_back("a part of the samples only");
  report.manifest = basis.manifest;
  std::string text = request.reparse ? "the judge's words parsed again" : "stored scores";
  if (run.published_score) text += "; published as " + python_repr(*run.published_score);
  if (basis.items.criteria.empty()) text += "; the prompt file is not here, so criteria have no names";
  json::object source{{"file", path}, {"run", run.index}, {"text", text}};
  if (run.published_score) source["published_score"] = *run.published_score;
  report.manifest["source"] = std::move(source);
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
      auto report = report_of(run, file.string(), *basis, request, request.samples ? &request.samples->back() : nullptr);
      if (!report) return std::unexpected(report.error());
      out.push_back(std::move(*report));
    }
  }
  if (out.empty())
    return fail(ErrorKind::data, "no run of creative-writing is recorded there", request.path, "it holds runs of other benchmarks, or none");
  return out;
}

}  // namespace assay::creative_writing
