// Lexemes -> tree.
#pragma once

#include <vector>

#include "base/error.h"
#include "prompt/jinja_lexer.h"
#include "prompt/jinja_syntax.h"

namespace assay::jinja {

/// Errors: data (not Jinja), unsupported (Jinja that this engine does not run: include, extends, import, block, recursive loops);
/// `where` says the line. Nesting is limited to 200.
Result<Block> parse_template(const std::vector<Lexeme>& lexemes);

}  // namespace assay::jinja
