#include "model/limited.h"

#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>
#include <cmath>
#include <deque>
#include <utility>

#include "base/async/event.h"
#include "base/number.h"
#include "model/limit_history.h"
#include "model/rate_budget.h"
#include "model/rate_learner.h"

namespace assay {
namespace {

constexpr double kCut = 0.8;
constexpr int kFirstAnswers = 5;
constexpr double kBytesPerToken = 4;  // a guess, corrected by the answer's own count
constexpr double kUnknownAnswerTokens = 256;
constexpr double kSlowAnswer = 1.0;  // seconds; growth never stops for less
constexpr double kLatencyGrowth = 4;
constexpr int kLatencySamples = 8;
constexpr int kSurprises = 3;
constexpr std::uint64_t kFewRefusals = 500;  // one refusal in so many answers is nobody's fault

constexpr std::size_t kMostAtFirst = 128;     // connections that are opened at one moment: more overrun the queue of a small server

double seconds_of(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

/// One request that was let go.
struct Departure {
  std::uint64_t number = 0;  // 0 = not yet
  Instant at{};
  double tokens_before = 0;  // estimates of all tokens up to it
};

struct Waiter {
  Waiter(asio::any_io_executor executor, double tokens) : turn(std::move(executor)), tokens(tokens) {}
  Event turn;
  double tokens;
  Departure departure;  // set when it may go
};

/// Shared by the model, the coroutines inside it and the sleeper, so that none needs the others to outlive it.
struct State : std::enable_shared_from_this<State> {
  State(Timer& timer, LimitOptions options)
      : timer(timer),
        options(std::move(options)),
        allowed(static_cast<double>(this->options.start)),
        threshold(static_cast<double>(this->options.max_in_flight)),
        history(now()) {
    if (this->options.requests_per_minute) requests = given(*this->options.requests_per_minute);
    if (this->options.tokens_per_minute) tokens = given(*this->options.tokens_per_minute);
  }

  Instant now() { return timer.clock().now(); }

  RateBudget given(double per_minute) {
    double per_second = std::max(per_minute, 1e-3) / 60;
    return RateBudget(per_second, std::max(1.0, per_second), now());  // a second's worth at once, so that no minute sees more
  }

  Duration time_to_go(double wish) {
    Instant at = now();
    Duration wait = std::max({Duration::zero(), pause_until - at, learner.wait(at)});
    if (requests) wait = std::max(wait, requests->wait_for(1, at));
    if (tokens) wait = std::max(wait, tokens->wait_for(wish, at));
    return wait;
  }
  bool place_free() const { return in_flight < static_cast<std::size_t>(allowed); }

  Departure go(double wish) {
    ++in_flight;
    peak = std::max(peak, in_flight);
    Instant at = now();
    if (requests) requests->take(1, at);
    if (tokens) tokens->take(wish, at);
    learner.sent(++started, at);
    tokens_started += wish;
    return {started, at, tokens_started};
  }

  /// Lets everybody go who may. Called whenever something changed.
  void pump() {
    if (stopping()) return leave();
    while (!line.empty() && place_free()) {
      if (time_to_go(line.front()->tokens) > Duration::zero()) return arm();
      Waiter* next = line.front();
      line.pop_front();
      next->departure = go(next->tokens);
      next->turn.set();
    }
  }

  void arm();

  bool stopping() const { return options.stopping && options.stopping(); }

  void fail_all(Error error) {
    if (!fatal) fatal = std::move(error);
    leave();
  }

  /// Nobody's turn comes any more.
  void leave() {
    auto waiting = std::move(line);
    line.clear();
    for (Waiter* waiter : waiting) waiter->turn.set();
  }

  void pause(Duration wait) {
    Instant until = now() + wait;
    if (until <= pause_until) return;
    paused += seconds_of(until - std::max(pause_until, now()));
    pause_until = until;
  }

  /// `rate`: it was a 429, which says nothing against as many at once later.
  void cut(std::uint64_t number, bool rate) {
    if (!options.adapt || number <= recovered) return;  // sent before the last cut: the same congestion
    allowed = std::max(1.0, std::min(allowed, static_cast<double>(std::max<std::size_t>(in_flight, 1))) * kCut);
    if (!rate) threshold = allowed;
    recovered = started;
    ++cuts;
    note(rate ? "refused" : "overloaded");
  }

  void grow(double latency, bool was_full) {
    latency_now = latencies == 0 ? latency : latency_now + 0.1 * (latency - latency_now);
    if (++latencies == kLatencySamples) latency_first = latency_now;
    if (latencies > kLatencySamples) latency_first = std::min(latency_first, latency_now);
    bool queueing = latencies > kLatencySamples && latency_now > kSlowAnswer && latency_now > kLatencyGrowth * latency_first;
    if (!options.adapt || !was_full || queueing) return;
    allowed += allowed < threshold ? 1 : 1 / allowed;
    allowed = std::min(allowed, static_cast<double>(options.max_in_flight));
    most_allowed = std::max(most_allowed, allowed);
  }

  void learn_budgets(const Departure& departure) {
    if (!options.hints || options.hints->updates == hints_seen) return;
    hints_seen = options.hints->updates;
    Instant at = now();
    double latency = seconds_of(at - departure.at);
    auto take = [&](std::optional<RateBudget>& budget, const RateHints::Budget& said, bool was_given, double later,
                    const char* what) {
      if (was_given || !said.limit || *said.limit < 1) return;  // less would be no service at all
      double per_second = *said.limit / 60;
      if (!budget) {
        budget.emplace(per_second, *said.limit, at);
        note(what);
      } else if (budget->per_second() != per_second) {
        budget->set_rate(per_second, *said.limit, at);
        note(what);
      }
      if (!said.left) return;
      // What was left when this request came, less what has gone since, and what may have run in.
      double left = *said.left - later + per_second * latency;
      budget->between(left / 2, left, at);
    };
    take(requests, options.hints->requests, options.requests_per_minute.has_value(),
         static_cast<double>(started - departure.number), "told requests a minute");
    take(tokens, options.hints->tokens, options.tokens_per_minute.has_value(), tokens_started - departure.tokens_before,
         "told tokens a minute");
  }

  /// `late`: the request's own deadline is over, so that a time-out says nothing of the server.
  void finished(const Departure& departure, double wish, const Result<Response>& result, bool late) {
    bool was_full = in_flight >= static_cast<std::size_t>(allowed);
    learn_budgets(departure);
    if (result) {
      first_refusals = kFirstAnswers + 1;
      if (tokens) {
        double used = static_cast<double>(result->usage.input_tokens.value_or(0) + result->usage.output_tokens.value_or(0));
        if (used > 0) tokens->take(used - wish, now());
      }
      refused_in_row = 0;
      ++answered;
      grow(seconds_of(now() - departure.at), was_full);
      return;
    }
    const Error& error = result.error();
    if (fatal_for_model(error.kind)) return fail_all(error);
    bool busy =
        error.kind == ErrorKind::server && (error.http_status == 503 || error.http_status == 529 || error.http_status == 408);
    Duration named = error.retry_after.value_or(std::chrono::milliseconds(0));
    if (error.kind == ErrorKind::rate_limited || (busy && named > Duration::zero())) {
      if (lose_patience(error, named)) return;
    } else if (error.kind != ErrorKind::network && error.kind != ErrorKind::timeout) {
      refused_in_row = 0;
    }
    if (error.kind == ErrorKind::rate_limited) return refused(departure, named, was_full);
    if ((error.kind == ErrorKind::timeout && !late) || busy) cut(departure.number, false);
    if (busy) pause(named);
    if (error.kind == ErrorKind::bad_request) count_refusal(error);
  }

  /// The server says "later" once more. Ends the model when that has been all for too long, or is too long a wait.
  bool lose_patience(const Error& error, Duration named) {
    Instant at = now();
    if (refused_in_row++ == 0) refused_from = at;
    if (named <= options.patience && (refused_in_row <= kFirstAnswers || at - refused_from <= options.patience)) return false;
    Error end = error;
    end.kind = ErrorKind::refused;
    end.message += named > options.patience ? "; it names a wait of " + fixed(seconds_of(named), 0) + " s"
                                            : "; so it has been for " + fixed(seconds_of(at - refused_from), 0) + " s";
    end.hint =
        "Run the same command again later: what was answered is kept. A longer total_timeout=SECONDS in the model spec waits "
        "longer.";
    fail_all(std::move(end));
    return true;
  }

  void refused(const Departure& departure, Duration named, bool was_full) {
    Instant at = now();
    ++refusals;
    if (!learner.random_refusals() && (was_full || learner.state() == RateLearner::State::free)) cut(departure.number, true);
    std::optional<Duration> wait;
    if (named > Duration::zero() && learner.stops_all(departure.at, at, named)) wait = named;
    if (wait) pause(*wait);
    if (!options.adapt) return;
    // A budget that is known explains a few refusals: others may use the same key.
    if (learner.state() == RateLearner::State::free && (requests || tokens)) {
      if (answered - answered_at_surprise > kFewRefusals) surprises = 0;
      answered_at_surprise = answered;
      if (requests && !options.requests_per_minute) requests->at_most(0, at);
      if (++surprises <= kSurprises) return;
    }
    RateLearner::State before = learner.state();
    if (learner.refused(departure.number, departure.at, at, wait) &&
        (learner.state() != before || learner.state() == RateLearner::State::holding))
      note(learner.state() == RateLearner::State::holding ? "learned requests a minute" : "searching the rate");
    if (learner.random_refusals().has_value() != random) {
      random = !random;
      note(random ? "refusals do not depend on the rate" : "refusals depend on the rate");
    }
  }

  void note(const char* what) {
    std::optional<double> rate = learner.per_second();
    if (!rate && requests) rate = requests->per_second();
    history.add(now(), what, allowed, in_flight, rate ? std::optional(*rate * 60) : std::nullopt);
  }

  void count_refusal(const Error& error) {
    if (first_refusals >= kFirstAnswers) return;
    std::string words = std::to_string(error.http_status) + " ";
    for (char c : error.message)
      if (c < '0' || c > '9') words += c;  // "1234 tokens are too many" is the same refusal as "1250 tokens ..."
    if (first_refusals > 0 && words != refusal) {
      first_refusals = kFirstAnswers + 1;  // they differ: it is the requests, not the model
      return;
    }
    refusal = std::move(words);
    if (++first_refusals < kFirstAnswers) return;
    Error end = error;
    end.kind = ErrorKind::refused;
    end.message = "the first " + std::to_string(kFirstAnswers) + " requests were all refused alike: " + error.message;
    if (end.hint.empty()) end.hint = "Something in the request itself does not fit this server; --dry-run shows what is sent.";
    fail_all(std::move(end));
  }

  Timer& timer;
  LimitOptions options;
  double allowed, threshold;
  double most_allowed = 0;
  std::size_t in_flight = 0, peak = 0;
  std::uint64_t started = 0, recovered = 0, cuts = 0;
  double tokens_started = 0;
  RateLearner learner;
  std::uint64_t refusals = 0, refused_in_row = 0, answered = 0, answered_at_surprise = 0;
  int surprises = 0;    // refusals although a budget is known
  bool random = false;  // refusals do not depend on the rate
  Instant refused_from{};
  Instant pause_until{};
  double paused = 0;
  std::optional<RateBudget> requests, tokens;
  std::uint64_t hints_seen = 0;
  double latency_now = 0, latency_first = 0;
  int latencies = 0;
  int first_refusals = 0;  // over kFirstAnswers: no longer counted
  std::string refusal;
  std::optional<Error> fatal;
  LimitHistory history;
  std::deque<Waiter*> line;
  std::optional<asio::any_io_executor> executor;
  bool sleeping = false;
};

/// Runs while somebody waits for time to pass. It looks up at least four times a second, so it ends soon after the last waiter
/// has gone.
Task<void> sleeper(std::shared_ptr<State> state) {
  constexpr Duration kLongest = std::chrono::milliseconds(250);
  while (!state->line.empty() && state->place_free()) {  // else whoever ends next pumps
    Duration wait = state->time_to_go(state->line.front()->tokens);
    if (wait <= Duration::zero() || state->stopping())
      state->pump();
    else
      co_await state->timer.sleep(std::min(wait, kLongest));
  }
  state->sleeping = false;
}

void State::arm() {
  if (sleeping || !executor) return;
  sleeping = true;
  asio::co_spawn(*executor, sleeper(shared_from_this()), asio::detached);
}

/// A place in the line or in flight; whatever ends the coroutine, the place is given back and the next one goes.
class Place {
 public:
  Place(std::shared_ptr<State> state, double tokens) : state_(std::move(state)), tokens_(tokens) {}
  ~Place() {  // NOLINT(bugprone-exception-escape): only memory could run out
    if (waiter_) {
      std::erase(state_->line, &*waiter_);
      if (departure_.number == 0) departure_ = waiter_->departure;  // its turn came, but it never saw it
    }
    if (departure_.number == 0) return;
    --state_->in_flight;
    state_->pump();
  }
  bool take(const asio::any_io_executor& executor) {
    if (!state_->executor) state_->executor = executor;
    if (state_->line.empty() && state_->place_free() && state_->time_to_go(tokens_) <= Duration::zero()) {
      departure_ = state_->go(tokens_);
      return true;
    }
    state_->line.push_back(&waiter_.emplace(executor, tokens_));
    state_->pump();  // arms the sleeper when only time is missing
    return false;
  }
  Event& turn() { return waiter_->turn; }
  const Departure& departure() {
    if (departure_.number == 0 && waiter_) departure_ = waiter_->departure;
    return departure_;
  }

 private:
  std::shared_ptr<State> state_;
  double tokens_;
  std::optional<Waiter> waiter_;
  Departure departure_;
};

double token_wish(const Request& request) {
  double bytes = 0, answer = 1;
  if (const auto* generate = std::get_if<Generate>(&request)) {
    bytes = static_cast<double>(generate->prompt.size());
    for (const Message& message : generate->messages) bytes += static_cast<double>(message.content.size());
    answer = generate->sampling.max_tokens ? *generate->sampling.max_tokens : kUnknownAnswerTokens;
  } else if (const auto* group = std::get_if<LoglikelihoodGroup>(&request)) {
    for (const auto& item : group->items)
      bytes += static_cast<double>(group->shared_prefix.size() + item.context.size() + item.continuation.size());
  } else {
    bytes = static_cast<double>(std::get<Rolling>(request).text.size());
  }
  return bytes / kBytesPerToken + answer;
}

class LimitedModel final : public Model {
 public:
  LimitedModel(Model& inner, Timer& timer, LimitOptions options)
      : inner_(inner), state_(std::make_shared<State>(timer, std::move(options))) {}

  Async<ModelIdentity> identify() override { return inner_.identify(); }

  Async<Response> answer(Query query) override {
    auto state = state_;
    if (state->fatal) co_return fail(*state->fatal);
    double wish = token_wish(query.request);
    Instant came = state->now();
    Place place(state, wish);
    auto executor = co_await asio::this_coro::executor;
    if (!place.take(executor)) {
      co_await place.turn().wait();
      auto cancelled = co_await asio::this_coro::cancellation_state;
      if (cancelled.cancelled() != asio::cancellation_type::none) co_return fail(ErrorKind::cancelled, "interrupted");
      if (state->fatal) co_return fail(*state->fatal);
      if (place.departure().number == 0) co_return fail(ErrorKind::cancelled, "interrupted");  // it left the line
    }
    Departure departure = place.departure();
    Duration waited = departure.at - came;
    if (auto queued = std::exchange(query.queued, nullptr)) waited = *queued += waited;  // that of earlier attempts, too
    if (query.deadline) *query.deadline += waited;
    std::optional<Instant> deadline = query.deadline;
    Result<Response> response = co_await inner_.answer(std::move(query));
    state->finished(departure, wish, response, deadline && state->now() >= *deadline);
    // Nobody has to try again to learn that the model has ended.
    if (!response && state->fatal && retryable(response.error().kind)) co_return fail(*state->fatal);
    co_return response;
  }

  Capabilities capabilities() const override {
    Capabilities out = inner_.capabilities();
    std::size_t mine = state_->options.max_in_flight;
    out.max_in_flight = out.max_in_flight == 0 ? mine : std::min(out.max_in_flight, mine);
    return out;
  }
  Result<Rendering> render(const Generate& request) const override { return inner_.render(request); }
  std::optional<std::int64_t> longest_answer(const Request& request) const override { return inner_.longest_answer(request); }
  std::vector<std::string> deviations() const override { return inner_.deviations(); }
  json::object facts() const override {
    json::object out = inner_.facts();
    const State& s = *state_;
    json::object limits{{"in_flight_allowed", std::floor(s.allowed)},
                        {"in_flight_most_allowed", std::floor(std::max(s.most_allowed, s.allowed))},
                        {"in_flight_peak", s.peak},
                        {"cuts", s.cuts},
                        {"refusals", s.refusals},
                        {"paused_seconds", s.paused}};
    if (s.requests) limits["requests_per_minute"] = s.requests->per_second() * 60;
    if (s.tokens) limits["tokens_per_minute"] = s.tokens->per_second() * 60;
    if (auto share = s.learner.random_refusals()) limits["random_refusals"] = *share;
    if (auto rate = s.learner.per_second()) limits["learned_requests_per_minute"] = *rate * 60;
    if (json::array history = s.history.to_json(); !history.empty()) limits["history"] = std::move(history);
    out["limits"] = std::move(limits);
    return out;
  }

 private:
  Model& inner_;
  std::shared_ptr<State> state_;
};

}  // namespace

std::unique_ptr<Model> make_limited(Model& inner, Timer& timer, LimitOptions options) {
  options.max_in_flight = std::max<std::size_t>(1, options.max_in_flight);
  if (options.max_is_chosen) options.start = std::max(options.start, std::min(options.max_in_flight / 2, kMostAtFirst));
  options.start = options.adapt ? std::clamp<std::size_t>(options.start, 1, options.max_in_flight) : options.max_in_flight;
  return std::make_unique<LimitedModel>(inner, timer, std::move(options));
}

}  // namespace assay
