// What became of a sample. In this order of precedence, they add up to n (interfaces: Report).
#pragma once

#include <cstddef>
#include <string_view>

namespace assay {

enum class Outcome {
  failed,       // no text came
  scored,       // the official rule accepted it, even if it was cut
  truncated,    // not accepted, and the answer was cut by the token limit
  unparseable,  // not accepted
  missing,      // under Recorded: the journal has no answer
};
std::string_view name(Outcome outcome);
Outcome outcome_from(std::string_view name);

struct Counts {
  std::size_t scored = 0, unparseable = 0, truncated = 0, failed = 0, missing = 0;
  std::size_t scored_cut = 0;  // scored ones whose answer was cut; counted apart
  void add(Outcome outcome, bool cut);
  std::size_t total() const { return scored + unparseable + truncated + failed + missing; }
};

}  // namespace assay
