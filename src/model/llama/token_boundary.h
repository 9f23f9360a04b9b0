// Where a continuation begins among tokens, and which tokens a model reads to score it: the evaluation harness's rules, so that a
// GGUF model's log-likelihoods are those of the Open LLM Leaderboard. Pure functions; the tokenizer is a parameter.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace assay {

/// Text to tokens without special tokens around it.
using Tokenise = std::function<Result<std::vector<std::int32_t>>(std::string_view text)>;

struct TokenPair {
  std::vector<std::int32_t> context, continuation;
};

/// White space that ends the context (as Python's rstrip() sees it) belongs to the continuation.
struct TextPair {
  std::string_view context;
  std::string continuation;
};
TextPair move_blanks(std::string_view context, std::string_view continuation);

/// tokens(context + continuation) without its first n tokens, where n is how many tokens(context) has. Whether those n are really
/// the context's is not looked at: where the tokenizer merges across the border, tokens are lost or doubled, as in the harness,
/// and the continuation may be left without any. `context_tokens` = tokens of the context after move_blanks().
Result<TokenPair> encode_pair(const TextPair& text, std::vector<std::int32_t> context_tokens, const Tokenise& tokenise);

/// What the model reads: the last `max_length` + 1 tokens of context + continuation, all but the last of them. Its last
/// continuation.size() positions predict the continuation, which must not be longer than `max_length`.
struct ModelInput {
  std::vector<std::int32_t> tokens;
  bool truncated = false;  // the beginning was cut off
};
ModelInput model_input(const TokenPair& pair, std::size_t max_length);

/// A window of a whole text: `input` is read, and its last `targets.size()` positions predict `targets`.
struct RollingWindow {
  std::vector<std::int32_t> input, targets;
};
/// Every token predicted once. The first window stands behind `prefix`; a later one reads the `max_length` tokens before the last
/// one it predicts.
std::vector<RollingWindow> rolling_windows(const std::vector<std::int32_t>& tokens, std::int32_t prefix, std::size_t max_length);

}  // namespace assay
