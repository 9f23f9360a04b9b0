// A YAML task's document as the requests that models take, and back.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "benchmark/harness/yaml_task.h"
#include "model/request.h"

namespace assay::harness {

/// In order: one group of log-likelihoods and, for acc_mutual_info, one more without context; one rolling; or one generation
/// (asked `repeats` times). What a document's contexts share stands in shared_prefix.
std::vector<Request> requests_of(const TaskConfig& task, const TaskDocument& document);

/// generation_kwargs as sampling: until, max_gen_toks (max_new_tokens, max_tokens), temperature (0 unless do_sample), top_p,
/// top_k, min_p, seed.
Sampling sampling_of(const PythonValue& generation_kwargs);
/// Those of its keys that nothing here passes on, such as num_beams.
std::vector<std::string> unused_kwargs(const PythonValue& generation_kwargs);
/// The stop texts.
std::vector<std::string> until_of(const PythonValue& generation_kwargs);

/// The answer up to the first of each stop text in turn.
std::string cut_at_stops(std::string text, const std::vector<std::string>& stops);

}  // namespace assay::harness
