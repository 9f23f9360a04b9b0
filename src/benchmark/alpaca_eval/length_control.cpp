#include "benchmark/alpaca_eval/length_control.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "base/number.h"
#include "base/text.h"
#include "stats/logistic_cv.h"
#include "stats/pairwise_sum.h"

namespace assay::alpaca_eval {
namespace {

constexpr double kGamedWeight = 0.2 / 2;  // regularize_to_baseline_lambda over the two kinds of gamed rows
constexpr std::size_t kFolds = 5;
constexpr std::size_t kFewRows = 100;

double sigmoid(double z) {
  return 1 / (1 + std::exp(-z));
}

// The training rows, and what the predictions need.
struct Design {
  std::vector<double> length, difficulty, model, labels, weights;
  std::vector<double> row_difficulty;  // of every row of the table
  std::size_t used = 0;                // rows of the model that count
  std::size_t outside = 0;             // preferences outside [1, 2]
  bool with_difficulty = true;
  std::vector<std::span<const double>> columns() const {
    if (with_difficulty) return {length, difficulty, model};
    return {length, model};
  }
};

Result<Design> make_design(const Comparisons& table, const GamedRows& gamed, Glm glm) {
  std::size_t n = table.preference.size();
  if (n == 0) return fail(ErrorKind::data, "there are no annotations to fit the length control to");
  if (table.length_1.size() != n || table.length_2.size() != n ||
      (!table.difficulty_index.empty() && table.difficulty_index.size() != n))
    return fail(ErrorKind::internal, "the columns of the comparisons differ in length");
  Design design;
  design.with_difficulty = glm != Glm::minimal;
  const std::vector<double>& difficulties = gamed.difficulty_at;
  for (std::size_t i = 0; i < n; ++i) {
    std::size_t index = table.difficulty_index.empty() ? i : table.difficulty_index[i];
    if (design.with_difficulty && index >= difficulties.size())
      return fail(ErrorKind::data,
                  "annotation " + std::to_string(i + 1) +
                      " has no instruction difficulty: " + std::to_string(difficulties.size()) + " are known",
                  {},
                  "the length-controlled win rate exists for the official evaluation set only; use the plain win rate for other "
                  "instructions");
    design.row_difficulty.push_back(design.with_difficulty ? difficulties[index] : 0);
  }
  std::size_t textless = 0;
  for (std::size_t i = 0; i < n; ++i) textless += std::isnan(table.length_1[i]) || std::isnan(table.length_2[i]);
  if (textless > 0)
    return fail(ErrorKind::data, std::to_string(textless) + " of " + std::to_string(n) + " annotations have an output that is no text", {},
                "the length control needs both outputs; use the plain win rate");
  std::vector<double> off;
  off.reserve(n);
  for (std::size_t i = 0; i < n; ++i) off.push_back(table.length_1[i] - table.length_2[i]);
  const double mean = pairwise_sum(off) / static_cast<double>(n);
  for (double& difference : off) difference = (mean - difference) * (mean - difference);
  const double squares = pairwise_sum(off);
  if (n < 2 || !(squares > 0))
    return fail(
        ErrorKind::data,
        "the length differences of all " + std::to_string(n) + " annotations are equal, so that nothing can be said about length",
        {}, "use the plain win rate");
  double deviation = std::sqrt(squares / static_cast<double>(n - 1));
  if (glm == Glm::v1) {
    design.length = gamed.tanh_length;
    design.difficulty = gamed.difficulty;
    design.model.assign(gamed.preference.size(), 0.0);
    design.labels = gamed.preference;
    design.weights.assign(gamed.preference.size(), kGamedWeight);
  }
  for (std::size_t i = 0; i < n; ++i) {
    double p = table.preference[i] == 0 ? 1.5 : table.preference[i];
    if (std::isnan(p)) continue;
    if (!(p >= 1 && p <= 2)) {
      ++design.outside;
      continue;
    }
    design.length.push_back(std::tanh((table.length_1[i] - table.length_2[i]) / deviation));
    design.difficulty.push_back(design.row_difficulty[i]);
    design.model.push_back(1);
    design.labels.push_back(p - 1);
    design.weights.push_back(1);
    ++design.used;
  }
  if (design.used == 0)
    return fail(ErrorKind::data, "none of the " + std::to_string(n) + " annotations has a preference", {},
                "see why the judge's answers could not be parsed");
  if (design.labels.size() < kFolds)
    return fail(ErrorKind::data,
                std::to_string(design.labels.size()) + " preferences are too few for the five folds that choose the penalty");
  return design;
}

}  // namespace

std::optional<std::size_t> place_of_index(double number) {
  constexpr double kMost = 1e9;
  if (!(number >= 0 && number < kMost && number == std::floor(number))) return std::nullopt;
  return static_cast<std::size_t>(number);
}

std::string row_numbers(std::span<const std::size_t> rows) {
  constexpr std::size_t kShown = 5;
  std::string out;
  for (std::size_t i = 0; i < std::min(rows.size(), kShown); ++i) out += (i == 0 ? "" : ", ") + std::to_string(rows[i]);
  return rows.size() > kShown ? out + " and " + std::to_string(rows.size() - kShown) + " more" : out;
}

namespace {

// What speaks against the figure, in words.
void add_doubts(const Comparisons& table, const GamedRows& gamed, const Design& design, const LogisticCv& cv,
                LengthControl& out) {
  std::size_t n = table.preference.size(), known = gamed.difficulty_at.size();
  std::size_t gamed_rows = design.labels.size() - design.used;
  auto first = design.labels.begin() + static_cast<std::ptrdiff_t>(gamed_rows);
  auto [low, high] = std::minmax_element(first, design.labels.end());
  if (*low > 0.5 || *high < 0.5)
    out.doubts.push_back(std::string("every preference is for ") + (*low > 0.5 ? "the model" : "the reference") +
                         ": the model's weight is held back by the penalty alone (separation)");
  if (design.used < kFewRows)
    out.doubts.push_back("only " + std::to_string(design.used) + " preferences: the penalty is chosen on a few rows a fold");
  if (design.with_difficulty && n < known && table.difficulty_index.empty())
    out.doubts.push_back(
        std::to_string(known - n) + " of " + std::to_string(known) +
        " instructions are missing; as in the original, difficulties go by place, so that every row after a gap has another "
        "instruction's difficulty");
  if (design.outside > 0) {
    std::vector<std::size_t> rows;
    for (std::size_t i = 0; i < n; ++i)
      if (const double p = table.preference[i]; p != 0 && (p < 1 || p > 2)) rows.push_back(i + 1);
    out.doubts.push_back(std::to_string(design.outside) + " preferences outside 1 to 2 were left out of the fit (rows " + row_numbers(rows) + ")");
  }
  if (!cv.fit.converged)
    out.doubts.push_back("the solver stopped after " + std::to_string(cv.fit.iterations) + " iterations without converging");
  if (cv.chosen + 1 == kLogisticStrengths.size() || cv.chosen == 0)
    out.doubts.push_back("the chosen C = " + python_repr(cv.strength) + " lies at the edge of the range that was tried");
}

void summarise(LengthControl& out) {
  std::vector<double> known;
  for (double p : out.predictions)
    if (!std::isnan(p)) known.push_back(p);
  if (known.empty()) return;
  const auto n = static_cast<double>(known.size());
  const double mean = pairwise_sum(known) / n;
  out.win_rate = 100 * mean;
  for (double& p : known) p = (mean - p) * (mean - p);
  if (known.size() > 1) out.standard_error = 100 * (std::sqrt(pairwise_sum(known) / (n - 1)) / std::sqrt(n));
}

std::vector<double> first(const LogisticRows::Vector& weights, std::size_t n) {
  return {weights.begin(), weights.begin() + static_cast<std::ptrdiff_t>(n)};
}

}  // namespace

std::string_view name(Glm glm) {
  switch (glm) {
    case Glm::noreg:
      return "length_controlled_noreg";
    case Glm::minimal:
      return "length_controlled_minimal";
    case Glm::v1:
      break;
  }
  return "length_controlled_v1";
}

Result<Glm> glm_named(std::string_view wanted) {
  for (Glm glm : {Glm::v1, Glm::noreg, Glm::minimal}) {
    if (name(glm) == wanted) return glm;
  }
  return fail(ErrorKind::usage, "there is no length control called \"" + shorten(wanted, 60) + "\"", {},
              "there are length_controlled_v1, length_controlled_noreg and length_controlled_minimal");
}

std::vector<std::string> glm_columns(Glm glm) {
  if (glm == Glm::minimal) return {"np.tanh(std_delta_len)", "not_gamed_baseline.astype(float)"};
  return {"np.tanh(std_delta_len)", "instruction_difficulty", "not_gamed_baseline.astype(float)"};
}

Result<LengthControl> length_control(const Comparisons& table, const GamedRows& gamed, Glm glm) {
  LengthControl out;
  if (table.same_generator) {
    if (std::all_of(table.preference.begin(), table.preference.end(), [](double p) { return std::isnan(p); }))
      return fail(ErrorKind::data, "none of the annotations has a preference");
    for (double p : table.preference) out.predictions.push_back(std::isnan(p) ? p : 0.5);
    out.weights.assign(glm_columns(glm).size(), 0.0);
    summarise(out);
    return out;
  }
  auto design = make_design(table, gamed, glm);
  if (!design) return fail(design.error());
  std::vector<std::span<const double>> columns = design->columns();
  LogisticCv cv = cross_validate(columns, design->labels, design->weights);
  out.weights = first(cv.fit.weights, columns.size());
  out.strength = cv.strength;
  out.iterations = cv.fit.iterations;
  for (std::size_t k = 0; k < kLogisticStrengths.size(); ++k) {
    double sum = 0;
    for (const std::vector<double>& fold : cv.scores) sum += fold[k];
    out.mean_scores.push_back(sum / static_cast<double>(cv.scores.size()));
  }
  double w_difficulty = design->with_difficulty ? out.weights[1] : 0, w_model = out.weights.back();
  for (double difficulty : design->row_difficulty) out.predictions.push_back(sigmoid(w_difficulty * difficulty + w_model));
  summarise(out);
  if (!std::isfinite(out.win_rate))
    return fail(ErrorKind::data, "the fit of the length control did not end in numbers", {}, "use the plain win rate");
  add_doubts(table, gamed, *design, cv, out);
  return out;
}

Result<std::vector<double>> length_control_weights(const Comparisons& table, const GamedRows& gamed, double strength, Glm glm) {
  auto design = make_design(table, gamed, glm);
  if (!design) return fail(design.error());
  std::vector<std::span<const double>> columns = design->columns();
  return first(refit(LogisticRows(columns, design->labels, design->weights), strength).weights, columns.size());
}

}  // namespace assay::alpaca_eval
