// What an evaluation set tells apart, as tables: p-values of every two models, how many instructions would have been enough, and the power of each data
// set. The original draws these as figures in its notebooks (plot_paired_ttests and its kin); here they are csv files and a few lines of text.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "benchmark/alpaca_eval/leaderboard_table.h"
#include "benchmark/alpaca_eval/paired_tests.h"
#include "benchmark/alpaca_eval/table.h"

namespace assay::alpaca_eval {

struct EvalSetSettings {
  Recoding recoding = Recoding::none;
  std::optional<std::size_t> instructions;  // of the tests of every two models: so many, drawn with the original's seed; nothing = all
};

struct EvalSetTables {
  /// File name without ".csv" and content, in the order in which they are written: paired_pvalues, samples_needed, pvalues_by_samples, datasets,
  /// paired_pvalues_DATASET for each data set (in a name, what is no letter, digit, '-' or '.' becomes '_').
  std::vector<std::pair<std::string, BoardTable>> tables;
  std::size_t models = 0, instructions = 0, pairs = 0, separated = 0;  // separated: pairs with p < 0.05
  std::size_t instructions_by_dataset = 0;                             // what each data set was tested with
  const BoardTable* table(std::string_view name) const;
};

/// Rows of annotations: instruction, generator_2, preference and, where it is there, dataset. 0 is read as a tie unless the original's recoding is wanted.
/// `data` errors: a column that lacks, a row without a text, a model with two preferences for one instruction, fewer than two models.
Result<std::vector<ModelPreference>> model_preferences(const Table& table, Recoding recoding);
Result<EvalSetTables> eval_set_tables(std::span<const ModelPreference> rows, const EvalSetSettings& settings);

/// For the terminal: how many pairs are separated, by all instructions, by data set and by number of instructions. Ends with '\n'.
std::string eval_set_text(const EvalSetTables& tables);
/// {"models", "instructions", ..., "tables": {NAME: {ROW: {COLUMN: number or null}}}}.
json::object eval_set_json(const EvalSetTables& tables);

}  // namespace assay::alpaca_eval
