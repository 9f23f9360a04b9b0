#include "model/llama/sampler.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "model/llama/logit_row.h"

namespace assay {

int arg_max(std::span<const float> logits) {
  int best = -1;
  float value = -std::numeric_limits<float>::infinity();
  for (std::size_t i = 0; i < logits.size(); ++i)
    if (logits[i] > value) {
      value = logits[i];
      best = static_cast<int>(i);
    }
  return best;
}

double log_sum_exp(std::span<const float> logits) {
  return read_logits(logits).log_sum;
}

std::vector<std::pair<int, double>> most_likely(std::span<const float> logits, double log_sum, std::size_t count) {
  std::vector<int> ids(logits.size());
  for (std::size_t i = 0; i < ids.size(); ++i) ids[i] = static_cast<int>(i);
  count = std::min(count, ids.size());
  auto better = [&](int a, int b) {
    float x = logits[static_cast<std::size_t>(a)], y = logits[static_cast<std::size_t>(b)];
    return x > y || (x == y && a < b);
  };
  std::partial_sort(ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(count), ids.end(), better);
  std::vector<std::pair<int, double>> out;
  out.reserve(count);
  for (std::size_t i = 0; i < count; ++i)
    out.emplace_back(ids[i], static_cast<double>(logits[static_cast<std::size_t>(ids[i])]) - log_sum);
  return out;
}

std::optional<int> Sampler::sample(std::span<const float> logits) {
  for (float logit : logits)
    if (!(logit < std::numeric_limits<float>::infinity())) return std::nullopt;  // NaN too
  int best = arg_max(logits);
  if (best < 0) return std::nullopt;
  if (settings_.temperature <= 0) return best;

  candidates_.clear();
  for (std::size_t i = 0; i < logits.size(); ++i)
    if (std::isfinite(logits[i])) candidates_.push_back({logits[i], static_cast<int>(i)});
  auto better = [](const Candidate& a, const Candidate& b) { return a.logit > b.logit || (a.logit == b.logit && a.id < b.id); };
  if (settings_.top_k > 0 && static_cast<std::size_t>(settings_.top_k) < candidates_.size()) {
    std::nth_element(candidates_.begin(), candidates_.begin() + (settings_.top_k - 1), candidates_.end(), better);
    candidates_.resize(static_cast<std::size_t>(settings_.top_k));
  }
  std::sort(candidates_.begin(), candidates_.end(), better);

  double top = logits[static_cast<std::size_t>(best)], sum = 0;
  weights_.clear();
  for (const Candidate& c : candidates_) {
    weights_.push_back(std::exp((static_cast<double>(c.logit) - top) / settings_.temperature));
    sum += weights_.back();
  }
  std::size_t keep = weights_.size();
  if (settings_.top_p < 1) {  // the smallest set of best tokens that holds top_p of the probability, never empty
    double held = 0;
    for (keep = 0; keep < weights_.size() && (keep == 0 || held < settings_.top_p * sum); ++keep) held += weights_[keep];
  }
  if (settings_.min_p > 0)  // weights are relative to the best, which has 1
    while (keep > 1 && weights_[keep - 1] < settings_.min_p) --keep;
  double total = 0;
  for (std::size_t i = 0; i < keep; ++i) total += weights_[i];
  double at = random_.unit() * total;
  for (std::size_t i = 0; i < keep; ++i) {
    at -= weights_[i];
    if (at < 0) return candidates_[i].id;
  }
  return candidates_[keep - 1].id;
}

}  // namespace assay
