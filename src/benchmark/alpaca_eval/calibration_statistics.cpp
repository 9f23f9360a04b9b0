#include "benchmark/alpaca_eval/calibration_statistics.h"

#include <algorithm>
#include <cmath>

#include "stats/cluster_statistic.h"
#include "stats/correlation.h"
#include "stats/kappa.h"
#include "stats/logistic_slope.h"

namespace assay::alpaca_eval {
namespace {

constexpr std::size_t kReference = 0, kTie = 1, kModel = 2;

std::size_t winner(double preference) { return preference > 1.5 ? kModel : preference < 1.5 ? kReference : kTie; }
/// 1 = that side wins, 0.5 = a tie.
double share_of(std::size_t side, std::size_t won) { return won == kTie ? 0.5 : won == side ? 1 : 0; }

/// A mean as its sums by cluster, so that a replicate costs one pass over the clusters.
struct Rate {
  explicit Rate(std::size_t clusters) : sum(clusters), count(clusters) {}
  void add(std::size_t cluster, double value) {
    sum[cluster] += value;
    count[cluster] += 1;
    ++n;
  }
  std::optional<double> value(const Multiplicities* drawn) const {
    double s = 0, c = 0;
    for (std::size_t g = 0; g < sum.size(); ++g) {
      const double times = drawn ? (*drawn)[g] : 1;
      s += times * sum[g];
      c += times * count[g];
    }
    if (!(c > 0)) return std::nullopt;
    return 100 * s / c;
  }
  std::vector<double> sum, count;
  std::size_t n = 0;
};

struct Kappa {
  explicit Kappa(std::size_t clusters) : tables(clusters) {}
  std::optional<double> value(const Multiplicities* drawn) const {
    AgreementTable<3> table{};
    for (std::size_t g = 0; g < tables.size(); ++g)
      for (std::size_t i = 0; i < 3; ++i)
        for (std::size_t j = 0; j < 3; ++j) table[i][j] += (drawn ? (*drawn)[g] : 1) * tables[g][i][j];
    return cohen_kappa<3>(table);
  }
  std::vector<AgreementTable<3>> tables;
};

/// Everything of one model, and of all of them.
struct Sums {
  explicit Sums(std::size_t clusters) : agreement(clusters), rate(clusters), official(clusters), kappa(clusters) {}
  Rate agreement, rate, official;
  Kappa kappa;
};

std::optional<double> difference(std::optional<double> a, std::optional<double> b) { return a && b ? std::optional(*a - *b) : std::nullopt; }

std::optional<double> mean_of(const std::vector<std::optional<double>>& values) {
  double sum = 0;
  if (values.empty()) return std::nullopt;
  for (const auto& value : values) {
    if (!value) return std::nullopt;
    sum += *value;
  }
  return sum / static_cast<double>(values.size());
}

class Calibration {
 public:
  Calibration(std::span<const JudgedComparison> all, const std::vector<std::string>& models, const std::vector<bool>& same_generator, const LengthData& length,
              const CalibrationStatistics& settings)
      : all_(all), models_(models), same_generator_(same_generator), length_(length), settings_(settings) {
    number_clusters();
    total_ = std::make_unique<Sums>(clusters_);
    first_place_ = std::make_unique<Rate>(clusters_);
    inconsistent_ = std::make_unique<Rate>(clusters_);
    longer_ = std::make_unique<Rate>(clusters_);
    longer_official_ = std::make_unique<Rate>(clusters_);
    itself_ = std::make_unique<Rate>(clusters_);
    of_model_.assign(models_.size(), Sums(clusters_));
    for (std::size_t i = 0; i < all_.size(); ++i) add(all_[i], cluster_[i]);
    prepare_slopes();
  }

