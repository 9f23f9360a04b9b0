#include "model/llama/llama_model.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/hash.h"
#include "base/text.h"
#include "model/llama/llama_engine.h"
#include "model/llama/weights_hash.h"

namespace assay {
namespace {

constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);

// Where a coroutine on the loop's thread waits for something computed on the engine's. The engine may outlive the loop: it posts
// only while the coroutine's frame, and with it the loop, is known to exist, and it may hold the last reference to this object,
// which therefore owns nothing of the loop's. The timer is the frame's; it never fires by itself, cancelling it wakes the
// coroutine.
template <class T>
class Waiter {
 public:
  explicit Waiter(asio::steady_timer& timer) : timer_(&timer) {}

  // Engine's thread.
  static void deliver(const std::shared_ptr<Waiter>& self, Result<T> result) {
    std::lock_guard lock(self->mutex_);
    if (!self->timer_) return;
    asio::post(self->timer_->get_executor(), [self, result = std::move(result)]() mutable {
      if (!self->timer_) return;
      self->result = std::move(result);
      self->timer_->cancel();
    });
  }
  // Loop's thread, when the frame goes.
  void close() {
    std::lock_guard lock(mutex_);
    timer_ = nullptr;
  }
  std::optional<Result<T>> result;  // loop's thread alone

 private:
  std::mutex mutex_;
  asio::steady_timer* timer_;
};

template <class T>
struct CloseAtExit {
  std::shared_ptr<Waiter<T>> waiter;
  ~CloseAtExit() { waiter->close(); }
};

struct CancelAtExit {
  LlamaEngine& engine;
  std::shared_ptr<LlamaJob> job;
  bool armed = true;
  ~CancelAtExit() {
    if (!armed) return;
    job->cancelled = true;
    engine.wake();
  }
};

bool asks_for(const GgufFile& file, std::string_view key) {
  auto it = file.values.find(std::string(key));
  const bool* value = it == file.values.end() ? nullptr : std::get_if<bool>(&it->second);
  return value && *value;
}

// What the model is made of. Coroutines share it with the model, so that one that resumes after the model was destroyed finds it.
struct Core {
  Core(LlamaSettings wish, GgufFile head, const Clock& time)
      : settings(std::move(wish)),
        file(std::move(head)),
        chat_template(settings.chat_template.empty() ? file.chat_template() : settings.chat_template),
        clock(time),
        loader(settings),
        engine(loader, settings, chat_template, time) {}

  // Sums the weights; engine's thread.
  Result<ModelIdentity> make_identity_of_weights() const;

