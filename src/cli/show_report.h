// Reports on standard output.
#pragma once

#include <vector>

#include "cli/context.h"
#include "run/report.h"
#include "run/text_table.h"

namespace assay::cli {

TextStyle text_style(const Invocation& invocation);
void show_summary(const Invocation& invocation, const Report& report, const std::vector<std::string>& next = {});
void show_ranking(const Invocation& invocation, const std::vector<Report>& reports);

}  // namespace assay::cli
