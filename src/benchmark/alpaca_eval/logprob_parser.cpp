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
  double numerator = kNone;
  std::vector<double> denominators(settings.denominators.size(), kNone);
  bool found = false;
  for (const PythonValue& candidate : likeliest->items) {
    const PythonValue *token = candidate.find("token"), *logprob = candidate.find("logprob");
    if (!token || !logprob || !logprob->is_real()) return std::nullopt;
    if (token->text == settings.numerator) {
      numerator = logprob->real;
      found = true;
    }
    for (std::size_t i = 0; i < denominators.size(); ++i) {
      if (token->text != settings.denominators[i]) continue;
      denominators[i] = logprob->real;
      found = true;
    }
  }
  if (!found) return std::nan("");
  if (settings.binarize) {
    for (std::size_t i = 0; i < denominators.size(); ++i) {
      if (settings.denominators[i] != settings.numerator && !(numerator > denominators[i])) return 2;
    }
    return 1;
  }
  double largest = *std::max_element(denominators.begin(), denominators.end()), sum = 0;
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
