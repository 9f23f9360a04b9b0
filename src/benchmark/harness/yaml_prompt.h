// How today's harness puts a prompt together: turns with a role and the plain text that follows each; as one text, or as the
// messages of a chat.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "model/request.h"

namespace assay::harness {

struct Turn {
  std::string role;  // system, user, assistant
  std::string content;
  std::string delimiter;  // follows the content in plain text; no part of a message
};
using Turns = std::vector<Turn>;

bool ends_in_space(std::string_view text);
bool begins_with_space(std::string_view text);
/// The two with `delimiter` between, unless one is empty or has white space at the seam.
std::string joined(std::string_view first, std::string_view second, std::string_view delimiter);

struct QuestionAnswer {
  std::string question;
  std::optional<std::string> answer{};  // of an example that has one; an empty text is one, too
};
/// Appends the turns of one example (fewshot_delimiter after the answer) or of the question itself.
void add_turns(Turns& turns, const QuestionAnswer& one, std::string_view gen_prefix, std::string_view target_delimiter,
               std::string_view fewshot_delimiter);

std::string plain_text(const Turns& turns);
/// Turns as messages; without `multiturn` everything between the system's words and a final prefix of the answer becomes one
/// message of the user.
std::vector<Message> chat_messages(const Turns& turns, bool multiturn);
/// json.dumps of the messages, not ASCII-escaped: what stands for the context of a chat.
std::string messages_text(const std::vector<Message>& messages);

}  // namespace assay::harness
