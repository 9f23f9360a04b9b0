#include "benchmark/harness/yaml_results.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "base/hash.h"
#include "base/number.h"
#include "base/text.h"
#include "benchmark/harness/markdown_table.h"
#include "benchmark/harness/yaml_loader.h"

namespace assay::harness {
namespace {

const TaskOutcome* outcome_of(std::span<const TaskOutcome> outcomes, std::string_view task) {
  for (const TaskOutcome& outcome : outcomes)
    if (outcome.config->task == task) return &outcome;
  return nullptr;
}

json::value number(const std::optional<double>& value) {
  return value ? json::value(*value) : json::value(nullptr);
}

void put_values(json::object& out, std::span<const AggregateValue> values) {
  for (const AggregateValue& value : values) {
    out[value.key()] = number(value.value);
    out[value.stderr_key()] = value.stderr_ ? json::value(*value.stderr_) : json::value("N/A");
  }
}

/// A task that was asked without examples may say in its metadata how many its prompt holds.
std::int64_t shown_shots(const TaskOutcome& outcome) {
  if (outcome.shots != 0 || outcome.config->metadata.kind != PythonValue::Kind::dict) return outcome.shots;
  const PythonValue* said = outcome.config->metadata.find("num_fewshot");
  return said && said->kind == PythonValue::Kind::integer ? said->integer : 0;
}

struct GroupFacts {
  std::optional<std::int64_t> shots;  // where all leaves agree
  json::object better;                // null where leaves disagree
};
GroupFacts group_facts(const std::vector<const TaskOutcome*>& leaves) {
  GroupFacts out;
  for (const TaskOutcome* leaf : leaves) {
    if (leaf == leaves.front())
      out.shots = shown_shots(*leaf);
    else if (out.shots != shown_shots(*leaf))
      out.shots.reset();
    for (const PlannedMetric& metric : leaf->metrics) {
      auto [it, fresh] = out.better.emplace(metric.name, metric.higher_is_better);
      if (!fresh && it->value() != json::value(metric.higher_is_better)) it->value() = nullptr;
    }
  }
  return out;
}

std::vector<std::string> sorted(std::vector<std::string> names) {
  std::sort(names.begin(), names.end());
  return names;
}

using Rows = std::vector<std::vector<std::string>>;

class Table {
 public:
  Table(const json::object& document, const TaskSelection& selection, std::string_view column)
      : document_(document), selection_(selection), column_(column) {}

  /// The entry, then what it holds, each level sorted by name and set in.
  void walk(const std::string& name, std::size_t depth) {
    const TaskGroup* group = selection_.group(name);
    const std::string lead = depth > 0 ? std::string(depth, ' ') + "- " : "";
    if (group || column_ == "results") add(name, lead);
    if (group)
      for (const std::string& member : sorted(group->members)) walk(member, depth + 1);
  }
  Rows take() { return std::move(rows_); }

 private:
  const json::value* under(const char* key, const std::string& name) const {
    const json::value* all = document_.if_contains(key);
    return all ? find(*all, name) : nullptr;
  }

  void add(const std::string& name, const std::string& lead) {
    const json::value* entry = under(column_ == "groups" ? "groups" : "results", name);
    if (!entry || !entry->is_object()) {
      // A group without values of its own is the heading of what follows.
      if (column_ == "results") rows_.push_back({lead + alias_of(name), version_of(name), "", "", "", "", "", "", ""});
      return;
    }
    std::vector<std::string> keys;
    for (const auto& [key, value] : entry->get_object())
      if (contains(key, ",") && !contains(key, "_stderr,")) keys.emplace_back(key);
    std::string shown = lead + get_string(*entry, "alias").value_or(name), version = version_of(name);
    const json::value* shots = under("n-shot", name);
    for (const std::string& key : sorted(keys)) {
      const std::size_t comma = key.find(',');
      const std::string metric = key.substr(0, comma), filter = key.substr(comma + 1);
      const json::value* better = under("higher_is_better", name);
      const json::value* up = better ? find(*better, metric) : nullptr;
      const json::value &value = entry->at(key), *error = find(*entry, metric + "_stderr," + filter);
      rows_.push_back({shown, version, filter, shots && shots->is_int64() ? std::to_string(shots->get_int64()) : " ", metric,
                       up && up->is_bool() ? (up->get_bool() ? "↑" : "↓") : "", four(value), error ? "±" : "",
                       !error               ? ""
                       : error->is_string() ? "   N/A"
                                            : four(*error)});
      shown.clear(), version.clear();
    }
  }
  static std::string four(const json::value& value) {
    auto number = as_number(value);
    return number ? fixed(*number, 4) : "nan";
  }
  std::string alias_of(const std::string& name) const {
    const TaskGroup* group = selection_.group(name);
    return group && !group->alias.empty() ? group->alias : name;
  }
  std::string version_of(const std::string& name) const {
    const json::value* version = under("versions", name);
    if (!version || version->is_null()) return "    N/A";
    if (version->is_string()) return std::string(version->get_string());
    return write_json(*version);
  }

