#include "benchmark/alpaca_eval/seeded_draws.h"

#include <cmath>
#include <map>
#include <numeric>
#include <string>

#include "base/numpy_random.h"
#include "base/python_random.h"

namespace assay::alpaca_eval {

bool is_switched(std::span<const std::string_view> seed_values, std::int64_t seed) {
  std::string text = "is_switched_outputs";
  for (std::string_view value : seed_values) text += value;
  return PythonRandom(text + std::to_string(seed)).choices(2) == 1;
}

bool is_switched(std::string_view instruction, std::int64_t seed) {
  return is_switched(std::span(&instruction, 1), seed);
}

std::size_t pool_choice(std::string_view input, std::int64_t seed, std::size_t n) {
  return PythonRandom("annotator" + std::string(input) + std::to_string(seed)).choices(n);
}

std::optional<int> noisy_label(std::string_view input, std::int64_t seed, double p) {
  double weights[] = {1 - 2 * p, p, p};
  std::size_t label = PythonRandom("noisy_preference" + std::string(input) + std::to_string(seed)).choices(weights);
  return label == 0 ? std::nullopt : std::optional(static_cast<int>(label));
}

std::vector<std::size_t> shuffled_order(std::size_t n, std::uint32_t seed) {
  return NumpyRandom(seed).permutation(n);
}

std::vector<std::size_t> derangement(std::size_t n, std::int64_t seed) {
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  PythonRandom random(seed);
  for (int attempt = 0; attempt < 10; ++attempt) {
    random.shuffle(order);
    bool fixed = false;
    for (std::size_t i = 0; i < n; ++i) fixed |= order[i] == i;
    if (!fixed) return order;
  }
  for (std::size_t i = 0; i < n; ++i) order[i] = (i + 1) % n;
  return order;
}

std::optional<double> random_mode(std::span<const double> values) {
  std::map<double, std::size_t> counts;
  std::size_t most = 0;
  for (double value : values) {
    if (!std::isnan(value)) most = std::max(most, ++counts[value]);
  }
  std::vector<double> modes;
  for (auto [value, count] : counts) {
    if (count == most) modes.push_back(value);
  }
  if (modes.empty()) return std::nullopt;
  return modes[shuffled_order(modes.size(), kSampleSeed)[0]];
}

}  // namespace assay::alpaca_eval
