#include "model/retrying.h"

#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/this_coro.hpp>

#include "base/number.h"

namespace assay {
namespace {

constexpr Duration kWorthAnAttempt = std::chrono::seconds(1);  // of time left; a tenth of the whole where that is less

constexpr Duration kLook = std::chrono::milliseconds(250);  // at `stopping`

double seconds_of(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

class RetryingModel final : public Model {
 public:
  RetryingModel(Model& inner, Timer& timer, Random& random, RetryOptions options)
      : inner_(inner), timer_(timer), random_(random), options_(std::move(options)) {
    options_.attempts = std::max(1, options_.attempts);
  }

  Async<ModelIdentity> identify() override {
    std::optional<Instant> end;
    if (options_.total > Duration::zero()) end = now() + options_.total;
    for (int number = 1;; ++number) {
      Result<ModelIdentity> identity = co_await inner_.identify();
      if (identity) co_return identity;
      ErrorKind kind = identity.error().kind;
      if (kind != ErrorKind::server && kind != ErrorKind::rate_limited) co_return identity;
      std::optional<Duration> wait = wait_after(identity.error(), number, end);
      if (!wait) co_return identity;
      if (!co_await sat_out(*wait)) co_return fail(ErrorKind::cancelled, "interrupted");
    }
  }

  Async<Response> answer(Query query) override {
    Instant begin = now();
    if (options_.total > Duration::zero())
      query.deadline = std::min(query.deadline.value_or(Instant::max()), begin + options_.total);
    if (query.deadline) query.queued = std::make_shared<Duration>();
    for (int number = 1;; ++number) {
      std::int64_t started = timer_.clock().unix_micros();
      Instant from = now();
      Result<Response> response = co_await inner_.answer(query);
      Attempt attempt{query, number, started, seconds_of(now() - from)};
      if (response) {
        report(attempt);
        co_return response;
      }
      Error error = std::move(response.error());
      attempt.error = &error;
      std::optional<Instant> end;
      if (query.deadline) end = *query.deadline + *query.queued;
      std::optional<Duration> wait = retryable(error.kind) ? wait_after(error, number, end) : std::nullopt;
      attempt.last = !wait;
      attempt.wait = wait.value_or(Duration::zero());
      report(attempt);
      if (!wait) {
        if (number > 1)
          error.message +=
              " (attempt " + std::to_string(number) + ", " + fixed(seconds_of(now() - begin), 1) + " s after the first)";
        if (error.kind == ErrorKind::timeout && end && now() >= *end)
          error.message += "; the " + fixed(seconds_of(options_.total), 1) + " s for the whole request (total_timeout) are over";
        co_return fail(std::move(error));
      }
      ++retries_;
      if (!co_await sat_out(*wait)) co_return fail(ErrorKind::cancelled, "interrupted");
    }
  }

  Capabilities capabilities() const override { return inner_.capabilities(); }
  Result<Rendering> render(const Generate& request) const override { return inner_.render(request); }
  std::optional<std::int64_t> longest_answer(const Request& request) const override { return inner_.longest_answer(request); }
  std::vector<std::string> deviations() const override { return inner_.deviations(); }
  json::object facts() const override {
    json::object out = inner_.facts();
    if (retries_ > 0) out["retries"] = retries_;
    return out;
  }

 private:
  Instant now() { return timer_.clock().now(); }

  void report(const Attempt& attempt) const {
    if (options_.on_attempt) options_.on_attempt(attempt);
  }

  /// nullopt: no further attempt.
  std::optional<Duration> wait_after(const Error& error, int number, std::optional<Instant> end) {
    if (number >= options_.attempts) return std::nullopt;
    Duration most = options_.first_wait;
    for (int i = 1; i < number && most < options_.longest_wait; ++i) most *= 2;
    Duration wait = part(std::min(most, options_.longest_wait), 1.0 - random_.unit());
    if (error.retry_after) {
      Duration named = *error.retry_after;
      wait = std::max(wait, named + part(named, 0.1 * random_.unit()));
    }
    if (end && *end - now() - wait < std::min(kWorthAnAttempt, options_.total / 10)) return std::nullopt;
    return wait;
  }

  bool stopping() const { return options_.stopping && options_.stopping(); }

  /// False: nobody wants the answer any more.
  Task<bool> sat_out(Duration wait) {
    const Instant end = now() + wait;
    while (!stopping()) {
      const Duration rest = end - now();
      if (rest <= Duration::zero()) co_return true;
      co_await timer_.sleep(options_.stopping ? std::min(rest, kLook) : rest);
      auto state = co_await asio::this_coro::cancellation_state;
      if (state.cancelled() != asio::cancellation_type::none) co_return false;
    }
    co_return false;
  }

  static Duration part(Duration whole, double share) {
    return Duration(static_cast<std::int64_t>(static_cast<double>(whole.count()) * share));
  }

  Model& inner_;
  Timer& timer_;
  Random& random_;
  RetryOptions options_;
  std::uint64_t retries_ = 0;
};

}  // namespace

std::unique_ptr<Model> make_retrying(Model& inner, Timer& timer, Random& random, RetryOptions options) {
  return std::make_unique<RetryingModel>(inner, timer, random, std::move(options));
}

std::function<void(const Attempt&)> journal_tries(Journal& journal, std::string identity) {
  return [&journal, identity = std::move(identity)](const Attempt& attempt) {
    if (!attempt.error && attempt.number == 1) return;
    if (attempt.error && attempt.error->kind == ErrorKind::cancelled) return;
    Try row;
    row.key = request_key(identity, attempt.query.request, attempt.query.draw);
    row.started = attempt.started;
    row.seconds = attempt.seconds;
    row.http_status = attempt.error ? attempt.error->http_status : 200;
    if (attempt.error) {
      row.error_kind = name(attempt.error->kind);
      row.message = attempt.error->message;
    }
    journal.put_try(std::move(row));
  };
}

}  // namespace assay
