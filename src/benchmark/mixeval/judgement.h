// One entry's way from answer to verdict as a run keeps it: values and evidence of a sample, and the way back.
#pragma once

#include <optional>
#include <string>

#include "benchmark/mixeval/entry.h"
#include "benchmark/mixeval/judge_order.h"
#include "benchmark/mixeval/settings.h"
#include "model/request.h"
#include "run/evaluation.h"

namespace assay::mixeval {

/// The answer of the tested model.
struct Answer {
  std::string text, reasoning;
  Finish finish = Finish::unknown;
  bool held = false;  // from a file, not asked for
};
/// One reply of a judge.
struct Reply {
  std::optional<std::string> text;  // null: refused
  Finish finish = Finish::unknown;
  std::string error;
};

/// "ff:12", "mc:7".
std::string sample_id(Split split, std::string_view id);

/// `outcome` null: a rule parser, or inference only. Outcomes: scored (a verdict was accepted, a rule found something), truncated or
/// unparseable (none was).
SampleResult sample_result(Split split, const Entry& entry, const Settings& settings, const Answer& answer, const std::vector<Reply>& replies,
                           const std::optional<JudgeOutcome>& outcome);
/// No answer came at all: error is why.
SampleResult no_answer(Split split, const Entry& entry, const Error& error);

/// What sums need of a sample.
struct Row {
  std::size_t entry = 0;             // index among the split's selected entries
  Outcome outcome = Outcome::missing;
  bool cut = false;
  std::optional<double> value;       // of an accepted verdict
  std::optional<std::size_t> option; // multiple-choice: the one it names
  int judge_calls = 0;
  bool blocked = false;              // the judge refused
  bool answered = false;             // the model did answer, and judge or rule have looked at it
  std::optional<double> drawn;       // a random verdict's value, where a judged file has it
};
Row row_of(const SampleResult& sample, std::size_t entry);

/// What judged files need; null where there is no answer.
struct StoredAnswer {
  std::string text;
  JudgeOutcome judged;
  bool lost = false;  // the judge could not be reached: an answer without judgement
};
std::optional<StoredAnswer> stored_of(Split split, const SampleResult& sample);

}  // namespace assay::mixeval
