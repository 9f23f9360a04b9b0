// What a person needs to check a question's score by hand, as JSON; and the way back, for the original tool's files.
// docs/formats/eq-bench.md describes it.
#pragma once

#include <optional>
#include <span>
#include <string>

#include "benchmark/eq_bench/attempts.h"
#include "benchmark/eq_bench/formats.h"
#include "benchmark/eq_bench/summary.h"
#include "model/request.h"
#include "run/evaluation.h"

namespace assay::eq_bench {

/// How one ask went, beside what Attempts keeps of it.
struct AskRecord {
  Finish finish = Finish::unknown;
  std::string reasoning;
  std::string error;  // set when no answer came
};

/// Outcome, values and evidence of one question; `asks` as long as attempts.all(). The prompt is not in the evidence: it is a known
/// request, which whoever reads the stored result puts back (run/unit_results.h).
SampleResult sample_result(const Question& question, const Protocol& protocol, const Attempts& attempts,
                           std::span<const AskRecord> asks);

/// The same for one recorded answer, which was accepted when it was given. Its text is parsed again only to say where in it the
/// stored answers stand; where they are not in it, nothing is marked.
SampleResult recorded_result(const StoredQuestion& stored, const Question& question, const std::string& prompt, const Protocol& protocol);

/// The numbers of a result, for summarize(). A result without values gives a row without numbers.
SampleRow row_of(const SampleResult& sample, std::size_t question, const Protocol& protocol);
/// What upstream would have stored; nullopt where it stores nothing.
std::optional<StoredQuestion> stored_of(const SampleResult& sample);

}  // namespace assay::eq_bench
