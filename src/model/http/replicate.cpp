#include "model/http/replicate.h"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

#include "base/text.h"
#include "model/http/openai_dialect.h"
#include "model/http/replicate_dialect.h"
#include "model/http/url.h"

namespace assay {
namespace {

class ReplicateModel final : public Model {
 public:
  ReplicateModel(ReplicateOptions options, Transport& transport, Timer& timer)
      : options_(with_defaults(std::move(options))),
        provider_(options_, transport, timer.clock(), {"Authorization", "Bearer "}),
        timer_(timer),
        name_(replicate_name(options_.model)) {}

  Async<ModelIdentity> identify() override {
    if (!name_) co_return std::unexpected(name_.error());
    if (options_.key.empty() && options_.base == kReplicateBase) {
      std::string source = options_.key_source.empty() ? "REPLICATE_API_TOKEN" : options_.key_source;
      co_return fail(ErrorKind::auth, options_.label + " needs a key for " + options_.base, {}, "Set " + source + ".");
    }
    json::object facts{{"backend", "replicate"}, {"model", options_.model}};
    if (!options_.model_id.empty()) {
      facts["model_id"] = options_.model_id;
    } else {
      facts["base"] = shown_url(options_.base);
      if (name_->version.empty()) {
        Result<std::string> version = co_await latest_version();
        if (!version) co_return std::unexpected(version.error());
        if (!version->empty()) facts["server"] = json::object{{"version", *version}};
      }
    }
    if (!options_.extra.empty()) facts["extra"] = options_.extra;
    co_return make_identity(std::move(facts), options_.model);
  }

  Async<Response> answer(Query query) override {
    if (auto* generate = std::get_if<Generate>(&query.request)) return this->generate(std::move(*generate), query.deadline);
    return refuse();
  }

  Capabilities capabilities() const override {
    Capabilities out;
    out.chat = out.completion = true;
    out.max_in_flight = options_.max_in_flight;
    return out;
  }

  Result<Rendering> render(const Generate& request) const override {
    return server_rendering(request);
  }

  std::optional<std::int64_t> longest_answer(const Request& request) const override {
    const auto* generate = std::get_if<Generate>(&request);
    if (!generate || !name_) return 0;  // nothing is sent
    Result<HostedBody> body = replicate_body(*generate, *name_, quirks_.refused);
    if (!body) return 0;
    add_extra(body->json);
    return assay::longest_answer(body->json);
  }

  std::vector<std::string> deviations() const override {
    return deviations_.all();
  }

  json::object facts() const override {
    return {{"dialect", "replicate"}, {"base", shown_url(options_.base)}, {"model", options_.model}};
  }

 private:
  static ReplicateOptions with_defaults(ReplicateOptions options) {
    options.base = without_slash(options.base.empty() ? std::string(kReplicateBase) : std::move(options.base));
    if (options.label.empty()) options.label = "replicate:" + options.model;
    return options;
  }

  Async<Response> refuse() {
    co_return fail(ErrorKind::unsupported, options_.label + " gives no log-likelihoods", {}, "Use a gguf: model for this task.");
  }

  Async<std::string> latest_version() {
    std::string url = options_.base + "/models/" + name_->owner + "/" + name_->name;
    Result<HttpResponse> known = co_await provider_.get(url);
    if (!known) co_return std::unexpected(known.error());
    if (known->status == 200) {
      if (Result<JsonBody> body = provider_.json_of(url, *known))
        if (const json::value* id = find_path(body->value, {"latest_version", "id"})) co_return hosted_text(id);
      co_return std::string();
    }
    if (known->status == 400 || known->status == 404 || known->status == 405 || known->status == 501) co_return std::string();
    co_return fail(provider_.error_of(url, *known));
  }

  void add_extra(json::object& body) const {
    json::object& input = body["input"].get_object();
    for (const auto& member : options_.extra) input[member.key()] = member.value();
  }

