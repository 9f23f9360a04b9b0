// ROUGE as the rouge_score package counts it, without stemming: overlap of words, of pairs of words, and of the longest common subsequences of whole
// texts, each as an F-measure. Source: C.-Y. Lin, ROUGE, 2004.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace assay {

struct RougeScores {
  double rouge1 = 0, rouge2 = 0, rouge_lsum = 0;  // 0 to 1
};

/// Runs of a-z and 0-9 in the lower-cased text. `text` is valid UTF-8.
std::vector<std::string> rouge_tokens(std::string_view text);

/// Lines are sentences to rouge_lsum: what one of the reference has in common with any of the candidate's counts, each word as often as both texts
/// have it. `data` error where words times words pass 200 million: that is the work.
Result<RougeScores> rouge(std::string_view reference, std::string_view candidate);

}  // namespace assay
