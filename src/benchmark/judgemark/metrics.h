// From the scores of all stories to what a judge is worth: how far it tells the test models apart, and how well it agrees with what
// else is known of them. Pure. Names are the original's.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "benchmark/judgemark/reference_tables.h"

namespace assay::judgemark {

/// The stories of one test model as this judge scored them: item means, 0 to 10, in stored order.
struct ModelItems {
  std::string name;
  std::vector<double> items;
};

struct ModelScore {
  std::string name;
  double score = 0;  // round2; 0 with no more than ten items, as in the original
  std::size_t items = 0;
  bool counted = false;                    // it has more than ten items
  std::optional<double> ci_low, ci_high;   // 95 %, Student's t over the items
};

struct Metrics {
  std::vector<ModelScore> models;
  std::optional<double> mean_score, std_dev;  // of the model scores
  /// In the original's order, ending in "Judgemark" (2.4) or "aggregate_score" (2.3). Null where it cannot be computed.
  std::vector<std::pair<std::string, std::optional<double>>> extended;
  std::optional<double> judgemark;  // the last of them
  std::string why_null;             // why there is none
  std::optional<double> anova_f, anova_p, avg_ci_range, overlapping_range;
  std::optional<double> value(std::string_view name) const;  // of `extended`
};
Metrics compute_metrics(std::span<const ModelItems> models, std::span<const Reference> references, Formula formula);

/// How much better a judge scores itself, and its family, than the other judges lead one to expect. Null where the tables do not
/// know the judge or its family, or the models judged are not those of the tables.
struct Bias {
  std::optional<double> self, family;
};
Bias compute_bias(const std::string& judge, std::span<const ModelScore> models);

/// clamp((x - low) / (high - low), 0, 1)
double normalized(double x, double low, double high);

}  // namespace assay::judgemark
