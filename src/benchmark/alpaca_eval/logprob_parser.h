// A preference from the log probabilities that a judge gave to the tokens naming the two outputs: certainty becomes a number
// between 1 and 2.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/python_value.h"

namespace assay::alpaca_eval {

struct LogprobSettings {
  std::string numerator;                  // the token that stands for the first output
  std::vector<std::string> denominators;  // the tokens among which the probability is shared
  bool binarize = true;                   // 1 or 2 instead of a number between them
  std::optional<std::int64_t>
      position;  // of the token looked at, negative from the end; none = every token is one answer of a batch
};

/// `choice`: a chat completion's choice with logprobs.content. One value a position, NaN where none of the tokens is among the
/// likeliest. `data` error when there are no log probabilities: many servers give none unless asked, some never.
Result<std::vector<double>> parse_logprobs(const PythonValue& choice, const LogprobSettings& settings);

}  // namespace assay::alpaca_eval
