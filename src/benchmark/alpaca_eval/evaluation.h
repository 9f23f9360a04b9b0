// AlpacaEval as a run: the model answers an instruction, the judge compares the answer with the reference's. A unit is one prompt of the judge.
#pragma once

#include <memory>

#include "benchmark/alpaca_eval/run_settings.h"
#include "run/evaluation.h"

namespace assay::alpaca_eval {

std::shared_ptr<Evaluation> make_evaluation(Prepared prepared);

}  // namespace assay::alpaca_eval
