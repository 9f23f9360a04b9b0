// Official annotations as a judge is held against them, and as an evaluation set is tested with them: any table ends in numbers, pages and csv files, or in an
// error that says what is wrong.
#include "base/text.h"
#include "benchmark/alpaca_eval/calibration_page.h"
#include "benchmark/alpaca_eval/calibration_set.h"
#include "benchmark/alpaca_eval/calibration_statistics.h"
#include "benchmark/alpaca_eval/eval_set_page.h"
#include "benchmark/alpaca_eval/eval_set_tables.h"
#include "fuzz.h"

namespace assay::fuzz {
namespace {

using namespace alpaca_eval;

/// A judge whose verdicts are made of the comparisons' places.
void judge(const CalibrationSet& set) {
  std::vector<JudgedComparison> judged;
  for (std::size_t i = 0; i < set.comparisons.size(); ++i) {
    const OfficialJudgement& one = set.comparisons[i];
    REQUIRE(one.model < set.models.size() && one.cluster < set.instructions && one.preference >= 1 && one.preference <= 2);
    JudgedComparison& mine = judged.emplace_back();
    mine.model = one.model, mine.cluster = one.cluster, mine.place = one.place, mine.official = one.preference;
    mine.length_1 = static_cast<double>(count_code_points(one.output_1)), mine.length_2 = static_cast<double>(count_code_points(one.output_2));
    if (i % 5 != 4) mine.shown = i % 3 == 0 ? 1 : i % 3 == 1 ? 1.5 : 2;
    if (i % 4 != 3) mine.swapped = i % 2 ? 1 : 2;
    if (mine.shown && i % 2) mine.repeats = {2};
  }
  Report report;
  report.benchmark = "judge-calibration@1";
  LengthData length;
  length.why = "none";
  CalibrationStatistics settings;
  settings.replicates = 20;
  calibrate(judged, set.models, std::vector<bool>(set.models.size()), length, settings, report.total);
  for (const Metric& metric : report.total.metrics) {
    REQUIRE(metric.value.has_value() != !metric.why_null.empty());
    REQUIRE(metric.ci_low.has_value() == metric.ci_high.has_value());
    if (metric.ci_low) REQUIRE(*metric.ci_low <= *metric.ci_high);
  }
  REQUIRE(is_valid_utf8(calibration_page(report)));
}

}  // namespace

void fuzz_one(std::string_view input) {
  auto table = read_table(input, ".json", "input");
  if (!table) return;
  if (auto set = read_calibration_set({*table}, {"input"})) {
    REQUIRE(set->comparisons.size() + set->left_out() == table->rows.size());
    const CalibrationSet few = draw(*set, 2, 123);
    REQUIRE(draw(*set, 0, 123).comparisons.size() == set->comparisons.size());
    judge(few);
    judge(*set);
  } else {
    REQUIRE(set.error().kind == ErrorKind::data && !set.error().message.empty());
  }
  for (Recoding recoding : {Recoding::none, Recoding::original}) {
    auto rows = model_preferences(*table, recoding);
    if (!rows) continue;
    auto tables = eval_set_tables(*rows, {recoding, std::nullopt});
    if (!tables) continue;
    REQUIRE(tables->separated <= tables->pairs);
    for (const auto& [name, content] : tables->tables) REQUIRE(name.find('/') == std::string::npos && is_valid_utf8(content.write()));
    REQUIRE(is_valid_utf8(eval_set_page(*tables, "1")) && is_valid_utf8(eval_set_text(*tables)));
  }
}

}  // namespace assay::fuzz
