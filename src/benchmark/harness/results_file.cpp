#include "benchmark/harness/results_file.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <algorithm>
#include <limits>

#include "base/number.h"
#include "base/python_dump.h"
#include "base/text.h"
#include "benchmark/harness/markdown_table.h"
#include "benchmark/harness/metrics.h"
#include "benchmark/harness/summary.h"
#include "benchmark/harness/text_task.h"

namespace assay::harness {
namespace {

constexpr double kNan = std::numeric_limits<double>::quiet_NaN();

void collect(const Part& part, const TaskInfo* only, std::vector<TaskResult>& out) {
  const TaskInfo* task = find_task(part.name);
  if (!task && part.parts.empty()) task = only;
  if (task) {
    TaskResult result{task->name, task->version, {}};
    for (const std::string& name : task->metrics)
      if (const Metric* metric = part.metric(name); metric && metric->value) result.values.push_back({name, *metric->value, metric->stderr_});
      else if (metric && metric->why_null == kUnderflows) result.values.push_back({name, kNan, kNan});
    out.push_back(std::move(result));
  }
  for (const Part& inner : part.parts) collect(inner, only, out);
}

}  // namespace

std::vector<TaskResult> task_results(const Part& total, const TaskInfo* only) {
  std::vector<TaskResult> out;
  collect(total, only, out);
  return out;
}

json::object results_document(std::span<const TaskResult> results, const ResultConfig& config) {
  json::object all, versions;
  for (const TaskResult& task : results) {
    json::object& values = all[task.task].emplace_object();
    for (const TaskResult::Value& value : task.values) {
      values[value.metric] = value.value;
      if (value.stderr_) values[value.metric + "_stderr"] = *value.stderr_;
    }
    versions[task.task] = task.version;
  }
  json::object written{{"model", config.model},
                       {"model_args", config.model_args},
                       {"num_fewshot", config.num_fewshot},
                       {"batch_size", config.batch_size},
                       {"batch_sizes", config.batch_sizes},
                       {"device", config.device},
                       {"no_cache", config.no_cache},
                       {"limit", config.limit},
                       {"bootstrap_iters", config.bootstrap_iterations},
                       {"description_dict", config.descriptions}};
  return {{"results", std::move(all)}, {"versions", std::move(versions)}, {"config", std::move(written)}};
}

std::string results_table(std::span<const TaskResult> results) {
  std::vector<std::vector<std::string>> rows;
  for (const TaskResult& task : results)
    for (const TaskResult::Value& value : task.values) {
      const bool first = &value == &task.values.front();
      rows.push_back({first ? task.task : "", first ? std::to_string(task.version) : "", value.metric, fixed(value.value, 4),
                      value.stderr_ ? "±" : "", value.stderr_ ? fixed(*value.stderr_, 4) : ""});
    }
  return markdown_table({"Task", "Version", "Metric", "Value", "", "Stderr"}, rows);
}

json::object write_out_entry(const TaskPlan& plan, std::size_t document, std::span<const double> loglikelihoods) {
  const Document& doc = plan.document(document);
  const std::string context = plan.context(document);
  json::object out{{"doc_id", document}};
  for (std::size_t i = 0; i < doc.choices.size(); ++i) out["prompt_" + std::to_string(i)] = context + " " + doc.choices[i];
  for (std::size_t i = 0; i < loglikelihoods.size(); ++i) {
    out["logit_" + std::to_string(i)] = loglikelihoods[i];
    if (i == 0) out["truth"] = doc.mc1 > 0 ? json::value(" ") : json::value(doc.gold);
  }
  if (plan.task().family == TaskInfo::Family::text) {
    if (loglikelihoods.empty()) return out;
    // The whole text is prompt and truth alike; the original writes its pairs as Python does.
    const std::string sum = "(" + python_repr(loglikelihoods.front()) + ", ";
    const std::string words = std::to_string(count_words(doc.query)), bytes = std::to_string(doc.query.size());
    return {{"doc_id", document},
            {"prompt_0", doc.query},
            {"logit_0", loglikelihoods.front()},
            {"truth", doc.query},
            {"word_perplexity", sum + words + ")"},
            {"byte_perplexity", sum + bytes + ")"},
            {"bits_per_byte", sum + bytes + ")"}};
  }
  const DocumentScore score = score_document(doc, loglikelihoods);
  const std::vector<std::string>& names = plan.task().metrics;
  // MC1 is a truth value in the original, everything else a float.
  out[names[0]] = doc.mc1 > 0 ? (score.first == 1 ? "True" : "False") : python_repr(score.first);
  out[names[1]] = python_repr(score.second);
  return out;
}

std::string write_out_file(const json::array& entries) {
  return python_dumps(entries, {.indent = 4, .ascii = false});
}

}  // namespace assay::harness
