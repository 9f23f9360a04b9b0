#include "benchmark/harness/yaml_task.h"

#include <algorithm>

namespace assay::harness {

std::string_view name(OutputType type) {
  switch (type) {
    case OutputType::multiple_choice:
      return "multiple_choice";
    case OutputType::loglikelihood:
      return "loglikelihood";
    case OutputType::loglikelihood_rolling:
      return "loglikelihood_rolling";
    case OutputType::generate_until:
      break;
  }
  return "generate_until";
}

bool TaskConfig::has_metric(std::string_view metric) const {
  return std::any_of(metrics.begin(), metrics.end(), [&](const MetricConfig& m) { return m.name == metric; });
}

const TaskConfig* TaskSelection::task(std::string_view name) const {
  auto it = std::find_if(tasks.begin(), tasks.end(), [&](const TaskConfig& t) { return t.task == name; });
  return it == tasks.end() ? nullptr : &*it;
}

const TaskGroup* TaskSelection::group(std::string_view name) const {
  auto it = std::find_if(groups.begin(), groups.end(), [&](const TaskGroup& g) { return g.group == name; });
  return it == groups.end() ? nullptr : &*it;
}

std::vector<std::string> TaskSelection::leaves(std::string_view name) const {
  std::vector<std::string> out;
  if (const TaskConfig* one = task(name)) return {one->task};
  if (const TaskGroup* parent = group(name))
    for (const std::string& member : parent->members)
      for (std::string& leaf : leaves(member)) out.push_back(std::move(leaf));
  return out;
}

}  // namespace assay::harness
