// One continuation on its way through the log-likelihood engine: what is read, what is looked up, what came out.
#pragma once

#include <vector>

#include "model/llama/libllama.h"
#include "model/llama/llama_settings.h"
#include "model/request.h"

namespace assay {

struct ScoringItem {
  Tokens input;    // what is read: context and continuation without the last token
  Tokens targets;  // the last targets.size() positions of `input` predict these
  bool truncated = false;
  std::size_t group = 0;         // of those that are scored together
  std::vector<double> logprobs;  // one a target
  bool greedy = true;

  std::size_t first_target() const { return input.size() - targets.size(); }
  /// Left-to-right sum. NaN where the model computed one.
  Loglikelihood result() const;
};

/// The group's items as tokens, in order. A group is tokenised by the harness's rules (token_boundary.h); what stands before a
/// text without context is the vocabulary's prefix token. Errors (bad_request): a continuation longer than the context length, or
/// one of which the tokenizer leaves no token apart from its context.
Result<std::vector<ScoringItem>> prepare_items(const LoglikelihoodGroup& group, const LlamaVocabulary& vocabulary,
                                               const LlamaSettings& settings);

/// The declared shared prefix as the items' inputs begin with it, as far as the tokenizer does not join it with what follows.
Result<Tokens> prepare_prefix(const LoglikelihoodGroup& group, const LlamaVocabulary& vocabulary, const LlamaSettings& settings);

std::size_t common_prefix(const Tokens& a, const Tokens& b);

}  // namespace assay
