#include "model/llama/prompt_builder.h"

#include <algorithm>

#include "base/text.h"
#include "prompt/chat_template.h"

namespace assay {
namespace {

constexpr std::size_t kMaxPrompt = std::size_t{256} << 20;

// libllama's own renderer: no Jinja, it recognises families by substrings. The second choice.
std::optional<std::string> by_family(const std::string& chat_template, const std::vector<Message>& messages) {
  std::vector<llama_chat_message> chat;
  std::size_t size = 1024;
  for (const Message& message : messages) {
    chat.push_back({message.role.c_str(), message.content.c_str()});
    size += 2 * (message.role.size() + message.content.size()) + 64;
  }
  std::string text(size, '\0');
  auto run = [&] {
    return lib().llama_chat_apply_template(chat_template.c_str(), chat.data(), chat.size(), true, text.data(),
                                           static_cast<int32_t>(text.size()));
  };
  int length = run();
  if (length > static_cast<int>(text.size())) {
    text.resize(static_cast<std::size_t>(length));
    length = run();
  }
  if (length < 0 || length > static_cast<int>(text.size())) return std::nullopt;
  text.resize(static_cast<std::size_t>(length));
  return text;
}

}  // namespace

PromptBuilder::PromptBuilder(std::shared_ptr<const LoadedModel> model, std::string chat_template,
                             std::shared_ptr<const PromptTemplate> given, PromptRules rules)
    : model_(std::move(model)), chat_template_(std::move(chat_template)), given_(std::move(given)), rules_(rules) {}

Result<std::string> PromptBuilder::apply_template(const Generate& request, BuiltPrompt& built) const {
  std::string& renderer = built.renderer;
  if (chat_template_.empty())
    return fail(ErrorKind::bad_request, "the model file has no chat template, so messages cannot be put to it", {},
                "name one: ?template=chatml, or ?template=raw for a model that only continues text");
  if (!given_ && chat_template_ == "raw") {
    renderer = "raw";
    std::string text;
    for (const Message& message : request.messages) text += (text.empty() ? "" : "\n") + message.content;
    return text;
  }
  ChatPrompt chat;
  for (const Message& message : request.messages) chat.messages.push_back({message.role, message.content});
  const LlamaVocabulary& vocabulary = model_->vocabulary;
  if (vocabulary.bos() != LLAMA_TOKEN_NULL) chat.bos_token = vocabulary.piece(vocabulary.bos(), true);
  if (vocabulary.eos() != LLAMA_TOKEN_NULL) chat.eos_token = vocabulary.piece(vocabulary.eos(), true);
  Result<std::string> text;
  if (given_) {
    auto rendered = given_->render(chat);
    text = rendered ? Result<std::string>(std::move(rendered->text)) : std::unexpected(rendered.error());
    if (rendered && rendered->system_moved)
      built.warnings.emplace_back("the template has no place for a system text: it was put before the first message");
    renderer = given_->is_instruction() ? "instruction template" : "jinja";
  } else {
    text = render_chat(chat_template_ == "chatml" ? std::string(chatml_template()) : chat_template_, chat);
    renderer = "jinja";
  }
  // A template that our engine cannot run may still be of a family that libllama knows; one that refuses the messages may not.
  if (!text && text.error().kind == ErrorKind::unsupported)
    if (auto other = by_family(chat_template_, request.messages)) {
      renderer = "libllama's family";
      return *other;
    }
  return text;
}

Result<BuiltPrompt> PromptBuilder::build(const Generate& request) const {
  if (!request.tools.is_null() || !request.tool_choice.is_null())
    return fail(ErrorKind::unsupported, "the in-process engine does not call tools");
  if (!request.response_format.is_null())
    return fail(ErrorKind::unsupported, "the in-process engine does not take a response format");
  const LlamaVocabulary& vocabulary = model_->vocabulary;
  const std::string bos = vocabulary.bos() != LLAMA_TOKEN_NULL ? vocabulary.piece(vocabulary.bos(), true) : std::string();
  BuiltPrompt built;
  bool puts_bos = vocabulary.adds_bos();
  if (request.messages.empty()) {
    built.renderer = "none (raw prompt)";
    built.text = request.prompt;
    puts_bos = rules_.bos.value_or(request.bos.value_or(puts_bos));
    if (puts_bos && !bos.empty() && built.text.starts_with(bos))
      built.warnings.push_back("the prompt begins with " + bos + " and the model adds another one: it will read two");
  } else {
    auto text = apply_template(request, built);
    if (!text) return fail(text.error());
    built.text = std::move(*text);
    // A template that writes BOS itself must not get a second one, unless somebody's numbers were made with two.
    if (!rules_.double_bos && !bos.empty() && built.text.starts_with(bos)) puts_bos = false;
    for (const Message& message : request.messages) {
      auto parsed = vocabulary.tokens(message.content, false, true);
      if (!parsed) return fail(parsed.error());
      for (Token token : *parsed)
        if (vocabulary.is_control(token)) {
          built.warnings.push_back("a message holds the text of the control token " + valid_utf8(vocabulary.piece(token, true)) +
                                   ": the model reads it as one");
          break;
        }
    }
  }
  if (built.text.size() > kMaxPrompt) return fail(ErrorKind::bad_request, "the prompt is longer than 256 MiB");
  // Not the library's special tokens: where the file asks for an end behind a text, the answer would come after it.
  auto tokens = vocabulary.tokens(built.text, false, true);
  if (!tokens) return fail(tokens.error());
  built.tokens = std::move(*tokens);
  if (puts_bos && vocabulary.bos() != LLAMA_TOKEN_NULL) built.tokens.insert(built.tokens.begin(), vocabulary.bos());
  if (built.tokens.size() >= 2 && !bos.empty() && built.tokens[0] == vocabulary.bos() && built.tokens[1] == vocabulary.bos() &&
      built.warnings.empty())
    built.warnings.push_back("the prompt begins with two " + bos);
  if (built.tokens.empty()) {
    auto prefix = vocabulary.prefix_token();
    if (!prefix) return fail(ErrorKind::bad_request, "the prompt is empty");
    built.tokens.push_back(*prefix);
  }
  if (const auto limit = static_cast<std::size_t>(rules_.max_input); limit > 0 && built.tokens.size() > limit) {
    built.cut = built.tokens.size() - limit;
    built.tokens.resize(limit);
    built.warnings.push_back("the prompt's last " + std::to_string(built.cut) + " tokens are cut off (max_input=" + std::to_string(limit) + ")");
  }
  const int room = rules_.n_ctx - std::clamp(request.sampling.max_tokens.value_or(0), 0, rules_.n_ctx);
  if (request.cut_left && request.messages.empty() && room > 0 && built.tokens.size() > static_cast<std::size_t>(room)) {
    const std::size_t over = built.tokens.size() - static_cast<std::size_t>(room);
    built.tokens.erase(built.tokens.begin(), built.tokens.begin() + static_cast<std::ptrdiff_t>(over));
    built.truncated = true;
    built.warnings.push_back("the prompt's first " + std::to_string(over) + " tokens are cut off, so that the answer fits (n_ctx=" + std::to_string(rules_.n_ctx) + ")");
  }
  return built;
}

Result<Rendering> PromptBuilder::render(const Generate& request) const {
  auto built = build(request);
  if (!built) return fail(built.error());
  Rendering rendering;
  rendering.text = valid_utf8(built->text);
  for (Token token : built->tokens) {
    rendering.tokens.push_back(token);
    rendering.pieces.push_back(valid_utf8(model_->vocabulary.piece(token, true)));
  }
  bool instruction = given_ && given_->is_instruction();
  rendering.renderer = request.messages.empty() || instruction ? built->renderer : "gguf chat template (" + built->renderer + ")";
  rendering.warnings = std::move(built->warnings);
  return rendering;
}

}  // namespace assay
