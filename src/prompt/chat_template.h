// Chat templates: messages -> the text that a model reads. A template is a Jinja program that came with a model file: foreign
// code, so its steps, depth and output are bounded (prompt/jinja.h).
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace assay {

struct ChatPrompt {
  struct Message {
    std::string role, content;
  };
  std::vector<Message> messages;
  bool add_generation_prompt = true;
  std::string bos_token, eos_token;  // as text; empty where the vocabulary has none
  json::value tools;                 // null or OpenAI's array
  json::object extra;                // further variables, e.g. {"enable_thinking": false}
  std::string date = "2024-07-26";   // what strftime_now tells: fixed, so that a prompt is the same on every day
};

/// The text for `chat`. Errors: unsupported (a construct this engine does not know, with line), bad_request (the template
/// refused the messages by raise_exception, or failed on them).
Result<std::string> render_chat(std::string_view chat_template, const ChatPrompt& chat);

/// ChatML, for files that bring no template of their own.
std::string_view chatml_template();

}  // namespace assay
