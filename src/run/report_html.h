// report.html: one self-contained file for one run or several. No external address, a Content-Security-Policy that lets nothing
// but this file's own style and script work, readable without the script. Streamed: memory does not grow with the samples' texts.
#pragma once

#include <filesystem>
#include <span>
#include <string>

#include "run/evaluation.h"
#include "run/evidence_html.h"
#include "run/html.h"
#include "run/report.h"

namespace assay {

struct HtmlRun {
  const Report* report = nullptr;
  const UnitResults* results = nullptr;  // null: the report without its samples
};

struct HtmlOptions {
  std::string title{};             // "" = made from the reports
  std::size_t max_samples = 2000;  // in the whole file, shared by its runs
  EvidenceLimits evidence{};
};

/// Errors: the sink's, or those of reading the results.
Result<void> write_report_html(std::span<const HtmlRun> runs, const HtmlOptions& options, const TextSink& sink);
/// Into a file that appears whole or not at all.
Result<void> write_report_html(std::span<const HtmlRun> runs, const HtmlOptions& options, const std::filesystem::path& path);

}  // namespace assay
