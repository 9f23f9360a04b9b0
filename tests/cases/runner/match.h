// Does a text, a file or a JSON value look as a case expects it? Nothing means yes; otherwise a few lines for people.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace assay::cases {

using Mismatch = std::optional<std::string>;

/// Expected lines against the whole text. A line `...` stands for any number of lines; `~ REGEX` for a line that matches as a
/// whole; `<*>` inside any other line for any text. The text must end in a newline unless it is empty.
Mismatch match_lines(const std::vector<std::string>& expected, std::string_view text);

/// `pattern` (a whole line, as above) against one line.
bool match_line(std::string_view pattern, std::string_view line);

/// A JSON document, or one JSON value a line as an array.
Result<json::value> read_json(std::string_view text);

/// The value at `path`: `a.b[0]["c d"][-1]`, or `.` for the document. nullptr when it is not there; a usage error when the path is malformed.
Result<const json::value*> at_path(const json::value& document, std::string_view path);

/// `=`, `!=`, `~`, `<`, `<=`, `>`, `>=`, `exists`, `absent`, `length`, `contains`, `lacks`, `matches`
Mismatch match_json(const json::value& document, const std::string& path, const std::string& op, const std::string& operand);

}  // namespace assay::cases
