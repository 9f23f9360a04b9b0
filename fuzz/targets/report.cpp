// Reports and score lines that come back as files (run/report, run/jsonl): read, shown in every form, written and read the same.
#include "base/text.h"
#include "fuzz.h"
#include "run/jsonl.h"
#include "run/report.h"
#include "run/report_html.h"
#include "run/report_text.h"

namespace assay::fuzz {

void fuzz_one(std::string_view input) {
  if (auto line = read_score_line(input)) {
    std::string written = score_line(line->unit, line->sample, line->keys);
    REQUIRE(written.ends_with('\n') && written.find('\n') == written.size() - 1);
    auto again = read_score_line(std::string_view(written).substr(0, written.size() - 1));
    REQUIRE(again.has_value() && score_line(again->unit, again->sample, again->keys) == written);
  }
  auto value = parse_json(input);
  if (!value) return;
  auto reports = reports_from_json(*value);
  if (!reports) {
    REQUIRE(reports.error().kind == ErrorKind::data);
    return;
  }
  std::vector<HtmlRun> runs;
  for (const Report& report : *reports) {
    std::string text = write_json(to_json(report));
    auto again = report_from_json(*parse_json(text));
    REQUIRE(again.has_value() && write_json(to_json(*again)) == text);
    REQUIRE(report_text(report, {}).ends_with('\n'));
    report_line(report, {});
    runs.push_back({&report, nullptr});
  }
  std::size_t size = 0;
  auto written = write_report_html(runs, HtmlOptions{}, [&size](std::string_view part) -> Result<void> {
    size += part.size();
    return {};
  });
  REQUIRE(written.has_value() && size > 0);
}

}  // namespace assay::fuzz
