#include "model/server/launched_model.h"

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>

#include "base/async/event.h"

namespace assay {
namespace {

constexpr int kAllRestarts = 10;        // so many times `restarts`, in all
constexpr std::size_t kMostReasons = 12;  // that facts() lists

/// Shared with the coroutines: one that is dropped with its loop may outlive the model.
struct State {
  State(std::unique_ptr<Model> inner, std::unique_ptr<ServerProcess> server, Timer& timer, LaunchOptions options)
      : inner(std::move(inner)), server(std::move(server)), timer(timer), options(std::move(options)) {}

  std::unique_ptr<Model> inner;
  std::unique_ptr<ServerProcess> server;
  Timer& timer;
  LaunchOptions options;

  std::shared_ptr<Event> starting;    // set while a start is under way; its end wakes all who wait
  std::optional<Error> failed;        // for good
  std::optional<Error> last_start;    // why the last start gave nothing, where it was not for good
  std::uint64_t generation = 0;       // of the server: requests sent to an earlier one say nothing about this one
  std::string broken;                 // why this one is to be replaced, "" = it is not
  std::optional<ModelIdentity> inner_identity;
  int starts = 0, in_row = 0;
  Duration longest{};                 // that a request had until its deadline
  json::array reasons;

  /// A crash shows itself here even when nobody was talking to it.
  void look() {
    if (auto end = server->ended(); end && broken.empty()) broken = "it ended with " + end->text();
  }
  bool up() {
    look();
    return server->running() && broken.empty();
  }

  Error too_often(const std::string& why) const {
    return Error{ErrorKind::refused, options.label + ": the server was started " + std::to_string(starts) + " times and does not keep going: " + why, {},
                 server->last_words()};
  }

  /// `short_of_time`: the request's own deadline cut it short, which says nothing of the server.
  void failure(std::uint64_t sent_to, bool short_of_time, Error& error) {
    if (sent_to != generation || failed) return;
    look();
    bool silent = (error.kind == ErrorKind::timeout && !short_of_time) || error.kind == ErrorKind::network;
    if (broken.empty() && silent) broken = error.kind == ErrorKind::timeout ? "a request timed out" : "a connection was lost: " + error.message;
    if (broken.empty()) return;
    if (!retryable(error.kind) && error.kind != ErrorKind::cancelled) error.kind = ErrorKind::network;  // what a dying server says is not the model's word
  }
};

/// Starts the server, or starts it again. A coroutine of its own, so that no request's end can end it.
Task<void> bring_up(std::shared_ptr<State> s) {
  struct Done {
    std::shared_ptr<State> s;
    ~Done() { std::exchange(s->starting, nullptr)->set(); }
  } done{s};
  co_await asio::this_coro::throw_if_cancelled(false);
  s->last_start.reset();
  std::string why = s->broken;
  if (s->starts > 0) {
    if (s->reasons.size() < kMostReasons) s->reasons.emplace_back(why);
    if (++s->in_row > s->options.restarts || s->starts > kAllRestarts * s->options.restarts) {
      co_await s->server->stop();
      s->failed = s->too_often(why);
      co_return;
    }
  }
  co_await s->server->stop();
  ++s->starts;
  ++s->generation;
  Result<void> started = co_await s->server->start();
  if (!started) {
    Error& error = started.error();
    s->broken = error.message;
    if (error.kind != ErrorKind::cancelled && s->starts == 1) s->failed = std::move(error);
    else s->last_start = std::move(error);  // a restart that fails counts, and the next request tries again
    co_return;
  }
  s->broken.clear();
  if (s->inner_identity) co_return;
  Result<ModelIdentity> identity = co_await s->inner->identify();  // the back end learns the model's name from it
  if (identity) {
    s->inner_identity = std::move(*identity);
  } else if (retryable(identity.error().kind)) {
    s->broken = "it said nothing of itself: " + identity.error().message;
    s->last_start = std::move(identity.error());
  } else {
    s->failed = std::move(identity.error());
  }
}

/// Waits until the server answers. Errors are fatal, except `cancelled`.
Async<void> need_server(std::shared_ptr<State> s) {
  while (true) {
    if (s->failed) co_return fail(*s->failed);
    if (!s->starting && s->up()) co_return Result<void>();
    if (!s->starting) {
      if (s->last_start && s->last_start->kind == ErrorKind::cancelled) co_return fail(*s->last_start);
      auto executor = co_await asio::this_coro::executor;
      s->starting = std::make_shared<Event>(executor);
      asio::co_spawn(executor, bring_up(s), asio::detached);
    }
    if (std::shared_ptr<Event> started = s->starting) co_await started->wait();
    auto state = co_await asio::this_coro::cancellation_state;
    if (state.cancelled() != asio::cancellation_type::none) co_return fail(ErrorKind::cancelled, "interrupted");
  }
}

class LaunchedModel final : public Model {
 public:
  explicit LaunchedModel(std::shared_ptr<State> state) : state_(std::move(state)) {}
  ~LaunchedModel() override {
    state_->server->abandon();
    if (!state_->failed) state_->failed = Error{ErrorKind::cancelled, "the model is gone"};
  }

