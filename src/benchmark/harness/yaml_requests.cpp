#include "benchmark/harness/yaml_requests.h"

#include <algorithm>
#include <array>
#include <span>

#include "base/number.h"

namespace assay::harness {
namespace {

using Kind = PythonValue::Kind;

std::optional<double> number_of(const PythonValue& kwargs, std::string_view key) {
  const PythonValue* value = kwargs.find(key);
  if (!value) return std::nullopt;
  if (value->kind == Kind::floating) return value->real;
  if (value->kind == Kind::integer || value->kind == Kind::boolean) return static_cast<double>(value->integer);
  if (value->kind == Kind::text) return python_float(value->text);
  return std::nullopt;
}

std::optional<int> whole_of(const PythonValue& kwargs, std::string_view key) {
  auto number = number_of(kwargs, key);
  if (!number || !(*number >= -1e9 && *number <= 1e9)) return std::nullopt;
  return static_cast<int>(*number);
}

LoglikelihoodGroup group_of(std::span<const TaskRequest> requests, std::size_t shared) {
  LoglikelihoodGroup out;
  out.shared_prefix = requests.front().context.substr(0, shared);
  for (const TaskRequest& request : requests) out.items.push_back({request.context.substr(shared), request.continuation});
  return out;
}

}  // namespace

std::vector<std::string> until_of(const PythonValue& kwargs) {
  std::vector<std::string> out;
  const PythonValue* until = kwargs.find("until");
  if (!until) return out;
  if (until->kind == Kind::text) out.push_back(until->text);
  if (until->is_sequence())
    for (const PythonValue& one : until->items)
      if (one.kind == Kind::text) out.push_back(one.text);
  std::erase(out, "");  // stops nothing, and servers refuse it
  return out;
}

Sampling sampling_of(const PythonValue& kwargs) {
  Sampling out;
  out.stop = until_of(kwargs);
  for (const char* key : {"max_gen_toks", "max_new_tokens", "max_tokens", "max_completion_tokens"})
    if (!out.max_tokens) out.max_tokens = whole_of(kwargs, key);
  if (!out.max_tokens) out.max_tokens = 256;  // the harness's
  const PythonValue* sample = kwargs.find("do_sample");
  const bool greedy = sample && sample->kind == Kind::boolean && sample->integer == 0;
  out.temperature = greedy ? 0.0 : number_of(kwargs, "temperature").value_or(0);
  out.top_p = number_of(kwargs, "top_p");
  out.min_p = number_of(kwargs, "min_p");
  out.top_k = whole_of(kwargs, "top_k");
  if (auto seed = whole_of(kwargs, "seed")) out.seed = *seed;
  return out;
}

std::vector<std::string> unused_kwargs(const PythonValue& kwargs) {
  constexpr std::array kUsed{"until",     "max_gen_toks", "max_new_tokens", "max_tokens", "max_completion_tokens",
                             "do_sample", "temperature",  "top_p",          "min_p",      "top_k",
                             "seed"};
  std::vector<std::string> out;
  for (std::size_t i = 0; i + 1 < kwargs.items.size(); i += 2)
    if (std::find(kUsed.begin(), kUsed.end(), kwargs.items[i].text) == kUsed.end()) out.push_back(kwargs.items[i].text);
  return out;
}

std::string cut_at_stops(std::string text, const std::vector<std::string>& stops) {
  for (const std::string& stop : stops)
    if (std::size_t at = stop.empty() ? std::string::npos : text.find(stop); at != std::string::npos) text.resize(at);
  return text;
}

std::vector<Request> requests_of(const TaskConfig& task, const TaskDocument& document) {
  std::vector<Request> out;
  std::span<const TaskRequest> requests(document.requests);
  switch (task.output_type) {
    case OutputType::loglikelihood_rolling:
      out.emplace_back(Rolling{requests.front().continuation});
      break;
    case OutputType::generate_until: {
      Generate ask;
      if (requests.front().messages.empty()) {
        ask.prompt = requests.front().context;
        ask.bos = false;  // the harness adds no special tokens, whatever the tokenizer would
        ask.cut_left = true;
      } else {
        ask.messages = requests.front().messages;
      }
      ask.sampling = sampling_of(task.generation_kwargs);
      out.emplace_back(std::move(ask));
      break;
    }
    case OutputType::loglikelihood:
    case OutputType::multiple_choice: {
      // acc_mutual_info's second half has no context.
      const std::size_t first = task.output_type == OutputType::multiple_choice &&
                                        requests.size() == 2 * document.choices.size() && task.has_metric("acc_mutual_info")
                                    ? document.choices.size()
                                    : requests.size();
      out.emplace_back(group_of(requests.first(first), document.shared));
      if (first < requests.size()) out.emplace_back(group_of(requests.subspan(first), 0));
      break;
    }
  }
  return out;
}

}  // namespace assay::harness
