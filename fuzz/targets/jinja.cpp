// Chat templates (prompt/jinja): lexer, parser and a run with small limits. The first byte sets the options.
#include "base/json.h"
#include "fuzz.h"
#include "prompt/jinja.h"

namespace assay::fuzz {

void fuzz_one(std::string_view input) {
  std::uint8_t bits = take_byte(input);
  JinjaOptions options;
  options.trim_blocks = bits & 1;
  options.lstrip_blocks = bits & 2;
  options.keep_trailing_newline = bits & 4;
  options.strict_undefined = bits & 8;
  options.html_safe_json = bits & 16;
  options.max_steps = 20'000;
  options.max_output = 1 << 16;
  options.strftime_now = [](std::string_view format) { return std::string(format); };
  auto program = JinjaTemplate::parse(input, options);
  if (!program) return;
  static const json::object kVariables{
      {"messages", json::array{json::object{{"role", "system"}, {"content", "Be brief."}},
                               json::object{{"role", "user"}, {"content", "Gr\xC3\xBC\xC3\x9F <b>&</b>\n"}},
                               json::object{{"role", "assistant"}, {"content", json::array{json::object{{"type", "text"}, {"text", "x"}}}}}}},
      {"add_generation_prompt", true},
      {"bos_token", "<s>"},
      {"tools", nullptr},
      {"n", 7},
      {"x", 2.5},
      {"d", json::object{{"k", json::array{1, "two", 3.0}}}}};
  auto text = program->render(kVariables);
  if (!text) {
    REQUIRE(!text.error().message.empty() && text.error().kind != ErrorKind::internal);
    return;
  }
  auto again = program->render(kVariables);
  REQUIRE(again.has_value() && *again == *text);  // a template keeps nothing from one rendering to the next
}

}  // namespace assay::fuzz
