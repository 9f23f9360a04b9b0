#include "benchmark/judgemark/metrics.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <limits>

#include "base/number.h"
#include "benchmark/story_score.h"
#include "stats/anova.h"
#include "stats/argsort.h"
#include "stats/correlation.h"
#include "stats/interval.h"
#include "stats/pairwise_sum.h"

namespace assay::judgemark {
namespace {

using Values = std::vector<double>;

std::optional<double> mean_of(const Values& values) {
  if (values.empty()) return std::nullopt;
  double sum = 0;
  for (double v : values) sum += v;
  return sum / static_cast<double>(values.size());
}

std::optional<double> deviation_of(const Values& values) {
  if (values.size() < 2) return std::nullopt;
  const double mean = *mean_of(values);
  double squares = 0;
  for (double v : values) squares += (v - mean) * (v - mean);
  return std::sqrt(squares / static_cast<double>(values.size() - 1));
}

/// A test model beside what is known of it.
struct Joined {
  double score = 0;
  Reference known;
};

std::optional<double> benchmark_of(const Reference& reference, std::string_view name) {
  return name == "arena_elo" ? reference.arena_elo : name == "eq_bench" ? reference.eq_bench : reference.magi;
}

/// The `n` highest; of equal scores the earlier ones.
std::vector<Joined> highest(const std::vector<Joined>& all, std::size_t n) {
  std::vector<Joined> out = all;
  std::stable_sort(out.begin(), out.end(), [](const Joined& a, const Joined& b) { return a.score > b.score; });
  if (out.size() > n) out.resize(n);
  return out;
}

Values scores_of(const std::vector<Joined>& models) {
  Values out;
  for (const Joined& model : models) out.push_back(model.score);
  return out;
}

class Table {
 public:
  explicit Table(Metrics& out) : out_(out) {}
  void add(std::string name, std::optional<double> value) { out_.extended.emplace_back(std::move(name), value); }
  void correlate(const std::vector<Joined>& models, std::string_view prefix, std::string_view benchmark) {
    Values x, y;
    for (const Joined& model : models)
      if (auto value = benchmark_of(model.known, benchmark)) {
        x.push_back(model.score);
        y.push_back(*value);
      }
    const std::string rest = std::string(prefix) + std::string(benchmark);
    add("pearson_" + rest, pearson(x, y));
    add("kendall_" + rest, kendall_tau_b(x, y));
  }
  /// The mean of all that begin with `kind`; null where one of them is.
  std::optional<double> mean_of_all(std::string_view kind) const {
    Values values;
    for (const auto& [name, value] : out_.extended) {
      if (!name.starts_with(kind)) continue;
      if (!value) return std::nullopt;
      values.push_back(*value);
    }
    return mean_of(values);
  }

