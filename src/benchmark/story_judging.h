// How stories are judged, as a manifest's "judging" says it: what run/judge_fingerprint.h makes a judge's fingerprint of.
#pragma once

#include <string>

#include "base/json.h"
#include "benchmark/story_rounds.h"

namespace assay::story {

/// `prompt_sha256`: of the judge's prompt template.
json::object judging_facts(const Protocol& protocol, const std::string& prompt_sha256);

}  // namespace assay::story
