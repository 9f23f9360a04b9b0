#include "model/llama/generation.h"

#include <utility>

#include "base/text.h"
#include "model/reasoning.h"

namespace assay {
namespace {

constexpr std::size_t kRows = 4;  // a step's rows come in this many

SamplingSettings sampling_of(const Generate& request, const LlamaSettings& defaults, std::uint64_t seed) {
  const Sampling& wish = request.sampling;
  SamplingSettings s;
  s.temperature = wish.temperature.value_or(defaults.temperature);
  s.top_k = wish.top_k.value_or(defaults.top_k);
  s.top_p = wish.top_p.value_or(defaults.top_p);
  s.min_p = wish.min_p.value_or(defaults.min_p);
  s.seed = wish.seed ? static_cast<std::uint64_t>(*wish.seed) : seed;
  return s;
}

}  // namespace

struct GenerationBatch::Slot {
  explicit Slot(llama_seq_id id) : sequence(id) {}
  llama_seq_id sequence;
  std::shared_ptr<LlamaJob> job;   // null = idle
  const Sampling* wish = nullptr;  // of the job's request
  std::optional<Sampler> sampler;
  int prompt_tokens = 0, position = 0;  // position of the next token to be fed
  int written = 0;                      // tokens of the answer
  Token last = 0;                       // sampled, not yet fed
  bool in_thought = false;              // the prompt's end opened one
  bool truncated = false;               // the prompt lost its beginning
  std::string text;                     // bytes so far
  std::vector<TokenLogprob> logprobs;
};

Result<std::unique_ptr<GenerationBatch>> GenerationBatch::create(std::shared_ptr<const LoadedModel> model,
                                                                 const LlamaSettings& settings, const Clock& clock,
                                                                 DecodeInterrupt& interrupt) {
  auto context = make_llama_context(model->get(), settings, settings.parallel, false, interrupt);
  if (!context) return fail(context.error());
  return std::unique_ptr<GenerationBatch>(new GenerationBatch(std::move(model), settings, clock, interrupt, std::move(*context)));
}

GenerationBatch::GenerationBatch(std::shared_ptr<const LoadedModel> model, const LlamaSettings& settings, const Clock& clock,
                                 DecodeInterrupt& interrupt, LlamaContextHandle context)
    : model_(std::move(model)),
      settings_(settings),
      clock_(clock),
      interrupt_(interrupt),
      context_(std::move(context)),
      prompt_batch_(settings.n_batch, 1),
      step_batch_(settings.parallel, 1) {
  for (int i = 0; i < settings.parallel; ++i) slots_.push_back(std::make_unique<Slot>(i));
}

GenerationBatch::~GenerationBatch() = default;

bool GenerationBatch::has_room() const {
  return active_ < static_cast<int>(slots_.size());
}

std::span<const float> GenerationBatch::logits_at(int index) const {
  const float* row = lib().llama_get_logits_ith(context_.get(), index);
  return row ? std::span<const float>(row, static_cast<std::size_t>(model_->vocabulary.size())) : std::span<const float>();
}

void GenerationBatch::admit(std::shared_ptr<LlamaJob> job, const BuiltPrompt& prompt) {
  const Generate& request = std::get<Generate>(job->request);
  int length = static_cast<int>(prompt.tokens.size());
  if (prompt.tokens.size() > static_cast<std::size_t>(settings_.n_ctx))
    return job->done(
        fail(ErrorKind::bad_request,
             "the prompt has " + std::to_string(prompt.tokens.size()) + " tokens, the context holds " +
                 std::to_string(settings_.n_ctx),
             {}, "give the model a larger context: ?n_ctx=" + std::to_string((prompt.tokens.size() + 1023) / 1024 * 1024)));
  Slot* free = nullptr;
  for (auto& slot : slots_)
    if (!slot->job && !free) free = slot.get();
  if (!free) return job->done(fail(ErrorKind::internal, "no free sequence"));
  Slot& slot = *free;
  slot.job = std::move(job);
  slot.wish = &request.sampling;
  slot.sampler.emplace(sampling_of(request, settings_, slot.job->seed));
  slot.prompt_tokens = slot.position = length;
  slot.written = 0;
  slot.in_thought = prompt.cut == 0 && opens_thinking(prompt.text);
  slot.truncated = prompt.truncated;
  slot.text.clear();
  slot.logprobs.clear();
  ++active_;
  peak_ = std::max(peak_, active_);
  if (request.sampling.max_tokens && *request.sampling.max_tokens <= 0) return finish(slot, Finish::length);
  interrupt_.watch({slot.job.get()});
  auto read = feed(context_.get(), prompt_batch_, prompt.tokens, 0, slot.sequence, true);
  if (!read) return fail_slot(slot, read.error());
  take_token(slot, logits_at(-1));
}

void GenerationBatch::step() {
  for (auto& slot : slots_)
    if (slot->job && slot->job->unwanted(clock_)) fail_slot(*slot, Error{ErrorKind::cancelled, "the request was cancelled"});
  if (active_ == 0) return;
  // Sequences go in groups of four: libllama computes neighbouring sequences together, so a group with a hole in it would fall
  // apart into fewer rows. Idle sequences of a group that is in use are fillers; what they compute is thrown away.
  std::vector<const LlamaJob*> jobs;
  std::vector<std::pair<Slot*, int>> rows;
  std::vector<llama_seq_id> fillers;
  step_batch_.clear();
  for (std::size_t first = 0; first < slots_.size(); first += kRows) {
    std::size_t end = std::min(first + kRows, slots_.size());
    if (std::none_of(slots_.begin() + static_cast<std::ptrdiff_t>(first), slots_.begin() + static_cast<std::ptrdiff_t>(end),
                     [](const auto& slot) { return slot->job != nullptr; }))
      continue;
    for (std::size_t i = first; i < end; ++i) {
      Slot& slot = *slots_[i];
      if (slot.job) {
        jobs.push_back(slot.job.get());
        rows.emplace_back(&slot, step_batch_.add(slot.last, slot.position, {slot.sequence}, true));
      } else {
        step_batch_.add(0, 0, {slot.sequence}, true);
        fillers.push_back(slot.sequence);
      }
    }
  }
  interrupt_.watch(std::move(jobs));
  auto done = decode(context_.get(), step_batch_);
  for (llama_seq_id filler : fillers) lib().llama_memory_seq_rm(lib().llama_get_memory(context_.get()), filler, -1, -1);
  for (auto& [slot, index] : rows) {
    if (!done) {
      fail_slot(*slot, done.error());
      continue;
    }
    ++slot->position;
    take_token(*slot, logits_at(index));
  }
}

void GenerationBatch::take_token(Slot& slot, std::span<const float> logits) {
  const LlamaVocabulary& vocabulary = model_->vocabulary;
  std::optional<int> token;
  if (!logits.empty()) token = slot.sampler->sample(logits);
  if (!token)
    return fail_slot(slot,
                     Error{ErrorKind::data, "the model computes no numbers (NaN): its file is damaged", settings_.path.string()});
  if (vocabulary.ends_generation(*token)) return finish(slot, Finish::stop);
  std::string piece = vocabulary.piece(*token, false);
  if (slot.wish->top_logprobs) {
    double log_sum = log_sum_exp(logits);
    TokenLogprob entry{
        valid_utf8(vocabulary.piece(*token, true)), static_cast<double>(logits[static_cast<std::size_t>(*token)]) - log_sum, {}};
    for (auto& [id, logprob] :
         most_likely(logits, log_sum, static_cast<std::size_t>(std::clamp(*slot.wish->top_logprobs, 0, 1000))))
      entry.top.emplace_back(valid_utf8(vocabulary.piece(id, true)), logprob);
    slot.logprobs.push_back(std::move(entry));
  }
  std::size_t before = slot.text.size();
  slot.text += piece;
  ++slot.written;
  // A stop string may have begun in an earlier piece.
  std::size_t cut = std::string::npos;
  for (const std::string& stop : slot.wish->stop) {
    if (stop.empty()) continue;
    std::size_t from = before >= stop.size() ? before - stop.size() + 1 : 0;
    cut = std::min(cut, slot.text.find(stop, from));
  }
  if (cut != std::string::npos) {
    slot.text.resize(cut);
    return finish(slot, Finish::stop);
  }
  if (slot.wish->max_tokens && slot.written >= *slot.wish->max_tokens) return finish(slot, Finish::length);
  if (slot.position >= settings_.n_ctx) return finish(slot, Finish::length);
  slot.last = *token;
}

void GenerationBatch::finish(Slot& slot, Finish finish) {
  Response response;
  response.text = valid_utf8(slot.text);
  take_thinking_apart(response, slot.in_thought);
  response.truncated = slot.truncated;
  response.finish = finish;
  response.finish_raw = std::string(name(finish));
  response.logprobs = std::move(slot.logprobs);
  response.usage.input_tokens = slot.prompt_tokens;
  response.usage.output_tokens = slot.written;
  response.latency = std::chrono::duration<double>(clock_.now() - slot.job->submitted).count();
  auto job = slot.job;
  release(slot);
  job->done(std::move(response));
}

void GenerationBatch::fail_slot(Slot& slot, Error error) {
  auto job = slot.job;
  release(slot);
  job->done(fail(std::move(error)));
}

void GenerationBatch::release(Slot& slot) {
  lib().llama_memory_seq_rm(lib().llama_get_memory(context_.get()), slot.sequence, -1, -1);
  slot.job.reset();
  slot.wish = nullptr;
  --active_;
}

void GenerationBatch::abandon(const Error& error) {
  for (auto& slot : slots_)
    if (slot->job) fail_slot(*slot, error);
}

}  // namespace assay
