#include "benchmark/alpaca_eval/paired_tests.h"

#include <algorithm>
#include <boost/math/distributions/students_t.hpp>
#include <cmath>
#include <map>

#include "base/text.h"
#include "benchmark/alpaca_eval/seeded_draws.h"
#include "benchmark/alpaca_eval/win_rate.h"
#include "stats/argsort.h"
#include "stats/pairwise_sum.h"

namespace assay::alpaca_eval {
namespace {

constexpr std::size_t kStep = 50;
constexpr double kSignificant = 0.05;

std::optional<double> p_value(const PreferenceTable& table, const std::vector<std::size_t>& rows, std::size_t a, std::size_t b) {
  std::vector<double> differences;
  for (std::size_t row : rows) {
    const double difference = table.values[row][a] - table.values[row][b];
    if (!std::isnan(difference)) differences.push_back(difference);
  }
  if (differences.size() < 2) return std::nullopt;
  const auto n = static_cast<double>(differences.size());
  const double mean = pairwise_sum(differences) / n;
  for (double& difference : differences) difference = (difference - mean) * (difference - mean);
  const double error = std::sqrt(pairwise_sum(differences) / (n - 1) / n);
  if (!(error > 0)) return mean == 0 ? std::nullopt : std::optional(0.0);  // all differences equal
  const boost::math::students_t distribution(n - 1);
  return 2 * boost::math::cdf(boost::math::complement(distribution, std::abs(mean / error)));
}

}  // namespace

Result<PreferenceTable> preference_table(std::span<const ModelPreference> rows, Recoding recoding) {
  if (rows.empty()) return fail(ErrorKind::data, "there are no annotations to compare models with");
  std::map<std::string, std::map<std::string, double>> by_model;  // model -> instruction -> preference
  std::map<std::string, std::size_t> places;
  for (const ModelPreference& row : rows) {
    places.emplace(row.instruction, 0);
    if (!by_model[row.model].emplace(row.instruction, row.preference.value_or(NAN)).second)
      return fail(ErrorKind::data, shorten(row.model, 60) + " has two preferences for one instruction: " + shorten(row.instruction, 60));
  }
  PreferenceTable out;
  for (auto& [instruction, place] : places) {
    place = out.instructions.size();
    out.instructions.push_back(instruction);
  }
  std::vector<std::pair<double, std::string>> order;
  for (const auto& [model, values] : by_model) {
    std::vector<double> preferences;
    for (const auto& [instruction, value] : values) preferences.push_back(value);
    auto rate = win_rate(preferences);
    order.emplace_back(rate && rate->win_rate ? *rate->win_rate : -1, model);
  }
  // Descending as pandas sorts: from the last to the first, and turned round.
  std::vector<double> keys;
  for (std::size_t i = order.size(); i-- > 0;) keys.push_back(order[i].first);
  std::vector<std::pair<double, std::string>> sorted;
  const std::vector<std::size_t> turned = numpy_argsort(keys);
  for (std::size_t i = turned.size(); i-- > 0;) sorted.push_back(std::move(order[order.size() - 1 - turned[i]]));
  order = std::move(sorted);
  out.values.assign(out.instructions.size(), std::vector<double>(order.size(), NAN));
  for (std::size_t m = 0; m < order.size(); ++m) {
    out.models.push_back(order[m].second);
    for (const auto& [instruction, value] : by_model[order[m].second]) {
      double used = value;
      if (recoding == Recoding::original) used = value == 0 ? 1 : value == 1 ? 0 : value;
      out.values[places[instruction]][m] = used;
    }
  }
  return out;
}

PValues paired_tests(const PreferenceTable& table, std::optional<std::size_t> n) {
  std::vector<std::size_t> rows(table.instructions.size());
  for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = i;
  if (n) {
    rows = shuffled_order(rows.size(), kSampleSeed);
    rows.resize(std::min(*n, rows.size()));
  }
  const std::size_t models = table.models.size();
  PValues out(models, std::vector<std::optional<double>>(models));
  for (std::size_t a = 0; a < models; ++a)
    for (std::size_t b = a + 1; b < models; ++b) out[a][b] = out[b][a] = p_value(table, rows, a, b);
  return out;
}

std::optional<PSummary> summary(const PValues& values) {
  std::vector<double> all;
  for (const auto& row : values)
    for (const auto& value : row)
      if (value) all.push_back(*value);
  if (all.empty()) return std::nullopt;
  PSummary out;
  out.mean = pairwise_sum(all) / static_cast<double>(all.size());
  std::sort(all.begin(), all.end());
  out.max = all.back();
  const double place = 0.9 * static_cast<double>(all.size() - 1);
  const auto low = static_cast<std::size_t>(place);
  const double high = low + 1 < all.size() ? all[low + 1] : all[low];
  out.quantile_90 = all[low] + (high - all[low]) * (place - static_cast<double>(low));
  return out;
}

std::vector<std::vector<std::optional<std::size_t>>> samples_needed(const PreferenceTable& table) {
  const std::size_t models = table.models.size();
  std::vector<std::vector<std::optional<std::size_t>>> out(models, std::vector<std::optional<std::size_t>>(models));
  for (std::size_t n = kStep; n < table.instructions.size(); n += kStep) {
    const PValues values = paired_tests(table, n);
    for (std::size_t a = 0; a < models; ++a)
      for (std::size_t b = 0; b < models; ++b)
        if (!out[a][b] && values[a][b] && *values[a][b] < kSignificant) out[a][b] = n;
  }
  return out;
}

Result<std::vector<DatasetTests>> tests_by_dataset(std::span<const ModelPreference> rows, Recoding recoding, std::size_t& n) {
  std::vector<std::string> names;
  for (const ModelPreference& row : rows)
    if (std::find(names.begin(), names.end(), row.dataset) == names.end()) names.push_back(row.dataset);
  std::vector<DatasetTests> out;
  n = rows.size();
  for (const std::string& name : names) {
    std::vector<ModelPreference> mine;
    for (const ModelPreference& row : rows)
      if (row.dataset == name) mine.push_back(row);
    auto table = preference_table(mine, recoding);
    if (!table) return std::unexpected(table.error());
    n = std::min(n, table->instructions.size());
    out.push_back({name, std::move(*table), {}});
  }
  for (DatasetTests& one : out) one.values = paired_tests(one.table, n);
  return out;
}

}  // namespace assay::alpaca_eval
