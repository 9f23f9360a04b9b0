#include "model/llama/loglikelihood_scorer.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "model/llama/logit_row.h"
#include "model/llama/token_boundary.h"

namespace assay {
namespace {

// The matrix kernels take tokens four at a time. One to three that are left cost a pass over all weights of their own, as much as
// eight more tokens; so do rows of logits, over the output's weights.
constexpr int kColumns = 4;

Error broken_model(const LlamaSettings& settings) {
  return {ErrorKind::data, "the model computes no numbers (NaN): its file is damaged", settings.path.string()};
}

}  // namespace

Result<std::unique_ptr<LoglikelihoodScorer>> LoglikelihoodScorer::create(std::shared_ptr<const LoadedModel> model,
                                                                         const LlamaSettings& settings,
                                                                         DecodeInterrupt& interrupt, ScoringCounters& counters) {
  const int sequences = std::max(settings.scoring_sequences, kWaveLeaves + 2);  // trunk, leaves, padding
  auto context = make_llama_context(model->get(), settings, sequences, true, interrupt);
  if (!context) return fail(context.error());
  return std::unique_ptr<LoglikelihoodScorer>(
      new LoglikelihoodScorer(std::move(model), settings, std::move(*context), sequences, counters));
}

LoglikelihoodScorer::LoglikelihoodScorer(std::shared_ptr<const LoadedModel> model, const LlamaSettings& settings,
                                         LlamaContextHandle context, int sequences, ScoringCounters& counters)
    : model_(std::move(model)),
      settings_(settings),
      context_(std::move(context)),
      counters_(counters),
      sequences_(sequences),
      // Rows of logits are n_vocab floats each: at most 128 MiB of them in one decode.
      max_rows_(std::clamp((32 << 20) / model_->vocabulary.size(), 1, settings.n_batch)),
      shares_cells_(!lib().llama_model_is_recurrent(model_->get()) && !lib().llama_model_is_hybrid(model_->get())),
      batch_(settings.n_batch, sequences) {}

void LoglikelihoodScorer::clear() {
  lib().llama_memory_clear(lib().llama_get_memory(context_.get()), false);
  trunk_.clear();
}

Result<void> LoglikelihoodScorer::load_trunk(const Tokens& trunk) {
  if (trunk == trunk_) return {};
  clear();
  const std::vector<llama_seq_id> sequence{0};
  for (std::size_t at = 0; at < trunk.size();) {
    batch_.clear();
    for (; at < trunk.size() && batch_.size() < batch_.capacity(); ++at)
      batch_.add(trunk[at], static_cast<int>(at), sequence, false);
    if (auto done = decode_batch(at, 0); !done) {
      clear();
      return done;
    }
  }
  trunk_ = trunk;
  return {};
}

void LoglikelihoodScorer::cut_trunk(std::size_t length) {
  if (length >= trunk_.size()) return;
  if (length == 0) return clear();
  lib().llama_memory_seq_rm(lib().llama_get_memory(context_.get()), 0, static_cast<llama_pos>(length), -1);
  trunk_.resize(length);
}

void LoglikelihoodScorer::read_row(int index, std::span<const ScoringLeaf> leaves, std::size_t depth) {
  const float* row = lib().llama_get_logits_ith(context_.get(), index);
  std::span<const float> logits(row, row ? static_cast<std::size_t>(model_->vocabulary.size()) : 0);
  const auto [log_sum, best] = read_logits(logits);  // NaN where there is no row
  for (const ScoringLeaf& leaf : leaves)
    for (ScoringItem* item : leaf.items) {
      if (depth < item->first_target()) continue;
      std::size_t at = depth - item->first_target();
      item->logprobs[at] = row ? static_cast<double>(logits[static_cast<std::size_t>(item->targets[at])]) - log_sum : log_sum;
      if (item->targets[at] != best) item->greedy = false;
    }
}

Result<void> LoglikelihoodScorer::decode_batch(std::size_t cells, std::size_t rows) {
  // Padding sees itself alone and is forgotten at once. Whether there is any depends on the batch and its cells, nothing else.
  int padding = (kColumns - batch_.size() % kColumns) % kColumns;
  if (!shares_cells_ || batch_.size() < kColumns || batch_.size() + padding > batch_.capacity() ||
      cells + static_cast<std::size_t>(padding) > static_cast<std::size_t>(settings_.n_ctx))
    padding = 0;
  const std::vector<llama_seq_id> apart{static_cast<llama_seq_id>(sequences_ - 1)};
  for (int i = 0; i < padding; ++i) batch_.add(batch_.get().token[0], i, apart, false);
  for (int i = batch_.size() - 1; i >= 0 && rows > kColumns && rows % kColumns != 0; --i) {
    if (batch_.wants_logits(i)) continue;
    batch_.want_logits(i);
    ++rows;
  }
  if (auto done = decode(context_.get(), batch_); !done) return done;
  if (padding > 0) lib().llama_memory_seq_rm(lib().llama_get_memory(context_.get()), apart[0], -1, -1);
  counters_.evaluated += batch_.size();
  return {};
}

Result<void> LoglikelihoodScorer::run_wave(std::span<ScoringLeaf> wave, std::size_t trunk) {
  llama_memory_t memory = lib().llama_get_memory(context_.get());
  struct Row {
    int index;
    std::size_t depth, first, end;  // leaves that read it
  };
  std::vector<Row> rows;
  std::vector<llama_seq_id> ids;
  std::size_t cells = trunk_.size();
  batch_.clear();
  auto flush = [&]() -> Result<void> {
    if (batch_.size() == 0) return {};
    cells += static_cast<std::size_t>(batch_.size());
    if (auto done = decode_batch(cells, rows.size()); !done) return done;
    for (const Row& row : rows) read_row(row.index, wave.subspan(row.first, row.end - row.first), row.depth);
    rows.clear();
    batch_.clear();
    return {};
  };
  std::size_t held = trunk;
  for (std::size_t i = 0; i < wave.size(); ++i) {
    if (i > 0) held = std::min(held, wave[i].shared);
    if (held > 0) lib().llama_memory_seq_cp(memory, 0, static_cast<llama_seq_id>(i + 1), 0, static_cast<llama_pos>(held));
  }
  Result<void> result;
  // Sorted: leaves that share a node are neighbours and the nodes come depth-first, so that the set of leaves that share only
  // shrinks along a path, which is what the library asks for.
  for (std::size_t i = 0; i < wave.size() && result; ++i) {
    const Tokens& path = wave[i].path();
    std::size_t sharing = wave.size();  // leaves [i, sharing) pass through the node at `depth`
    for (std::size_t depth = i == 0 ? trunk : wave[i].shared; depth < path.size() && result; ++depth) {
      std::size_t end = i + 1;
      while (end < sharing && wave[end].shared > depth) ++end;
      sharing = end;
      ids.clear();
      bool needed = false;
      for (std::size_t k = i; k < sharing; ++k) {
        ids.push_back(static_cast<llama_seq_id>(k + 1));
        needed = needed || depth >= wave[k].first_target;
      }
      int index = batch_.add(path[depth], static_cast<int>(depth), ids, needed);
      if (index < 0) result = fail(ErrorKind::internal, "a batch of the log-likelihood engine is too large");
      if (needed) rows.push_back({index, depth, i, sharing});
      if (result && (batch_.size() == batch_.capacity() || static_cast<int>(rows.size()) == max_rows_)) result = flush();
    }
  }
  if (result) result = flush();
  if (!result) clear();
  return result;
}

void LoglikelihoodScorer::free_wave(std::span<const ScoringLeaf> wave, std::size_t kept) {
  llama_memory_t memory = lib().llama_get_memory(context_.get());
  if (kept > 0) {
    lib().llama_memory_seq_rm(memory, 0, -1, -1);
    lib().llama_memory_seq_cp(memory, static_cast<llama_seq_id>(wave.size()), 0, 0, static_cast<llama_pos>(kept));
    const Tokens& path = wave.back().path();
    trunk_.assign(path.begin(), path.begin() + static_cast<std::ptrdiff_t>(kept));
  }
  for (std::size_t i = 0; i < wave.size(); ++i) lib().llama_memory_seq_rm(memory, static_cast<llama_seq_id>(i + 1), -1, -1);
}

Result<void> LoglikelihoodScorer::run_apart(std::vector<ScoringLeaf>& leaves) {
  for (ScoringLeaf& leaf : leaves) {
    clear();
    if (auto done = run_wave({&leaf, 1}, 0); !done) return done;
  }
  clear();
  return {};
}

void LoglikelihoodScorer::count_prefix(const Tokens& prefix) {
  constexpr std::size_t kRemembered = 1 << 20;
  std::uint64_t hash = 14695981039346656037u;
  for (Token token : prefix) hash = (hash ^ static_cast<std::uint32_t>(token)) * 1099511628211u;
  if (prefixes_.size() < kRemembered && prefixes_.insert(hash).second)
    counters_.unique += static_cast<std::int64_t>(prefix.size());
}

Result<std::vector<Loglikelihood>> LoglikelihoodScorer::results(std::span<const ScoringItem> items, Usage& usage) {
  std::vector<Loglikelihood> out;
  std::int64_t read = 0, targets = 0;
  for (const ScoringItem& item : items) {
    out.push_back(item.result());
    if (std::isnan(out.back().sum)) return fail(broken_model(settings_));
    read += static_cast<std::int64_t>(item.input.size());
    targets += static_cast<std::int64_t>(item.targets.size());
    counters_.truncated += item.truncated;
  }
  usage.input_tokens = read;
  usage.output_tokens = targets;
  counters_.naive += read;
  counters_.requests += static_cast<std::int64_t>(items.size());
  ++counters_.documents;
  return out;
}

Result<std::vector<Loglikelihood>> LoglikelihoodScorer::score(const LoglikelihoodGroup& group, Usage& usage) {
  auto items = prepare_items(group, model_->vocabulary, settings_);
  if (!items) return fail(items.error());
  std::vector<ScoringItem*> pointers;
  for (ScoringItem& item : *items) pointers.push_back(&item);
  std::vector<ScoringLeaf> leaves = make_leaves(pointers);
  if (leaves.empty()) return results(*items, usage);
  if (!shares_cells_) {
    for (const ScoringLeaf& leaf : leaves) counters_.unique += static_cast<std::int64_t>(leaf.path().size());
    if (auto done = run_apart(leaves); !done) return fail(done.error());
    return results(*items, usage);
  }
  auto prefix = prepare_prefix(group, model_->vocabulary, settings_);
  if (!prefix) return fail(prefix.error());
  // The trunk is the declared prefix, whole, so that it is the same for every group that declares it; of it the group uses what
  // all its items really begin with (the tokenizer may join its last token with what follows), and never a node whose logits are
  // needed.
  const auto cells = static_cast<std::size_t>(settings_.n_ctx);
  std::size_t common = prefix->size(), longest = 0;
  for (const ScoringLeaf& leaf : leaves) {
    common = std::min({common, common_prefix(*prefix, leaf.path()), leaf.first_target});
    longest = std::max(longest, leaf.path().size());
  }
  if (prefix->size() + (longest - common) > cells) common = 0;
  std::size_t known = common_prefix(*prefix, leaves.front().path());
  counters_.unique += static_cast<std::int64_t>(count_nodes(leaves, known));
  if (common == 0) prefix->clear();
  count_prefix(*prefix);
  if (auto done = load_trunk(*prefix); !done) return fail(done.error());
  // The waves' bounds are the group's own: neither how many sequences there are nor, unless it is full, how long the context is
  // changes what is computed together.
  const WaveLimits limits{std::numeric_limits<std::size_t>::max(), cells - (prefix->size() - common),
                          static_cast<std::size_t>(kWaveLeaves)};
  std::span<ScoringLeaf> rest(leaves);
  while (!rest.empty()) {
    auto wave = rest.first(wave_length(rest, common, limits));
    if (auto done = run_wave(wave, common); !done) return fail(done.error());
    free_wave(wave, 0);
    rest = rest.subspan(wave.size());
  }
  if (common == 0) clear();
  return results(*items, usage);
}

void LoglikelihoodScorer::score_together(std::span<const LoglikelihoodGroup* const> groups, const Answer& answer) {
  struct Group {
    std::vector<ScoringItem> items;
    std::size_t left = 0;  // items that are not computed yet
  };
  std::vector<Group> all(groups.size());
  std::vector<ScoringItem*> pointers;
  auto finish = [&](std::size_t g) {
    Usage usage;
    auto result = results(all[g].items, usage);
    answer(g, std::move(result), usage);
  };
  for (std::size_t g = 0; g < groups.size(); ++g) {
    auto items = prepare_items(*groups[g], model_->vocabulary, settings_);
    if (!items) {
      answer(g, fail(items.error()), {});
      continue;
    }
    all[g].items = std::move(*items);
    for (ScoringItem& item : all[g].items) {
      item.group = g;
      if (item.targets.empty()) continue;
      ++all[g].left;
      pointers.push_back(&item);
    }
    if (all[g].left == 0) finish(g);
  }
  std::vector<ScoringLeaf> leaves = make_leaves(pointers);
  start_near(leaves, trunk_);
  if (!leaves.empty())
    counters_.unique += static_cast<std::int64_t>(count_nodes(leaves, common_prefix(trunk_, leaves.front().path())));
  const WaveLimits limits{static_cast<std::size_t>(settings_.n_batch), static_cast<std::size_t>(settings_.n_ctx),
                          static_cast<std::size_t>(sequences_ - 2)};
  std::span<ScoringLeaf> rest(leaves);
  while (!rest.empty()) {
    std::size_t trunk = 0, length = 1;
    if (shares_cells_) {
      trunk = std::min(common_prefix(trunk_, rest.front().path()), rest.front().first_target);
      cut_trunk(trunk);
      length = wave_length(rest, trunk, limits);
    } else {
      clear();
    }
    auto wave = rest.first(length);
    auto done = run_wave(wave, trunk);
    rest = rest.subspan(length);
    if (!done) {
      for (std::size_t g = 0; g < all.size(); ++g)
        if (all[g].left > 0) answer(g, fail(done.error()), {});
      return;
    }
    if (shares_cells_)
      free_wave(wave, rest.empty() ? wave.back().path().size() : std::min(rest.front().shared, rest.front().first_target));
    for (const ScoringLeaf& leaf : wave)
      for (const ScoringItem* item : leaf.items)
        if (--all[item->group].left == 0) finish(item->group);
  }
}

Result<Loglikelihood> LoglikelihoodScorer::score(const Rolling& rolling, Usage& usage) {
  const LlamaVocabulary& vocabulary = model_->vocabulary;
  auto tokens = vocabulary.tokens(rolling.text, false, false);
  if (!tokens) return fail(tokens.error());
  auto prefix = vocabulary.prefix_token(settings_.start_eos);
  if (!prefix) return fail(prefix.error());
  Loglikelihood out;
  out.greedy = true;
  std::int64_t read = 0;
  for (RollingWindow& window : rolling_windows(*tokens, *prefix, static_cast<std::size_t>(settings_.n_ctx))) {
    ScoringItem item;
    item.input = std::move(window.input);
    item.targets = std::move(window.targets);
    item.logprobs.assign(item.targets.size(), 0);
    read += static_cast<std::int64_t>(item.input.size());
    std::vector<ScoringLeaf> leaf{{{&item}, item.first_target(), 0}};
    if (auto done = run_apart(leaf); !done) return fail(done.error());
    for (double logprob : item.logprobs) out.sum += logprob;
    out.greedy = out.greedy && item.greedy;
  }
  out.tokens = static_cast<int>(tokens->size());
  if (std::isnan(out.sum)) return fail(broken_model(settings_));
  usage.input_tokens = read;
  usage.output_tokens = out.tokens;
  counters_.naive += read;
  counters_.unique += read;
  ++counters_.requests;
  ++counters_.documents;
  return out;
}

}  // namespace assay
