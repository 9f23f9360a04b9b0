// YAML 1.1 as PyYAML's safe_load takes it: configuration files that were written for Python programs. Which plain words are numbers is decided as there:
// 9e-7 (no dot) and 1.0e3 (no sign) are texts, `yes` and `on` are true, 010 is eight.
#pragma once

#include <string_view>

#include "base/error.h"
#include "base/python_value.h"

namespace assay {

/// The one document of `text`; None for an empty one. Mappings become dicts in file order (a repeated key keeps its place and takes the last value),
/// `<<` merges: what is merged in stands first. Dates stay texts. `data` errors with line and column: no YAML, several documents, characters that YAML
/// does not allow, tags beyond !!str, !!int, !!float, !!bool, !!null, !!map and !!seq, a key that is a list or a mapping, more than 64 levels, more than
/// a million values after aliases. Some texts that PyYAML refuses are taken, with tabs where blanks belong for example.
///
/// `function_tag`, where given ("!function"), is one tag more: a text that bears it becomes a dict of one entry, the tag to the text, since it names
/// something that a Python program would have looked up.
Result<PythonValue> read_python_yaml(std::string_view text, std::string_view where, std::string_view function_tag = {});

/// The same by the general reader alone. read_python_yaml() tries the quick one for plain files first (python_yaml_simple.h); tests hold the two
/// against each other.
Result<PythonValue> read_any_yaml(std::string_view text, std::string_view where, std::string_view function_tag = {});

}  // namespace assay
