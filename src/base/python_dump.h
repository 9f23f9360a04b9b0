// json.dumps with an indentation, as original tools lay out their result files.
#pragma once

#include <string>

#include "base/json.h"

namespace assay {

struct PythonDump {
  int indent = 2;     // blanks of one level; separators are then "," and ": ". Negative: all on one line, ", " and ": " (indent=None)
  bool ascii = true;  // ensure_ascii: everything beyond ASCII as \uXXXX
};

/// json.dumps(value, indent=..., ensure_ascii=...): no line end at the end, empty containers on one line, floats as repr() has them
/// with NaN and Infinity spelled so. Keys keep their order.
std::string python_dumps(const json::value& value, PythonDump options = {});

}  // namespace assay