 private:
  Metrics& out_;
};

Values times_ten(std::span<const double> items) {
  Values out;
  for (double item : items) out.push_back(10 * item);
  return out;
}

/// Each list cut to the length of the shortest.
std::optional<Anova> anova_of(std::span<const ModelItems> models) {
  std::size_t shortest = std::numeric_limits<std::size_t>::max();
  for (const ModelItems& model : models) shortest = std::min(shortest, model.items.size());
  if (models.empty() || shortest == 0) return std::nullopt;
  std::vector<Values> groups;
  for (const ModelItems& model : models)
    groups.push_back(times_ten(std::span(model.items).first(shortest)));
  return one_way_anova(groups);
}

/// As scipy has it: NaN at both ends where the items do not vary, or are fewer than two.
struct Interval {
  double low = std::numeric_limits<double>::quiet_NaN(), high = low;
};
Interval interval_of(const Values& items) {
  const auto n = static_cast<double>(items.size());
  if (items.size() < 2) return {};
  const double mean = pairwise_sum(items) / n;
  Values squares;
  for (double item : items) squares.push_back((item - mean) * (item - mean));
  const double error = std::sqrt(pairwise_sum(squares) / (n - 1)) / std::sqrt(n);
  if (!(error > 0)) return {};
  const double half = t_quantile_975(n - 1) * error;
  return {mean - half, mean + half};
}

/// One interval without ends leaves the mean width without a value; beside it nothing overlaps.
void intervals(std::span<const ModelItems> models, Metrics& out) {
  if (models.empty()) return;
  std::vector<Interval> unsorted, sorted;
  Values order, widths;
  for (std::size_t i = 0; i < models.size(); ++i) {
    unsorted.push_back(interval_of(times_ten(models[i].items)));
    widths.push_back(unsorted.back().high - unsorted.back().low);
    order.push_back(out.models[i].score);
  }
  if (const double mean = *mean_of(widths); std::isfinite(mean)) out.avg_ci_range = round2(mean);
  for (std::size_t i : numpy_argsort(order)) sorted.push_back(unsorted[i]);  // equal scores as the original's sort leaves them
  double overlap = 0;
  for (std::size_t i = 0; i + 1 < sorted.size(); ++i)
    if (sorted[i].high > sorted[i + 1].low) overlap += std::min(sorted[i].high, sorted[i + 1].high) - sorted[i + 1].low;
  out.overlapping_range = overlap;
}

/// Least squares of y = a + b x + c x^2, about the mean of x, which keeps the numbers small.
class Parabola {
 public:
  static std::optional<Parabola> fit(const Values& x, const Values& y) {
    if (x.size() < 3) return std::nullopt;
    Parabola out;
    out.centre_ = *mean_of(x);
    std::array<std::array<double, 4>, 3> m{};
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double t = x[i] - out.centre_;
      const std::array<double, 3> powers{1, t, t * t};
      for (std::size_t r = 0; r < 3; ++r) {
        for (std::size_t c = 0; c < 3; ++c) m[r][c] += powers[r] * powers[c];
        m[r][3] += powers[r] * y[i];
      }
    }
    for (std::size_t p = 0; p < 3; ++p) {
      std::size_t best = p;
      for (std::size_t r = p + 1; r < 3; ++r)
        if (std::fabs(m[r][p]) > std::fabs(m[best][p])) best = r;
      std::swap(m[p], m[best]);
      if (!(std::fabs(m[p][p]) > 0)) return std::nullopt;
      for (std::size_t r = 0; r < 3; ++r) {
        if (r == p) continue;
        const double factor = m[r][p] / m[p][p];
        for (std::size_t c = p; c < 4; ++c) m[r][c] -= factor * m[p][c];
      }
    }
    for (std::size_t p = 0; p < 3; ++p) out.k_[p] = m[p][3] / m[p][p];
    return out;
  }
  double operator()(double x) const {
    const double t = x - centre_;
    return k_[0] + k_[1] * t + k_[2] * t * t;
  }

 private:
  double centre_ = 0;
  std::array<double, 3> k_{};
};

}  // namespace

double normalized(double x, double low, double high) {
  if (x >= high) return 1;
  if (x <= low) return 0;
  return (x - low) / (high - low);
}

std::optional<double> Metrics::value(std::string_view name) const {
  for (const auto& [key, value] : extended)
    if (key == name) return value;
  return std::nullopt;
}

