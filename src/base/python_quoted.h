// The quoted part of a Python text or bytes literal, escapes and all. base/python_literal.h reads whole literals.
#pragma once

#include <cstddef>
#include <expected>
#include <string>
#include <string_view>

namespace assay {

struct PythonQuotedFault {
  std::size_t at;    // byte offset
  std::string what;  // "a text without end"
};

/// Reads from the opening quote (one or three) at text[at] to behind the closing one, appends the content to `out` and returns
/// the offset after it. Line ends must be "\n" already. Lone surrogates become U+FFFD; \N{NAME} is a fault.
std::expected<std::size_t, PythonQuotedFault> read_python_quoted(std::string_view text, std::size_t at, bool raw, bool bytes,
                                                                 std::string& out);

/// 0 to 15, or 99 for what is no hexadecimal digit.
int python_hex_digit(char c);

}  // namespace assay
