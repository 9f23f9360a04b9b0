// A run's report: the official score with its random verdicts, the honest ones beside it, and each source benchmark.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <vector>

#include "benchmark/mixeval/judgement.h"
#include "run/report.h"

namespace assay::mixeval {

/// What is known of one split's selected entries, in the order of the run.
struct SideItems {
  std::vector<std::string> benchmarks;
  std::vector<std::size_t> clusters;  // copies of one entry share a number
  std::vector<std::size_t> options, answers;
  std::size_t size() const { return benchmarks.size(); }
};
SideItems items_of(const std::vector<Entry>& entries);

/// One iteration: rows of both splits, each in the order of the entries. Entries without a row are missing.
struct IterationRows {
  bool as_stored = false;  // rows are a judged file's lines, random verdicts included: nothing is put in another order or drawn
  std::vector<Row> free_form, multiple_choice;
  std::vector<Row>& side(Split split) { return split == Split::free_form ? free_form : multiple_choice; }
  const std::vector<Row>& side(Split split) const { return split == Split::free_form ? free_form : multiple_choice; }
};

/// One split's judgements in the order that the original's judged file has, under the settings' rule for what no verdict was had for.
struct SideOutcome {
  std::vector<Judged> judged;
  std::vector<std::size_t> entries;  // of each judgement
  std::size_t random = 0, blocked = 0;
};
SideOutcome official_side(Split split, const Settings& settings, Unparsed unparsed, const SideItems& items, const std::vector<Row>& rows, bool as_stored, PythonRandom& random);

/// Fills metrics, counts, parts, status and reason.
void summarize(const Settings& settings, const SideItems& free_form, const SideItems& multiple_choice, std::span<const IterationRows> iterations, Report& report);

}  // namespace assay::mixeval
