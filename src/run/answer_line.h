// One sample's answer at a glance: the text that counted, or the choice that log-likelihoods speak for.
#pragma once

#include <string>

#include "run/evaluation.h"

namespace assay {

/// evidence_preview() on one line; of a sample without texts "blue (log-likelihood -3.2100)" from evidence.chosen (docs/formats/report.md);
/// at most some 700 bytes, "" where there is nothing. Foreign text: the caller escapes it.
std::string answer_line(const SampleResult& sample);

}  // namespace assay
