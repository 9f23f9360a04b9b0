// Metrics that compare an answer with a reference, one document at a time.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/python_regex.h"
#include "base/python_value.h"

namespace assay::harness {

/// exact_match with its options, applied in this order: what each of regexes_to_ignore matches is deleted, ignore_case,
/// ignore_punctuation (ASCII's), ignore_numbers (ASCII digits). Texts are numpy's in the original, so NULs at the end do not
/// count. Immutable; any thread.
class ExactMatch {
 public:
  ExactMatch() = default;
  /// `usage` error for a malformed pattern, `unsupported` for an option that is not known. `what` is for messages.
  static Result<ExactMatch> make(const PythonValue& dict, std::string what);
  bool has_patterns() const { return !ignored_.empty(); }
  /// As compared. `data` error when a pattern needs too many steps.
  Result<std::string> normalised(std::string text) const;
  Result<bool> operator()(std::string_view prediction, std::string_view reference) const;
  /// The share of pairs that match; as many of the one as of the other, at least one.
  Result<double> operator()(std::span<const std::string> predictions, std::span<const std::string> references) const;

 private:
  std::vector<PythonRegex> ignored_;
  bool ignore_case_ = false, ignore_punctuation_ = false, ignore_numbers_ = false;
};

/// Average normalised Levenshtein similarity: 1 - distance / length, 0 below `threshold`. Lower-cased, white space as single
/// blanks. Texts beyond 20,000 code points are a `data` error: the work grows with the product of the lengths.
Result<double> anls(std::string_view prediction, std::string_view reference, double threshold = 0.5);

}  // namespace assay::harness
