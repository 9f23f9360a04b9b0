// Instruction templates (prompt/instruction_template): YAML from anywhere. The first line is the prompt.
#include "prompt/instruction_template.h"

#include "base/text.h"
#include "fuzz.h"

namespace assay::fuzz {

void fuzz_one(std::string_view input) {
  std::string prompt = valid_utf8(take_line(input));
  auto parsed = InstructionTemplate::parse(input);
  if (!parsed) {
    REQUIRE(parsed.error().kind == ErrorKind::data && is_valid_utf8(to_string(parsed.error())));
    return;
  }
  auto text = parsed->render(prompt);
  if (!text) return;
  REQUIRE(is_valid_utf8(*text));
  auto conversation = parsed->render({ChatPrompt::Message{"user", prompt}});
  REQUIRE(conversation.has_value() && conversation->text == *text);  // one message is a conversation too
  auto longer = parsed->render({ChatPrompt::Message{"system", "s"}, ChatPrompt::Message{"user", prompt},
                                ChatPrompt::Message{"assistant", "a"}, ChatPrompt::Message{"user", prompt}});
  if (longer) REQUIRE(is_valid_utf8(longer->text));
}

}  // namespace assay::fuzz
