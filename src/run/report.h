// The result of a run: docs/formats/report.md. A value; writers are report_json, report_html, report_text beside this file.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "run/outcome.h"

namespace assay {

struct Metric {
  std::string name;                 // the original tool's own name where it has one
  std::optional<double> value;      // rounded only where the original defines the rounding
  std::optional<double> raw;        // unrounded, when value is rounded
  std::optional<double> stderr_;    // ours, clustered by sample
  std::optional<double> ci_low, ci_high;  // 95 %
  std::optional<std::size_t> n;
  std::string why_null;             // set when value is empty
  std::optional<bool> lower_is_better{};  // as the task says; none: the name tells (run/display.h)
};

struct Part {
  std::string name;
  std::vector<Metric> metrics;  // the first one is the headline: what is ranked and charted
  Counts counts;
  std::vector<Part> parts;
  const Metric* metric(std::string_view name) const;
};

struct UsageTotals {
  std::uint64_t requests = 0, from_journal = 0, tries = 0;
  std::uint64_t input_tokens = 0, output_tokens = 0, reasoning_tokens = 0;
  std::optional<double> usd;
  double seconds = 0;
};

struct Report {
  std::string assay;      // program version
  std::string run;        // id, "" for `score --from`
  std::string benchmark;  // "eq-bench@2"
  std::string edition;    // "official", "sample", "stand-in", "custom"
  std::map<std::string, std::string> roles;  // "model" -> label or spec
  std::string created;    // UTC
  std::string created_local{};  // "2024-01-02 03:04:05" where the person is; for original tools' files alone, not in the JSON
  std::string status = "complete";  // complete | incomplete | failed
  std::string reason;
  Part total;             // name = benchmark
  UsageTotals usage;
  std::vector<std::string> deviates;
  json::object manifest;
  bool official() const { return edition == "official" && status == "complete" && deviates.empty(); }
};

json::object to_json(const Report& report);
/// When the run was over, as original tools' files have it: local time where the front end gave it, else UTC.
std::string completed_text(const Report& report);
/// Errors: data, naming the member that does not fit. Unknown members are ignored, absent ones keep their defaults
/// (`benchmark`, `status` and `metrics` are required).
Result<Report> report_from_json(const json::value& value);
/// One report, or an array of them as `--json` of several runs gives.
Result<std::vector<Report>> reports_from_json(const json::value& value);

}  // namespace assay