  void fill(Part& total) {
    std::vector<std::optional<double>> values(count()), lengths(lc_count());
    compute(nullptr, values);
    const auto spread = bootstrap(clusters_, settings_.replicates, settings_.seed, count(), [&](const Multiplicities& drawn, std::span<std::optional<double>> out) { compute(&drawn, out); });
    control(nullptr, lengths);
    const auto lc_spread = bootstrap(clusters_, lc_possible_ ? settings_.lc_replicates : 0, settings_.seed, lc_count(),
                                     [&](const Multiplicities& drawn, std::span<std::optional<double>> out) { control(&drawn, out); });
    auto put = [&](Part& part, std::string name, std::size_t k, std::size_t n, std::string why) {
      Metric& metric = part.metrics.emplace_back();
      metric.name = std::move(name);
      metric.value = values[k];
      metric.n = n;
      if (!metric.value) metric.why_null = std::move(why);
      else with(metric, spread[k]);
    };
    auto put_lc = [&](Part& part, std::string name, std::size_t k, std::size_t n) {
      Metric& metric = part.metrics.emplace_back();
      metric.name = std::move(name);
      metric.value = lengths[k];
      metric.n = n;
      if (!metric.value) metric.why_null = lc_why_;
      else with(metric, lc_spread[k]);
    };
    const std::string unread = "no judgement could be read", once = "every prompt was asked once";
    const std::size_t n = total_->agreement.n;
    put(total, "agreement", 0, n, unread);
    put(total, "kappa", 1, n, n ? "the judge and the official one always say the same one thing: nothing is left beyond chance" : unread);
    put(total, "first_place", 2, first_place_->n, "no comparison was read in both orders");
    put(total, "inconsistent", 3, inconsistent_->n, "no comparison was read in both orders");
    put(total, "longer_wins", 4, longer_->n, n ? "all outputs are as long as the reference's" : unread);
    put(total, "longer_wins_official", 5, longer_official_->n, n ? "all outputs are as long as the reference's" : unread);
    const std::string steep = n ? "no finite slope: the lengths, or which side wins, do not vary, or the lengths decide every comparison" : unread;
    put(total, "length_slope", 6, n, steep);
    put(total, "length_slope_official", 7, n, steep);
    put(total, "length_slope_difference", 8, n, steep);
    put(total, "self_consistency", 9, itself_->n, settings_.repeat < 2 ? once : "no prompt was read twice");
    put(total, "win_rate_offset", 10, n, "a model has no judgement that could be read");
    put_lc(total, "length_controlled_offset", 0, n);
    put(total, "spearman", 11, models_.size(), models_.size() < 3 ? "fewer than three models" : "the win rates of all models are alike");
    for (std::size_t m = 0; m < models_.size(); ++m) {
      Part& part = total.parts.emplace_back();
      part.name = models_[m];
      const std::size_t own = of_model_[m].agreement.n;
      put(part, "agreement", at(m, 0), own, unread);
      put(part, "kappa", at(m, 1), own, own ? "nothing is left beyond chance" : unread);
      put(part, "win_rate_offset", at(m, 4), own, unread);
      put(part, "win_rate", at(m, 2), own, unread);
      put(part, "win_rate_official", at(m, 3), own, unread);
      put_lc(part, "length_controlled_offset", 1 + 3 * m, own);
      put_lc(part, "length_controlled_winrate", 2 + 3 * m, own);
      put_lc(part, "length_controlled_winrate_official", 3 + 3 * m, own);
    }
  }

 private:
  static constexpr std::size_t kTotal = 12, kOfModel = 5;
  std::size_t count() const { return kTotal + kOfModel * models_.size(); }
  std::size_t lc_count() const { return 1 + 3 * models_.size(); }
  static std::size_t at(std::size_t model, std::size_t k) { return kTotal + kOfModel * model + k; }

  static void with(Metric& metric, const std::optional<BootstrapEstimate>& spread) {
    if (!spread) return;
    metric.stderr_ = spread->error;
    metric.ci_low = spread->low;
    metric.ci_high = spread->high;
  }

  void number_clusters() {
    std::vector<std::size_t> known;
    for (const JudgedComparison& one : all_) known.push_back(one.cluster);
    std::sort(known.begin(), known.end());
    known.erase(std::unique(known.begin(), known.end()), known.end());
    clusters_ = known.size();
    for (const JudgedComparison& one : all_)
      cluster_.push_back(static_cast<std::size_t>(std::lower_bound(known.begin(), known.end(), one.cluster) - known.begin()));
  }

  void add(const JudgedComparison& one, std::size_t cluster) {
    if (!one.shown) return;
    const std::size_t mine = winner(*one.shown), theirs = winner(one.official);
    for (Sums* sums : {total_.get(), &of_model_[one.model]}) {
      sums->agreement.add(cluster, mine == theirs ? 1 : 0);
      sums->rate.add(cluster, *one.shown - 1);
      sums->official.add(cluster, one.official - 1);
      sums->kappa.tables[cluster][mine][theirs] += 1;
    }
    if (one.length_1 != one.length_2) {
      const std::size_t longer = one.length_2 > one.length_1 ? kModel : kReference;
      longer_->add(cluster, share_of(longer, mine));
      longer_official_->add(cluster, share_of(longer, theirs));
    }
    if (one.swapped) {
      const std::size_t other = winner(*one.swapped), first = one.model_first ? kModel : kReference, second = one.model_first ? kReference : kModel;
      first_place_->add(cluster, (share_of(first, mine) + share_of(second, other)) / 2);
      inconsistent_->add(cluster, mine != other ? 1 : 0);
    }
    if (!one.repeats.empty()) {
      std::vector<std::size_t> winners{mine};
      for (double repeat : one.repeats) winners.push_back(winner(repeat));
      double pairs = 0, equal = 0;
      for (std::size_t i = 0; i < winners.size(); ++i)
        for (std::size_t j = i + 1; j < winners.size(); ++j) ++pairs, equal += winners[i] == winners[j] ? 1 : 0;
      itself_->add(cluster, equal / pairs);
    }
  }

  /// The length difference in standard deviations of those of the rows that count.
  void prepare_slopes() {
    for (std::size_t i = 0; i < all_.size(); ++i) {
      if (!all_[i].shown) continue;
      x_.push_back(all_[i].length_2 - all_[i].length_1);
      y_.push_back(*all_[i].shown - 1);
      y_official_.push_back(all_[i].official - 1);
      x_cluster_.push_back(cluster_[i]);
    }
    double mean = 0, squares = 0;
    for (double x : x_) mean += x / static_cast<double>(x_.size());
    for (double x : x_) squares += (x - mean) * (x - mean);
    const double deviation = x_.size() > 1 ? std::sqrt(squares / static_cast<double>(x_.size() - 1)) : 0;
    for (double& x : x_) x = deviation > 0 ? x / deviation : 0;
  }

