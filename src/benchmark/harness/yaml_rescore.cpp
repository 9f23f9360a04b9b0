#include "benchmark/harness/yaml_rescore.h"

#include <algorithm>
#include <boost/json/object.hpp>
#include <cmath>
#include <filesystem>
#include <set>

#include "base/file.h"
#include "base/python_json.h"
#include "base/text.h"

namespace assay::harness {
namespace {

namespace fs = std::filesystem;

/// What the file has as NaN or Infinity is no number to go on with.
std::optional<double> finite(const json::value& value) {
  auto number = as_number(value);
  return number && std::isfinite(*number) ? number : std::nullopt;
}

/// "acc,none" and its "acc_stderr,none"; other members (alias, sample_len) are no metrics. `better`: metric -> whether higher is better; null where there is none.
Part part_of(const std::string& name, const json::object& values, const json::value* better) {
  Part out;
  out.name = name;
  std::set<std::string> filters;
  for (const auto& member : values) {
    const std::string key(member.key());
    if (std::size_t comma = key.rfind(','); comma != std::string::npos) filters.insert(key.substr(comma + 1));
  }
  for (const auto& member : values) {
    const std::string key(member.key());
    const std::size_t comma = key.rfind(',');
    if (comma == std::string::npos || key.substr(0, comma).ends_with("_stderr")) continue;
    Metric metric;
    metric.name = filters.size() > 1 ? key : key.substr(0, comma);
    metric.value = finite(member.value());
    if (!metric.value) metric.why_null = "the file has no number";
    if (const auto higher = better ? get_bool(*better, key.substr(0, comma)) : std::nullopt) metric.lower_is_better = !*higher;
    if (const json::value* error = values.if_contains(key.substr(0, comma) + "_stderr" + key.substr(comma)))
      metric.stderr_ = finite(*error);
    if (metric.value && metric.stderr_) {
      metric.ci_low = *metric.value - 1.959963984540054 * *metric.stderr_;
      metric.ci_high = *metric.value + 1.959963984540054 * *metric.stderr_;
    }
    if (const json::value* n = values.if_contains("sample_len"); n && n->is_int64() && n->get_int64() >= 0)
      metric.n = static_cast<std::size_t>(n->get_int64());
    out.metrics.push_back(std::move(metric));
  }
  if (const json::value* n = values.if_contains("sample_len"); n && n->is_int64() && n->get_int64() >= 0)
    out.counts.scored = static_cast<std::size_t>(n->get_int64());
  return out;
}

Result<Report> report_of(const std::string& file) {
  auto text = read_file(file, std::size_t{1} << 30);
  if (!text) return fail(text.error());
  auto document = parse_python_document(*text, file);
  if (!document) return fail(document.error());
  const json::value* results = find(*document, "results");
  if (!results || !results->is_object() || !find(*document, "configs"))
    return fail(ErrorKind::data, "no result file of today's harness: it has no \"results\" and \"configs\"", file,
                "those of the leaderboard's version: assay score open-llm-leaderboard --from FILE");
  Report out;
  out.benchmark = "harness";
  out.edition = "custom";
  out.total.name = "harness";
  std::string model = get_string(*document, "model_name").value_or("");
  if (const json::value* config = find(*document, "config"); config && model.empty())
    model = get_string(*config, "model").value_or("");
  out.roles["model"] = model.empty() ? "unknown" : model;
  const json::value* better = find(*document, "higher_is_better");
  for (const auto& member : results->get_object()) {
    if (!member.value().is_object()) continue;
    Part part = part_of(std::string(member.key()), member.value().get_object(), better ? find(*better, member.key()) : nullptr);
    // Groups repeat what their tasks say.
    const json::value* groups = find(*document, "group_subtasks");
    const json::value* members = groups ? find(*groups, member.key()) : nullptr;
    if (!members || !members->is_array() || members->get_array().empty()) out.total.counts.scored += part.counts.scored;
    out.total.parts.push_back(std::move(part));
  }
  if (out.total.parts.empty()) return fail(ErrorKind::data, "the result file holds no task", file);
  if (out.total.parts.size() == 1) {
    out.total.metrics = std::move(out.total.parts.front().metrics);
    out.total.parts.clear();
  }
  out.deviates.emplace_back("a result file of the harness");
  out.manifest = {{"file", fs::path(file).filename().string()}};
  return out;
}

}  // namespace

Result<std::vector<Report>> score_todays_files(const Benchmark::ScoreRequest& request) {
  std::vector<std::string> files;
  std::error_code problem;
  if (fs::is_directory(request.path, problem)) {
    for (const auto& entry :
         fs::recursive_directory_iterator(request.path, fs::directory_options::skip_permission_denied, problem))
      if (entry.is_regular_file(problem) && entry.path().extension() == ".json" &&
          entry.path().filename().string().starts_with("results"))
        files.push_back(entry.path().string());
    std::sort(files.begin(), files.end());
    if (files.empty()) return fail(ErrorKind::not_found, "the folder holds no results_*.json", request.path);
  } else {
    files.push_back(request.path);
  }
  std::vector<Report> out;
  for (const std::string& file : files) {
    auto report = report_of(file);
    if (!report) return fail(report.error());
    out.push_back(std::move(*report));
    if (request.samples) request.samples->emplace_back();  // the file holds none
  }
  return out;
}

}  // namespace assay::harness
