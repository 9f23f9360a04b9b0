#include "cli/show_report.h"

#include "leaderboard/ranking.h"
#include "leaderboard/ranking_text.h"
#include "run/report_text.h"

namespace assay::cli {

TextStyle text_style(const Invocation& invocation) {
  TextStyle style;
  style.utf8 = invocation.terminal.utf8;
  style.colour = invocation.terminal.colour;
  style.width = static_cast<std::size_t>(invocation.terminal.width);
  return style;
}

void show_summary(const Invocation& invocation, const Report& report, const std::vector<std::string>& next) {
  invocation.out(report_text(report, text_style(invocation), next) + "\n");
}

void show_ranking(const Invocation& invocation, const std::vector<Report>& reports) {
  RankOptions options;
  options.runs = RunChoice::all;
  invocation.out(ranking_text(rank(reports, options), text_style(invocation)));
}

}  // namespace assay::cli