  Async<Response> generate(Generate request, std::optional<Instant> deadline) {
    if (!name_) co_return std::unexpected(name_.error());
    const Instant begin = timer_.clock().now();
    if (options_.timeout > Duration::zero()) deadline = std::min(deadline.value_or(Instant::max()), begin + options_.timeout);
    std::string url = options_.base + replicate_path(*name_);
    constexpr int kMostLessons = 6;
    for (int lesson = 0;; ++lesson) {
      Result<HostedBody> body = replicate_body(request, *name_, quirks_.refused);
      if (!body) {
        Error error = body.error();
        error.message = options_.label + ": " + error.message;
        co_return fail(std::move(error));
      }
      add_extra(body->json);
      Result<HttpResponse> created = co_await provider_.post(url, write_json(body->json), deadline);
      if (!created) co_return std::unexpected(created.error());
      if ((created->status == 400 || created->status == 422) && lesson < kMostLessons &&
          quirks_.learn(read_error_body(created->body), body->sent))
        continue;
      Result<Looked> looked = look(url, std::move(*created));
      if (!looked) co_return std::unexpected(looked.error());
      Result<Response> out = co_await follow(std::move(*looked), deadline);
      // A prediction does not say whether it was cut: it succeeded.
      if (auto most = assay::longest_answer(body->json); out && most.value_or(0) > 0 && out->usage.output_tokens >= most) out->finish = Finish::length;
      cut_at_stop(out, request.sampling.stop, body->left_out);
      if (out) out->latency = std::chrono::duration<double>(timer_.clock().now() - begin).count();
      deviations_.note(options_.label, body->left_out, std::move(body->deviations), out);
      co_return out;
    }
  }

  struct Looked {
    ReplicatePrediction prediction;
    std::string raw;
  };
  Result<Looked> look(const std::string& url, HttpResponse response) const {
    if (response.status < 200 || response.status > 299) return fail(provider_.error_of(url, response));
    Result<JsonBody> body = provider_.json_of(url, response);
    if (!body) return std::unexpected(body.error());
    Result<ReplicatePrediction> prediction = replicate_prediction(body->value);
    if (!prediction) {
      Error bad = prediction.error();
      bad.message = options_.label + ": " + options_.key.redact(std::move(bad.message));
      bad.where = shown_url(url);
      bad.http_status = response.status;
      return fail(std::move(bad));
    }
    return Looked{std::move(*prediction), std::move(body->text)};
  }

  /// A prediction that nobody waits for any more would be paid for until it ends; whether this worked changes nothing. A coroutine of its own:
  /// one that was interrupted sends nothing more.
  Task<void> abandon(std::string url) {
    auto executor = co_await asio::this_coro::executor;
    co_await asio::co_spawn(executor, cancel_there(std::move(url)), asio::as_tuple(asio::use_awaitable));
  }
  Task<void> cancel_there(std::string url) {
    (void)co_await provider_.post(url + "/cancel", "", timer_.clock().now() + std::chrono::seconds(5));
  }

  /// Looks again until the prediction has ended. The address is made here: the one that the answer names may be anybody's.
  Async<Response> follow(Looked looked, std::optional<Instant> deadline) {
    co_await asio::this_coro::throw_if_cancelled(false);  // an interruption is a value here: the prediction is to be cancelled
    const std::string url = options_.base + "/predictions/" + looked.prediction.id;
    Duration wait = options_.first_wait;
    constexpr int kMostFailures = 5;
    int failures = 0;
    while (!looked.prediction.response) {
      const Instant now = timer_.clock().now();
      if (deadline && now + wait >= *deadline) {
        co_await abandon(url);
        co_return fail(ErrorKind::timeout, options_.label + ": the prediction " + looked.prediction.id + " had not ended in time", shown_url(url));
      }
      co_await timer_.sleep(wait);
      if (timer_.clock().now() < now + wait) {  // cancelled: the sleep was cut short
        co_await abandon(url);
        co_return fail(ErrorKind::cancelled, "the request was cancelled");
      }
      wait = std::min(wait + wait / 2, options_.longest_wait);
      Result<HttpResponse> response = co_await provider_.get(url);
      Result<Looked> next = response ? look(url, std::move(*response)) : Result<Looked>(std::unexpected(response.error()));
      if (next) {
        failures = 0;
        if (next->prediction.id != looked.prediction.id)
          co_return fail(ErrorKind::bad_response, options_.label + ": another prediction was answered than was asked for", shown_url(url));
        looked = std::move(*next);
        continue;
      }
      const bool ended = next.error().http_status >= 200 && next.error().http_status < 300;  // it said how it ended
      if (ended || !retryable(next.error().kind) || ++failures >= kMostFailures) {
        if (!ended) co_await abandon(url);
        co_return std::unexpected(next.error());
      }
      if (next.error().retry_after) wait = std::max(wait, std::chrono::duration_cast<Duration>(*next.error().retry_after));
    }
    looked.prediction.response->raw = std::move(looked.raw);
    co_return std::move(*looked.prediction.response);
  }

  ReplicateOptions options_;
  HttpProvider provider_;
  Timer& timer_;
  Result<ReplicateName> name_;
  ParameterQuirks quirks_;
  Deviations deviations_;
};

}  // namespace

std::unique_ptr<Model> make_replicate_model(ReplicateOptions options, Transport& transport, Timer& timer) {
  return std::make_unique<ReplicateModel>(std::move(options), transport, timer);
}

}  // namespace assay