  /// All numbers but those of the length control, of everything or of a replicate.
  void compute(const Multiplicities* drawn, std::span<std::optional<double>> out) const {
    out[0] = total_->agreement.value(drawn);
    out[1] = total_->kappa.value(drawn);
    out[2] = first_place_->value(drawn);
    out[3] = inconsistent_->value(drawn);
    out[4] = longer_->value(drawn);
    out[5] = longer_official_->value(drawn);
    std::vector<double> weights;
    if (drawn)
      for (std::size_t cluster : x_cluster_) weights.push_back((*drawn)[cluster]);
    const auto mine = logistic_line(x_, y_, weights), theirs = logistic_line(x_, y_official_, weights);
    if (mine) out[6] = mine->slope;
    if (theirs) out[7] = theirs->slope;
    out[8] = difference(out[6], out[7]);
    out[9] = itself_->value(drawn);
    std::vector<std::optional<double>> offsets;
    std::vector<double> rates, official;
    for (std::size_t m = 0; m < models_.size(); ++m) {
      const Sums& sums = of_model_[m];
      out[at(m, 0)] = sums.agreement.value(drawn);
      out[at(m, 1)] = sums.kappa.value(drawn);
      out[at(m, 2)] = sums.rate.value(drawn);
      out[at(m, 3)] = sums.official.value(drawn);
      out[at(m, 4)] = difference(out[at(m, 2)], out[at(m, 3)]);
      offsets.push_back(out[at(m, 4)]);
      if (out[at(m, 4)]) rates.push_back(*out[at(m, 2)]), official.push_back(*out[at(m, 3)]);
    }
    out[10] = mean_of(offsets);
    if (models_.size() >= 3 && rates.size() == models_.size()) out[11] = spearman(rates, official);
  }

  /// The length-controlled win rates: [0] the mean offset, then of each model offset, the judge's and the official one's.
  void control(const Multiplicities* drawn, std::span<std::optional<double>> out) {
    if (!length_.gamed) {
      lc_why_ = length_.why;
      return;
    }
    std::vector<std::optional<double>> offsets;
    for (std::size_t m = 0; m < models_.size(); ++m) {
      Comparisons mine;
      mine.same_generator = m < same_generator_.size() && same_generator_[m];
      std::vector<double> official;
      for (std::size_t i = 0; i < all_.size(); ++i) {
        if (all_[i].model != m || !all_[i].shown) continue;
        for (double times = drawn ? (*drawn)[cluster_[i]] : 1; times > 0; --times) {
          mine.preference.push_back(*all_[i].shown);
          official.push_back(all_[i].official);
          mine.length_1.push_back(all_[i].length_1);
          mine.length_2.push_back(all_[i].length_2);
          mine.difficulty_index.push_back(all_[i].place);
        }
      }
      out[2 + 3 * m] = fitted(mine);
      mine.preference = std::move(official);
      out[3 + 3 * m] = fitted(mine);
      out[1 + 3 * m] = difference(out[2 + 3 * m], out[3 + 3 * m]);
      offsets.push_back(out[1 + 3 * m]);
    }
    out[0] = mean_of(offsets);
    if (!drawn) lc_possible_ = std::any_of(offsets.begin(), offsets.end(), [](const auto& one) { return one.has_value(); });
  }

  std::optional<double> fitted(const Comparisons& comparisons) {
    if (comparisons.preference.empty()) {
      if (lc_why_.empty()) lc_why_ = "no judgement could be read";
      return std::nullopt;
    }
    auto fit = length_control(comparisons, *length_.gamed, settings_.glm);
    if (fit) return fit->win_rate;
    if (lc_why_.empty()) lc_why_ = fit.error().message;
    return std::nullopt;
  }

  std::span<const JudgedComparison> all_;
  const std::vector<std::string>& models_;
  const std::vector<bool>& same_generator_;
  const LengthData& length_;
  const CalibrationStatistics& settings_;
  std::size_t clusters_ = 0;
  std::vector<std::size_t> cluster_;  // of every comparison, from 0 without gaps
  std::unique_ptr<Sums> total_;
  std::vector<Sums> of_model_;
  std::unique_ptr<Rate> first_place_, inconsistent_, longer_, longer_official_, itself_;
  std::vector<double> x_, y_, y_official_;
  std::vector<std::size_t> x_cluster_;
  bool lc_possible_ = false;
  std::string lc_why_;
};

}  // namespace

void calibrate(std::span<const JudgedComparison> comparisons, const std::vector<std::string>& models, const std::vector<bool>& same_generator, const LengthData& length,
               const CalibrationStatistics& settings, Part& total) {
  Calibration(comparisons, models, same_generator, length, settings).fill(total);
}

}  // namespace assay::alpaca_eval
