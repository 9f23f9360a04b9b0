// A report and results to write, made of nothing but values.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <string>
#include <vector>

#include "run/evaluation.h"
#include "run/report.h"

namespace assay::test {

class FixedResults : public UnitResults {
 public:
  std::vector<std::pair<Unit, UnitResult>> units;
  std::size_t size() const override { return units.size(); }
  Result<void> for_each(const std::function<bool(std::size_t, const Unit&, const UnitResult&)>& visit) const override {
    for (std::size_t i = 0; i < units.size(); ++i)
      if (!visit(i, units[i].first, units[i].second)) break;
    return {};
  }
  void add(SampleResult sample, int iteration = 1) {
    Unit unit{sample.sample, iteration};
    units.push_back({unit, UnitResult{{std::move(sample)}}});
  }
};

inline Metric metric(std::string name, double value, double stderr_, double low, double high, std::size_t n) {
  Metric out;
  out.name = std::move(name);
  out.value = value;
  out.stderr_ = stderr_;
  out.ci_low = low;
  out.ci_high = high;
  out.n = n;
  return out;
}

inline Report full_report() {
  Report report;
  report.assay = "0.1.0";
  report.run = "01KAK2M0Q4ZJ8X7V5T3R1P9N6M";
  report.benchmark = "eq-bench@2";
  report.edition = "official";
  report.roles = {{"judge", "judge-1"}, {"model", "gpt-x"}};
  report.created = "2026-01-31T12:00:00Z";
  report.total.name = report.benchmark;
  Metric score = metric("score", 64.78, 1.9, 61.0, 68.5, 171);
  score.raw = 64.77641520467836;
  report.total.metrics.push_back(score);
  Metric parseable;
  parseable.name = "parseable";
  parseable.value = 171;
  report.total.metrics.push_back(parseable);
  Metric revised;
  revised.name = "revised";
  revised.why_null = "no revision was asked for";
  report.total.metrics.push_back(revised);
  report.total.counts = {.scored = 160, .unparseable = 5, .truncated = 3, .failed = 2, .missing = 1, .scored_cut = 4};
  Part inner{"inner", {metric("acc", 0.5, 0.1, 0.3, 0.7, 26)}, {.scored = 26}, {}};
  report.total.parts.push_back({"outer", {metric("acc", 0.25, 0.05, 0.15, 0.35, 75)}, {.scored = 75}, {inner}});
  report.usage = {.requests = 180,
                  .from_journal = 12,
                  .tries = 171,
                  .input_tokens = 81234,
                  .output_tokens = 9123,
                  .reasoning_tokens = 7,
                  .usd = 0.0831,
                  .seconds = 74};
  report.deviates = {"temperature is not accepted"};
  report.manifest["data"] = "0123abcd";
  return report;
}

}  // namespace assay::test
