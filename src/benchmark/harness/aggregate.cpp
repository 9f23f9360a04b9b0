#include "benchmark/harness/aggregate.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <numbers>
#include <thread>
#include <vector>

#include "base/python_random.h"

namespace assay::harness {

double mean(std::span<const double> values) {
  double sum = 0;
  for (double value : values) sum += value;
  return sum / static_cast<double>(values.size());
}

std::optional<double> sample_stddev(std::span<const double> values) {
  if (values.size() < 2) return std::nullopt;
  const double mu = mean(values);
  double sum = 0;
  for (double value : values) sum += (value - mu) * (value - mu);
  return std::sqrt(sum / static_cast<double>(values.size() - 1));
}

std::optional<double> mean_stderr(std::span<const double> values) {
  auto deviation = sample_stddev(values);
  if (!deviation) return std::nullopt;
  return *deviation / std::sqrt(static_cast<double>(values.size()));
}

double median_unsorted(std::span<const double> values) {
  return values[values.size() / 2];
}

double perplexity(std::span<const double> loglikelihoods) {
  return std::exp(-mean(loglikelihoods));
}

namespace {

double weighted_mean(std::span<const Weighted> items) {
  double sum = 0, weight = 0;
  for (const Weighted& item : items) sum += item.first;
  for (const Weighted& item : items) weight += item.second;
  return sum / weight;
}

}  // namespace

double weighted_perplexity(std::span<const Weighted> items) {
  return std::exp(-weighted_mean(items));
}

double bits_per_byte(std::span<const Weighted> items) {
  return -weighted_mean(items) / std::numbers::ln2;
}

std::optional<double> bootstrap_stderr(std::size_t n, const std::function<double(std::span<const std::size_t>)>& metric,
                                       std::size_t iterations, unsigned threads) {
  const std::size_t chunk = std::min<std::size_t>(1000, iterations);
  if (n == 0 || chunk == 0) return std::nullopt;
  const std::size_t chunks = iterations / chunk;
  std::vector<double> values(chunks * chunk);
  std::atomic<std::size_t> next{0};
  auto work = [&] {
    std::vector<std::size_t> drawn(n);
    for (std::size_t i; (i = next++) < chunks;) {
      PythonRandom random(static_cast<std::int64_t>(i));
      for (std::size_t k = 0; k < chunk; ++k) {
        for (std::size_t& place : drawn) place = random.choices(n);
        values[i * chunk + k] = metric(drawn);
      }
    }
  };
  if (threads == 0) threads = std::max(1u, std::thread::hardware_concurrency());
  std::vector<std::jthread> helpers;
  for (std::size_t t = 1; t < std::min<std::size_t>(threads, chunks); ++t) helpers.emplace_back(work);
  work();
  helpers.clear();  // joins
  return sample_stddev(values);
}

std::optional<double> bootstrap_stderr(std::span<const double> values, const std::function<double(std::span<const double>)>& metric,
                                       std::size_t iterations, unsigned threads) {
  return bootstrap_stderr(
      values.size(),
      [&](std::span<const std::size_t> drawn) {
        std::vector<double> chosen;
        chosen.reserve(drawn.size());
        for (std::size_t place : drawn) chosen.push_back(values[place]);
        return metric(chosen);
      },
      iterations, threads);
}

}  // namespace assay::harness
