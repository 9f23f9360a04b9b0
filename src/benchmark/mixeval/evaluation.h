// MixEval made ready for one run. A unit is one entry of one iteration: free-form entries first, then multiple-choice ones, in the order
// of the files. Answer and judge's rounds of a unit depend on each other; different units do not. Verdicts of the original that depend on
// all entries - order, random ones - are made in finish().
#pragma once

#include <map>
#include <memory>
#include <string>
#include <unordered_map>
#include <vector>

#include "benchmark/benchmark.h"
#include "benchmark/mixeval/prompts.h"
#include "benchmark/mixeval/settings.h"
#include "benchmark/mixeval/summary.h"

namespace assay::mixeval {

struct SideData {
  std::vector<Entry> entries;         // selected ones
  std::vector<std::string> inputs;    // formated_input of each
  std::vector<std::optional<std::string>> held;  // an answer from a file, not asked for again
  std::size_t in_file = 0;
  std::string file, sha256;
};

struct Prepared {
  Settings settings;
  SideData free_form, multiple_choice;
  PromptTexts texts;  // those that are needed
  bool has_prefix = false;
  int iterations = 1;
  std::string benchmark;  // "mixeval@2024-08-11"
  std::string edition;
  json::object text_sums;  // of the texts that are needed
  bool from_lines = false;  // entries come from response lines, not from the data files
  SideData& side(Split split) { return split == Split::free_form ? free_form : multiple_choice; }
  const SideData& side(Split split) const { return split == Split::free_form ? free_form : multiple_choice; }
  json::object manifest() const;
};

/// `settings.held`, each member may be absent:
///   {"responses": {"ff:12": "text"}}           answers that are there already, by sample
///   {"entries": {"free-form": {...}, ...}}     data files that take the place of the pack's
///   {"lines": {"free-form": [...], ...}}       response lines that take the place of the data files: only they are judged
/// Errors: usage (options, unknown samples), data (files, held lines).
Result<Prepared> prepare(const PrepareSettings& settings, DataSource& data);

std::shared_ptr<Evaluation> make_evaluation(Prepared prepared);

}  // namespace assay::mixeval
