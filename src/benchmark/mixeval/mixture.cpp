#include "benchmark/mixeval/mixture.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "base/python_random.h"

namespace assay::mixeval {
namespace {

bool length_fits(double ratio, std::size_t query, std::size_t entry) {
  if (ratio <= 0) return true;
  const auto q = static_cast<double>(query), e = static_cast<double>(entry);
  return e <= ratio * q && q <= ratio * e;
}

/// The best candidate among `similarity` of the whole pool.
Match choose(const std::vector<double>& similarity, std::size_t query_words, const std::vector<std::size_t>& pool_words, const MatchRules& rules) {
  Match out;
  for (std::size_t i = 0; i < similarity.size(); ++i) {
    if (out.entry && similarity[i] <= out.similarity) continue;
    if (!length_fits(rules.max_length_ratio, query_words, pool_words[i])) continue;
    out.entry = i;
    out.similarity = similarity[i];
  }
  if (out.entry && out.similarity < rules.min_similarity) out.entry.reset();
  return out;
}

}  // namespace

void normalize_length(std::vector<double>& vector) {
  double squares = 0;
  for (double v : vector) squares += v * v;
  const double length = std::sqrt(squares);
  if (length > 0)
    for (double& v : vector) v /= length;
}

std::vector<Match> match_dense(const std::vector<std::vector<double>>& queries, const std::vector<std::vector<double>>& pool, const std::vector<std::size_t>& query_words,
                               const std::vector<std::size_t>& pool_words, const MatchRules& rules) {
  std::vector<Match> out;
  out.reserve(queries.size());
  std::vector<double> similarity(pool.size());
  for (std::size_t q = 0; q < queries.size(); ++q) {
    for (std::size_t i = 0; i < pool.size(); ++i) {
      double sum = 0;
      for (std::size_t k = 0; k < queries[q].size(); ++k) sum += queries[q][k] * pool[i][k];
      similarity[i] = sum;
    }
    out.push_back(choose(similarity, query_words[q], pool_words, rules));
  }
  return out;
}

std::vector<Match> match_sparse(const std::vector<SparseVector>& queries, const std::vector<SparseVector>& pool, const std::vector<std::size_t>& query_words,
                                const std::vector<std::size_t>& pool_words, const MatchRules& rules) {
  // Postings of each index, only for indices that some query has.
  std::uint32_t most = 0;
  for (const auto* list : {&queries, &pool})
    for (const SparseVector& vector : *list)
      if (!vector.indices.empty()) most = std::max(most, vector.indices.back());
  std::vector<bool> wanted(std::size_t{most} + 1);
  for (const SparseVector& query : queries)
    for (std::uint32_t index : query.indices) wanted[index] = true;
  struct Posting {
    std::uint32_t entry;
    double weight;
  };
  std::vector<std::vector<Posting>> postings(std::size_t{most} + 1);
  for (std::size_t i = 0; i < pool.size(); ++i)
    for (std::size_t k = 0; k < pool[i].indices.size(); ++k)
      if (wanted[pool[i].indices[k]]) postings[pool[i].indices[k]].push_back({static_cast<std::uint32_t>(i), pool[i].weights[k]});
  std::vector<Match> out;
  out.reserve(queries.size());
  std::vector<double> similarity(pool.size());
  for (std::size_t q = 0; q < queries.size(); ++q) {
    std::fill(similarity.begin(), similarity.end(), 0.0);
    // Indices ascend, so each entry's sum runs in index order, as in match_dense; terms of zero add nothing.
    for (std::size_t k = 0; k < queries[q].indices.size(); ++k)
      for (const Posting& posting : postings[queries[q].indices[k]]) similarity[posting.entry] += queries[q].weights[k] * posting.weight;
    out.push_back(choose(similarity, query_words[q], pool_words, rules));
  }
  return out;
}

Filled fill(const std::vector<Match>& matches, const std::vector<Split>& pool_split, std::size_t free_form, std::size_t multiple_choice, std::int64_t seed, bool dedupe) {
  std::vector<std::size_t> order(matches.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  PythonRandom random(seed);
  random.shuffle(order);
  Filled out;
  std::vector<bool> used(pool_split.size());
  for (std::size_t query : order) {
    if (out.free_form.size() >= free_form && out.multiple_choice.size() >= multiple_choice) break;
    if (!matches[query].entry) continue;
    const std::size_t entry = *matches[query].entry;
    const bool choice = pool_split[entry] == Split::multiple_choice;
    auto& side = choice ? out.multiple_choice : out.free_form;
    if (side.size() >= (choice ? multiple_choice : free_form) || (dedupe && used[entry])) continue;
    used[entry] = true;
    side.emplace_back(query, entry);
  }
  return out;
}

HardSubset hard_subset(const std::vector<std::vector<double>>& scores, const std::vector<std::size_t>& clusters, const std::vector<double>& reference, const HardRules& rules) {
  HardSubset out;
  const std::size_t entries = clusters.size();
  double total = 0;
  for (const std::vector<double>& model : scores) {
    double sum = 0;
    for (double v : model) sum += v;
    out.model_weights.push_back(rules.weigh_models && entries ? sum / static_cast<double>(entries) : 1);
  }
  for (double w : out.model_weights) total += w;
  if (total == 0) {
    std::fill(out.model_weights.begin(), out.model_weights.end(), 1.0);
    total = static_cast<double>(scores.size());
  }
  for (std::size_t i = 0; i < entries; ++i) {
    double sum = 0;
    for (std::size_t m = 0; m < scores.size(); ++m) sum += out.model_weights[m] * (1 - scores[m][i]);
    out.difficulty.push_back(total > 0 ? sum / total : 0);
  }
  const std::size_t n = std::min(rules.n, entries);
  PythonRandom random(rules.seed);
  std::vector<double> keys(entries);
  std::vector<std::size_t> order(entries);
  for (std::size_t tries = 1; tries <= std::max<std::size_t>(rules.tries, 1); ++tries) {
    for (std::size_t i = 0; i < entries; ++i) {
      double u = random.random();
      while (u == 0) u = random.random();
      keys[i] = std::log(u) / std::exp(rules.lambda * out.difficulty[i]);
    }
    std::iota(order.begin(), order.end(), std::size_t{0});
    std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return keys[a] > keys[b]; });
    std::vector<std::size_t> sample(order.begin(), order.begin() + static_cast<std::ptrdiff_t>(n));
    std::sort(sample.begin(), sample.end());
    std::vector<double> share(reference.size());
    for (std::size_t i : sample)
      if (clusters[i] < share.size()) share[clusters[i]] += 1;
    double distance = 0;
    for (std::size_t c = 0; c < share.size(); ++c) distance += std::abs((n ? share[c] / static_cast<double>(n) : 0) - reference[c]);
    distance /= 2;
    if (out.tries == 0 || distance < out.shift) {
      out.entries = std::move(sample);
      out.shift = distance;
    }
    out.tries = tries;
    if (distance <= rules.max_shift) {
      out.accepted = true;
      break;
    }
  }
  return out;
}

}  // namespace assay::mixeval
