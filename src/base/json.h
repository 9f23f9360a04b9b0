// JSON values are Boost.JSON's; objects keep their order of insertion. This header adds what we need around them:
// reading with a position in the error, and writing in the three styles our documents need.
#pragma once

#include <boost/json/value.hpp>
#include <initializer_list>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"

namespace assay {

namespace json = boost::json;

/// Parses one document (RFC 8259; a repeated key keeps its first position and takes the last value; NaN and Infinity are
/// refused). `where` is prefixed to the line and column of an error. Depth is limited to 256.
Result<json::value> parse_json(std::string_view text, std::string_view where = {});
/// The same, but members called `skip` may be left out wherever they stand: for walks that need little of long documents.
Result<json::value> parse_json_without(std::string_view skip, std::string_view text, std::string_view where = {});

enum class JsonStyle {
  compact,    // no blanks, UTF-8 as it is
  pretty,     // two blanks of indentation, UTF-8
  python,     // json.dumps defaults: ", " ": ", ASCII only with \uXXXX
  canonical,  // compact with keys sorted bytewise: the form that is hashed
};
/// Floats are written as Python's repr does (shortest round trip, always with '.', 'e' or 'inf'/'nan' spelled NaN/Infinity).
std::string write_json(const json::value& value, JsonStyle style = JsonStyle::compact);
/// Appends what write_json() gives; an object need not become a value first, which would copy it.
void append_json(std::string& out, const json::value& value, JsonStyle style = JsonStyle::compact);
void append_json(std::string& out, const json::object& object, JsonStyle style = JsonStyle::compact);
/// Appends `text` (valid UTF-8) quoted and escaped as the compact and canonical styles do; for writers that build a line themselves.
void append_json_string(std::string& out, std::string_view text);

/// Accessors that never throw. A missing or wrongly typed member gives nullopt / nullptr.
const json::value* find(const json::value& object, std::string_view key);
const json::value* find_path(const json::value& object, std::initializer_list<std::string_view> path);
std::optional<std::string> get_string(const json::value& object, std::string_view key);
std::optional<double> get_number(const json::value& object, std::string_view key);  // any JSON number
std::optional<std::int64_t> get_integer(const json::value& object, std::string_view key);
std::optional<bool> get_bool(const json::value& object, std::string_view key);
/// Any JSON number as double.
std::optional<double> as_number(const json::value& value);

}  // namespace assay
