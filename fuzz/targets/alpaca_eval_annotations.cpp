// AlpacaEval's annotation files (benchmark/alpaca_eval/annotation_scores): any bytes end in columns of one length or a data
// error.
#include <cmath>

#include "benchmark/alpaca_eval/annotation_scores.h"
#include "fuzz.h"

namespace assay::fuzz {

void fuzz_one(std::string_view input) {
  alpaca_eval::json_text_length(input);
  auto scores = alpaca_eval::read_annotation_scores(std::string(input), "input", true);
  if (!scores) {
    REQUIRE(scores.error().kind == ErrorKind::data && !scores.error().where.empty());
    return;
  }
  REQUIRE(scores->length_1.size() == scores->rows() && scores->length_2.size() == scores->rows() &&
          scores->instructions.size() == scores->rows());
  for (double length : scores->length_1)
    REQUIRE(std::isnan(length) || (length >= 0 && length <= static_cast<double>(input.size())));
  if (auto table = scores->comparisons()) REQUIRE(table->preference.size() == scores->rows());
}

}  // namespace assay::fuzz
