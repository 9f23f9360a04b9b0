// JSON as Python's json.loads takes it: strict, but for NaN, Infinity and -Infinity, lone surrogates and numbers of any size.
// Answers of models are judged by it; documents of our own are read with base/json.h.
#pragma once

#include <string_view>

#include "base/error.h"
#include "base/python_value.h"

namespace assay {

/// `text` must be valid UTF-8. A repeated key keeps its place and takes the last value; lone surrogates become U+FFFD; at most
/// 256 levels. A byte order mark and control characters in texts are errors. `data` error with line and column.
Result<PythonValue> read_python_json(std::string_view text);

}  // namespace assay
