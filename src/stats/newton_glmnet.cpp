#include "stats/newton_glmnet.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/mersenne_twister.h"

namespace assay {
namespace {

constexpr double kTolerance = 1e-4, kRidge = 1e-12, kSufficient = 0.01;
constexpr int kMaxIterations = 100, kMaxPasses = 1000, kMaxHalvings = 20;
using Vector = LogisticRows::Vector;

// Uniform in [0, k): Lemire's multiplication with the rejection of LIBLINEAR as scikit-learn ships it.
std::uint32_t bounded(MersenneTwister& twister, std::uint32_t k) {
  std::uint64_t product = std::uint64_t{twister.next()} * k;
  auto low = static_cast<std::uint32_t>(product);
  if (low < k) {
    std::uint32_t threshold = (0u - k) % k;
    while (low < threshold) {
      product = std::uint64_t{twister.next()} * k;
      low = static_cast<std::uint32_t>(product);
    }
  }
  return static_cast<std::uint32_t>(product >> 32);
}

struct Violation {
  double size = 0;
  bool shrink = false;
};
// How far coordinate w with gradient g is from the optimality conditions of an L1 problem; `slack`: what lets a zero stay zero.
Violation violation(double w, double g, double slack) {
  double up = g + 1, down = g - 1;
  if (w > 0) return {std::fabs(up)};
  if (w < 0) return {std::fabs(down)};
  if (up < 0) return {-up};
  if (down > 0) return {down};
  return {0, up > slack && down < -slack};
}

class Solver {
 public:
  Solver(const LogisticRows& rows, const LogisticRows::Sums& start, double c, std::uint32_t seed)
      : rows_(rows),
        c_(c),
        n_(rows.columns()),
        examples_(static_cast<double>(rows.positive_examples() + rows.negative_examples())),
        twister_(seed),
        sums_(start) {
    for (std::size_t j = 0; j < n_; ++j) order_[j] = j;
  }

  GlmnetFit run() {
    GlmnetFit fit;
    auto rarer = static_cast<double>(std::min(rows_.positive_examples(), rows_.negative_examples()));
    double epsilon = kTolerance * std::max(rarer, 1.0) / examples_;
    while (fit.iterations < kMaxIterations) {
      double violations = gradient();
      if (fit.iterations == 0) first_violations_ = violations;
      if (violations <= epsilon * first_violations_) {
        fit.converged = true;
        break;
      }
      if (quadratic_step() == 1) inner_epsilon_ *= 0.25;
      line_search();
      ++fit.iterations;
    }
    fit.weights = w_;
    return fit;
  }

 private:
  // Gradient and curvature at w; coordinates that sit safely at zero leave the active part. Returns the sum of violations.
  double gradient() {
    active_ = n_;
    double sum = 0, largest = 0, slack = largest_violation_ / examples_;
    for (std::size_t s = 0; s < active_; ++s) {
      std::size_t j = order_[s];
      gradient_[j] = c_ * (rows_.negative()[j] - sums_.rest[j]);
      curvature_[j] = kRidge + c_ * sums_.curvature[j][j];
      Violation v = violation(w_[j], gradient_[j], slack);
      if (v.shrink) {
        std::swap(order_[s--], order_[--active_]);
        continue;
      }
      sum += v.size;
      largest = std::max(largest, v.size);
    }
    largest_violation_ = largest;
    return sum;
  }

  // Minimises the quadratic model around w over the active coordinates, into next_. Returns the number of passes.
  int quadratic_step() {
    next_ = w_;
    std::size_t active = active_;
    double largest_before = std::numeric_limits<double>::infinity();
    int passes = 0;
    while (passes < kMaxPasses) {
      for (std::size_t a = 0; a < active; ++a)
        std::swap(order_[a], order_[a + bounded(twister_, static_cast<std::uint32_t>(active - a))]);
      double sum = 0, largest = 0;
      for (std::size_t s = 0; s < active; ++s) {
        std::size_t j = order_[s];
        double g = gradient_[j] + (next_[j] - w_[j]) * kRidge;
        for (std::size_t k = 0; k < n_; ++k) g += c_ * sums_.curvature[j][k] * (next_[k] - w_[k]);
        Violation v = violation(next_[j], g, largest_before / examples_);
        if (v.shrink) {
          std::swap(order_[s--], order_[--active]);
          continue;
        }
        sum += v.size;
        largest = std::max(largest, v.size);
        double h = curvature_[j], step;
        if (g + 1 < h * next_[j])
          step = -(g + 1) / h;
        else if (g - 1 > h * next_[j])
          step = -(g - 1) / h;
        else
          step = -next_[j];
        if (std::fabs(step) < 1e-12) continue;
        next_[j] += std::clamp(step, -10.0, 10.0);
      }
      ++passes;
      if (sum <= inner_epsilon_ * first_violations_) {
        if (active == active_) break;
        active = active_;
        largest_before = std::numeric_limits<double>::infinity();
        continue;
      }
      largest_before = largest;
    }
    return passes;
  }

  static double norm(const Vector& w) {
    double sum = 0;
    for (double x : w) sum += std::fabs(x);
    return sum;
  }

  // Goes from w towards next_, halving the way until the objective falls enough.
  void line_search() {
    double old_norm = norm(w_), delta = norm(next_) - old_norm;
    for (std::size_t j = 0; j < n_; ++j) delta += gradient_[j] * (next_[j] - w_[j]);
    for (int tries = 0; tries < kMaxHalvings; ++tries) {
      LogisticRows::Sums there = rows_.sums(next_);
      // The change of the loss: softplus minus what the labels 1 take off.
      double change = there.softplus - sums_.softplus;
      for (std::size_t j = 0; j < n_; ++j) change -= rows_.positive()[j] * (next_[j] - w_[j]);
      if (next_ == w_) change = 0;
      if (norm(next_) - old_norm + c_ * change - kSufficient * delta <= 0) {
        w_ = next_;
        sums_ = there;
        return;
      }
      for (std::size_t j = 0; j < n_; ++j) next_[j] = (w_[j] + next_[j]) * 0.5;
      delta *= 0.5;
    }
  }

  const LogisticRows& rows_;
  double c_;
  std::size_t n_;
  double examples_;  // two a row; those without weight are dropped before anything is counted
  MersenneTwister twister_;
  Vector w_{}, next_{}, gradient_{}, curvature_{};
  LogisticRows::Sums sums_;
  std::array<std::size_t, LogisticRows::kMaxColumns> order_{};
  std::size_t active_ = 0;
  double largest_violation_ = std::numeric_limits<double>::infinity(), first_violations_ = 0, inner_epsilon_ = 1;
};

}  // namespace

GlmnetFit fit_glmnet(const LogisticRows& rows, const LogisticRows::Sums& start, double c, std::uint32_t seed) {
  return Solver(rows, start, c, seed).run();
}

GlmnetFit fit_glmnet(const LogisticRows& rows, double c, std::uint32_t seed) {
  return fit_glmnet(rows, rows.sums({}), c, seed);
}

}  // namespace assay
