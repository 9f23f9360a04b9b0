// DROP's answers: numbers, dates and spans, compared as bags of normalised words. Source: Dua et al., DROP, 2019, and the harness's rules.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace assay::harness {

/// The different answers that people gave to a row's question, in order, each one or several texts: of `answer` and of each of
/// `validated_answers` the number, else the spans, else the date. `data` error naming what a row lacks.
Result<std::vector<std::vector<std::string>>> drop_answers(const json::object& row);

/// Lower case; at blanks and dashes apart; of each word punctuation and articles off, numbers as Python prints floats.
std::string drop_normalised(std::string_view text);

struct DropScores {
  double em = 0, f1 = 0;  // f1 to two decimals
};
/// The best over the answers. Of several spans one can be met by the prediction, which is one; an answer whose first span is blank does not count.
DropScores drop_scores(std::string_view prediction, std::span<const std::vector<std::string>> answers);

}  // namespace assay::harness
