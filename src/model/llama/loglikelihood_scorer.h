// Log-likelihoods of given continuations. Reproducible: a group's numbers depend on the group alone. Its declared shared prefix
// is read in decodes of its own (and kept for the next group with the same one), then the group's items as one tree of tokens in
// which nothing is computed twice; afterwards the tree's cells are freed.
#pragma once

#include <memory>
#include <vector>

#include "model/llama/llama_context.h"
#include "model/llama/loaded_model.h"

namespace assay {

/// Engine's thread only.
class LoglikelihoodScorer {
 public:
  static Result<std::unique_ptr<LoglikelihoodScorer>> create(std::shared_ptr<const LoadedModel> model,
                                                             const LlamaSettings& settings, DecodeInterrupt& interrupt);

  /// One result an item. The continuation's tokens are the tail of tokenise(prefix + context + continuation) behind
  /// tokenise(prefix + context), at least one; without any context the prefix token (BOS, else EOS) stands in. A text longer than
  /// the context loses its beginning (truncated = true); a continuation alone longer than it is a bad_request.
  Result<std::vector<Loglikelihood>> score(const LoglikelihoodGroup& group, Usage& usage);
  /// Every token given those before it, in windows of the context length that overlap by one token.
  Result<Loglikelihood> score(const Rolling& rolling, Usage& usage);

 private:
  struct Item {
    Tokens input;                // what is read: all but the last token
    std::vector<Token> targets;  // the last targets.size() positions of `input` predict these
    bool truncated = false;
    std::vector<double> logprobs;
    bool greedy = true;
    std::size_t first_target() const { return input.size() - targets.size(); }
  };
  LoglikelihoodScorer(std::shared_ptr<const LoadedModel> model, const LlamaSettings& settings, LlamaContextHandle context,
                      int sequences);
  Result<Item> prepare(const std::string& before, const std::string& continuation) const;
  Result<void> load_trunk(const Tokens& trunk);
  Result<void> score_wave(std::vector<Item*> wave, std::size_t trunk);
  Result<void> score_alone(Item& item);
  void read_row(int index, const std::vector<Item*>& items, std::size_t depth);
  void clear();

  std::shared_ptr<const LoadedModel> model_;
  const LlamaSettings settings_;
  LlamaContextHandle context_;
  int sequences_, max_rows_;
  bool shares_cells_;  // recurrent models cannot: they read every item from its start
  LlamaBatch batch_;
  Tokens trunk_;  // what sequence 0 holds
};

}  // namespace assay
