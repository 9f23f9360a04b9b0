// Values of foreign JSON as the text that Python's str() makes of them: prompts of data files are put together that way.
#pragma once

#include <string>

#include "base/json.h"

namespace assay::mixeval {

/// str(value): null is "None", true "True", a number its repr, text itself; arrays and objects as Python shows lists and dicts. The
/// result is valid UTF-8 for a value that came out of parse_json().
std::string python_text(const json::value& value);

/// json.dumps(value, indent=4) without the final line end, everything outside ASCII escaped.
std::string indented_json(const json::value& value);

}  // namespace assay::mixeval
