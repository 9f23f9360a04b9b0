// From many documents to one number, with the standard errors that the harness publishes. Sums run from left to right in plain
// doubles: the published numbers are made so.
#pragma once

#include <cstddef>
#include <functional>
#include <optional>
#include <span>
#include <utility>

namespace assay::harness {

/// A log-likelihood and what it is spread over: words or bytes.
using Weighted = std::pair<double, double>;

double mean(std::span<const double> values);
/// With n - 1 in the denominator; none for fewer than two values (the original divides by zero).
std::optional<double> sample_stddev(std::span<const double> values);
std::optional<double> mean_stderr(std::span<const double> values);
/// The middle one of the values as they stand; harness-v1 does not sort them. `values` is not empty.
double median_unsorted(std::span<const double> values);
/// exp(-mean).
double perplexity(std::span<const double> loglikelihoods);
/// exp(-sum of log-likelihoods / sum of weights).
double weighted_perplexity(std::span<const Weighted> items);
double bits_per_byte(std::span<const Weighted> items);

/// The harness's bootstrap: `iterations` in chunks of at most 1,000 (a remainder is dropped), each with a generator of its own seeded
/// with the chunk's number, which draws n of the n items again and again; the standard deviation of what `metric` says of them.
/// `metric` gets the places of the items drawn, on any of `threads` threads (0 = as many as the machine has); the result does not
/// depend on how many. None for fewer than two values, or when there is nothing to draw.
std::optional<double> bootstrap_stderr(std::size_t n, const std::function<double(std::span<const std::size_t> drawn)>& metric,
                                       std::size_t iterations, unsigned threads = 0);
/// The same for plain values.
std::optional<double> bootstrap_stderr(std::span<const double> values, const std::function<double(std::span<const double>)>& metric,
                                       std::size_t iterations, unsigned threads = 0);

}  // namespace assay::harness
