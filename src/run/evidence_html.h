// One sample's evidence as HTML: prompt, answers with what the parser took highlighted, reference, formula; everything else as
// data (docs/formats/report.md, "Evidence"). All of it is foreign text: bounded, escaped, any shape accepted.
#pragma once

#include <cstddef>
#include <string>
#include <utility>
#include <vector>

#include "run/evaluation.h"

namespace assay {

struct EvidenceLimits {
  std::size_t text = 24'000;     // bytes shown of one text
  std::size_t sample = 160'000;  // bytes of HTML for one sample, roughly; what comes after is only named
};

/// Appends the opened part of a sample's row.
void append_evidence(std::string& out, const SampleResult& sample, const EvidenceLimits& limits);

/// The answer that counted (else the last one), else the reason: raw text for a one-line preview.
std::string_view evidence_preview(const SampleResult& sample);

/// `text` as HTML with [begin, end) byte ranges marked. Ranges outside the text, backward or overlapping ones are repaired.
std::string highlighted(std::string_view text, std::vector<std::pair<std::size_t, std::size_t>> spans);

/// The value that charts and sorting use: `score`, else a scored sample's first number.
std::optional<double> main_value(const SampleResult& sample);

}  // namespace assay
