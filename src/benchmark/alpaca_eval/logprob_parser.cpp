#include "benchmark/alpaca_eval/logprob_parser.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace assay::alpaca_eval {
namespace {

constexpr double kNone = -std::numeric_limits<double>::infinity();

// One position's entry; nullopt when it is not what the protocol promises.
std::optional<double> preference_at(const PythonValue& entry, const LogprobSettings& settings) {
  const PythonValue* likeliest = entry.find("top_logprobs");
  if (!likeliest || !likeliest->is_sequence()) return std::nullopt;
  // The last slot is the numerator's. What stands at a token nobody asked for does not matter; of a token that comes twice the last counts.
  std::vector<std::string> tokens = settings.denominators;
  tokens.push_back(settings.numerator);
  std::vector<const PythonValue*> slots(tokens.size());
  bool found = false;
  for (const PythonValue& candidate : likeliest->items) {
    const PythonValue *token = candidate.find("token"), *logprob = candidate.find("logprob");
    if (!token) return std::nullopt;
    for (std::size_t i = 0; i < tokens.size(); ++i) {
      if (token->kind != PythonValue::Kind::text || token->text != tokens[i]) continue;
      if (!logprob) return std::nullopt;
      slots[i] = logprob;
      found = true;
    }
  }
  if (!found) return std::nan("");
  std::vector<double> denominators;
  for (const PythonValue* slot : slots) {
    if (slot && !slot->is_real()) return std::nullopt;
    denominators.push_back(slot ? slot->real : kNone);
  }
  double numerator = denominators.back();
  denominators.pop_back();
  if (settings.binarize) {
    for (std::size_t i = 0; i < denominators.size(); ++i) {
      if (settings.denominators[i] != settings.numerator && !(numerator > denominators[i])) return 2;
    }
    return 1;
  }
  double largest = *std::max_element(denominators.begin(), denominators.end()), sum = 0;
  if (std::isinf(largest)) largest = 0;  // none of them was found: minus infinity comes out, which is no preference
  for (double logprob : denominators) sum += std::exp(logprob - largest);
  return 2 - std::exp(numerator - (largest + std::log(sum)));
}

}  // namespace

Result<std::vector<double>> parse_logprobs(const PythonValue& choice, const LogprobSettings& settings) {
  const PythonValue* logprobs = choice.find("logprobs");
  const PythonValue* content = logprobs ? logprobs->find("content") : nullptr;
  auto missing = [](std::string what) {
    return fail(ErrorKind::data, "the judge's answer has no usable log probabilities: " + std::move(what), {},
                "the judge must return logprobs with top_logprobs; not every server or model does");
  };
  if (!content || !content->is_sequence()) return missing("logprobs.content is missing");
  if (content->items.empty()) return missing("logprobs.content is empty");
  auto count = static_cast<std::int64_t>(content->items.size()), first = std::int64_t{0}, last = count;
  if (settings.position) {
    first = *settings.position < 0 ? count + *settings.position : *settings.position;
    last = first + 1;
    if (first < 0 || first >= count) return missing("there is no token " + std::to_string(*settings.position));
  }
  std::vector<double> result;
  for (std::int64_t i = first; i < last; ++i) {
    auto preference = preference_at(content->items[static_cast<std::size_t>(i)], settings);
    if (!preference) return missing("token " + std::to_string(i) + " has no list of likeliest tokens");
    result.push_back(*preference);
  }
  return result;
}

}  // namespace assay::alpaca_eval
