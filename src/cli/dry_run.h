// assay run --dry-run: the plan, what it would cost, the first prompt as the model will see it. Nothing is asked.
#pragma once

#include <map>
#include <string>

#include "base/json.h"
#include "cli/benchmarks.h"
#include "cli/session.h"

namespace assay::cli {

struct DryRunResult {
  json::object document;  // under --json
  std::string text;       // else
  std::string summary;    // one line: requests, tokens, money
  std::string requests;   // requests.jsonl: every request that is known beforehand
};

/// `judges`: role -> model spec, of the roles beside "model"; their requests hold answers, so their tokens are not known.
/// Errors: usage (specs, options), data (missing files, a model file that cannot be used).
Result<DryRunResult> dry_run(Session& session, const Benchmark& benchmark, const Selection& selection, const std::string& model_spec,
                             const std::map<std::string, std::string>& judges = {});

}  // namespace assay::cli
