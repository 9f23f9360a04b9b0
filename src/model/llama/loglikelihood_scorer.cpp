#include "model/llama/loglikelihood_scorer.h"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "model/llama/sampler.h"

namespace assay {
namespace {

std::size_t common_prefix(const Tokens& a, const Tokens& b) {
  std::size_t n = std::min(a.size(), b.size()), i = 0;
  while (i < n && a[i] == b[i]) ++i;
  return i;
}

}  // namespace

Result<std::unique_ptr<LoglikelihoodScorer>> LoglikelihoodScorer::create(std::shared_ptr<const LoadedModel> model,
                                                                         const LlamaSettings& settings,
                                                                         DecodeInterrupt& interrupt) {
  constexpr int kSequences = 64;
  auto context = make_llama_context(model->get(), settings, kSequences, true, interrupt);
  if (!context) return fail(context.error());
  return std::unique_ptr<LoglikelihoodScorer>(
      new LoglikelihoodScorer(std::move(model), settings, std::move(*context), kSequences));
}

LoglikelihoodScorer::LoglikelihoodScorer(std::shared_ptr<const LoadedModel> model, const LlamaSettings& settings,
                                         LlamaContextHandle context, int sequences)
    : model_(std::move(model)),
      settings_(settings),
      context_(std::move(context)),
      sequences_(sequences),
      // Rows of logits are n_vocab floats each: at most 128 MiB of them in one decode.
      max_rows_(std::clamp((32 << 20) / model_->vocabulary.size(), 1, settings.n_batch)),
      shares_cells_(!lib().llama_model_is_recurrent(model_->get()) && !lib().llama_model_is_hybrid(model_->get())),
      batch_(settings.n_batch, sequences) {}

void LoglikelihoodScorer::clear() {
  lib().llama_memory_clear(lib().llama_get_memory(context_.get()), false);
  trunk_.clear();
}

Result<LoglikelihoodScorer::Item> LoglikelihoodScorer::prepare(const std::string& before, const std::string& continuation) const {
  const LlamaVocabulary& vocabulary = model_->vocabulary;
  Tokens whole;
  std::size_t boundary = 0;
  if (before.empty()) {
    auto prefix = vocabulary.prefix_token();
    if (!prefix) return fail(prefix.error());
    auto tail = vocabulary.tokens(continuation, false, false);
    if (!tail) return fail(tail.error());
    whole.push_back(*prefix);
    whole.insert(whole.end(), tail->begin(), tail->end());
    boundary = 1;
  } else {
    auto head = vocabulary.tokens(before, true, false);
    if (!head) return fail(head.error());
    auto all = vocabulary.tokens(before + continuation, true, false);
    if (!all) return fail(all.error());
    whole = std::move(*all);
    boundary = head->size();
    if (!continuation.empty()) boundary = std::min(boundary, whole.size() - 1);
    boundary = std::min(boundary, whole.size());
    if (boundary == 0) {  // the whole text is one token, or tokenises to nothing
      auto prefix = vocabulary.prefix_token();
      if (!prefix) return fail(prefix.error());
      whole.insert(whole.begin(), *prefix);
      boundary = 1;
    }
  }
  Item item;
  item.targets.assign(whole.begin() + static_cast<std::ptrdiff_t>(boundary), whole.end());
  auto limit = static_cast<std::size_t>(settings_.n_ctx);
  if (item.targets.size() > limit)
    return fail(
        ErrorKind::bad_request,
        "the continuation has " + std::to_string(item.targets.size()) + " tokens, the context holds " + std::to_string(limit), {},
        "give the model a larger context with ?n_ctx=");
  if (!whole.empty()) whole.pop_back();
  if (whole.size() > limit) {
    whole.erase(whole.begin(), whole.end() - static_cast<std::ptrdiff_t>(limit));
    item.truncated = true;
  }
  item.input = std::move(whole);
  if (item.targets.empty()) item.input.clear();
  item.logprobs.assign(item.targets.size(), 0);
  return item;
}

Result<void> LoglikelihoodScorer::load_trunk(const Tokens& trunk) {
  if (trunk == trunk_) return {};
  clear();
  if (auto done = feed(context_.get(), batch_, trunk, 0, 0, false); !done) {
    clear();
    return done;
  }
  trunk_ = trunk;
  return {};
}

void LoglikelihoodScorer::read_row(int index, const std::vector<Item*>& items, std::size_t depth) {
  const float* row = lib().llama_get_logits_ith(context_.get(), index);
  if (!row) {
    for (Item* item : items) item->logprobs[depth - item->first_target()] = std::numeric_limits<double>::quiet_NaN();
    return;
  }
  std::span<const float> logits(row, static_cast<std::size_t>(model_->vocabulary.size()));
  double log_sum = log_sum_exp(logits);
  int best = arg_max(logits);
  for (Item* item : items) {
    std::size_t at = depth - item->first_target();
    item->logprobs[at] = static_cast<double>(logits[static_cast<std::size_t>(item->targets[at])]) - log_sum;
    if (item->targets[at] != best) item->greedy = false;
  }
}

Result<void> LoglikelihoodScorer::score_wave(std::vector<Item*> wave, std::size_t trunk) {
  llama_memory_t memory = lib().llama_get_memory(context_.get());
  struct Row {
    int index;
    std::size_t depth;
    std::vector<Item*> items;
  };
  std::vector<Row> rows;
  batch_.clear();
  auto flush = [&]() -> Result<void> {
    if (batch_.size() == 0) return {};
    if (auto done = decode(context_.get(), batch_); !done) return done;
    for (const Row& row : rows) read_row(row.index, row.items, row.depth);
    rows.clear();
    batch_.clear();
    return {};
  };
  for (std::size_t i = 0; i < wave.size() && trunk > 0; ++i)
    lib().llama_memory_seq_cp(memory, 0, static_cast<llama_seq_id>(i + 1), 0, static_cast<llama_pos>(trunk));
  Result<void> result;
  // `wave` is sorted by its tokens, so items that share a node are neighbours and the nodes come depth-first.
  for (std::size_t i = 0; i < wave.size() && result; ++i) {
    const Item& item = *wave[i];
    std::size_t start = i == 0 ? trunk : std::max(trunk, common_prefix(wave[i - 1]->input, item.input));
    std::size_t sharing = wave.size();  // items [i, sharing) pass through the node at `depth`
    for (std::size_t depth = start; depth < item.input.size() && result; ++depth) {
      std::size_t end = i + 1;
      while (end < sharing && common_prefix(item.input, wave[end]->input) > depth) ++end;
      sharing = end;
      std::vector<llama_seq_id> ids;
      std::vector<Item*> reading;
      for (std::size_t k = i; k < sharing; ++k) {
        ids.push_back(static_cast<llama_seq_id>(k + 1));
        if (depth >= wave[k]->first_target()) reading.push_back(wave[k]);
      }
      int index = batch_.add(item.input[depth], static_cast<int>(depth), ids, !reading.empty());
      if (!reading.empty()) rows.push_back({index, depth, std::move(reading)});
      if (batch_.size() == batch_.capacity() || static_cast<int>(rows.size()) == max_rows_) result = flush();
    }
  }
  if (result) result = flush();
  if (!result) {
    clear();
    return result;
  }
  for (std::size_t i = 0; i < wave.size(); ++i) lib().llama_memory_seq_rm(memory, static_cast<llama_seq_id>(i + 1), -1, -1);
  return {};
}

Result<void> LoglikelihoodScorer::score_alone(Item& item) {
  clear();
  return score_wave({&item}, 0);
}

Result<std::vector<Loglikelihood>> LoglikelihoodScorer::score(const LoglikelihoodGroup& group, Usage& usage) {
  std::vector<Item> items;
  std::int64_t read = 0, targets = 0;
  for (const LoglikelihoodGroup::Item& wanted : group.items) {
    auto item = prepare(group.shared_prefix + wanted.context, wanted.continuation);
    if (!item) return fail(item.error());
    read += static_cast<std::int64_t>(item->input.size());
    targets += static_cast<std::int64_t>(item->targets.size());
    items.push_back(std::move(*item));
  }
  std::vector<Item*> order;
  for (Item& item : items)
    if (!item.targets.empty()) order.push_back(&item);
  std::stable_sort(order.begin(), order.end(), [](const Item* a, const Item* b) { return a->input < b->input; });

  // The trunk: of the declared prefix what all items really begin with, and never a node whose logits are needed.
  Tokens trunk;
  if (!group.shared_prefix.empty() && shares_cells_ && !order.empty()) {
    auto prefix = model_->vocabulary.tokens(group.shared_prefix, true, false);
    if (!prefix) return fail(prefix.error());
    std::size_t length = prefix->size();
    for (const Item* item : order) length = std::min({length, common_prefix(*prefix, item->input), item->first_target()});
    trunk.assign(prefix->begin(), prefix->begin() + static_cast<std::ptrdiff_t>(length));
  }
  if (!shares_cells_) {
    for (Item* item : order)
      if (auto done = score_alone(*item); !done) return fail(done.error());
  } else if (!order.empty()) {
    if (auto done = load_trunk(trunk); !done) return fail(done.error());
    auto cells = static_cast<std::size_t>(settings_.n_ctx);
    for (std::size_t i = 0; i < order.size();) {
      std::vector<Item*> wave{order[i]};
      std::size_t used = order[i]->input.size();
      for (++i; i < order.size() && static_cast<int>(wave.size()) < sequences_ - 1; ++i) {
        std::size_t fresh = order[i]->input.size() - std::max(trunk.size(), common_prefix(order[i - 1]->input, order[i]->input));
        if (used + fresh > cells) break;
        used += fresh;
        wave.push_back(order[i]);
      }
      if (auto done = score_wave(std::move(wave), trunk.size()); !done) return fail(done.error());
    }
  }
  std::vector<Loglikelihood> out;
  for (const Item& item : items) {
    Loglikelihood l;
    l.sum = std::accumulate(item.logprobs.begin(), item.logprobs.end(), 0.0);
    l.greedy = item.greedy;
    l.tokens = static_cast<int>(item.targets.size());
    l.truncated = item.truncated;
    if (std::isnan(l.sum))
      return fail(ErrorKind::data, "the model computes no numbers (NaN): its file is damaged", settings_.path.string());
    out.push_back(l);
  }
  usage.input_tokens = read;
  usage.output_tokens = targets;
  return out;
}

Result<Loglikelihood> LoglikelihoodScorer::score(const Rolling& rolling, Usage& usage) {
  const LlamaVocabulary& vocabulary = model_->vocabulary;
  auto tokens = vocabulary.tokens(rolling.text, false, false);
  if (!tokens) return fail(tokens.error());
  auto prefix = vocabulary.prefix_token();
  if (!prefix) return fail(prefix.error());
  Loglikelihood out;
  out.greedy = true;
  auto window = static_cast<std::size_t>(settings_.n_ctx);
  std::int64_t read = 0;
  // The first window stands behind the prefix token; a later one is full of tokens, of which only the new ones are scored.
  for (std::size_t at = 0; at < tokens->size();) {
    std::size_t count = std::min(window, tokens->size() - at);
    auto end = tokens->begin() + static_cast<std::ptrdiff_t>(at + count);
    Item item;
    item.targets.assign(end - static_cast<std::ptrdiff_t>(count), end);
    if (at == 0) {
      item.input.push_back(*prefix);
      item.input.insert(item.input.end(), tokens->begin(), end - 1);
    } else {
      item.input.assign(end - 1 - static_cast<std::ptrdiff_t>(window), end - 1);
    }
    item.logprobs.assign(count, 0);
    read += static_cast<std::int64_t>(item.input.size());
    if (auto done = score_alone(item); !done) return fail(done.error());
    for (double logprob : item.logprobs) out.sum += logprob;
    out.greedy = out.greedy && item.greedy;
    at += count;
  }
  out.tokens = static_cast<int>(tokens->size());
  if (std::isnan(out.sum))
    return fail(ErrorKind::data, "the model computes no numbers (NaN): its file is damaged", settings_.path.string());
  usage.input_tokens = read;
  usage.output_tokens = out.tokens;
  return out;
}

}  // namespace assay
