// What --out DIR receives: report.json, report.html, scores.jsonl and the original tool's files.
#pragma once

#include <filesystem>

#include "run/run_plan.h"
#include "run/runner.h"

namespace assay::cli {

Result<void> write_run_files(const std::filesystem::path& folder, const RunPlan& plan, const RunResult& result);

struct RunJobResult;
/// One page for several runs.
Result<void> write_html(const std::filesystem::path& file, const std::vector<RunJobResult>& runs);

/// For reports without a run in the journal (`score --from`): report.json, scores.jsonl and report.html.
Result<void> write_report_files(const std::filesystem::path& folder, const Report& report, const std::vector<ScoredSample>& samples);

}  // namespace assay::cli