  Async<ModelIdentity> identify() override {
    std::shared_ptr<State> s = state_;
    json::object facts = s->options.facts;
    if (!s->options.identity_known) {
      Result<void> up = co_await need_server(s);
      if (!up) co_return std::unexpected(up.error());
      for (const char* name : {"model", "server"})
        if (const json::value* said = s->inner_identity->facts.if_contains(name))
          if (!facts.contains(name)) facts[name] = *said;
    }
    co_return make_identity(std::move(facts), s->options.label);
  }

  Async<Response> answer(Query query) override {
    std::shared_ptr<State> s = state_;
    const Clock& clock = s->timer.clock();
    const Instant came = clock.now();
    Result<void> up = co_await need_server(s);
    if (!up) co_return std::unexpected(up.error());
    const Instant sent = clock.now();
    std::optional<Instant> deadline = query.deadline;
    if (deadline) {
      *deadline += sent - came;  // no request is late because we start its server
      query.deadline = deadline;
      s->longest = std::max(s->longest, *deadline - sent);
    }
    std::uint64_t sent_to = s->generation;
    Result<Response> response = co_await s->inner->answer(std::move(query));
    // Whoever had about as long as anybody has waited for a server that hangs, be it until the deadline.
    const bool short_of_time = deadline && clock.now() >= *deadline && *deadline - sent < s->longest / 2;
    if (response) s->in_row = 0;
    else s->failure(sent_to, short_of_time, response.error());
    co_return response;
  }

  Capabilities capabilities() const override { return state_->inner->capabilities(); }
  Result<Rendering> render(const Generate& request) const override { return state_->inner->render(request); }
  std::optional<std::int64_t> longest_answer(const Request& request) const override { return state_->inner->longest_answer(request); }
  std::vector<std::string> deviations() const override { return state_->inner->deviations(); }
  json::object facts() const override {
    const State& s = *state_;
    json::object out = s.inner->facts();
    json::object launch = s.options.shown;
    launch["starts"] = s.starts;
    if (s.starts > 0) launch["start_seconds"] = std::chrono::duration<double>(s.server->start_time()).count();
    if (!s.reasons.empty()) launch["restarted_because"] = s.reasons;
    out["launch"] = std::move(launch);
    return out;
  }

 private:
  std::shared_ptr<State> state_;
};

}  // namespace

std::unique_ptr<Model> make_launched_model(std::unique_ptr<Model> inner, std::unique_ptr<ServerProcess> server, Timer& timer, LaunchOptions options) {
  return std::make_unique<LaunchedModel>(std::make_shared<State>(std::move(inner), std::move(server), timer, std::move(options)));
}

}  // namespace assay
