// Instruction templates: how a family of models wants a conversation written, as text-generation-webui's YAML files say it
// (keys user, bot, turn_template, context, system_message). EQ-Bench renders its prompts with them: spec/eq-bench section 8.1.
//
// A file is foreign: its size, and what its placeholders make of it, are bounded. Threading: values; const calls from any thread.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "prompt/chat_template.h"

namespace assay {

class InstructionTemplate {
 public:
  /// `where` names the file in errors. Errors: data (not YAML, with line and column; not a mapping; a key that is missing - the
  /// original refuses a template without `context` too -, is no text, or expands to more than 16 MiB).
  static Result<InstructionTemplate> parse(std::string_view yaml, std::string_view where = {});

  /// The text for one prompt, as the original renders it: what stands before the first <|bot-message|>, then <|user-message|>
  /// replaced. Placeholders inside the prompt stay as they are. Errors: bad_request (longer than 256 MiB).
  Result<std::string> render(std::string_view prompt) const;

  struct Conversation {
    std::string text;
    bool system_moved = false;  // the template has no place for a system text: it was put before the first message
  };
  /// The same for a conversation: every earlier turn whole, the last one up to where the model goes on. System messages take
  /// system_message's place. One user message gives what render(prompt) gives. Errors: bad_request (no message; too long).
  Result<Conversation> render(const std::vector<ChatPrompt::Message>& messages) const;

 private:
  std::string with_system(std::string_view system) const;

  std::string context_;        // before a conversation, <|system-message|> still in it
  std::string system_;         // for that place; may be blank
  std::string turn_template_;  // of a turn, <|user|> and <|bot|> already replaced
};

}  // namespace assay
