// Log-likelihoods of given continuations, each token of what they share computed once.
//
// Reproducible: a group's numbers depend on the group alone. Its declared shared prefix is read in decodes of its own, in chunks
// counted from its start, into the first cells of the attention cache, and kept for the next group with the same one; then the
// group's items as one tree of tokens; afterwards the tree's cells are freed.
// Fast: all waiting groups are one tree, computed in waves that go across them; what the last path has in common with the next
// one is kept. The numbers then vary with what is computed together, by the noise of the arithmetic.
#pragma once

#include <functional>
#include <memory>
#include <span>
#include <unordered_set>
#include <vector>

#include "model/llama/llama_context.h"
#include "model/llama/loaded_model.h"
#include "model/llama/scoring_counters.h"
#include "model/llama/scoring_tree.h"

namespace assay {

/// Engine's thread only.
class LoglikelihoodScorer {
 public:
  /// Leaves of a reproducible wave: no number may depend on how many sequences the context has.
  static constexpr int kWaveLeaves = 31;

  /// `interrupt` and `counters` must outlive the scorer.
  static Result<std::unique_ptr<LoglikelihoodScorer>> create(std::shared_ptr<const LoadedModel> model,
                                                             const LlamaSettings& settings, DecodeInterrupt& interrupt,
                                                             ScoringCounters& counters);

  /// One result an item, in order (scoring_item.h says which tokens). Errors also: data, where the model computes NaN.
  Result<std::vector<Loglikelihood>> score(const LoglikelihoodGroup& group, Usage& usage);
  /// Every token given those before it, in windows of the context length that overlap by one token.
  Result<Loglikelihood> score(const Rolling& rolling, Usage& usage);

  /// The fast way. `answer` is called once a group, as soon as its last item is computed.
  using Answer = std::function<void(std::size_t group, Result<std::vector<Loglikelihood>> result, Usage usage)>;
  void score_together(std::span<const LoglikelihoodGroup* const> groups, const Answer& answer);

 private:
  LoglikelihoodScorer(std::shared_ptr<const LoadedModel> model, const LlamaSettings& settings, LlamaContextHandle context,
                      int sequences, ScoringCounters& counters);
  Result<void> load_trunk(const Tokens& trunk);
  void cut_trunk(std::size_t length);
  /// Leaves share the first `trunk` nodes of sequence 0, which they may leave one after another.
  Result<void> run_wave(std::span<ScoringLeaf> wave, std::size_t trunk);
  /// After a wave: its cells are freed, but for the first `kept` nodes of the last leaf's path, which become the trunk.
  void free_wave(std::span<const ScoringLeaf> wave, std::size_t kept);
  Result<void> run_apart(std::vector<ScoringLeaf>& leaves);
  /// `cells`: in use once the batch is in the cache; `rows`: of logits that it asks for.
  Result<void> decode_batch(std::size_t cells, std::size_t rows);
  void read_row(int index, std::span<const ScoringLeaf> leaves, std::size_t depth);
  Result<std::vector<Loglikelihood>> results(std::span<const ScoringItem> items, Usage& usage);
  void count_prefix(const Tokens& prefix);
  void clear();

  std::shared_ptr<const LoadedModel> model_;
  const LlamaSettings settings_;
  LlamaContextHandle context_;
  ScoringCounters& counters_;
  int sequences_, max_rows_;
  bool shares_cells_;  // recurrent models cannot: they read every item from its start
  LlamaBatch batch_;
  Tokens trunk_;                                // what sequence 0 holds
  std::unordered_set<std::uint64_t> prefixes_;  // hashes of the declared ones seen, for the counters
};

}  // namespace assay
