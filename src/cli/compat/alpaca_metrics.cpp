#include <cmath>
#include <limits>
#include <unordered_set>

#include "base/file.h"
#include "base/number.h"
#include "base/text.h"
#include "benchmark/alpaca_eval/length_control.h"
#include "benchmark/alpaca_eval/weights_file.h"
#include "benchmark/alpaca_eval/win_rate.h"
#include "cli/compat/alpaca_evaluate.h"

namespace assay::compat {
namespace {

namespace fs = std::filesystem;
using namespace alpaca_eval;
using Cells = std::vector<std::pair<std::string, Cell>>;

Cell cell_of(const std::optional<double>& value) { return value ? Cell(*value) : Cell(); }

/// The one value of a column; "" where there are none or several.
std::string only_value(const Table& table, std::string_view column, bool& several) {
  std::string out;
  auto at = table.column(column);
  if (!at) return out;
  for (const auto& row : table.rows) {
    if (!row[*at].is_string()) continue;
    const std::string value(row[*at].get_string());
    if (out.empty()) out = value;
    if (value != out) several = true;
  }
  return out;
}

std::vector<double> lengths(const Table& table, std::string_view column) {
  std::vector<double> out;
  out.reserve(table.rows.size());
  auto at = table.column(column);
  for (const auto& row : table.rows)
    out.push_back(at && row[*at].is_string() ? static_cast<double>(count_code_points(std::string_view(row[*at].get_string()))) : std::numeric_limits<double>::quiet_NaN());
  return out;
}

/// Which instructions of the evaluation set have no annotation, where the set is at hand.
void say_missing(const Table& annotations, const AlpacaSurroundings& surroundings) {
  auto set = surroundings.reference();
  if (!set) return;
  auto known = annotations.column("instruction"), wanted = set->column("instruction");
  if (!known || !wanted) return;
  std::unordered_set<std::string_view> there;
  for (const auto& row : annotations.rows)
    if (row[*known].is_string()) there.insert(std::string_view(row[*known].get_string()));
  std::vector<std::size_t> places;
  std::string first;
  for (std::size_t i = 0; i < set->rows.size(); ++i) {
    const json::value& cell = set->rows[i][*wanted];
    if (!cell.is_string() || there.contains(std::string_view(cell.get_string()))) continue;
    if (places.empty()) first = shorten(std::string_view(cell.get_string()), 60);
    places.push_back(i + 1);
  }
  if (places.empty()) return;
  surroundings.warn("without an annotation: instructions " + row_numbers(places) + " of the evaluation set, the first one \"" + first +
                    "\" (a column \"index\" with each row's place, from 0, gives every row its own difficulty)");
}

/// Names come out of the annotations: they lead no further than below the folder.
fs::path weights_file(const fs::path& root, Glm glm, const std::string& baseline) { return root / std::string(name(glm)) / folder_of_name("baseline_" + baseline + ".csv"); }

/// Fitted weights are kept, so that models can be compared with each other later.
void save_weights(const EvaluateFlags& flags, const AlpacaSurroundings& surroundings, const std::string& annotator, const std::string& baseline, const std::string& model,
                  const LengthControl& fit, Glm glm) {
  const fs::path root = *flags.save_weights_dir == "auto" ? surroundings.weights / folder_of_name(annotator) : fs::path(*flags.save_weights_dir);
  const fs::path file = weights_file(root, glm, baseline);
  WeightsFile weights;
  weights.columns = glm_columns(glm);
  std::error_code code;
  if (fs::exists(file, code)) {
    auto text = read_file(file);
    auto read = text ? read_weights_file(*text, file.string()) : Result<WeightsFile>(std::unexpected(text.error()));
    if (!read) return surroundings.warn("the weights are not kept: " + to_string(read.error()));
    if (read->columns != weights.columns) return surroundings.warn("the weights are not kept: the file is of another regression, with the columns " + join(read->columns, ", ") + " (" + file.string() + ")");
    weights = std::move(*read);
  }
  weights.put({model, fit.weights, model == baseline});
  if (auto written = write_file(file, weights.write()); !written) surroundings.warn("the weights are not kept: " + to_string(written.error()));
}

}  // namespace

Result<Cells> metric_cells(const EvaluateFlags& flags, const AlpacaSurroundings& surroundings, Table& annotations, bool add_predictions) {
  auto at = annotations.column("preference");
  if (!at) return fail(ErrorKind::data, "the annotations have no column \"preference\"");
  std::vector<double> preferences;
  for (const auto& row : annotations.rows) {
    auto number = as_number(row[*at]);
    if (!number && !row[*at].is_null()) return fail(ErrorKind::data, "a preference is no number: " + shorten(write_json(row[*at]), 60));
    preferences.push_back(number.value_or(std::numeric_limits<double>::quiet_NaN()));
  }
  auto rate = win_rate(preferences);
  if (!rate) return std::unexpected(rate.error());
  auto whole = [](std::size_t n) { return Cell(static_cast<std::int64_t>(n)); };
  Cells out{{"win_rate", cell_of(rate->win_rate)},     {"standard_error", cell_of(rate->standard_error)}, {"n_wins", whole(rate->n_wins)},
            {"n_wins_base", whole(rate->n_wins_base)}, {"n_draws", whole(rate->n_draws)},                 {"n_total", whole(rate->n_total)},
            {"discrete_win_rate", cell_of(rate->discrete_win_rate)}};
  if (flags.metric == WinMetric::plain) return out;

  auto glm = glm_named(flags.glm_name);
  if (!glm) return std::unexpected(glm.error());
  bool several = false;
  const std::string model = only_value(annotations, "generator_2", several), baseline = only_value(annotations, "generator_1", several);
  bool several_annotators = false;
  const std::string annotator = only_value(annotations, "annotator", several_annotators);
  auto unavailable = [&](const Error& error) {
    surroundings.warn("no length-controlled win rate: " + to_string(error));
    out.emplace_back("length_controlled_winrate", Cell());
    out.emplace_back("lc_standard_error", Cell());
    return out;
  };
  if (several) return unavailable(Error{ErrorKind::data, "the annotations hold several models or references", "", "evaluate them one by one: make_leaderboard does"});
  LengthData data = surroundings.length_data();
  if (!data.gamed) return unavailable(Error{ErrorKind::data, data.why, "", "or name the file or its folder with --lc_data"});
  Comparisons comparisons;
  comparisons.preference = preferences;
  comparisons.length_1 = lengths(annotations, "output_1");
  comparisons.length_2 = lengths(annotations, "output_2");
  comparisons.same_generator = !model.empty() && model == baseline;
  // A column `index` takes the place of the row number.
  if (auto index = annotations.column("index"))
    for (const auto& row : annotations.rows) {
      const auto number = as_number(row[*index]);
      const auto place = number ? place_of_index(*number) : std::nullopt;
      if (!place) return unavailable(Error{ErrorKind::data, "the column index holds something other than places in the evaluation set"});
      comparisons.difficulty_index.push_back(*place);
    }
  auto fit = length_control(comparisons, *data.gamed, *glm);
  if (!fit) return unavailable(fit.error());
  for (const std::string& doubt : fit->doubts) surroundings.warn("the length-controlled win rate is doubtful: " + doubt);
  if (comparisons.difficulty_index.empty() && annotations.rows.size() < data.gamed->difficulty_at.size()) say_missing(annotations, surroundings);
  double controlled = fit->win_rate;
  if (flags.warn_extreme && rate->win_rate && is_extreme_change(*rate->win_rate, controlled))
    surroundings.warn("the length-controlled win rate (" + fixed(controlled, 2) + ") is extremely far from the raw one (" + fixed(*rate->win_rate, 2) + ")");
  if (flags.save_weights_dir && !model.empty() && !baseline.empty()) {
    if (several_annotators && *flags.save_weights_dir == "auto")
      surroundings.warn("the weights are not kept: there are several annotators (say where with 'save_weights_dir' in --metric_kwargs)");
    else
      save_weights(flags, surroundings, annotator, baseline, model, *fit, *glm);
  }
  if (flags.baseline) {
    // Against another model than the one that was compared with: predicted from both models' weights. A fraction, as in the original.
    const fs::path root = flags.save_weights_dir && *flags.save_weights_dir != "auto" ? fs::path(*flags.save_weights_dir) : surroundings.weights / folder_of_name(annotator);
    const fs::path file = weights_file(root, *glm, baseline);
    auto text = read_file(file);
    auto weights = text ? read_weights_file(*text, file.string()) : Result<WeightsFile>(std::unexpected(text.error()));
    if (!weights) return std::unexpected(weights.error());
    weights->put({model, fit->weights});
    auto predicted = predicted_win_rate(*weights, data.gamed->difficulty_at, model, *flags.baseline);
    if (!predicted) return std::unexpected(predicted.error());
    controlled = *predicted;
  }
  out.emplace_back("length_controlled_winrate", Cell(controlled));
  out.emplace_back("lc_standard_error", cell_of(fit->standard_error));
  if (add_predictions && flags.add_glm_preference) {
    auto column = annotations.column("glm_preference");
    if (!column) {
      column = annotations.columns.size();
      annotations.columns.emplace_back("glm_preference");
      for (auto& row : annotations.rows) row.emplace_back(nullptr);
    }
    for (std::size_t i = 0; i < annotations.rows.size(); ++i) {
      const double p = fit->predictions[i];
      annotations.rows[i][*column] = std::isnan(p) ? json::value(nullptr) : json::value(p);
    }
  }
  return out;
}

}  // namespace assay::compat
