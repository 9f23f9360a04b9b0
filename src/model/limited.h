// The decorator that decides how many requests a model gets at once, and how fast. First come, first served.
//
// Concurrency finds its own measure, as TCP does: it starts small and doubles with each round of answers (slow start); the first
// sign of congestion (429, overload, time-out) cuts it by a fifth, once for all requests that were under way then, and from there
// it grows by one a round. It grows only while it is what holds the work back, and not while answers take much longer than they
// did at first (a local server that queues gains nothing from a longer queue). A wait that the server names stops everybody until
// it is over.
//
// Requests and tokens a minute are held to budgets when given, or when the provider's headers tell its own.
//
// A fatal error (key, quota, unknown model) ends the model: every waiting and every later query gets that error at once. So do
// five first answers that are all the same 400: one prompt too long is not the end, a request that can never work is.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>

#include "base/async/timer.h"
#include "model/model.h"
#include "model/rate_hints.h"

namespace assay {

struct LimitOptions {
  std::size_t start = 16;           // allowed in flight at first
  std::size_t max_in_flight = 256;  // never more; also what capabilities() tells the runner as the window worth having
  bool adapt = true;                // false: max_in_flight from the start, for ever
  std::optional<double> requests_per_minute;
  std::optional<double> tokens_per_minute;
  std::shared_ptr<const RateHints> hints;  // the back end's; may be null
};

/// `inner` and `timer` outlive the model. facts()["limits"]: allowed now, most allowed, most in flight, cuts, seconds paused,
/// budgets.
std::unique_ptr<Model> make_limited(Model& inner, Timer& timer, LimitOptions options = {});

}  // namespace assay
