// The line-by-line files under --out: scores.jsonl (one object a sample) and requests.jsonl (one a request known beforehand).
// Format: docs/formats/report.md. Every function returns whole lines, each ended by '\n'.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "run/evaluation.h"

namespace assay {

/// One line of scores.jsonl; `keys` are the answers the unit rests on, in the order asked.
std::string score_line(const Unit& unit, const SampleResult& sample, std::span<const Key> keys);

/// What score_line() wrote.
struct ScoreLine {
  Unit unit;
  SampleResult sample;
  std::vector<Key> keys;
};
/// Errors: data. `line` is without its newline.
Result<ScoreLine> read_score_line(std::string_view text, std::string_view where = {});

/// The lines of requests.jsonl for one request: one, or one an item for a log-likelihood group. `index` is the place of the first
/// of them in the file.
std::string request_lines(std::string_view benchmark, const KnownRequest& known, std::size_t index);
/// How many lines that will be.
std::size_t request_line_count(const Request& request);
/// A request that depends on an answer and cannot be written yet.
std::string pending_line(std::string_view benchmark, std::string_view what);

}  // namespace assay
