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

// Where a coroutine on the loop's thread waits for something computed on the engine's. The engine may outlive the loop, so it
// posts only while the coroutine's frame, and with it the loop, is known to exist.
template <class T>
class Waiter {
 public:
  explicit Waiter(asio::any_io_executor executor) : timer_(executor, asio::steady_timer::time_point::max()) {}

  // Engine's thread.
  static void deliver(const std::shared_ptr<Waiter>& self, Result<T> result) {
    std::lock_guard lock(self->mutex_);
    if (!self->open_) return;
    asio::post(self->timer_.get_executor(), [self, result = std::move(result)]() mutable {
      self->result = std::move(result);
      self->timer_.cancel();
    });
  }
  // Loop's thread.
  void close() {
    std::lock_guard lock(mutex_);
    open_ = false;
  }
  asio::steady_timer& timer() { return timer_; }
  std::optional<Result<T>> result;

 private:
  std::mutex mutex_;
  bool open_ = true;
  asio::steady_timer timer_;  // never fires by itself; cancelling it wakes the coroutine
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

class LlamaModel final : public Model {
 public:
  LlamaModel(LlamaSettings settings, GgufFile file, const Clock& clock)
      : settings_(std::move(settings)),
        file_(std::move(file)),
        template_(settings_.chat_template.empty() ? file_.chat_template() : settings_.chat_template),
        clock_(clock),
        loader_(settings_),
        engine_(loader_, settings_, template_, clock) {}

  Async<ModelIdentity> identify() override {
    if (identity_) co_return *identity_;
    // Summing the weights may take a while: not on the loop's thread.
    auto executor = co_await asio::this_coro::executor;
    auto waiter = std::make_shared<Waiter<ModelIdentity>>(executor);
    CloseAtExit<ModelIdentity> closing{waiter};
    engine_.post([this, waiter](bool stopping) {
      auto identity = stopping ? Result<ModelIdentity>(fail(ErrorKind::cancelled, "the request was cancelled")) : make_own_identity();
      Waiter<ModelIdentity>::deliver(waiter, std::move(identity));
    });
    co_await waiter->timer().async_wait(kAsTuple);
    if (!waiter->result) co_return fail(ErrorKind::cancelled, "the request was cancelled");
    if (*waiter->result) identity_ = **waiter->result;
    co_return std::move(*waiter->result);
  }

  Async<Response> answer(Query query) override {
    auto executor = co_await asio::this_coro::executor;
    if (!identity_) {
      Result<ModelIdentity> identity = co_await identify();
      if (!identity) co_return fail(identity.error());
    }
    auto job = std::make_shared<LlamaJob>();
    Key key = request_key(identity_->text, query.request, query.draw);
    for (std::size_t i = 0; i < 8; ++i) job->seed = job->seed << 8 | key.bytes[i];
    job->request = std::move(query.request);
    job->submitted = clock_.now();
    auto waiter = std::make_shared<Waiter<Response>>(executor);
    CloseAtExit<Response> closing{waiter};
    job->done = [waiter](Result<Response> response) { Waiter<Response>::deliver(waiter, std::move(response)); };
    CancelAtExit cancelling{engine_, job};
    engine_.submit(job);
    co_await waiter->timer().async_wait(kAsTuple);
    if (!waiter->result) co_return fail(ErrorKind::cancelled, "the request was cancelled");
    cancelling.armed = false;
    if (*waiter->result) (*waiter->result)->model_reported = file_.text("general.name");
    co_return std::move(*waiter->result);
  }

  Capabilities capabilities() const override {
    Capabilities c;
    c.chat = !template_.empty();
    c.completion = c.loglikelihood = c.logprobs = true;
    // Enough waiting to keep every sequence busy, few enough that an interruption loses little.
    c.max_in_flight = static_cast<std::size_t>(settings_.parallel) * 2;
    return c;
  }

  Result<Rendering> render(const Generate& request) const override {
    auto model = loader_.get();
    if (!model) return fail(model.error());
    return PromptBuilder(*model, template_).render(request);
  }

  json::object facts() const override {
    json::object facts{
        {"file", settings_.path.filename().string()},
        {"bytes", file_.size},
        {"architecture", file_.architecture()},
        {"name", file_.text("general.name")},
        {"parameters", file_.parameters},
        {"context_trained", file_.hyper("context_length").value_or(0)},
        {"vocabulary", file_.array_length("tokenizer.ggml.tokens")},
        {"n_ctx", settings_.n_ctx},
        {"n_batch", settings_.n_batch},
        {"parallel", settings_.parallel},
        {"threads", settings_.threads},
        {"mode", settings_.mode},
        {"peak_in_batch", engine_.peak()},
    };
    if (auto runtime = llama_runtime()) {
      facts["libllama"] = runtime->version;
      facts["cpu"] = runtime->cpu_variant;
    }
    return facts;
  }

 private:
  Result<ModelIdentity> make_own_identity() const {
    auto runtime = llama_runtime();
    if (!runtime) return fail(runtime.error());
    auto sum = weights_sha256(settings_.path, settings_.hash_cache);
    if (!sum) return fail(sum.error());
    json::object facts{
        {"backend", "gguf"},
        {"sha256", *sum},
        {"n_ctx", settings_.n_ctx},
        {"n_batch", settings_.n_batch},
        {"rows", settings_.parallel == 1 ? 1 : 4},
        {"kv_type", settings_.kv_type},
        {"flash_attn", settings_.flash_attn},
        {"mode", settings_.mode},
        {"gpu_layers", settings_.gpu_layers},
        {"libllama", runtime->version + " (" + runtime->commit + ")"},
        {"cpu", runtime->cpu_variant},
        {"template", template_.empty() ? std::string("none") : sha256_hex(template_)},
        {"renderer", "jinja 1"},
        {"sampler", "temperature, top_k, top_p, min_p; splitmix64"},
        {"defaults", json::object{{"temperature", settings_.temperature}, {"top_k", settings_.top_k}, {"top_p", settings_.top_p}, {"min_p", settings_.min_p}}},
    };
    return make_identity(std::move(facts), settings_.path.filename().string());
  }

  const LlamaSettings settings_;
  const GgufFile file_;
  const std::string template_;
  const Clock& clock_;
  mutable ModelLoader loader_;
  LlamaEngine engine_;
  std::optional<ModelIdentity> identity_;
};

}  // namespace

Result<std::unique_ptr<Model>> make_llama_model(const LlamaSettings& settings, const Clock& clock) {
  auto file = read_gguf(settings.path);
  if (!file) return fail(file.error());
  if (file->number("split.count").value_or(1) > 1)
    return fail(ErrorKind::unsupported, "the model is split into several files", settings.path.string(), "join them into one with llama.cpp's llama-gguf-split --merge");
  auto settled = settle(settings, *file);
  if (!settled) return fail(settled.error());
  return std::unique_ptr<Model>(std::make_unique<LlamaModel>(std::move(*settled), std::move(*file), clock));
}

}  // namespace assay
