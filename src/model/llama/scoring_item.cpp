#include "model/llama/scoring_item.h"

#include <algorithm>
#include <numeric>

#include "model/llama/token_boundary.h"

namespace assay {

Loglikelihood ScoringItem::result() const {
  Loglikelihood l;
  l.sum = std::accumulate(logprobs.begin(), logprobs.end(), 0.0);
  l.greedy = greedy;
  l.tokens = static_cast<int>(targets.size());
  l.truncated = truncated;
  return l;
}

Result<std::vector<ScoringItem>> prepare_items(const LoglikelihoodGroup& group, const LlamaVocabulary& vocabulary,
                                               const LlamaSettings& settings) {
  const Tokenise tokenise = [&](std::string_view text) { return vocabulary.tokens(text, false, false); };
  const auto limit = static_cast<std::size_t>(settings.n_ctx);
  std::vector<ScoringItem> out;
  out.reserve(group.items.size());
  // Items of a group mostly share their context: its tokens are made once.
  std::string before;
  Tokens before_tokens;
  const LoglikelihoodGroup::Item* last = nullptr;
  for (const LoglikelihoodGroup::Item& wanted : group.items) {
    if (!last || last->context != wanted.context) {
      before = group.shared_prefix + wanted.context;
      auto tokens = tokenise(move_blanks(before, {}).context);
      if (!tokens) return std::unexpected(tokens.error());
      before_tokens = std::move(*tokens);
    }
    last = &wanted;
    auto pair = encode_pair(move_blanks(before, wanted.continuation), before_tokens, tokenise);
    if (!pair) return std::unexpected(pair.error());
    if (pair->continuation.empty() && !wanted.continuation.empty())
      return fail(ErrorKind::bad_request,
                  "the tokenizer joins the continuation with the end of its context, so that it has no token of its own", {},
                  "begin the continuation with a blank, or end the context with a line end");
    ScoringItem item;
    if (pair->continuation.size() > limit)
      return fail(ErrorKind::bad_request,
                  "the continuation has " + std::to_string(pair->continuation.size()) + " tokens, the context holds " +
                      std::to_string(limit),
                  {}, "give the model a larger context with ?n_ctx=");
    if (settings.bos || pair->context.empty()) {
      Token first = vocabulary.bos();
      if (!settings.bos || first == LLAMA_TOKEN_NULL) {
        auto prefix = vocabulary.prefix_token(settings.start_eos);
        if (!prefix) return std::unexpected(prefix.error());
        first = *prefix;
      }
      pair->context.insert(pair->context.begin(), first);
    }
    ModelInput input = model_input(*pair, limit);
    item.truncated = input.truncated;
    item.targets = std::move(pair->continuation);
    item.input = std::move(input.tokens);
    if (item.targets.empty()) item.input.clear();
    item.logprobs.assign(item.targets.size(), 0);
    out.push_back(std::move(item));
  }
  return out;
}

Result<Tokens> prepare_prefix(const LoglikelihoodGroup& group, const LlamaVocabulary& vocabulary, const LlamaSettings& settings) {
  if (group.shared_prefix.empty()) return Tokens();
  auto tokens = vocabulary.tokens(group.shared_prefix, false, false);
  if (!tokens) return tokens;
  if (settings.bos && vocabulary.bos() != LLAMA_TOKEN_NULL) tokens->insert(tokens->begin(), vocabulary.bos());
  return tokens;
}

std::size_t common_prefix(const Tokens& a, const Tokens& b) {
  auto end = std::min(a.size(), b.size());
  return static_cast<std::size_t>(std::mismatch(a.begin(), a.begin() + static_cast<std::ptrdiff_t>(end), b.begin()).first -
                                  a.begin());
}

}  // namespace assay
