// Keys of the original's response cache (lm_cache/*.db): who has one can look up there what was asked.
#pragma once

#include <string>
#include <string_view>

#include "base/json.h"

namespace assay::harness {

/// SHA-256 of the JSON [kind, ...arguments] as Python writes it. `kind`: loglikelihood, loglikelihood_rolling, greedy_until,
/// generate_until.
std::string cache_key(std::string_view kind, const json::array& arguments);
/// "lm_cache/MODEL_ARGUMENTS.db" with "=" -> "-", "," -> "_", "/" -> "-" in the arguments.
std::string cache_file(std::string_view model, std::string_view model_arguments);

}  // namespace assay::harness
