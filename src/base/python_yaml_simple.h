// The quick way through the YAML that people write by hand for Python programs: block mappings and lists, words, quoted texts, literal blocks, short
// lists in brackets. Fourteen thousand task files are read in a blink by it; what it is not sure of is the general reader's.
#pragma once

#include <optional>
#include <string_view>

#include "base/python_value.h"

namespace assay {

/// What read_any_yaml() gives for the same text, or nothing: for a text outside the simple kind (anchors, tags other than `function_tag`, folded
/// blocks, mappings in braces, tabs, several documents, ...), for what is wrong, and for more than 256 KiB. It never says
/// what is wrong: that is left to the reader that has places.
std::optional<PythonValue> read_simple_yaml(std::string_view text, std::string_view function_tag = {});

}  // namespace assay
