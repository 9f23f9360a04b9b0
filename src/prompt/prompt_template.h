// How messages become the text that a model reads, from whichever file says it: a Jinja chat template, the tokenizer_config.json
// that holds one, or an instruction template. Files are foreign: bounded, validated. Threading: values; const calls from any
// thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "prompt/chat_template.h"
#include "prompt/instruction_template.h"

namespace assay {

class PromptTemplate {
 public:
  /// `file_name` decides: *.yaml and *.yml are instruction templates; *.json is a tokenizer_config.json, whose chat_template is a
  /// text or a list of named ones (the one called "default" is taken, "tool_use" for a conversation with tools); anything else is
  /// Jinja. Errors: data, with where it stands.
  static Result<PromptTemplate> parse(std::string_view text, std::string_view file_name);

  bool is_instruction() const { return instruction_ != nullptr; }
  /// The Jinja text; "" of an instruction template.
  const std::string& jinja() const { return jinja_; }
  /// What changes the rendering, for a model's identity: sha256, lower-case hex. Of Jinja alone it is the sum of the text.
  const std::string& sum() const { return sum_; }

  struct Rendered {
    std::string text;
    bool system_moved = false;  // InstructionTemplate::Conversation
  };
  /// The special tokens that the file names come in place of `chat`'s. An instruction template takes the messages alone. Errors
  /// as render_chat() and InstructionTemplate::render().
  Result<Rendered> render(ChatPrompt chat) const;

 private:
  static Result<PromptTemplate> of_tokenizer_config(std::string_view text, std::string_view where);

  std::string jinja_, jinja_for_tools_, sum_;
  std::optional<std::string> bos_token_, eos_token_;
  json::object other_tokens_;  // unk_token, pad_token, ...
  std::shared_ptr<const InstructionTemplate> instruction_;
};

}  // namespace assay
