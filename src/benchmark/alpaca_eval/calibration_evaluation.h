// A judge's calibration as something to run: every comparison is asked in both orders and, for its agreement with itself, several times in the first.
#pragma once

#include <memory>

#include "benchmark/alpaca_eval/calibration_plan.h"
#include "run/evaluation.h"

namespace assay::alpaca_eval {

/// A unit is one prompt of the evaluator: as many comparisons as it takes. It is asked as a run shows it, then with the outputs exchanged, then again as it
/// was; the first is the request that `assay run alpaca-eval` makes, so that one's journaled answer serves both.
std::shared_ptr<Evaluation> make_calibration(CalibrationPlan plan);

}  // namespace assay::alpaca_eval
