// What a document's score rests on, as a person can check it by hand, and the way back. docs/formats/harness.md describes it.
#pragma once

#include <span>
#include <vector>

#include "benchmark/harness/task.h"
#include "model/request.h"
#include "run/evaluation.h"

namespace assay::harness {

/// `answers`: one a choice, or of a text the one there is.
SampleResult sample_result(std::string sample, const TaskInfo& task, const Document& document, std::span<const Loglikelihood> answers);

/// The log-likelihoods of a stored result, one a choice; fewer where it was not scored. Infinities come back as such.
std::vector<double> loglikelihoods_of(const SampleResult& sample);

}  // namespace assay::harness
