#include "prompt/prompt_template.h"

#include "base/hash.h"
#include "base/text.h"

namespace assay {
namespace {

constexpr std::size_t kMaxFile = std::size_t{64} << 20, kMaxJinja = std::size_t{16} << 20;

/// A token is a text, or an object that holds one.
std::optional<std::string> token_text(const json::value& config, std::string_view name) {
  if (auto text = get_string(config, name)) return text;
  if (const json::value* token = find(config, name)) return get_string(*token, "content");
  return std::nullopt;
}

std::unexpected<Error> wrong(std::string what, std::string_view where, std::string hint) {
  return fail(ErrorKind::data, std::move(what), std::string(where), std::move(hint));
}

}  // namespace

Result<PromptTemplate> PromptTemplate::of_tokenizer_config(std::string_view text, std::string_view where) {
  auto config = parse_json(valid_utf8(text), where);
  if (!config) return std::unexpected(config.error());
  PromptTemplate out;
  const json::value* stored = find(*config, "chat_template");
  if (!stored || stored->is_null())
    return wrong("the tokenizer's configuration has no \"chat_template\"", where,
                 "newer models keep it in a file chat_template.jinja beside this one: name that");
  if (stored->is_string()) {
    out.jinja_ = stored->get_string();
  } else if (const json::array* list = stored->if_array()) {
    std::vector<std::string> names;
    for (const json::value& one : *list) {
      std::string name = get_string(one, "name").value_or("");
      if (name == "default" || (list->size() == 1 && name != "tool_use")) out.jinja_ = get_string(one, "template").value_or("");
      if (name == "tool_use") out.jinja_for_tools_ = get_string(one, "template").value_or("");
      names.push_back(std::move(name));
    }
    if (out.jinja_.empty())
      return wrong("none of the chat templates is called \"default\": " + shorten(join(names, ", "), 200), where,
                   "put the one that is meant into a file of its own and name that");
  } else {
    return wrong("\"chat_template\" is neither a text nor a list of named ones", where, {});
  }
  if (out.jinja_.size() > kMaxJinja || out.jinja_for_tools_.size() > kMaxJinja)
    return wrong("the chat template is larger than 16 MiB", where, {});
  out.bos_token_ = token_text(*config, "bos_token");
  out.eos_token_ = token_text(*config, "eos_token");
  for (std::string_view name : {"unk_token", "sep_token", "pad_token", "cls_token", "mask_token"})
    if (auto token = token_text(*config, name)) out.other_tokens_[name] = *token;
  json::object facts{{"template", out.jinja_}, {"tools", out.jinja_for_tools_}, {"tokens", out.other_tokens_}};
  facts["bos"] = out.bos_token_ ? json::value(*out.bos_token_) : json::value();
  facts["eos"] = out.eos_token_ ? json::value(*out.eos_token_) : json::value();
  out.sum_ = sha256_hex(write_json(facts, JsonStyle::canonical));
  return out;
}

Result<PromptTemplate> PromptTemplate::parse(std::string_view text, std::string_view file_name) {
  if (text.size() > kMaxFile) return wrong("the template file is larger than 64 MiB", file_name, {});
  std::string name = lower(file_name);
  if (name.ends_with(".json")) return of_tokenizer_config(text, file_name);
  PromptTemplate out;
  if (name.ends_with(".yaml") || name.ends_with(".yml")) {
    auto instruction = InstructionTemplate::parse(text, file_name);
    if (!instruction) return std::unexpected(instruction.error());
    out.instruction_ = std::make_shared<const InstructionTemplate>(std::move(*instruction));
    out.sum_ = sha256_hex(text);
    return out;
  }
  if (text.size() > kMaxJinja) return wrong("the chat template is larger than 16 MiB", file_name, {});
  out.jinja_ = valid_utf8(text);
  out.sum_ = sha256_hex(out.jinja_);
  return out;
}

Result<PromptTemplate::Rendered> PromptTemplate::render(ChatPrompt chat) const {
  if (instruction_) {
    auto text = instruction_->render(chat.messages);
    if (!text) return std::unexpected(text.error());
    return Rendered{std::move(text->text), text->system_moved};
  }
  if (bos_token_) chat.bos_token = *bos_token_;
  if (eos_token_) chat.eos_token = *eos_token_;
  for (const auto& token : other_tokens_)
    if (!chat.extra.contains(token.key())) chat.extra[token.key()] = token.value();
  bool tools = !chat.tools.is_null() && !jinja_for_tools_.empty();
  auto text = render_chat(tools ? jinja_for_tools_ : jinja_, chat);
  if (!text) return std::unexpected(text.error());
  return Rendered{std::move(*text), false};
}

}  // namespace assay