  const json::object& document_;
  const TaskSelection& selection_;
  std::string_view column_;
  Rows rows_;
};

json::value text_or_null(const std::optional<std::string>& text) {
  return text ? json::value(*text) : json::value(nullptr);
}

/// hash_string() of a text, null of none and of an empty one.
json::value sum_of(const std::optional<std::string>& text) {
  return text && !text->empty() ? json::value(sha256_hex(*text)) : json::value(nullptr);
}

}  // namespace

json::object yaml_results_document(const TaskSelection& selection, std::span<const TaskOutcome> outcomes, const RunFacts& facts) {
  json::object results, groups, subtasks, configs, versions, shots, better, samples, hashes;
  for (const TaskConfig& task : selection.tasks) {
    const TaskOutcome* outcome = outcome_of(outcomes, task.task);
    if (!outcome) continue;
    json::object& entry = results[task.task].emplace_object();
    entry["name"] = task.task;
    entry["alias"] = task.task_alias.empty() ? task.task : task.task_alias;
    entry["sample_len"] = outcome->aggregate.sample_len;
    put_values(entry, outcome->aggregate.values);
    configs[task.task] = to_json(task.raw);
    versions[task.task] = to_json(task.version);
    shots[task.task] = shown_shots(*outcome);
    json::object& flags = better[task.task].emplace_object();
    for (const PlannedMetric& metric : outcome->metrics) flags[metric.name] = metric.higher_is_better;
    samples[task.task] = json::object{{"original", outcome->original}, {"effective", outcome->effective}};
    if (!outcome->samples_hash.empty()) hashes[task.task] = outcome->samples_hash;
  }
  for (const std::string& name : selection.top)
    if (!selection.group(name)) subtasks[name] = json::array{};
  for (const TaskGroup& group : selection.groups) {
    json::array& members = subtasks[group.group].emplace_array();
    for (const std::string& member : group.members) members.emplace_back(member);
    std::vector<const TaskOutcome*> leaves;
    std::vector<const TaskAggregate*> aggregates;
    for (const std::string& leaf : selection.leaves(group.group))
      if (const TaskOutcome* outcome = outcome_of(outcomes, leaf)) {
        leaves.push_back(outcome);
        aggregates.push_back(&outcome->aggregate);
      }
    const GroupFacts known = group_facts(leaves);
    if (known.shots) shots[group.group] = *known.shots;
    better[group.group] = known.better;
    if (group.version.kind != PythonValue::Kind::none) versions[group.group] = python_str(group.version);
    const GroupAggregate aggregate = aggregate_group(group, aggregates);
    if (aggregate.values.empty()) continue;
    json::object entry{{"alias", aggregate.alias}, {"name", aggregate.group}, {"sample_len", aggregate.sample_len}};
    put_values(entry, aggregate.values);
    json::object counts;
    for (const AggregateValue& value : aggregate.values) counts[value.key()] = value.n;
    entry["sample_count"] = std::move(counts);
    results[group.group] = entry;
    groups[group.group] = std::move(entry);
  }
  json::object out{{"results", std::move(results)}};
  if (!groups.empty()) out["groups"] = std::move(groups);
  out["group_subtasks"] = std::move(subtasks);
  out["configs"] = std::move(configs);
  out["versions"] = std::move(versions);
  out["n-shot"] = std::move(shots);
  out["higher_is_better"] = std::move(better);
  out["n-samples"] = std::move(samples);
  out["config"] = json::object{{"model", facts.model},
                               {"model_args", facts.model_args},
                               {"batch_size", facts.batch_size},
                               {"batch_sizes", facts.batch_sizes},
                               {"device", facts.device},
                               {"use_cache", facts.use_cache},
                               {"limit", facts.limit},
                               {"bootstrap_iters", facts.bootstrap_iterations},
                               {"gen_kwargs", facts.gen_kwargs},
                               {"random_seed", facts.random_seed},
                               {"numpy_seed", facts.numpy_seed},
                               {"torch_seed", facts.torch_seed},
                               {"fewshot_seed", facts.fewshot_seed}};
  out["git_hash"] = facts.git_hash;
  out["date"] = facts.date;
  out["lm_eval_version"] = facts.program;
  out["task_hashes"] = std::move(hashes);
  out["model_source"] = facts.model_source;
  out["model_name"] = facts.model_name;
  out["model_name_sanitized"] = sanitized_model_name(facts.model_name);
  out["system_instruction"] = text_or_null(facts.system_instruction);
  out["system_instruction_sha"] = sum_of(facts.system_instruction);
  out["fewshot_as_multiturn"] = facts.fewshot_as_multiturn;
  out["chat_template"] = text_or_null(facts.chat_template);
  out["chat_template_sha"] = sum_of(facts.chat_template);
  out["total_evaluation_time_seconds"] = python_repr(facts.seconds);
  return out;
}

std::string yaml_results_table(const json::object& document, const TaskSelection& selection, std::string_view column) {
  if (column == "groups" && !document.contains("groups")) return "";
  Table table(document, selection, column);
  for (const std::string& name : sorted(selection.top)) table.walk(name, 0);
  return markdown_table(
      {column == "groups" ? "Groups" : "Tasks", "Version", "Filter", "n-shot", "Metric", "", "Value", "", "Stderr"},
      table.take());
}

std::string sanitized_model_name(std::string_view name) {
  std::string out;
  bool inside = false;
  for (char c : name) {
    const bool bad = std::string_view("\"<>:/|\\?*[]").find(c) != std::string_view::npos;
    if (!bad)
      out += c;
    else if (!inside)
      out += "__";
    inside = bad;
  }
  return out;
}

namespace {

/// Safe as a part of a file name.
std::string file_time(std::string_view time) {
  return replace_all(time, ":", "-");
}

}  // namespace

std::string results_file_name(std::string_view time) {
  return "results_" + file_time(time) + ".json";
}

std::string samples_file_name(std::string_view task, std::string_view time) {
  return "samples_" + replace_all(replace_all(task, "/", "_"), "\\", "_") + "_" + file_time(time) + ".jsonl";
}

std::string SamplesHash::hex() const {
  return sha256_hex(all_);
}

}  // namespace assay::harness
