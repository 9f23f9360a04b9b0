// One request on its way through the engine's thread.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "base/clock.h"
#include "model/request.h"

namespace assay {

struct LlamaJob {
  Request request;
  std::uint64_t seed = 0;                      // of a generation that names none
  std::function<void(Result<Response>)> done;  // called once, on the engine's thread
  std::atomic<bool> cancelled{false};          // set from any thread: the answer is no longer wanted
  Instant submitted{};
  std::optional<Instant> deadline{};
  /// Nobody will take the answer.
  bool unwanted(const Clock& clock) const { return cancelled || (deadline && clock.now() >= *deadline); }
};

/// What a running decode asks: go on? It stops when the engine shuts down, or when nobody wants what is being computed.
class DecodeInterrupt {
 public:
  explicit DecodeInterrupt(const Clock& clock) : clock_(clock) {}
  void stop() { stop_ = true; }
  bool stopped() const { return stop_; }
  /// Engine's thread, before a decode: the jobs it is for.
  void watch(std::vector<const LlamaJob*> jobs) { jobs_ = std::move(jobs); }
  bool asked() const {
    return stop_ ||
           (!jobs_.empty() && std::all_of(jobs_.begin(), jobs_.end(), [&](const LlamaJob* job) { return job->unwanted(clock_); }));
  }
  static bool callback(void* self) { return static_cast<const DecodeInterrupt*>(self)->asked(); }

 private:
  const Clock& clock_;
  std::atomic<bool> stop_{false};
  std::vector<const LlamaJob*> jobs_;
};

}  // namespace assay
