#include "benchmark/mixeval/score.h"

#include <algorithm>
#include <unordered_map>

#include "base/number.h"

namespace assay::mixeval {

const SideScores::Key* SideScores::find(std::string_view name) const {
  if (name == "overall") return &keys.front();
  auto it = places.find(name);
  return it == places.end() ? nullptr : &keys[it->second];
}

SideScores score_side(std::span<const Judged> judged) {
  SideScores out;
  out.keys.push_back({.name = "overall"});
  for (const Judged& one : judged) {
    out.keys.front().sum += one.value;
    ++out.keys.front().n;
    auto [it, is_new] = out.places.try_emplace(one.benchmark, out.keys.size());
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
  const double left = a * (na / n);
  const double right = b * (nb / n);
  return left + right;
}

/// Scores in the order in which their names came first, each with the value that came last.
class NamedScores {
 public:
  void put(const std::string& name, double value) {
    auto [it, is_new] = places_.try_emplace(name, scores_.size());
    if (is_new) scores_.emplace_back(name, value);
    scores_[it->second].second = value;
  }
  Scores take() { return std::move(scores_); }

 private:
  Scores scores_;
  std::unordered_map<std::string, std::size_t> places_;
};

}  // namespace

Scores combine(const SideScores& free_form, const SideScores& multiple_choice, ScoreRule rule) {
  NamedScores out;
  if (rule == ScoreRule::current) {
    auto add = [&](const std::string& name) {
      const SideScores::Key *ff = free_form.find(name), *mc = multiple_choice.find(name);
      if (const std::size_t n_ff = ff ? ff->n : 0, n_mc = mc ? mc->n : 0; n_ff + n_mc > 0) out.put(name, weighted(ff ? ff->score : 0, n_ff, mc ? mc->score : 0, n_mc));
    };
    for (const SideScores::Key& key : free_form.keys) add(key.name);
    for (const SideScores::Key& key : multiple_choice.keys) add(key.name);
    return out.take();
  }
  if (free_form.overall().n == 0 || multiple_choice.overall().n == 0) return {};
  out.put("overall score (final score)", (free_form.overall().score + multiple_choice.overall().score) / 2);
  const bool suffix = rule == ScoreRule::legacy;
  for (std::size_t i = 1; i < free_form.keys.size(); ++i) out.put(free_form.keys[i].name + (suffix ? " (free-form)" : ""), free_form.keys[i].score);
  for (std::size_t i = 1; i < multiple_choice.keys.size(); ++i)
    out.put(multiple_choice.keys[i].name + (suffix ? " (multiple-choice)" : ""), multiple_choice.keys[i].score);
  return out.take();
}

std::optional<std::pair<double, double>> overall_weights(std::size_t free_form, std::size_t multiple_choice, ScoreRule rule) {
  if (rule != ScoreRule::current) {
    if (free_form == 0 || multiple_choice == 0) return std::nullopt;
    return std::pair(0.5, 0.5);
  }
  const auto a = static_cast<double>(free_form), b = static_cast<double>(multiple_choice);
  if (a + b == 0) return std::nullopt;
  return std::pair(a / (a + b), b / (a + b));
}

std::optional<double> exact_overall(const SideScores& free_form, const SideScores& multiple_choice, ScoreRule rule) {
  const auto weights = overall_weights(free_form.overall().n, multiple_choice.overall().n, rule);
  if (!weights) return std::nullopt;
  return free_form.overall().mean() * weights->first + multiple_choice.overall().mean() * weights->second;
}

}  // namespace assay::mixeval
