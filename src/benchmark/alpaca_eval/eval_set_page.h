// eval_set.html: what an evaluation set tells apart, drawn - p-values of every two models, by number of instructions and by data set.
#pragma once

#include <string>

#include "benchmark/alpaca_eval/eval_set_tables.h"

namespace assay::alpaca_eval {

/// Pure; names of models and data sets are escaped here. `version`: of the program.
std::string eval_set_page(const EvalSetTables& tables, const std::string& version);

}  // namespace assay::alpaca_eval
