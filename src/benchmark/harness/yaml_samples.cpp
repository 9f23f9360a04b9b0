// The lines of samples_TASK_TIME.jsonl.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "base/hash.h"
#include "base/number.h"
#include "base/python_dump.h"
#include "benchmark/harness/numpy_text.h"
#include "benchmark/harness/yaml_loader.h"
#include "benchmark/harness/yaml_results.h"

namespace assay::harness {
namespace {

std::string first_prompt(const TaskConfig& task, const TaskDocument& document) {
  if (document.requests.empty()) return "";
  const TaskRequest& first = document.requests.front();
  return task.output_type == OutputType::loglikelihood_rolling ? first.continuation : first.context;
}

json::object arguments(const TaskConfig& task, const TaskDocument& document) {
  json::object out;
  for (std::size_t i = 0; i < document.requests.size(); ++i) {
    const TaskRequest& request = document.requests[i];
    json::object& one = out["gen_args_" + std::to_string(i)].emplace_object();
    switch (task.output_type) {
      case OutputType::loglikelihood_rolling:
        one["arg_0"] = request.continuation;
        break;
      case OutputType::generate_until:
        one["arg_0"] = request.context;
        one["arg_1"] = to_json(task.generation_kwargs);
        break;
      default:
        one["arg_0"] = request.context;
        one["arg_1"] = request.continuation;
    }
  }
  return out;
}

/// Everything in it as text, lists kept: sanitize_list().
json::value as_texts(const PythonValue& value) {
  if (!value.is_sequence()) return json::string(python_str(value));
  json::array out;
  for (const PythonValue& item : value.items) out.push_back(as_texts(item));
  return out;
}

/// A log-likelihood as the harness's responses have it: the sum alone of a rolling one, else a pair.
json::value as_texts(const TaskConfig& task, const Loglikelihood& answer) {
  if (task.output_type == OutputType::loglikelihood_rolling) return json::string(python_repr(answer.sum));
  return json::array{json::string(python_repr(answer.sum)), answer.greedy ? "True" : "False"};
}

/// Whether the harness has an int where all of ours are doubles: "1", not "1.0".
bool is_int(const TaskConfig& task, std::string_view metric, double value) {
  if (!task.process_results)
    return (task.output_type == OutputType::loglikelihood && metric == "acc") ||
           (task.output_type == OutputType::multiple_choice && metric == "exact_match");
  const std::string& function = task.process_results->name;
  return (function == "utils.process_results_gen" && metric.ends_with("_acc")) ||  // truthfulqa
         (function == "utils.process_results" && (metric == "em" || metric == "f1") && value == 0);  // drop: max(0, 0.0) is 0
}

/// A metric's value as the harness writes it: numbers that JSON does not have as Python spells them, probabilities as numpy
/// prints them.
json::value shown(const TaskConfig& task, const std::string& metric, const MetricValue& value) {
  if (const auto* number = std::get_if<double>(&value)) {
    if (is_int(task, metric, *number)) return static_cast<std::int64_t>(*number);
    return *number;
  }
  if (const auto* pair = std::get_if<Weighted>(&value)) return json::array{pair->first, static_cast<std::int64_t>(pair->second)};
  if (const auto* choice = std::get_if<ChoiceNumbers>(&value)) {
    if (metric == "brier_score") return json::array{choice->gold, json::string(numpy_text(choice->values))};
    return json::array{choice->gold, json::array(choice->values.begin(), choice->values.end())};
  }
  return to_json(value);
}

}  // namespace

SampleHashes sample_hashes(const TaskConfig& task, const TaskDocument& document) {
  return {sha256_hex(python_dumps(document.row, {.indent = 2, .ascii = false})), sha256_hex(first_prompt(task, document)),
          sha256_hex(python_str(document.target))};
}

std::string sample_line(const TaskConfig& task, const TaskDocument& document, const DocumentScores& scores,
                        std::span<const std::string> texts, std::span<const Loglikelihood> numbers) {
  json::array responses, filtered;
  if (task.output_type == OutputType::generate_until) {
    json::array repeats;
    for (const std::string& text : texts) repeats.emplace_back(text);
    responses.push_back(std::move(repeats));
    filtered.push_back(as_texts(scores.filtered));
  } else {
    for (const Loglikelihood& answer : numbers) {
      responses.push_back(json::array{as_texts(task, answer)});
      filtered.push_back(as_texts(task, answer));
    }
  }
  const SampleHashes hashes = sample_hashes(task, document);
  json::array names;
  for (const auto& [metric, value] : scores.values) names.emplace_back(metric);
  json::object out{{"doc_id", document.id},
                   {"doc", document.row},
                   {"target", python_str(document.target)},
                   {"arguments", arguments(task, document)},
                   {"resps", std::move(responses)},
                   {"filtered_resps", std::move(filtered)},
                   {"filter", scores.filter},
                   {"metrics", std::move(names)},
                   {"doc_hash", hashes.doc},
                   {"prompt_hash", hashes.prompt},
                   {"target_hash", hashes.target}};
  for (const auto& [metric, value] : scores.values) out[metric] = shown(task, metric, value);
  return python_dumps(out, {.indent = -1, .ascii = false}) + "\n";
}

}  // namespace assay::harness
