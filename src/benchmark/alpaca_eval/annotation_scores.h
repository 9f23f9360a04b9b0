// What scoring needs of an annotations.json, read fast: preferences and lengths, not texts. Files of all ages of the original are
// understood; whatever else a record holds is passed over.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "benchmark/alpaca_eval/length_control.h"

namespace assay::alpaca_eval {

struct AnnotationScores {
  std::vector<double> preference;          // NaN = missing
  std::vector<double> length_1, length_2;  // code points of output_1 and output_2; NaN = no text there
  std::vector<std::size_t>
      index;  // the column `index` where every record has one: it takes the place of the row number; else empty
  bool unusable_index = false;            // a record's `index` is no place in the evaluation set
  std::vector<std::string> instructions;  // empty unless asked for; "" for what is no text
  /// Distinct names in order of appearance.
  std::vector<std::string> generators_1, generators_2, annotators;
  std::size_t missing_preferences = 0, missing_outputs = 0;

  std::size_t rows() const { return preference.size(); }
  /// `data` error where there are several models or references.
  Result<void> one_model() const;
  /// The input of length_control(). `data` errors, with the cure: several models or references in one file, outputs that are no
  /// texts, places that are none.
  Result<Comparisons> comparisons() const;
};

/// The text of a file: an array of objects. `data` errors name the record: one without a preference (null is allowed), values of
/// a wrong type, broken JSON. Fields that are passed over are checked for brackets only. About a gigabyte a second.
Result<AnnotationScores> read_annotation_scores(std::string text, std::string_view where, bool with_instructions = false);

/// The same of a text in memory of the caller's, of which `readable` bytes may be read: kAnnotationPadding more than the text has.
Result<AnnotationScores> read_annotation_scores_in_place(std::string_view text, std::size_t readable, std::string_view where,
                                                         bool with_instructions = false);
constexpr std::size_t kAnnotationPadding = 64;

/// Code points of a JSON text given as it stands between its quotes, escapes and all; nothing for a broken escape.
std::optional<std::size_t> json_text_length(std::string_view raw);

}  // namespace assay::alpaca_eval
