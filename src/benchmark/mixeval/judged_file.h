// Judged files: response lines with the verdict behind them, and what scores need of them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "benchmark/mixeval/judge_order.h"
#include "benchmark/mixeval/response_file.h"
#include "benchmark/mixeval/rule_numbers.h"
#include "benchmark/mixeval/score.h"

namespace assay::mixeval {

/// One line of a judge's file. `cut`: the part of a base model's response that was judged, where it was cut at all.
std::string judged_line(Split split, const StoredResponse& response, const std::optional<std::string>& cut, const Verdict& verdict);
/// One line of a rule parser's file.
std::string rule_line(const StoredResponse& response, const std::vector<Normal>& parsed, bool right);
std::string rule_line(const StoredResponse& response, char parsed, bool right);

/// One line as it is read back.
struct JudgedLine {
  std::string id, benchmark;
  double value = 0;                        // what scores add up
  std::optional<std::string> words;        // judge_response
  json::object fields;
};
/// `rule`: the file is a rule parser's. Only what the original reads is needed: benchmark_name and the verdict (multiple-choice: options,
/// target, judge_option); a line without id is called "#" and its number. Errors (`data`) name line and id.
Result<std::vector<JudgedLine>> read_judged(std::string_view text, Split split, bool rule, const std::string& where);
std::vector<Judged> judged_of(const std::vector<JudgedLine>& lines);

}  // namespace assay::mixeval
