// Text -> tokens of a Jinja template: literal text, and between tags names, strings, numbers and operators. White-space control
// (-, +, trim_blocks, lstrip_blocks) is done here.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace assay::jinja {

struct Lexeme {
  enum class Kind { text, output_begin, output_end, tag_begin, tag_end, name, string, integer, real, op, end };
  Kind kind = Kind::end;
  std::string text;
  int line = 0;
  bool is(Kind k, std::string_view t) const { return kind == k && text == t; }
};

struct LexerOptions {
  bool trim_blocks = false;            // the line end behind a tag goes
  bool lstrip_blocks = false;          // blanks before a tag that begins a line go
  bool keep_trailing_newline = false;  // otherwise one line end at the template's end goes
};

/// Errors (data; unsupported for \N{...}) carry "line N" in `where`.
Result<std::vector<Lexeme>> lex(std::string_view source, const LexerOptions& options);

}  // namespace assay::jinja
