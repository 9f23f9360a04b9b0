// How an evaluator judges, as a manifest's "judging" says it: what run/judge_fingerprint.h makes a judge's fingerprint of.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "base/json.h"
#include "benchmark/alpaca_eval/decoder.h"
#include "benchmark/alpaca_eval/evaluator_config.h"
#include "benchmark/alpaca_eval/judge_prompt.h"

namespace assay::alpaca_eval {

/// Prompts (the SHA-256 over the texts), parsers with their arguments, sampling and functions as they are sent, output order, batches, chain of
/// thought: of the annotators with these numbers, all where none is named. Names of configurations and files do not count. `decoders`: one an annotator.
json::object judging_facts(const EvaluatorConfig& config, const std::vector<Decoder>& decoders, std::int64_t seed, Filling filling, std::span<const std::size_t> annotators = {});

}  // namespace assay::alpaca_eval
