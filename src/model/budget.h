// --max-cost: a hard limit on what a command may spend. A request goes out only when its dearest outcome still fits beside what was spent and what is in
// flight; when it does not and nothing is in flight that could turn out cheaper, the budget is used up and the run ends as an interrupted one does.
// Order of decorators: journaled(retrying(budgeted(limited(backend)))) - what the journal answers costs nothing, and every attempt is reserved and settled by
// itself: one that timed out may have been worked on. What an attempt waits here for others to end does not count as the request's time (Query::queued).
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>

#include "base/clock.h"
#include "model/model.h"

namespace assay {

/// Shared by all models of a command; everything happens on the loop's thread. USD.
class Budget {
 public:
  explicit Budget(double limit) : limit_(limit) {}
  double limit() const { return limit_; }
  double spent() const { return spent_; }
  double reserved() const { return reserved_; }
  bool used_up() const { return used_up_; }
  /// Called once, when a request did not fit any more.
  std::function<void()> on_used_up{};

  bool fits(double cost) const;
  void reserve(double cost);
  /// Takes a reservation back and puts what the request really cost in its place.
  void settle(double reserved, double cost);
  void declare_used_up();
  /// Resolves after the next settle().
  Task<void> settled();

  ~Budget();
  Budget(const Budget&) = delete;
  Budget& operator=(const Budget&) = delete;

 private:
  struct Waiters;
  double limit_, spent_ = 0, reserved_ = 0;
  bool used_up_ = false;
  std::shared_ptr<Waiters> waiters_;
};

/// USD for a million tokens.
struct TokenPrices {
  double in = 0, out = 0;
};

/// The most that a request can cost: every byte of its text a token, and as many tokens of answer as Model::longest_answer says (16,384 where nothing names
/// a limit, because somebody must).
double most_cost(const Request& request, std::optional<std::int64_t> longest_answer, const TokenPrices& prices);
/// What a response cost; the reservation where it does not say how many tokens it took.
double real_cost(const Response& response, const TokenPrices& prices, double reserved);

/// `inner`, `budget` and `clock` outlive the model. answer(): `cancelled` when the budget is used up; nothing was sent then, and nothing is journaled.
std::unique_ptr<Model> make_budgeted(Model& inner, Budget& budget, TokenPrices prices, const Clock& clock);

}  // namespace assay
