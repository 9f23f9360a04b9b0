// Values of a Jinja program as JSON, as Python's json.dumps writes them.
#pragma once

#include <optional>
#include <string>

#include "prompt/jinja_value.h"

namespace assay {

struct JinjaJsonStyle {
  std::optional<std::string> indent;  // of one level; with it every element stands on its own line
  std::string between = ", ";         // elements; "," is usual with an indent
  std::string after_key = ": ";
  bool ascii = false;      // other characters as \uXXXX
  bool html_safe = false;  // < > & ' as \u003c and so on
  bool sort_keys = false;
};

/// Ends after about `most` bytes: a value that holds itself would go on for ever. `whole` becomes false where json.dumps refuses:
/// a part is undefined, a function, no list and no dict, or keys cannot be sorted.
std::string jinja_json(const JinjaValue& value, const JinjaJsonStyle& style, std::size_t most, bool* whole = nullptr);

}  // namespace assay
