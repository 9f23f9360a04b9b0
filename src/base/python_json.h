// JSON as Python's json.loads takes it: strict, but for NaN, Infinity and -Infinity, lone surrogates and numbers of any size.
// Answers of models are judged by it; documents of our own are read with base/json.h.
#pragma once

#include <string_view>

#include "base/error.h"
#include "base/json.h"
#include "base/python_value.h"

namespace assay {

/// `text` must be valid UTF-8. A repeated key keeps its place and takes the last value; lone surrogates become U+FFFD; at most
/// 256 levels. A byte order mark and control characters in texts are errors. `data` error with line and column.
Result<PythonValue> read_python_json(std::string_view text);

/// A document that a Python program may have written: as parse_json() reads it, and where that refuses it, by the rules above - NaN and infinities
/// are then doubles. The error is parse_json()'s.
Result<json::value> parse_python_document(std::string_view text, std::string_view where);

}  // namespace assay
