// Which of many texts are queries that a mixture can be made of: what a model says to two yes-or-no questions about each.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "benchmark/mixeval/embedding_table.h"
#include "model/model.h"

namespace assay::mixeval {

struct FilterOptions {
  std::size_t window = 64;
  int most_asks = 3;  // of one question, until the answer is yes or no
  std::function<bool()> stopping{};
};

struct FilterResult {
  std::vector<std::string> kept;
  std::size_t no_request = 0;  // not what a person would put to an assistant
  std::size_t not_text = 0;    // cannot be answered in text from text alone
  std::size_t unclear = 0;     // no answer was yes or no: left out
};

/// The questions: is this a request that a person would put to an assistant; can it be answered in text from text alone. Yes to both keeps
/// the text. The order stays. A journaled model is asked about a text once. Errors: the model's; `cancelled`.
Async<FilterResult> filter_queries(Model& model, const std::vector<std::string>& texts, FilterOptions options, BuildProgress progress);

/// The messages for question 0 or 1.
std::vector<Message> filter_messages(int question, std::string_view text);
/// The first word that is yes or no, whatever stands around it; null without one.
std::optional<bool> yes_or_no(std::string_view answer);

}  // namespace assay::mixeval
