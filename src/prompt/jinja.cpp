#include "prompt/jinja.h"

#include "prompt/jinja_interpreter.h"
#include "prompt/jinja_lexer.h"
#include "prompt/jinja_parser.h"

namespace assay {

struct JinjaTemplate::Program {
  JinjaOptions options;
  jinja::Block block;
};

Result<JinjaTemplate> JinjaTemplate::parse(std::string_view source, JinjaOptions options) {
  if (source.size() > (std::size_t{16} << 20)) return fail(ErrorKind::data, "the template is longer than 16 MiB");
  auto lexemes = jinja::lex(source, {options.trim_blocks, options.lstrip_blocks, options.keep_trailing_newline});
  if (!lexemes) return fail(lexemes.error());
  auto block = jinja::parse_template(*lexemes);
  if (!block) return fail(block.error());
  JinjaTemplate out;
  out.program_ = std::make_shared<const Program>(Program{std::move(options), std::move(*block)});
  return out;
}

Result<std::string> JinjaTemplate::render(const json::object& variables) const {
  return jinja::Interpreter(program_->options).render(program_->block, variables);
}

}  // namespace assay
