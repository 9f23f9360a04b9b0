// The fingerprint of a judge: figures of two runs can only be compared when the same judge gave them, asked and read in the same way.
#pragma once

#include <map>
#include <string>

#include "base/json.h"
#include "run/run_plan.h"

namespace assay {

/// 32 hex digits: key_of() of the canonical JSON of {"model": the role's identity, "overrides": what its spec sets in every request (temperature,
/// system, ...), "judging": `judging` without its fingerprint}. Concurrency, prices, keys and ports do not count.
std::string judge_fingerprint(const Role& role, const json::object& judging);

/// An evaluation says in its manifest how it judges: "judging": {ROLE: {"prompt": SHA-256 of the judge's prompt template, "parser": ..., "sampling":
/// ..., ...}}. Puts "fingerprint" into each of these whose role the run has. "judging" follows from the rest of the manifest and is no part of the
/// plan's hash.
void add_judge_fingerprints(json::object& manifest, const std::map<std::string, Role>& roles);

}  // namespace assay
