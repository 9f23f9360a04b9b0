// Perplexity of texts of one's own: the tasks that harness-v1 names "json=SPLIT:KEY:FILE".
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "benchmark/harness/document.h"

namespace assay::harness {

struct TextTask {
  std::string split;  // "train": files are flat
  std::string key;    // the member that holds the text
  std::string file;
};
/// Colons are escaped by a backslash in the first two parts. Null for what is no such name.
std::optional<TextTask> parse_text_task(std::string_view name);

/// Rows of JSON, lines or an array; a document's query is the text, it has no choices. `data` errors name the line.
Result<Documents> read_texts(std::string_view text, std::string_view key, std::string_view where);

/// Pieces of a split at runs of white space: empty ones at the ends count.
std::size_t count_words(std::string_view text);

}  // namespace assay::harness
