// Comparisons that an official judge has judged: what another judge is held against.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "benchmark/alpaca_eval/table.h"

namespace assay::alpaca_eval {

struct OfficialJudgement {
  std::string id;           // "MODEL/PLACE"
  std::size_t model = 0;    // of CalibrationSet::models
  std::size_t cluster = 0;  // which of the set's instructions
  std::size_t place = 0;    // row of its file, or what the column `index` says: whose difficulty counts
  std::string instruction, output_1, output_2, dataset;
  double preference = 1.5;  // 1 to 2
  bool same_generator = false;  // the model is the reference
};

struct CalibrationSet {
  std::vector<OfficialJudgement> comparisons;
  std::vector<std::string> models;   // generator_2, in order of appearance
  std::vector<std::string> judges;   // annotator, likewise
  std::vector<std::string> references;  // generator_1
  std::size_t instructions = 0;
  /// Rows that are of no use here: no preference, no text, equal outputs (nobody was asked), an instruction that the model had already.
  std::size_t without_preference = 0, without_text = 0, equal_outputs = 0, repeated = 0;

  std::size_t left_out() const { return without_preference + without_text + equal_outputs + repeated; }
};

/// The rows of the tables, each an annotations.json in the original's layout. `where` names each table for messages. `data` errors: a column that lacks
/// (instruction, output_1, output_2, preference), several judges or references in all of them (agreement with a mixture says nothing), no row of use.
Result<CalibrationSet> read_calibration_set(const std::vector<Table>& tables, const std::vector<std::string>& where);

/// What was judged about `instructions` of its instructions, drawn by seed: the more are drawn, the more are added to the same ones. In the order
/// drawn, an instruction's comparisons one after another. 0 = all of them. Clusters and models keep their numbers.
CalibrationSet draw(const CalibrationSet& set, std::size_t instructions, std::uint32_t seed);

}  // namespace assay::alpaca_eval
