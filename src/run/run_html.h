// One run's section of report.html: metrics, outcomes, distribution, parts, samples, manifest.
#pragma once

#include <cstddef>

#include "run/chart.h"
#include "run/evaluation.h"
#include "run/evidence_html.h"
#include "run/html.h"
#include "run/report.h"

namespace assay {

struct RunHtmlOptions {
  std::size_t number = 1;  // of the run in the file, from 1: the section's id is run-NUMBER
  bool alone = false;      // the only run: its name stands in the page's head already
  std::size_t max_samples = 2000;
  EvidenceLimits evidence{};
};

/// `results` may be null. Errors: the sink's, or those of reading the results.
Result<void> write_run_html(const Report& report, const UnitResults* results, const RunHtmlOptions& options,
                            const TextSink& sink);

/// Small labels after a model's name: official, or the edition, departures, what is missing.
std::string standing_tags(const Report& report);

}  // namespace assay
