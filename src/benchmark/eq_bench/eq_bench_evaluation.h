// EQ-Bench made ready for one run: a unit is one question of one iteration, iterations one after another, questions in file
// order.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "benchmark/benchmark.h"
#include "benchmark/eq_bench/formats.h"
#include "benchmark/eq_bench/protocol.h"
#include "benchmark/eq_bench/questions.h"

namespace assay::eq_bench {

/// Question set, selection and settings of a run or of a rescoring.
struct Prepared {
  Protocol protocol;
  std::shared_ptr<const std::vector<Question>> all;       // the whole file
  std::shared_ptr<const std::vector<Question>> selected;  // --limit, --samples
  std::vector<std::string> prompts;                       // of the selected ones
  int iterations = 1;
  std::string benchmark;  // "eq-bench@2:de"
  std::string file, sha256, edition;
  /// Answers that a result file of the original tool holds, by iteration and question: they are not asked again.
  std::shared_ptr<const std::map<std::pair<int, std::string>, StoredQuestion>> held;
  json::object manifest() const;
};
/// Reads and checks the data, applies the selection. Errors: usage (options, unknown samples), data.
Result<Prepared> prepare(const PrepareSettings& settings, DataSource& data);

std::shared_ptr<Evaluation> make_evaluation(Prepared prepared);

}  // namespace assay::eq_bench