Metrics compute_metrics(std::span<const ModelItems> models, std::span<const Reference> references, Formula formula) {
  Metrics out;
  std::vector<Joined> joined;
  for (const ModelItems& model : models) {
    ModelScore score;
    score.name = model.name;
    score.items = model.items.size();
    score.counted = model.items.size() > story::kFewItems;
    if (score.counted) score.score = round2(10 * *mean_of(model.items));
    const Values items = times_ten(model.items);
    const Estimate estimate = mean_estimate(items);
    score.ci_low = estimate.ci_low;
    score.ci_high = estimate.ci_high;
    Joined one;
    one.score = score.score;
    const std::string short_name = model.name.substr(model.name.rfind('/') == std::string::npos ? 0 : model.name.rfind('/') + 1);
    for (const Reference& reference : references)
      if (reference.model == short_name) one.known = reference;
    joined.push_back(std::move(one));
    out.models.push_back(std::move(score));
  }
  const Values scores = scores_of(joined);
  out.mean_score = mean_of(scores);
  out.std_dev = deviation_of(scores);
  const std::optional<Anova> anova = anova_of(models);
  if (anova && std::isfinite(anova->f)) {
    out.anova_f = anova->f;
    out.anova_p = anova->p;
  }
  intervals(models, out);

  Table table(out);
  std::optional<double> range, variation;
  if (!scores.empty()) range = *std::max_element(scores.begin(), scores.end()) - *std::min_element(scores.begin(), scores.end());
  if (out.std_dev && *out.mean_score != 0) variation = *out.std_dev / *out.mean_score;
  const std::optional<double> top_5 = deviation_of(scores_of(highest(joined, 5)));
  table.add("mean_score", out.mean_score);
  table.add("range", range);
  table.add("std_dev", out.std_dev);
  table.add("CV", variation);
  table.add("std_dev_top_5", top_5);
  for (std::string_view benchmark : {"arena_elo", "eq_bench"}) table.correlate(joined, "", benchmark);
  if (formula == Formula::v2_3) {
    table.correlate(joined, "", "magi");
  } else {
    const std::vector<Joined> top = highest(joined, 8);
    for (std::string_view benchmark : {"arena_elo", "eq_bench"}) table.correlate(top, "top_8_", benchmark);
  }
  const auto kendalls = table.mean_of_all("kendall_"), pearsons = table.mean_of_all("pearson_");
  if (!kendalls || !pearsons) {
    out.why_null = "a correlation with another benchmark cannot be computed";
  } else if (!out.std_dev || !range || (formula == Formula::v2_3 && (!variation || !top_5))) {
    out.why_null = "fewer than two test models were scored";
  } else if (formula == Formula::v2_3) {
    const std::array<double, 6> parts{normalized(*range, 0, 60),    normalized(*out.std_dev, 0, 10), normalized(*variation, 0, 0.4),
                                      normalized(*top_5, 0, 2),     normalized(*kendalls, 0, 1),     normalized(*pearsons, 0, 1)};
    double sum = 0;
    for (double part : parts) sum += part;
    out.judgemark = 100 * (sum / static_cast<double>(parts.size()));
  } else if (!anova) {
    out.why_null = "the analysis of variance needs scored items of every test model";
  } else {
    out.judgemark = 100 *
                    (normalized(*kendalls, 0, 1) + normalized(*pearsons, 0, 1) + normalized(*out.std_dev, 0, 15) +
                     normalized(anova->f, 0, 28)) /
                    4;
  }
  table.add(formula == Formula::v2_3 ? "aggregate_score" : "Judgemark", out.judgemark);
  return out;
}

Bias compute_bias(const std::string& judge, std::span<const ModelScore> models) {
  Bias out;
  if (ignored_for_bias(judge)) return out;
  auto own = [&](std::string_view model) -> std::optional<double> {
    for (const ModelScore& one : models)
      if (one.name == model) return one.score;
    return std::nullopt;
  };
  const std::vector<JudgeScores>& others = other_judges();
  // Null for a model that the tables do not know.
  auto others_mean = [&](std::string_view model) -> std::optional<double> {
    Values values;
    for (const JudgeScores& other : others) {
      if (other.judge == judge || ignored_for_bias(other.judge)) continue;
      auto it = std::ranges::find(other.models, model, [](const auto& entry) -> std::string_view { return entry.first; });
      if (it == other.models.end()) return std::nullopt;
      values.push_back(it->second);
    }
    return mean_of(values);
  };
  // The original takes the models from its first judge, whose scores in the table are this run's where it is the judge.
  std::vector<std::string_view> tested;
  if (judge == others.front().judge)
    for (const ModelScore& model : models) tested.push_back(model.name);
  else
    for (const auto& [model, score] : others.front().models) tested.push_back(model);
  struct Included {
    std::string_view name;
    double others, own;
  };
  std::vector<Included> included;
  std::optional<double> expected_of_itself;
  for (std::string_view model : tested) {
    const std::optional<double> mean = others_mean(model), score = own(model);
    if (model == judge) expected_of_itself = mean;
    if (model == judge || ignored_for_bias(model)) continue;
    if (!score || !mean) return out;  // other test models than those of the tables
    included.push_back({model, *mean, *score});
  }
  Values x, y;
  for (const Included& one : included) {
    x.push_back(one.others);
    y.push_back(one.own);
  }
  auto curve = Parabola::fit(x, y);
  if (!curve) return out;
  if (expected_of_itself)
    if (auto score = own(judge)) out.self = *score - (*curve)(*expected_of_itself);
  if (std::string_view family = family_of(judge); !family.empty()) {
    Values residuals;
    for (const Included& one : included)
      if (family_of(one.name) == family) residuals.push_back(one.own - (*curve)(one.others));
    out.family = mean_of(residuals);
  }
  return out;
}

}  // namespace assay::judgemark
