// One thread that answers everything asked of a GGUF model. Generations share batches; a log-likelihood group (in fast mode, the
// groups that wait) runs between two steps of them. Submitting never blocks.
#pragma once

#include <condition_variable>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <thread>

#include "base/clock.h"
#include "model/llama/generation.h"
#include "model/llama/llama_job.h"
#include "model/llama/loaded_model.h"
#include "model/llama/loglikelihood_scorer.h"
#include "model/llama/text_embedder.h"

namespace assay {

class LlamaEngine {
 public:
  /// `loader` and `clock` must outlive the engine. Nothing is loaded before the first job.
  LlamaEngine(ModelLoader& loader, LlamaSettings settings, std::string chat_template, const Clock& clock);
  ~LlamaEngine() { stop(); }
  /// Interrupts what is being computed, answers every job with `cancelled`, and ends the thread. What is submitted afterwards is
  /// answered so at once. Not to be called on the engine's own thread.
  void stop();

  /// Any thread. job->done is called exactly once, on the engine's thread (on the caller's after stop); with `cancelled` when the
  /// job was not wanted any more, its deadline included.
  void submit(std::shared_ptr<LlamaJob> job);
  /// Any thread: job->cancelled was set; wakes the engine so that a waiting job is answered.
  void wake();
  /// Runs `work` on the engine's thread, before any job that waits; with `stopping` when the engine ends before its turn.
  void post(std::function<void(bool stopping)> work);
  /// Most generations that were in one batch so far.
  int peak() const { return peak_.load(); }
  /// Prompts that LlamaSettings::max_input cut.
  std::int64_t prompts_cut() const { return prompts_cut_.load(); }
  /// What log-likelihoods have cost so far. Any thread.
  const ScoringCounters& scoring() const { return counters_; }

 private:
  void run();
  void drop_unwanted(std::deque<std::shared_ptr<LlamaJob>>& queue);
  Result<void> load();
  void start_generation(std::shared_ptr<LlamaJob> job);
  /// An embedding request, which is done in one go.
  void embed(LlamaJob& job);
  /// Takes the jobs to be scored next out of their queue; the lock is held.
  std::vector<std::shared_ptr<LlamaJob>> take_scorings();
  void score(std::vector<std::shared_ptr<LlamaJob>> jobs);
  void score_groups(const std::vector<std::shared_ptr<LlamaJob>>& jobs);
  void score_one(LlamaJob& job);
  void answer(LlamaJob& job, Result<std::vector<Loglikelihood>> scores, Usage usage);
  /// Adds the time since it was last called to the counters: before each answer, whose reader may look at them.
  void count_time();

  ModelLoader& loader_;
  const LlamaSettings settings_;
  const std::string chat_template_;
  const Clock& clock_;
  DecodeInterrupt interrupt_;
  std::atomic<int> peak_{0};
  std::atomic<std::int64_t> prompts_cut_{0};
  ScoringCounters counters_;

  std::mutex mutex_;
  std::condition_variable wake_;
  bool stopping_ = false;
  std::deque<std::function<void(bool)>> work_;
  std::deque<std::shared_ptr<LlamaJob>> generations_, scorings_;

  // Engine's thread alone:
  std::shared_ptr<const LoadedModel> model_;
  std::optional<PromptBuilder> prompts_;
  std::unique_ptr<GenerationBatch> batch_;
  std::unique_ptr<LoglikelihoodScorer> scorer_;
  std::unique_ptr<TextEmbedder> embedder_;
  std::string last_prefix_;  // of the group scored last
  int preferred_ = 0;        // groups in a row that were taken before older ones
  Instant counted_{};        // until when scoring's time is in the counters

  std::thread thread_;  // last: starts when all the above is there
};

}  // namespace assay
