#include "benchmark/mixeval/mixture.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <numeric>

#include "base/python_random.h"

namespace assay::mixeval {
namespace {

/// Deals indices in shuffled order; when they are used up they are shuffled again, or (dedupe) that was all.
class Deck {
 public:
  Deck(std::vector<std::size_t> cards, PythonRandom& random, bool once) : cards_(std::move(cards)), random_(random), once_(once) { random_.shuffle(cards_); }
  std::optional<std::size_t> deal() {
    if (cards_.empty() || (next_ == cards_.size() && once_)) return std::nullopt;
    if (next_ == cards_.size()) {
      random_.shuffle(cards_);
      next_ = 0;
    }
    return cards_[next_++];
  }

 private:
  std::vector<std::size_t> cards_;
  PythonRandom& random_;
  const bool once_;
  std::size_t next_ = 0;
};

}  // namespace

Filled fill_uniform(const std::vector<Split>& pool_split, std::span<const char> excluded, std::size_t free_form, std::size_t multiple_choice, std::int64_t seed, bool dedupe) {
  PythonRandom random(seed);
  Filled out;
  for (Split split : {Split::free_form, Split::multiple_choice}) {
    std::vector<std::size_t> cards;
    for (std::size_t i = 0; i < pool_split.size(); ++i)
      if (pool_split[i] == split && (excluded.empty() || !excluded[i])) cards.push_back(i);
    Deck deck(std::move(cards), random, dedupe);
    auto& side = split == Split::free_form ? out.free_form : out.multiple_choice;
    for (std::size_t k = 0; k < (split == Split::free_form ? free_form : multiple_choice); ++k) {
      auto card = deck.deal();
      if (!card) break;
      side.emplace_back(kNoQuery, *card);
    }
  }
  return out;
}

Filled fill_by_benchmark(const Filled& matched, const std::vector<Split>& pool_split, const std::vector<std::string>& benchmark, std::span<const char> excluded, std::int64_t seed,
                         bool dedupe) {
  PythonRandom random(seed);
  Filled out;
  for (Split split : {Split::free_form, Split::multiple_choice}) {
    std::vector<std::string> order;
    std::map<std::string, std::vector<std::size_t>> cards;
    for (std::size_t i = 0; i < pool_split.size(); ++i) {
      if (pool_split[i] != split || (!excluded.empty() && excluded[i])) continue;
      auto [it, fresh] = cards.try_emplace(benchmark[i]);
      if (fresh) order.push_back(benchmark[i]);
      it->second.push_back(i);
    }
    std::map<std::string, std::size_t> wanted;
    for (const auto& [query, entry] : matched.side(split)) ++wanted[benchmark[entry]];
    auto& side = split == Split::free_form ? out.free_form : out.multiple_choice;
    for (const std::string& name : order) {
      if (!wanted.contains(name)) continue;
      Deck deck(std::move(cards[name]), random, dedupe);
      for (std::size_t k = 0; k < wanted[name]; ++k) {
        auto card = deck.deal();
        if (!card) break;
        side.emplace_back(kNoQuery, *card);
      }
    }
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
