// Which models an evaluation set tells apart: paired t-tests of every two models on the instructions that both answered, the number of instructions that
// would have been enough, and the same for each data set.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "base/error.h"

namespace assay::alpaca_eval {

struct ModelPreference {
  std::string instruction, dataset, model;  // model: generator_2
  std::optional<double> preference;
};

/// Preferences by instruction (sorted by code point) and model.
struct PreferenceTable {
  std::vector<std::string> instructions, models;   // models: by falling win rate
  std::vector<std::vector<double>> values;         // [instruction][model]; NaN = missing
};
/// How the original recodes preferences before testing: it exchanges 0 and 1, as files once had them. Today that spoils every sure loss.
enum class Recoding { none, original };
/// `data` error for a model that has two preferences for one instruction, and for no rows.
Result<PreferenceTable> preference_table(std::span<const ModelPreference> rows, Recoding recoding = Recoding::none);

/// [row][column], in the order of the table's models; nothing on the diagonal and where there are too few pairs.
using PValues = std::vector<std::vector<std::optional<double>>>;
/// Two-sided; pairs with a missing value are left out. `n`: on that many instructions, drawn with the original's seed.
PValues paired_tests(const PreferenceTable& table, std::optional<std::size_t> n = {});

struct PSummary {
  double mean = 0, quantile_90 = 0, max = 0;  // over all cells off the diagonal
};
std::optional<PSummary> summary(const PValues& values);

/// The smallest of 50, 100, ... below the number of instructions whose test has p < 0.05; nothing where none has.
std::vector<std::vector<std::optional<std::size_t>>> samples_needed(const PreferenceTable& table);

struct DatasetTests {
  std::string dataset;
  PreferenceTable table;
  PValues values;
};
/// For every data set in order of appearance, on as many instructions as the smallest has; `n` gets that number.
Result<std::vector<DatasetTests>> tests_by_dataset(std::span<const ModelPreference> rows, Recoding recoding, std::size_t& n);

}  // namespace assay::alpaca_eval
