#include "prompt/instruction_template.h"

#include <map>
#include <utility>

#include "base/python_yaml.h"
#include "base/text.h"

namespace assay {
namespace {

constexpr std::size_t kMaxFile = 1 << 20, kMaxTemplate = std::size_t{16} << 20, kMaxText = std::size_t{256} << 20;
constexpr std::string_view kUserMessage = "<|user-message|>", kBotMessage = "<|bot-message|>",
                           kSystemMessage = "<|system-message|>";

std::size_t count(std::string_view text, std::string_view part) {
  std::size_t n = 0;
  for (std::size_t at = 0; (at = text.find(part, at)) != std::string_view::npos; at += part.size()) ++n;
  return n;
}

/// replace_all(), unless the result would be longer than `most`: placeholders multiply.
Result<std::string> expand(std::string_view text, std::string_view placeholder, std::string_view by, std::size_t most,
                           ErrorKind kind) {
  std::size_t places = count(text, placeholder);
  if (places > 0 && by.size() > most / places) return fail(kind, "the instruction template makes a text that is too long");
  std::string out = replace_all(text, placeholder, by);
  if (out.size() > most) return fail(kind, "the instruction template makes a text that is too long");
  return out;
}

using Texts = std::map<std::string, std::string, std::less<>>;

Result<Texts> read_texts(std::string_view yaml, std::string_view where) {
  auto wrong = [](std::string what, std::string place) {
    return fail(ErrorKind::data, "instruction template: " + std::move(what), std::move(place),
                "it is a YAML mapping with the keys user, bot, turn_template, context and perhaps system_message, all of them texts");
  };
  auto root = read_python_yaml(yaml, where);
  if (!root) return wrong(root.error().message, root.error().where);
  if (root->kind != PythonValue::Kind::dict) return wrong("not a mapping", std::string(where));
  Texts out;
  for (const char* key : {"user", "bot", "turn_template", "context", "system_message"}) {
    const PythonValue* value = root->find(key);
    if (!value || value->kind == PythonValue::Kind::none) continue;
    if (value->kind != PythonValue::Kind::text) {
      // What has no place is not looked at.
      const auto context = out.find("context");
      if (std::string_view(key) == "system_message" && context != out.end() && !contains(context->second, kSystemMessage)) continue;
      return wrong("'" + std::string(key) + "' is not a text; a word like yes, or a number, needs quotes", std::string(where));
    }
    // Unquoted scalars keep backslash and n as two characters; both spellings mean a line's end.
    out[key] = replace_all(value->text, "\\n", "\n");
  }
  return out;
}

/// Both message placeholders at once: what a message holds is never looked at.
void append_turn(std::string& out, std::string_view turn, std::string_view user, std::string_view bot) {
  while (true) {
    std::size_t u = turn.find(kUserMessage), b = turn.find(kBotMessage), at = std::min(u, b);
    out += turn.substr(0, at);
    if (at == std::string_view::npos) return;
    out += at == u ? user : bot;
    turn.remove_prefix(at + (at == u ? kUserMessage.size() : kBotMessage.size()));
  }
}

void append_paragraph(std::string& to, bool& begun, std::string_view text) {
  if (begun) to += "\n\n";
  to += text;
  begun = true;
}

}  // namespace

Result<InstructionTemplate> InstructionTemplate::parse(std::string_view yaml, std::string_view where) {
  if (yaml.size() > kMaxFile) return fail(ErrorKind::data, "the instruction template is larger than 1 MiB", std::string(where));
  if (yaml.starts_with("\xEF\xBB\xBF")) yaml.remove_prefix(3);
  auto texts = read_texts(valid_utf8(yaml), where);
  if (!texts) return std::unexpected(texts.error());
  for (std::string_view key : {"context", "turn_template", "user", "bot"})
    if (!texts->contains(key))
      return fail(ErrorKind::data, "the instruction template has no '" + std::string(key) + "'", std::string(where),
                  "add a line " + std::string(key) +
                      ": \"\" if it is meant to be empty; EQ-Bench's own program refuses such a template too");
  InstructionTemplate out;
  out.context_ = (*texts)["context"];
  out.system_ = (*texts)["system_message"];
  auto turn = expand((*texts)["turn_template"], "<|user|>", (*texts)["user"], kMaxTemplate, ErrorKind::data);
  if (turn) turn = expand(*turn, "<|bot|>", (*texts)["bot"], kMaxTemplate, ErrorKind::data);
  if (turn)  // and the context, for the check alone
    if (auto context = expand(out.context_, kSystemMessage, out.system_, kMaxTemplate, ErrorKind::data); !context)
      turn = std::unexpected(context.error());
  if (!turn) {
    Error error = turn.error();
    error.where = where;
    return fail(std::move(error));
  }
  out.turn_template_ = std::move(*turn);
  return out;
}

std::string InstructionTemplate::with_system(std::string_view system) const {
  return replace_all(context_, kSystemMessage, strip(system).empty() ? std::string_view() : system);
}

Result<std::string> InstructionTemplate::render(std::string_view prompt) const {
  std::string text = with_system(system_) + turn_template_;
  text.resize(std::min(text.find(kBotMessage), text.size()));
  return expand(text, kUserMessage, prompt, kMaxText, ErrorKind::bad_request);
}

Result<InstructionTemplate::Conversation> InstructionTemplate::render(const std::vector<ChatPrompt::Message>& messages) const {
  struct Turn {
    std::string user, bot;
    bool asked = false, answered = false;
  };
  std::vector<Turn> turns;
  std::string system;
  bool has_system = false;
  std::size_t size = context_.size();
  for (const ChatPrompt::Message& message : messages) {
    size += message.content.size();
    if (message.role == "system") {
      append_paragraph(system, has_system, message.content);
    } else if (message.role == "assistant") {
      if (turns.empty()) turns.emplace_back();
      append_paragraph(turns.back().bot, turns.back().answered, message.content);
    } else {
      if (turns.empty() || turns.back().answered) turns.emplace_back();
      append_paragraph(turns.back().user, turns.back().asked, message.content);
    }
  }
  if (turns.empty()) return fail(ErrorKind::bad_request, "an instruction template needs a message besides the system text");
  Conversation out;
  if (has_system && !strip(system).empty() && !contains(context_, kSystemMessage)) {
    append_paragraph(system, has_system, turns.front().user);
    turns.front().user = std::exchange(system, {});
    out.system_moved = true;
    has_system = false;
  }
  if (turns.size() == 1 && !turns[0].answered && !has_system) {
    auto text = render(turns[0].user);
    if (!text) return std::unexpected(text.error());
    out.text = std::move(*text);
    return out;
  }
  std::size_t places =
      count(context_, kSystemMessage) + count(turn_template_, kUserMessage) + count(turn_template_, kBotMessage) + 1;
  if (size > kMaxText / places || turn_template_.size() > kMaxText / turns.size())
    return fail(ErrorKind::bad_request, "the instruction template makes a text that is too long");
  out.text = with_system(has_system ? system : system_);
  for (std::size_t i = 0; i + 1 < turns.size(); ++i) append_turn(out.text, turn_template_, turns[i].user, turns[i].bot);
  std::string_view last = turn_template_;
  append_turn(out.text, last.substr(0, last.find(kBotMessage)), turns.back().user, {});
  out.text += turns.back().bot;  // the beginning of an answer that the model is to go on with
  return out;
}

}  // namespace assay
