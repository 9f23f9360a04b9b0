// What a plain word of YAML 1.1 is to PyYAML.
#pragma once

#include <string_view>

#include "base/python_value.h"

namespace assay {

/// None, a boolean, a number or the text itself (made valid UTF-8): 9e-7 and 1.0e3 are texts, `yes` is true, 010 is eight, 1:30 is ninety.
PythonValue plain_yaml_scalar(std::string_view text);

}  // namespace assay
