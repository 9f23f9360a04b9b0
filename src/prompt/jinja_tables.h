// The tables of names in which a template's filters and methods are looked up, and what their files share.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "prompt/jinja_run.h"

namespace assay {

/// A filter on a value, or a method of it.
using JinjaMethod = JinjaValue (*)(JinjaRun&, const JinjaValue& self, JinjaArguments&);
using JinjaMethodTable = std::unordered_map<std::string_view, JinjaMethod>;

/// truncate, indent, title, urlencode, ...
const JinjaMethodTable& jinja_text_filters();
/// int, float, round, abs.
const JinjaMethodTable& jinja_number_filters();
/// groupby, batch, slice.
const JinjaMethodTable& jinja_sequence_filters();
/// Methods of Python's types.
const JinjaMethodTable& jinja_string_methods();
const JinjaMethodTable& jinja_list_methods();
const JinjaMethodTable& jinja_dict_methods();
/// str.format().
JinjaValue jinja_format(JinjaRun& run, const JinjaValue& self, JinjaArguments& arguments);

/// "a.b.0" walked from `value`, as map, selectattr and sort take it. What is missing on the way is an error, what is missing at
/// the end undefined; with `fallback` that takes its place wherever something is missing.
JinjaValue jinja_dotted(JinjaRun& run, JinjaValue value, const std::string& path, const JinjaValue* fallback = nullptr);

/// The argument as text, or an error.
std::string jinja_text_argument(JinjaRun& run, JinjaArguments& arguments, std::size_t index, const char* name);

/// str.splitlines().
std::vector<std::string> python_lines(std::string_view text, bool keep_ends);

/// Python's int(text, base) for base 0 (as the prefix says) and 2 to 36, in 64 bits.
std::optional<std::int64_t> python_int(std::string_view text, std::int64_t base);

}  // namespace assay
