#include "benchmark/mixeval/score.h"

#include <algorithm>
#include <unordered_map>

#include "base/number.h"

namespace assay::mixeval {

const SideScores::Key* SideScores::find(std::string_view name) const {
  auto it = std::find_if(keys.begin(), keys.end(), [&](const Key& key) { return key.name == name; });
  return it == keys.end() ? nullptr : &*it;
}

SideScores score_side(std::span<const Judged> judged) {
  SideScores out;
  out.keys.push_back({.name = "overall"});
  std::unordered_map<std::string_view, std::size_t> known;
  for (const Judged& one : judged) {
    out.keys.front().sum += one.value;
    ++out.keys.front().n;
    auto [it, is_new] = known.try_emplace(one.benchmark, out.keys.size());
    if (is_new) out.keys.push_back({.name = one.benchmark});
    out.keys[it->second].sum += one.value;
    ++out.keys[it->second].n;
  }
  for (SideScores::Key& key : out.keys) key.score = python_round(key.mean(), 3);
  return out;
}

namespace {

/// In this order and without fused operations, as the digits depend on it.
double weighted(double a, std::size_t n_a, double b, std::size_t n_b) {
  const auto na = static_cast<double>(n_a), nb = static_cast<double>(n_b), n = static_cast<double>(n_a + n_b);
  if (n == 0) return 0;
  const double left = a * (na / n);
  const double right = b * (nb / n);
  return left + right;
}

void put(Scores& scores, const std::string& name, double value) {
  auto it = std::find_if(scores.begin(), scores.end(), [&](const auto& one) { return one.first == name; });
  if (it == scores.end())
    scores.emplace_back(name, value);
  else
    it->second = value;
}

}  // namespace

Scores combine(const SideScores& free_form, const SideScores& multiple_choice, ScoreRule rule) {
  Scores out;
  if (rule == ScoreRule::current) {
    auto add = [&](const std::string& name) {
      const SideScores::Key *ff = free_form.find(name), *mc = multiple_choice.find(name);
      put(out, name, weighted(ff ? ff->score : 0, ff ? ff->n : 0, mc ? mc->score : 0, mc ? mc->n : 0));
    };
    for (const SideScores::Key& key : free_form.keys) add(key.name);
    for (const SideScores::Key& key : multiple_choice.keys) add(key.name);
    return out;
  }
  out.emplace_back("overall score (final score)", (free_form.overall().score + multiple_choice.overall().score) / 2);
  const bool suffix = rule == ScoreRule::legacy;
  for (std::size_t i = 1; i < free_form.keys.size(); ++i) put(out, free_form.keys[i].name + (suffix ? " (free-form)" : ""), free_form.keys[i].score);
  for (std::size_t i = 1; i < multiple_choice.keys.size(); ++i)
    put(out, multiple_choice.keys[i].name + (suffix ? " (multiple-choice)" : ""), multiple_choice.keys[i].score);
  return out;
}

double exact_overall(const SideScores& free_form, const SideScores& multiple_choice) {
  return weighted(free_form.overall().mean(), free_form.overall().n, multiple_choice.overall().mean(), multiple_choice.overall().n);
}

}  // namespace assay::mixeval
