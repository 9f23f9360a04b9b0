// assay harness, where the words are those of today's lm_eval: run, ls, validate.
#pragma once

#include "cli/context.h"

namespace assay::cli {

int harness_today(Invocation& invocation);
/// The flags that today's command line has beside the pinned version's.
std::vector<OptionSpec> harness_today_options();

}  // namespace assay::cli
