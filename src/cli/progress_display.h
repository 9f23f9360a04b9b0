// Shows a run's Progress: one line rewritten in place on a terminal, a plain line every ten seconds elsewhere.
#pragma once

#include <functional>
#include <string>

#include "cli/context.h"
#include "run/runner.h"

namespace assay::cli {

/// Empty when the invocation is quiet. Writes to standard error.
std::function<void(const Progress&)> progress_display(const Invocation& invocation);

/// "0:12", "1:02:45".
std::string duration_text(double seconds);
/// "987", "12.3k", "4.5M".
std::string short_number(double value);

}  // namespace assay::cli
