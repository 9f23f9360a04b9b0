#include "model/llama/token_boundary.h"

#include <algorithm>

#include "base/text.h"

namespace assay {

TextPair move_blanks(std::string_view context, std::string_view continuation) {
  std::string_view kept = rstrip(context);
  TextPair out{kept, std::string(context.substr(kept.size()))};
  out.continuation += continuation;
  return out;
}

Result<TokenPair> encode_pair(const TextPair& text, std::vector<std::int32_t> context_tokens, const Tokenise& tokenise) {
  std::string both;
  both.reserve(text.context.size() + text.continuation.size());
  both.append(text.context).append(text.continuation);
  auto whole = tokenise(both);
  if (!whole) return std::unexpected(whole.error());
  TokenPair out;
  out.context = std::move(context_tokens);
  if (whole->size() > out.context.size())
    out.continuation.assign(whole->begin() + static_cast<std::ptrdiff_t>(out.context.size()), whole->end());
  return out;
}

ModelInput model_input(const TokenPair& pair, std::size_t max_length) {
  ModelInput out;
  std::size_t total = pair.context.size() + pair.continuation.size();
  std::size_t cut = total > max_length + 1 ? total - (max_length + 1) : 0;
  out.truncated = cut > 0;
  out.tokens.reserve(total - cut);
  std::size_t from_context = std::min(cut, pair.context.size());
  out.tokens.assign(pair.context.begin() + static_cast<std::ptrdiff_t>(from_context), pair.context.end());
  out.tokens.insert(out.tokens.end(), pair.continuation.begin() + static_cast<std::ptrdiff_t>(cut - from_context),
                    pair.continuation.end());
  if (!out.tokens.empty()) out.tokens.pop_back();
  return out;
}

std::vector<RollingWindow> rolling_windows(const std::vector<std::int32_t>& tokens, std::int32_t prefix, std::size_t max_length) {
  std::vector<RollingWindow> out;
  if (max_length == 0) return out;
  for (std::size_t at = 0; at < tokens.size();) {
    std::size_t count = std::min(max_length, tokens.size() - at);
    auto end = tokens.begin() + static_cast<std::ptrdiff_t>(at + count);
    RollingWindow window;
    window.targets.assign(end - static_cast<std::ptrdiff_t>(count), end);
    if (at == 0) {
      window.input.push_back(prefix);
      window.input.insert(window.input.end(), tokens.begin(), end - 1);
    } else {
      window.input.assign(end - 1 - static_cast<std::ptrdiff_t>(max_length), end - 1);
    }
    out.push_back(std::move(window));
    at += count;
  }
  return out;
}

}  // namespace assay
