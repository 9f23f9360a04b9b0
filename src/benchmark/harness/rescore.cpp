#include "benchmark/harness/rescore.h"

#include <cmath>

#include "base/file.h"
#include "base/text.h"
#include "benchmark/harness/details.h"
#include "benchmark/harness/mmlu.h"
#include "benchmark/harness/result_reader.h"
#include "benchmark/harness/task.h"
#include "benchmark/result_files.h"

namespace assay::harness {
namespace {

constexpr std::size_t kMostFile = std::size_t{256} << 20;

Metric metric_of(std::string name, std::optional<double> value) {
  Metric out;
  out.name = std::move(name);
  if (!value) {
    out.why_null = "not in the file";
  } else if (!std::isfinite(*value)) {
    out.why_null = "not a finite number";
  } else {
    out.value = value;
  }
  return out;
}

Part part_of(const ResultFile::Task& task) {
  Part out;
  const TaskInfo* info = find_task(task.key);
  out.name = info ? info->name : task.key;
  out.counts.scored = task.documents;
  for (const auto& [name, value] : task.values) {
    if (name.ends_with("_stderr")) continue;
    Metric metric = metric_of(name, value);
    for (const auto& [other, error] : task.values)
      if (other == name + "_stderr" && std::isfinite(error)) metric.stderr_ = error;
    // The leaderboard's metric is the headline, as in a report of our own.
    out.metrics.insert(info && info->leaderboard_metric == name ? out.metrics.begin() : out.metrics.end(), std::move(metric));
  }
  return out;
}

/// The number behind the last '|' of the cluster's keys; none in the harness's own.
std::optional<std::string_view> shots_of(std::string_view key) {
  const std::size_t bar = key.rfind('|');
  if (!key.starts_with("harness|") || bar < 8) return std::nullopt;
  return key.substr(bar + 1);
}

void note_departures(const ResultFile& file, bool suite, bool details, Report& report) {
  report.deviates.emplace_back(details ? "recomputed from a file of details: what the model was asked is not checked"
                                       : "numbers of a result file: the answers behind them are not in it");
  std::size_t subjects = 0;
  for (const ResultFile::Task& task : file.tasks) {
    const TaskInfo* info = find_task(task.key);
    if (!info) continue;
    if (info->family == TaskInfo::Family::mmlu) ++subjects;
    if (auto shots = shots_of(task.key); shots && *shots != std::to_string(info->shots))
      report.deviates.push_back(info->name + ": " + std::string(*shots) + " examples instead of " + std::to_string(info->shots));
  }
  if (!suite || subjects == 0 || subjects == kMmluSubjects.size()) return;
  report.status = "incomplete";
  report.reason = "the file has " + std::to_string(subjects) + " of " + std::to_string(kMmluSubjects.size()) + " subjects of MMLU";
}

Report report_of(const ResultFile& file, const std::string& benchmark, bool suite, const std::string& path,
                 const std::vector<std::string>* details = nullptr) {
  Report out;
  note_departures(file, suite, details != nullptr, out);
  if (details) out.deviates.insert(out.deviates.begin() + 1, details->begin(), details->end());
  out.benchmark = benchmark;
  out.total.name = benchmark;
  out.roles["model"] = file.model;
  out.manifest = {{"from", path}, {details ? "harness_details" : "harness_results", true}};
  if (!file.sha.empty()) out.manifest["model_sha"] = file.sha;
  if (!file.precision.empty()) out.manifest["model_dtype"] = file.precision;
  Part mmlu;
  mmlu.name = "mmlu";
  for (const ResultFile::Task& task : file.tasks) {
    if (task.key == "all") continue;  // the cluster's mean over everything
    const TaskInfo* info = find_task(task.key);
    out.total.counts.scored += task.documents;
    if (suite && info && info->family == TaskInfo::Family::mmlu) {
      mmlu.counts.scored += task.documents;
      mmlu.parts.push_back(part_of(task));
    } else {
      out.total.parts.push_back(part_of(task));
    }
  }
  if (!suite) {
    if (out.total.parts.size() == 1) {
      out.total.metrics = std::move(out.total.parts.front().metrics);
      out.total.parts.clear();
    }
    return out;
  }
  if (!mmlu.parts.empty()) {
    auto column = column_value(file, "hendrycksTest", "acc");
    mmlu.metrics.push_back(metric_of("acc", column ? std::optional(*column / 100) : std::nullopt));
    out.total.parts.push_back(std::move(mmlu));
  }
  std::vector<Metric> columns;
  double sum = 0;
  std::vector<std::string> lacking;
  for (const Column& column : kColumns) {
    columns.push_back(metric_of(lower(column.name), column_value(file, column.part, column.metric)));
    if (columns.back().value) sum += *columns.back().value;
    else lacking.emplace_back(column.name);
  }
  Metric average = metric_of("average", lacking.empty() ? std::optional(sum / 4) : std::nullopt);
  if (!lacking.empty()) {
    average.why_null = "no value of " + join(lacking, ", ");
    out.status = "incomplete";
    out.reason = "the file has no value of " + join(lacking, ", ");
  }
  out.total.metrics.push_back(std::move(average));
  for (Metric& column : columns) out.total.metrics.push_back(std::move(column));
  return out;
}

}  // namespace

Result<std::vector<Report>> score_path(const Benchmark::ScoreRequest& request, bool suite) {
  std::vector<std::string> notes;
  auto details = result_from_details(request.path, notes);
  if (!details) return fail(details.error());
  if (*details) {
    if (request.samples) request.samples->emplace_back();
    return std::vector<Report>{report_of(**details, request.settings.ref.text(), suite, request.path, &notes)};
  }
  auto files = result_files(request.path);
  if (!files) return fail(files.error());
  std::vector<Report> out;
  for (const std::filesystem::path& path : *files) {
    auto text = read_file(path, kMostFile);
    if (!text) return fail(text.error());
    auto file = read_result_file(*text, path.string());
    if (!file) return fail(file.error());
    if (file->old_mmlu)
      return fail(ErrorKind::data, "the file's MMLU is version 0, made with another prompt (before 13 May 2023): it cannot be compared",
                  path.string(), "measure the model again");
    out.push_back(report_of(*file, request.settings.ref.text(), suite, path.string()));
    if (request.samples) request.samples->emplace_back();
  }
  return out;
}

}  // namespace assay::harness
