// The decorator that tries again what may work the next time: 429, overload, resets, time-outs, malformed answers. The request
// itself is never changed. Fatal errors (key, quota, unknown model) and requests that the server calls bad come back at once.
// Order of decorators: journaled(retrying(limited(backend))) - so every attempt stands in line again, and a wait holds no place.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "base/async/timer.h"
#include "base/random.h"
#include "journal/journal.h"
#include "model/model.h"

namespace assay {

/// One attempt that has ended.
struct Attempt {
  const Query& query;
  int number = 1;            // from 1
  std::int64_t started = 0;  // unix microseconds
  double seconds = 0;
  const Error* error = nullptr;  // null = it worked
  bool last = true;              // no further one follows
  Duration wait{};               // before the next one
};

struct RetryOptions {
  int attempts = 6;
  Duration first_wait = std::chrono::seconds(1);  // the longest first wait; doubles with each attempt
  Duration longest_wait = std::chrono::seconds(60);
  /// Of the request with all its attempts, without the time in the model's own line (Query::queued); it is the deadline of the
  /// queries that go on, so it ends an attempt that is under way, too. A wait that would end later, or leave less than a second
  /// (a tenth, where `total` is short) is not begun: what is sent then is paid for and lost. Zero = no deadline.
  Duration total = std::chrono::minutes(30);
  std::function<void(const Attempt&)> on_attempt{};
  /// The work is to end (Ctrl-C): no further attempt is made, and who waits for one is let go, as `cancelled`. Looked at four times a second.
  std::function<bool()> stopping{};
};

/// Waits are random in (0, first_wait * 2^n] ("full jitter"), never longer than longest_wait; when the server names a longer one,
/// that long and up to a tenth more, so that a thousand waiters do not come back in the same millisecond. A shorter one takes
/// nothing off: a server that says "0" would be asked in vain at once. `inner`, `timer`, `random` outlive the model. identify()
/// is tried again while the server is merely busy (429, 5xx), not when nothing answers: a wrong address should be told at once.
std::unique_ptr<Model> make_retrying(Model& inner, Timer& timer, Random& random, RetryOptions options = {});

/// Puts attempts into the journal's `tries`: every failed one, and the successful one that ended a series of failures.
std::function<void(const Attempt&)> journal_tries(Journal& journal, std::string identity);

}  // namespace assay