  const LlamaSettings settings;
  const GgufFile file;
  const std::string chat_template;
  const Clock& clock;
  ModelLoader loader;
  LlamaEngine engine;
  std::optional<ModelIdentity> identity;  // loop's thread
};

Result<ModelIdentity> Core::make_identity_of_weights() const {
  auto runtime = llama_runtime();
  if (!runtime) return fail(runtime.error());
  auto sum = weights_sha256(settings.path, settings.hash_cache);
  if (!sum) return fail(sum.error());
  json::object facts{
      {"backend", "gguf"},
      {"sha256", *sum},
      {"n_ctx", settings.n_ctx},
      {"n_batch", settings.n_batch},
      {"rows", settings.parallel == 1 ? 1 : 4},
      {"kv_type", settings.kv_type},
      {"flash_attn", settings.flash_attn},
      {"mode", settings.mode},
      {"loglikelihood", settings.bos ? "harness borders, bos" : "harness borders"},
      {"loglikelihood_decodes", 2},  // raised whenever what is computed together changes: 2 = padded to fours
      {"gpu_layers", settings.gpu_layers},
      {"libllama", runtime->version + " (" + runtime->commit + ")"},
      {"cpu", runtime->cpu_variant},
      {"template", settings.prompt_template ? settings.prompt_template->sum() : chat_template.empty() ? std::string("none") : sha256_hex(chat_template)},
      {"renderer", "jinja 3"},  // raised whenever some template renders to another text
      {"sampler", "temperature, top_k, top_p, min_p; splitmix64"},
      {"defaults", json::object{{"temperature", settings.temperature},
                                {"top_k", settings.top_k},
                                {"top_p", settings.top_p},
                                {"min_p", settings.min_p}}},
  };
  if (!settings.pooling.empty()) facts["pooling"] = settings.pooling;
  // Answers from before this was written hold the thoughts in their text. A file without a template is no model that thinks.
  if (!chat_template.empty()) facts["thinking"] = "apart";
  if (settings.prompt_bos) facts["prompt_bos"] = *settings.prompt_bos ? "on" : "off";
  // Answers from before this was written came after an end.
  if (asks_for(file, "tokenizer.ggml.add_eos_token")) facts["prompt_eos"] = "none";
  if (settings.double_bos) facts["double_bos"] = true;
  if (settings.max_input > 0) facts["max_input"] = settings.max_input;
  // Where both are the same token, or there is one alone, it changes no number.
  const auto bos = file.number("tokenizer.ggml.bos_token_id"), eos = file.number("tokenizer.ggml.eos_token_id");
  if (settings.start_eos && bos != eos && eos) facts["start"] = "eos";
  return make_identity(std::move(facts), settings.path.filename().string());
}

// Summing the weights may take a while: not on the loop's thread.
Async<ModelIdentity> identify_core(std::shared_ptr<Core> core) {
  if (core->identity) co_return *core->identity;
  asio::steady_timer timer(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
  auto waiter = std::make_shared<Waiter<ModelIdentity>>(timer);
  CloseAtExit<ModelIdentity> closing{waiter};
  core->engine.post([of = core.get(), waiter](bool stopping) {
    auto identity = stopping ? Result<ModelIdentity>(fail(ErrorKind::cancelled, "the request was cancelled"))
                             : of->make_identity_of_weights();
    Waiter<ModelIdentity>::deliver(waiter, std::move(identity));
  });
  co_await timer.async_wait(kAsTuple);
  if (!waiter->result) co_return fail(ErrorKind::cancelled, "the request was cancelled");
  if (*waiter->result) core->identity = **waiter->result;
  co_return std::move(*waiter->result);
}

Async<Response> answer_core(std::shared_ptr<Core> core, Query query) {
  asio::steady_timer timer(co_await asio::this_coro::executor, asio::steady_timer::time_point::max());
  Result<ModelIdentity> identity = co_await identify_core(core);
  if (!identity) co_return fail(identity.error());
  auto job = std::make_shared<LlamaJob>();
  Key key = request_key(identity->text, query.request, query.draw);
  for (std::size_t i = 0; i < 8; ++i) job->seed = job->seed << 8 | key.bytes[i];
  job->request = std::move(query.request);
  job->submitted = core->clock.now();
  job->deadline = query.deadline;
  auto waiter = std::make_shared<Waiter<Response>>(timer);
  CloseAtExit<Response> closing{waiter};
  job->done = [waiter](Result<Response> response) { Waiter<Response>::deliver(waiter, std::move(response)); };
  CancelAtExit cancelling{core->engine, job};
  core->engine.submit(job);
  co_await timer.async_wait(kAsTuple);
  if (!waiter->result) co_return fail(ErrorKind::cancelled, "the request was cancelled");
  cancelling.armed = false;
  if (!*waiter->result && waiter->result->error().kind == ErrorKind::cancelled && job->deadline && core->clock.now() >= *job->deadline)
    co_return fail(ErrorKind::timeout, "the answer was not written in time");
  if (*waiter->result) (*waiter->result)->model_reported = core->file.text("general.name");
  co_return std::move(*waiter->result);
}

class LlamaModel final : public Model {
 public:
  LlamaModel(LlamaSettings settings, GgufFile file, const Clock& clock)
      : core_(std::make_shared<Core>(std::move(settings), std::move(file), clock)) {}
  ~LlamaModel() override { core_->engine.stop(); }

  Async<ModelIdentity> identify() override { return identify_core(core_); }
  Async<Response> answer(Query query) override { return answer_core(core_, std::move(query)); }

  Capabilities capabilities() const override {
    Capabilities c;
    c.chat = !core_->chat_template.empty();
    c.completion = c.loglikelihood = c.rolling = c.logprobs = true;
    // Enough waiting to keep every sequence busy, few enough that an interruption loses little. Fast log-likelihoods want twice
    // what is computed together: while one lot is computed the next gathers.
    c.max_in_flight = static_cast<std::size_t>(core_->settings.parallel) * 2;
    if (core_->settings.mode == "fast") c.max_in_flight = std::max<std::size_t>(c.max_in_flight, 128);
    return c;
  }

  Result<Rendering> render(const Generate& request) const override {
    auto model = core_->loader.get();
    if (!model) return fail(model.error());
    return PromptBuilder(*model, core_->chat_template, core_->settings.prompt_template, prompt_rules(core_->settings)).render(request);
  }

  json::object facts() const override {
    const LlamaSettings& settings = core_->settings;
    const GgufFile& file = core_->file;
    json::object facts{
        {"file", settings.path.filename().string()},
        {"bytes", file.size},
        {"architecture", file.architecture()},
        {"name", file.text("general.name")},
        {"parameters", file.parameters},
        {"context_trained", file.hyper("context_length").value_or(0)},
        {"vocabulary", file.array_length("tokenizer.ggml.tokens")},
        {"n_ctx", settings.n_ctx},
        {"n_batch", settings.n_batch},
        {"parallel", settings.parallel},
        {"threads", settings.threads},
        {"mode", settings.mode},
        {"peak_in_batch", core_->engine.peak()},
    };
    if (settings.max_input > 0 || core_->engine.prompts_cut() > 0) facts["prompts_cut"] = core_->engine.prompts_cut();
    if (core_->engine.scoring().requests > 0) {
      facts["loglikelihood"] = core_->engine.scoring().facts();
      std::string bos = settings.bos ? "put before every text"
                        : asks_for(file, "tokenizer.ggml.add_bos_token")
                            ? "not put before a text, as in the harness, although the model's file asks for it (bos=on puts it there)"
                            : "not put before a text, as in the harness";
      facts["bos"] = bos;
    }
    if (auto runtime = llama_runtime()) {
      facts["libllama"] = runtime->version;
      facts["cpu"] = runtime->cpu_variant;
    }
    return facts;
  }

 private:
  std::shared_ptr<Core> core_;
};

}  // namespace

Result<std::unique_ptr<Model>> make_llama_model(const LlamaSettings& settings, const Clock& clock) {
  auto file = read_gguf(settings.path);
  if (!file) return fail(file.error());
  if (file->number("split.count").value_or(1) > 1)
    return fail(ErrorKind::unsupported, "the model is split into several files", settings.path.string(),
                "join them into one with llama.cpp's llama-gguf-split --merge");
  auto settled = settle(settings, *file);
  if (!settled) return fail(settled.error());
  return std::unique_ptr<Model>(std::make_unique<LlamaModel>(std::move(*settled), std::move(*file), clock));
}

}  // namespace assay
