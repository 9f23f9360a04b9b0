// AlpacaEval's seeded decisions, bit for bit: which output the judge sees first, which annotator of a pool is asked, label noise,
// orders of rows, pairs of samples, and "random" ties.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

namespace assay::alpaca_eval {

/// True: the judge sees output_2 first. `seed_values`: the row's values of the seed columns, sorted by column name (by default
/// the instruction alone).
bool is_switched(std::span<const std::string_view> seed_values, std::int64_t seed);
bool is_switched(std::string_view instruction, std::int64_t seed);

/// Which of `n` annotators of a pool (in file order, n >= 1) an example goes to. `input`: the values of the input keys in a row.
std::size_t pool_choice(std::string_view input, std::int64_t seed, std::size_t n);

/// Label noise: with probability p each the wrong labels 1 and 2; nothing otherwise.
std::optional<int> noisy_label(std::string_view input, std::int64_t seed, double p);

/// The order in which n rows are put into prompts (seed of the annotator) or cut to `max_instances` (kSampleSeed): new[i] =
/// old[order[i]]. A sample of k rows is the first k.
std::vector<std::size_t> shuffled_order(std::size_t n, std::uint32_t seed);
inline constexpr std::uint32_t kSampleSeed = 123;

/// new[i] = old[order[i]] with no i at its own place; n >= 2. Where ten shuffles find none - upstream then takes any - a
/// rotation.
std::vector<std::size_t> derangement(std::size_t n, std::int64_t seed);

/// The most frequent value; of several the one that upstream's fixed seed takes. NaN are left out; nothing if nothing is left.
std::optional<double> random_mode(std::span<const double> values);

}  // namespace assay::alpaca_eval
