// The decorator that decides how many requests a model gets at once, and how fast. First come, first served.
//
// Concurrency finds its own measure, as TCP does: it starts small and doubles with each round of answers (slow start); a sign of
// congestion (overload, time-out, a first 429) cuts it by a fifth, once for all requests that were under way then. After an
// overload or a time-out it grows by one a round from there; after a 429, which speaks of a rate, it may double again. It grows
// only while it is what holds the work back, and not while answers take much longer than they did at first (a local server that
// queues gains nothing from a longer queue). A wait that the server names stops everybody until it is over.
//
// Requests and tokens a minute are held to budgets when given, or when the provider's headers tell its own. Where neither is
// there, or the server refuses all the same, the rate is learned from the refusals (rate_learner.h).
//
// What a request waits in the line does not count as its time: its deadline moves on (Query::queued). The line always moves on,
// too: a wait that a server names is bounded by `patience`, one that is reckoned by some minutes, and what is in flight has its
// deadline.
//
// A fatal error (key, quota, unknown model) ends the model: every waiting and every later query gets that error at once. So do
// five first answers that are all the same 400 - one prompt too long is not the end, a request that can never work is - and a
// server that puts everybody off for longer than `patience` (429, or 503 with a wait), or names a wait that is longer.
#pragma once

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>

#include "base/async/timer.h"
#include "model/model.h"
#include "model/rate_hints.h"

namespace assay {

struct LimitOptions {
  std::size_t start = 16;           // allowed in flight at first
  std::size_t max_in_flight = 256;  // never more; also what capabilities() tells the runner as the window worth having
  bool max_is_chosen = false;       // somebody named max_in_flight, so the server stands it: half of it, up to 128, goes at first
  bool adapt = true;                // false: max_in_flight from the start, for ever
  std::optional<double> requests_per_minute{};
  std::optional<double> tokens_per_minute{};
  std::shared_ptr<const RateHints> hints{};      // the back end's; may be null
  Duration patience = std::chrono::minutes(30);  // with "later" and nothing else
  /// The work is to end (Ctrl-C): who stands in the line leaves it, as `cancelled`; what is in flight goes on. Looked at four times a second while
  /// the line waits for time to pass, and whenever an answer comes.
  std::function<bool()> stopping{};
};

/// `inner` and `timer` outlive the model. facts()["limits"]: allowed now, most allowed, most in flight, cuts, refusals (429),
/// seconds paused, budgets, the learned rate, and "history": what changed and when (docs/providers.md).
std::unique_ptr<Model> make_limited(Model& inner, Timer& timer, LimitOptions options = {});

}  // namespace assay
