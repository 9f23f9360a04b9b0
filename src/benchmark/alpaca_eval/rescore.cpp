#include "benchmark/alpaca_eval/rescore.h"

#include <cmath>
#include <unordered_map>

#include "benchmark/alpaca_eval/annotation_files.h"
#include "benchmark/alpaca_eval/summary.h"
#include "benchmark/result_files.h"

namespace assay::alpaca_eval {
namespace {

Result<Report> report_of(const AnnotationScores& scores, const std::string& path, const Settings& settings, const LengthData& length, const Benchmark::ScoreRequest& request,
                         std::vector<ScoredSample>* samples) {
  auto comparisons = scores.comparisons();
  if (!comparisons) {
    Error error = comparisons.error();
    if (error.where.empty()) error.where = path;
    return std::unexpected(error);
  }
  Report report;
  report.benchmark = request.settings.ref.text();
  report.roles["model"] = scores.generators_2.empty() ? "model" : scores.generators_2.front();
  if (!scores.annotators.empty()) report.roles["judge"] = scores.annotators.front();
  report.total.name = report.benchmark;
  std::vector<Row> rows;
  for (std::size_t i = 0; i < scores.rows(); ++i) {
    Row row;
    row.index = comparisons->difficulty_index.empty() ? i : comparisons->difficulty_index[i];
    if (!std::isnan(scores.preference[i])) row.preference = scores.preference[i];
    if (!std::isnan(scores.length_1[i])) row.length_1 = scores.length_1[i];
    if (!std::isnan(scores.length_2[i])) row.length_2 = scores.length_2[i];
    row.outcome = row.preference ? Outcome::scored : Outcome::unparseable;
    if (samples) {
      SampleResult one;
      one.sample = std::to_string(row.index);
      one.outcome = row.outcome;
      if (row.preference) one.values["preference"] = *row.preference;
      else one.reason = "the file holds no preference";
      if (row.length_1) one.values["length_1"] = *row.length_1;
      if (row.length_2) one.values["length_2"] = *row.length_2;
      samples->push_back({{one.sample, 1}, std::move(one)});
    }
    rows.push_back(std::move(row));
  }
  summarize({settings.version, settings.glm, comparisons->same_generator}, length, {rows}, report);
  report.manifest["benchmark"] = report.benchmark;
  report.manifest["version"] = settings.version;
  report.manifest["source"] = {{"file", path}, {"text", "stored preferences; difficulties by place in the file, as the original does"}};
  return report;
}

}  // namespace

Result<std::vector<Report>> score_path(const Benchmark::ScoreRequest& request, DataSource& data) {
  auto settings = make_settings(request.settings.ref.version, request.settings.options);
  if (!settings) return std::unexpected(settings.error());
  if (request.settings.limit || !request.settings.samples.empty())
    return fail(ErrorKind::usage, "recorded annotations are scored as a whole", request.path, "leave --limit and --samples out");
  if (request.reparse)
    return fail(ErrorKind::usage, "an annotations file is not parsed again here", request.path, "assay alpaca-eval evaluate --is_reapply_parsing True does that");
  std::vector<std::filesystem::path> files;
  std::error_code code;
  if (std::filesystem::path whole = std::filesystem::path(request.path) / "annotations.json"; std::filesystem::is_regular_file(whole, code)) {
    files = {whole};
  } else {
    auto found = result_files(request.path);
    if (!found) return std::unexpected(found.error());
    files = std::move(*found);
  }
  auto scores = read_annotation_files(files);
  if (!scores) return std::unexpected(scores.error());
  const LengthData length = length_data(data);
  std::vector<Report> out;
  for (std::size_t i = 0; i < files.size(); ++i) {
    if (request.samples) request.samples->emplace_back();
    auto report = report_of((*scores)[i], files[i].string(), *settings, length, request, request.samples ? &request.samples->back() : nullptr);
    if (!report) return std::unexpected(report.error());
    out.push_back(std::move(*report));
  }
  return out;
}

}  // namespace assay::alpaca_eval
