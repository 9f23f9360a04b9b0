// WikiText's pages as readable text: the corpus stands in tokens ("1 @,@ 000 km , and so on"), and perplexity is of the text
// behind them.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"

namespace assay::harness {

/// The harness's rules in the harness's order. `data` error where a page is too long for a pattern (4 MB) or not valid UTF-8.
Result<std::string> detokenize_wikitext(std::string_view page);

}  // namespace assay::harness
