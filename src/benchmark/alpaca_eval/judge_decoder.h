// The requests of an annotator for any model in the place of the configured one, also where the configured one has no back end here or is no more.
#pragma once

#include "benchmark/alpaca_eval/decoder.h"
#include "benchmark/alpaca_eval/evaluator_config.h"

namespace assay::alpaca_eval {

/// make_decoder() and answer_with(); its `spec` is empty. Of a decoder that is unsupported here, temperature and token limit are kept and `deviates` says
/// so. Errors: the others of make_decoder().
Result<Decoder> judge_decoder(const AnnotatorConfig& annotator);

}  // namespace assay::alpaca_eval
