#include "benchmark/harness/yaml_prompt.h"

#include "base/json.h"
#include "base/text.h"

namespace assay::harness {

bool ends_in_space(std::string_view text) {
  return rstrip(text).size() != text.size();
}
bool begins_with_space(std::string_view text) {
  return lstrip(text).size() != text.size();
}

std::string joined(std::string_view first, std::string_view second, std::string_view delimiter) {
  std::string out(first);
  if (!first.empty() && !second.empty() && !ends_in_space(first) && !begins_with_space(second)) out += delimiter;
  out += second;
  return out;
}

void add_turns(Turns& turns, const QuestionAnswer& one, std::string_view gen_prefix, std::string_view target_delimiter,
               std::string_view fewshot_delimiter) {
  const bool answered = one.answer.has_value();
  const bool delimited =
      gen_prefix.empty() ? answered : !one.question.empty() && !ends_in_space(one.question) && !begins_with_space(gen_prefix);
  turns.push_back({"user", one.question, delimited ? std::string(target_delimiter) : std::string()});
  if (answered)
    turns.push_back({"assistant", joined(gen_prefix, *one.answer, " "), std::string(fewshot_delimiter)});
  else if (!gen_prefix.empty())
    turns.push_back({"assistant", std::string(gen_prefix), ""});
}

std::string plain_text(const Turns& turns) {
  std::size_t size = 0;
  for (const Turn& turn : turns) size += turn.content.size() + turn.delimiter.size();
  std::string out;
  out.reserve(size);
  for (const Turn& turn : turns) {
    out += turn.content;
    out += turn.delimiter;
  }
  return out;
}

std::vector<Message> chat_messages(const Turns& turns, bool multiturn) {
  std::vector<Message> out;
  if (multiturn) {
    for (const Turn& turn : turns) out.push_back({turn.role, turn.content});
    return out;
  }
  std::size_t begin = 0, end = turns.size();
  if (end > 0 && turns[0].role == "system") out.push_back({"system", turns[begin++].content});
  const bool prefixed = end > begin && turns[end - 1].role == "assistant";
  if (prefixed) --end;
  std::string words;
  for (std::size_t i = begin; i < end; ++i) {
    words += turns[i].content;
    if (i + 1 < end) words += turns[i].delimiter;
  }
  out.push_back({"user", std::move(words)});
  if (prefixed) out.push_back({"assistant", turns[end].content});
  return out;
}

std::string messages_text(const std::vector<Message>& messages) {
  std::string out = "[";
  for (const Message& message : messages) {
    if (out.size() > 1) out += ", ";
    out += "{\"role\": ";
    append_json_string(out, message.role);
    out += ", \"content\": ";
    append_json_string(out, message.content);
    out += '}';
  }
  return out + "]";
}

}  // namespace assay::harness
