// Python's ast.literal_eval: numbers, texts, bytes, lists, tuples, dicts, sets, True, False and None - and nothing that runs.
// What the model answers is read with it, and the values of command lines written for Python's `fire`.
#pragma once

#include <cstddef>
#include <string_view>

#include "base/error.h"
#include "base/python_value.h"

namespace assay {

/// `text` must be valid UTF-8. Blanks and tabs in front are skipped, comments, blank lines, "\" at line ends and adjacent texts
/// are understood; a line break followed by indentation is an error, as in Python. Not understood: "..." and \N{NAME}. Lone
/// surrogates become U+FFFD. At most 200 brackets deep. `data` error with line and column.
Result<PythonValue> read_python_literal(std::string_view text);

}  // namespace assay
