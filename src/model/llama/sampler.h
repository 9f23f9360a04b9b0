// From a row of logits to a token. Our own rather than the library's: the order of the steps is that of the reference
// implementation most results were made with (temperature, top-k, top-p, min-p), and the generator is the same on every machine.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/random.h"

namespace assay {

struct SamplingSettings {
  double temperature = 0;  // <= 0: greedy, the rest is not looked at
  int top_k = 50;          // <= 0: all
  double top_p = 1;        // >= 1: all
  double min_p = 0.1;      // relative to the most likely token; <= 0: all
  std::uint64_t seed = 0;
};

class Sampler {
 public:
  explicit Sampler(const SamplingSettings& settings) : settings_(settings), random_(settings.seed) {}

  /// The next token's id. Ties go to the lowest id. A row with a NaN or +infinity, or without one finite number, gives nullopt:
  /// the model or its file is broken.
  std::optional<int> sample(std::span<const float> logits);

 private:
  struct Candidate {
    float logit;
    int id;
  };
  SamplingSettings settings_;
  Random random_;
  std::vector<Candidate> candidates_;  // kept to spare allocations
  std::vector<double> weights_;
};

/// Natural log of the sum of exp(logits): logit_row.h.
double log_sum_exp(std::span<const float> logits);
/// Index of the largest value, the lowest of equals; NaN never wins. -1 when there is none.
int arg_max(std::span<const float> logits);
/// The `count` most likely tokens, best first, with natural log probabilities.
std::vector<std::pair<int, double>> most_likely(std::span<const float> logits, double log_sum, std::size_t count);

}  // namespace assay
