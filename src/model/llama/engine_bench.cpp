#include "model/llama/engine_bench.h"

#include <algorithm>
#include <deque>

#include "base/random.h"
#include "model/llama/bench_model.h"
#include "model/llama/loglikelihood_scorer.h"
#include "model/llama/own_products.h"

namespace assay {
namespace {

std::string words(Random& random, int count) {
  std::string out;
  for (int i = 0; i < count; ++i) out += bench_word(random.below(kBenchWords));
  return out;
}

double seconds_since(Instant start, const Clock& clock) {
  return std::chrono::duration<double>(clock.now() - start).count();
}

}  // namespace

const std::vector<EngineWorkload>& engine_workloads() {
  static const std::vector<EngineWorkload> all{{"A", "five examples, endings of twelve tokens", 16, 512, 96, 4, 12},
                                               {"B", "MMLU: four one-token answers", 40, 600, 64, 4, 1},
                                               {"C", "a shorter prefix, longer endings", 16, 350, 64, 4, 16}};
  return all;
}

std::vector<LoglikelihoodGroup> make_requests(const EngineWorkload& workload, std::uint64_t seed) {
  Random random(seed);
  const std::string prefix = words(random, workload.prefix);
  std::vector<LoglikelihoodGroup> out;
  for (int d = 0; d < workload.documents; ++d) {
    LoglikelihoodGroup group;
    group.shared_prefix = prefix;
    const std::string question = words(random, workload.question);
    for (int e = 0; e < workload.endings; ++e) group.items.push_back({question, words(random, workload.ending)});
    out.push_back(std::move(group));
  }
  return out;
}

struct EngineBench::Parts {
  Parts(LlamaSettings wish, const Clock& time) : settings(std::move(wish)), clock(time), interrupt(time) {}
  Result<std::unique_ptr<LoglikelihoodScorer>> scorer(bool plain = false) {
    return LoglikelihoodScorer::create(model, plain ? library : settings, interrupt, counters.emplace_back());
  }
  static LlamaSettings without_own_kernels(LlamaSettings settings) {
    settings.own_kernels = false;
    return settings;
  }
  const LlamaSettings settings, library = without_own_kernels(settings);
  const Clock& clock;
  DecodeInterrupt interrupt;
  std::shared_ptr<const LoadedModel> model;
  std::deque<ScoringCounters> counters;  // one a scorer
};

EngineBench::EngineBench(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
EngineBench::~EngineBench() = default;

const LlamaSettings& EngineBench::settings() const {
  return parts_->settings;
}

bool EngineBench::own_kernels() const {
  return parts_->settings.own_kernels && OwnProducts::create();
}

Result<std::unique_ptr<EngineBench>> EngineBench::create(const LlamaSettings& settings, const Clock& clock) {
  auto file = read_gguf(settings.path);
  if (!file) return fail(file.error());
  auto settled = settle(settings, *file);
  if (!settled) return fail(settled.error());
  auto parts = std::make_unique<Parts>(std::move(*settled), clock);
  auto model = ModelLoader(parts->settings).get();
  if (!model) return fail(model.error());
  parts->model = std::move(*model);
  return std::unique_ptr<EngineBench>(new EngineBench(std::move(parts)));
}

Result<double> EngineBench::prompt_speed(int depth, int tokens) {
  const LlamaSettings& settings = parts_->library;
  if (depth + tokens > settings.n_ctx || tokens <= 0)
    return fail(ErrorKind::usage, "the context is too short for this measurement", settings.path.string());
  auto context = make_llama_context(parts_->model->get(), settings, 1, true, parts_->interrupt);
  if (!context) return fail(context.error());
  LlamaBatch batch(settings.n_batch, 1);
  Random random(1);
  const auto vocabulary = static_cast<std::uint64_t>(parts_->model->vocabulary.size());
  auto some = [&](int count) {
    Tokens out;
    for (int i = 0; i < count; ++i) out.push_back(static_cast<Token>(random.below(vocabulary)));
    return out;
  };
  // The first round warms caches up; the best of the others counts.
  double best = 0;
  for (int round = 0; round < 4; ++round) {
    lib().llama_memory_clear(lib().llama_get_memory(context->get()), false);
    if (auto done = feed(context->get(), batch, some(depth), 0, 0, false); !done) return fail(done.error());
    const Tokens prompt = some(tokens);
    const Instant start = parts_->clock.now();
    if (auto done = feed(context->get(), batch, prompt, depth, 0, true); !done) return fail(done.error());
    if (!lib().llama_get_logits_ith(context->get(), -1))
      return fail(ErrorKind::internal, "no logits came");  // waits for the result
    if (round > 0) best = std::max(best, tokens / seconds_since(start, parts_->clock));
  }
  return best;
}

Result<EngineMeasurement> EngineBench::one_by_one(const std::vector<LoglikelihoodGroup>& groups, int most, bool plain) {
  auto scorer = parts_->scorer(plain);
  if (!scorer) return fail(scorer.error());
  EngineMeasurement out;
  const Instant start = parts_->clock.now();
  for (const LoglikelihoodGroup& group : groups)
    for (const auto& item : group.items) {
      if (out.requests == most) break;
      Usage usage;
      LoglikelihoodGroup one{{}, {{group.shared_prefix + item.context, item.continuation}}};
      if (auto done = (*scorer)->score(one, usage); !done) return fail(done.error());
      ++out.requests;
    }
  out.seconds = seconds_since(start, parts_->clock);
  out.evaluated = parts_->counters.back().evaluated;
  out.naive = parts_->counters.back().naive;
  return out;
}

Result<EngineMeasurement> EngineBench::shared(const std::vector<LoglikelihoodGroup>& groups, bool fast) {
  constexpr std::size_t kLot = 64;
  auto scorer = parts_->scorer();
  if (!scorer) return fail(scorer.error());
  Result<void> failed;
  const Instant start = parts_->clock.now();
  for (std::size_t at = 0; at < groups.size() && failed;) {
    if (fast) {
      std::vector<const LoglikelihoodGroup*> lot;
      for (; at < groups.size() && lot.size() < kLot; ++at) lot.push_back(&groups[at]);
      (*scorer)->score_together(lot, [&](std::size_t, Result<std::vector<Loglikelihood>> result, Usage) {
        if (!result) failed = fail(result.error());
      });
    } else {
      Usage usage;
      if (auto done = (*scorer)->score(groups[at++], usage); !done) failed = fail(done.error());
    }
  }
  if (!failed) return fail(failed.error());
  const ScoringCounters& counted = parts_->counters.back();
  return EngineMeasurement{counted.requests, seconds_since(start, parts_->clock), counted.evaluated, counted.naive};
}

Result<std::int64_t> EngineBench::unique_tokens(const std::vector<LoglikelihoodGroup>& groups) const {
  std::vector<std::vector<ScoringItem>> all;
  std::vector<ScoringItem*> pointers;
  for (const LoglikelihoodGroup& group : groups) {
    auto items = prepare_items(group, parts_->model->vocabulary, parts_->settings);
    if (!items) return fail(items.error());
    all.push_back(std::move(*items));
  }
  for (auto& items : all)
    for (ScoringItem& item : items) pointers.push_back(&item);
  return static_cast<std::int64_t>(count_nodes(make_leaves(pointers), 0));
}

}  // namespace assay
