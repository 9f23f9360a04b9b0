#include "benchmark/harness/task_plan.h"

#include <boost/json/array.hpp>

#include <cmath>
#include <numeric>

#include "base/json.h"
#include "base/python_random.h"
#include "base/stream_hash.h"
#include "benchmark/harness/mmlu.h"

namespace assay::harness {

std::size_t limited_count(std::size_t n, double limit) {
  if (!(limit > 0)) return 0;
  double count = limit < 1 ? static_cast<double>(n) * limit : limit;
  return count >= static_cast<double>(n) ? n : static_cast<std::size_t>(count);
}

double limit_for_next_task(std::size_t n, double limit) { return limit < 1 ? static_cast<double>(limited_count(n, limit)) : std::floor(limit); }

Result<TaskPlan> TaskPlan::make(const TaskInfo& task, TaskData data, const TaskSettings& settings) {
  TaskPlan out;
  out.task_ = &task;
  out.in_file_ = data.evaluated.size();
  const bool mmlu = task.family == TaskInfo::Family::mmlu;
  if (settings.shots > 0 && task.family == TaskInfo::Family::truthfulqa)
    return fail(ErrorKind::usage, task.name + " has six examples of its own and takes no others", "", "leave the number of examples at 0");
  if (settings.shots > 0 && task.family == TaskInfo::Family::text)
    return fail(ErrorKind::usage, "perplexity is measured without examples: " + task.name, "", "leave the number of examples at 0");
  out.shots_ = mmlu ? std::min(settings.shots, data.pool.size()) : settings.shots;
  if (!mmlu && out.shots_ > data.pool.size())
    return fail(ErrorKind::data,
                task.name + " needs " + std::to_string(out.shots_) + " documents to draw examples from, and its " + task.pool + " has " +
                    std::to_string(data.pool.size()));
  if (!settings.description.empty() && !mmlu) out.before_ = settings.description + "\n\n";
  out.before_ += mmlu ? mmlu_description(task.subject) : data.preamble;

  if (out.shots_ > 0) {
    const std::size_t rendered = mmlu ? out.shots_ : data.pool.size();
    out.examples_.reserve(rendered);
    for (std::size_t i = 0; i < rendered; ++i) out.examples_.push_back(data.pool[i].query + data.pool[i].target() + "\n\n");
  }
  PythonRandom random(std::int64_t{42});
  std::vector<std::uint32_t> order(data.evaluated.size());
  std::iota(order.begin(), order.end(), 0u);
  random.shuffle(order);
  if (settings.limit) order.resize(limited_count(order.size(), *settings.limit));
  out.same_for_all_ = mmlu;
  if (mmlu) {
    out.drawn_.resize(out.shots_);
    std::iota(out.drawn_.begin(), out.drawn_.end(), 0u);
  }
  out.documents_.reserve(order.size());
  for (std::uint32_t row : order) {
    out.documents_.push_back(std::move(data.evaluated[row]));
    if (!mmlu && out.shots_ > 0)
      for (std::size_t drawn : random.sample(data.pool.size(), out.shots_)) out.drawn_.push_back(static_cast<std::uint32_t>(drawn));
  }
  return out;
}

std::span<const std::uint32_t> TaskPlan::examples_of(std::size_t i) const {
  return std::span(drawn_).subspan(same_for_all_ ? 0 : i * shots_, shots_);
}

std::string TaskPlan::prefix(std::size_t i) const {
  std::span<const std::uint32_t> examples = examples_of(i);
  std::size_t size = before_.size();
  for (std::uint32_t example : examples) size += examples_[example].size();
  std::string out;
  out.reserve(size);
  out += before_;
  for (std::uint32_t example : examples) out += examples_[example];
  return out;
}

LoglikelihoodGroup TaskPlan::request(std::size_t i) const {
  const Document& document = documents_[i];
  LoglikelihoodGroup out;
  out.shared_prefix = prefix(i);
  out.items.reserve(document.choices.size());
  for (const std::string& choice : document.choices) out.items.push_back({document.query, " " + choice});
  return out;
}

Request TaskPlan::asked(std::size_t i) const {
  if (task_->family == TaskInfo::Family::text) return Rolling{documents_[i].query};
  return request(i);
}

std::string requests_sha256(const TaskPlan& plan) {
  StreamHash hash(HashKind::sha256);
  std::string piece = "[";
  for (std::size_t i = 0; i < plan.size(); ++i) {
    const std::string context = "[" + write_json(json::value(json::string(plan.context(i))), JsonStyle::python) + ", ";
    for (const std::string& choice : plan.document(i).choices) {
      piece += context;
      append_json(piece, json::value(json::string(" " + choice)), JsonStyle::python);
      piece += "]";
      hash.update(piece);
      piece = ", ";
    }
  }
  hash.update(piece == "[" ? "[]" : "]");
  return hash.hex();
}

}  // namespace assay::harness
