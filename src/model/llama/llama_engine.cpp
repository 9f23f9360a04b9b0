#include "model/llama/llama_engine.h"

#include <algorithm>
#include <utility>

namespace assay {
namespace {

Error cancelled_error() {
  return {ErrorKind::cancelled, "the request was cancelled"};
}

}  // namespace

LlamaEngine::LlamaEngine(ModelLoader& loader, LlamaSettings settings, std::string chat_template, const Clock& clock)
    : loader_(loader),
      settings_(std::move(settings)),
      chat_template_(std::move(chat_template)),
      clock_(clock),
      interrupt_(clock),
      thread_([this] { run(); }) {}

void LlamaEngine::stop() {
  {
    std::lock_guard lock(mutex_);
    stopping_ = true;
  }
  interrupt_.stop();
  wake_.notify_all();
  if (thread_.joinable()) thread_.join();
}

void LlamaEngine::submit(std::shared_ptr<LlamaJob> job) {
  {
    std::lock_guard lock(mutex_);
    if (!stopping_)
      (std::holds_alternative<Generate>(job->request) ? generations_ : scorings_).push_back(std::exchange(job, nullptr));
  }
  if (job) return job->done(fail(cancelled_error()));
  wake_.notify_all();
}

void LlamaEngine::wake() {
  {
    std::lock_guard lock(mutex_);
  }  // whoever is about to wait has either seen the flag or is waiting
  wake_.notify_all();
}

void LlamaEngine::post(std::function<void(bool)> work) {
  {
    std::lock_guard lock(mutex_);
    if (!stopping_) work_.push_back(std::exchange(work, nullptr));
  }
  if (work) return work(true);
  wake_.notify_all();
}

void LlamaEngine::drop_unwanted(std::deque<std::shared_ptr<LlamaJob>>& queue) {
  std::vector<std::shared_ptr<LlamaJob>> dropped;
  {
    std::lock_guard lock(mutex_);
    std::erase_if(queue, [&](const std::shared_ptr<LlamaJob>& job) {
      if (!job->unwanted(clock_)) return false;
      dropped.push_back(job);
      return true;
    });
  }
  for (auto& job : dropped) job->done(fail(cancelled_error()));
}

Result<void> LlamaEngine::load() {
  if (model_) return {};
  auto model = loader_.get();
  if (!model) return fail(model.error());
  model_ = *model;
  prompts_.emplace(model_, chat_template_, settings_.prompt_template, prompt_rules(settings_));
  return {};
}

void LlamaEngine::start_generation(std::shared_ptr<LlamaJob> job) {
  if (auto loaded = load(); !loaded) return job->done(fail(loaded.error()));
  if (is_embedding_request(job->request)) return embed(*job);
  if (!batch_) {
    auto batch = GenerationBatch::create(model_, settings_, clock_, interrupt_);
    if (!batch) return job->done(fail(batch.error()));
    batch_ = std::move(*batch);
  }
  auto prompt = prompts_->build(std::get<Generate>(job->request));
  if (!prompt) return job->done(fail(prompt.error()));
  if (prompt->cut > 0 || prompt->truncated) ++prompts_cut_;
  batch_->admit(std::move(job), *prompt);
  peak_ = batch_->peak();
}

void LlamaEngine::embed(LlamaJob& job) {
  if (!embedder_) {
    auto embedder = TextEmbedder::create(model_, settings_, interrupt_);
    if (!embedder) return job.done(fail(embedder.error()));
    embedder_ = std::move(*embedder);
  }
  interrupt_.watch({&job});
  auto response = embedder_->embed(std::get<Generate>(job.request));
  interrupt_.watch({});
  if (response) response->latency = std::chrono::duration<double>(clock_.now() - job.submitted).count();
  job.done(std::move(response));
}

std::vector<std::shared_ptr<LlamaJob>> LlamaEngine::take_scorings() {
  constexpr std::size_t kTogether = 64;
  constexpr int kMostPreferred = 256;
  std::vector<std::shared_ptr<LlamaJob>> out;
  auto group_of = [](const std::shared_ptr<LlamaJob>& job) { return std::get_if<LoglikelihoodGroup>(&job->request); };
  if (scorings_.empty()) return out;
  if (settings_.mode == "fast" && group_of(scorings_.front())) {
    for (auto it = scorings_.begin(); it != scorings_.end() && out.size() < kTogether;) {
      if (!group_of(*it)) {
        ++it;
        continue;
      }
      out.push_back(std::move(*it));
      it = scorings_.erase(it);
    }
    return out;
  }
  // A group whose prefix is already computed goes first, but not for ever.
  auto next = scorings_.begin();
  if (!last_prefix_.empty() && preferred_ < kMostPreferred) {
    auto same = std::find_if(scorings_.begin(), scorings_.end(), [&](const auto& job) {
      const LoglikelihoodGroup* group = group_of(job);
      return group && group->shared_prefix == last_prefix_;
    });
    if (same != scorings_.end()) next = same;
  }
  preferred_ = next == scorings_.begin() ? 0 : preferred_ + 1;
  out.push_back(std::move(*next));
  scorings_.erase(next);
  if (const LoglikelihoodGroup* group = group_of(out.front())) last_prefix_ = group->shared_prefix;
  return out;
}

void LlamaEngine::count_time() {
  const Instant now = clock_.now();
  counters_.nanoseconds += (now - counted_).count();
  counted_ = now;
}

void LlamaEngine::answer(LlamaJob& job, Result<std::vector<Loglikelihood>> scores, Usage usage) {
  count_time();
  if (!scores) return job.done(fail(scores.error()));
  Response response;
  response.loglikelihoods = std::move(*scores);
  response.usage = usage;
  response.finish = Finish::stop;
  response.finish_raw = "scored";
  response.latency = std::chrono::duration<double>(clock_.now() - job.submitted).count();
  job.done(std::move(response));
}

void LlamaEngine::score_one(LlamaJob& job) {
  Usage usage;
  if (const auto* group = std::get_if<LoglikelihoodGroup>(&job.request)) {
    auto scores = scorer_->score(*group, usage);
    return answer(job, std::move(scores), usage);
  }
  auto score = scorer_->score(std::get<Rolling>(job.request), usage);
  if (!score) return job.done(fail(score.error()));
  answer(job, std::vector<Loglikelihood>{*score}, usage);
}

void LlamaEngine::score_groups(const std::vector<std::shared_ptr<LlamaJob>>& jobs) {
  std::vector<const LoglikelihoodGroup*> groups;
  groups.reserve(jobs.size());
  for (const auto& job : jobs) groups.push_back(&std::get<LoglikelihoodGroup>(job->request));
  scorer_->score_together(groups, [&](std::size_t i, Result<std::vector<Loglikelihood>> scores, Usage usage) {
    answer(*jobs[i], std::move(scores), usage);
  });
}

void LlamaEngine::score(std::vector<std::shared_ptr<LlamaJob>> jobs) {
  auto ready = load();
  if (ready && !scorer_) {
    auto scorer = LoglikelihoodScorer::create(model_, settings_, interrupt_, counters_);
    if (scorer)
      scorer_ = std::move(*scorer);
    else
      ready = fail(scorer.error());
  }
  if (!ready) {
    for (auto& job : jobs) job->done(fail(ready.error()));
    return;
  }
  std::vector<const LlamaJob*> watched;
  watched.reserve(jobs.size());
  for (const auto& job : jobs) watched.push_back(job.get());
  interrupt_.watch(std::move(watched));
  counted_ = clock_.now();
  if (settings_.mode == "fast" && std::holds_alternative<LoglikelihoodGroup>(jobs.front()->request))
    score_groups(jobs);
  else
    score_one(*jobs.front());
  count_time();
  interrupt_.watch({});
}

void LlamaEngine::run() {
  for (;;) {
    std::function<void(bool)> work;
    std::shared_ptr<LlamaJob> generation;
    std::vector<std::shared_ptr<LlamaJob>> scorings;
    drop_unwanted(generations_);
    drop_unwanted(scorings_);
    {
      std::unique_lock lock(mutex_);
      auto asked = [&](const std::deque<std::shared_ptr<LlamaJob>>& queue) {
        return std::any_of(queue.begin(), queue.end(),
                           [&](const std::shared_ptr<LlamaJob>& job) { return job->unwanted(clock_); });
      };
      bool writing = batch_ && !batch_->idle();
      if (!writing) wake_.wait(lock, [&] { return stopping_ || !work_.empty() || !generations_.empty() || !scorings_.empty(); });
      if (stopping_) break;
      if (asked(generations_) || asked(scorings_)) continue;
      if (!work_.empty()) {
        work = std::move(work_.front());
        work_.pop_front();
      } else if (!generations_.empty() && (!batch_ || batch_->has_room())) {
        generation = std::move(generations_.front());
        generations_.pop_front();
      } else {
        scorings = take_scorings();
      }
    }
    if (work) {
      work(false);
      continue;
    }
    if (generation) {  // all free sequences are filled before the next step
      start_generation(std::move(generation));
      continue;
    }
    if (!scorings.empty()) score(std::move(scorings));
    if (batch_ && !batch_->idle()) batch_->step();
  }
  // Shutting down: everything still here is answered.
  if (batch_) batch_->abandon(cancelled_error());
  std::deque<std::shared_ptr<LlamaJob>> left;
  std::deque<std::function<void(bool)>> undone;
  {
    std::lock_guard lock(mutex_);
    left.swap(generations_);
    left.insert(left.end(), scorings_.begin(), scorings_.end());
    scorings_.clear();
    undone.swap(work_);
  }
  for (auto& work : undone) work(true);
  for (auto& job : left) job->done(fail(cancelled_error()));
}

}  // namespace assay
