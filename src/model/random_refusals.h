// Tells refusals (429) that come at random from those that a rate causes.
//
// A limit of the rate refuses nothing at a rate well below it. So when a few refusals go on among many answers although a rate is
// held, the rate is lowered by three tenths for a while. Refusals that stop were the rate's; where they go on, they are the
// provider's accidents: their share is remembered, the rate is given back and grows, and only more refusals than that share are a
// sign. Accidents of up to an eighth of all requests are recognised. Counting alone; single-threaded.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.h"

namespace assay {

class RandomRefusals {
 public:
  /// Request `number` goes while `rate` is held; `bound`: the rate held it back. The rate to hold from now on, where it changes.
  std::optional<double> sent(std::uint64_t number, double rate, bool bound, Instant now);
  /// A request was refused. True: it is counted here, and nobody else need answer.
  bool refused(std::uint64_t number);
  /// Refusals go on at any `rate` that is tried: begins the trial. The rate to hold from now on, after request `number`.
  double try_at(double rate, std::uint64_t number);
  /// The rate was given up: everything is forgotten.
  void reset() { *this = RandomRefusals(); }

  /// The rate is seen to here.
  bool busy() const { return state_ != State::watching; }
  /// The share of requests that is refused at random; null while nothing says so.
  std::optional<double> share() const;

 private:
  enum class State { watching, trying, known };
  struct Count {
    double sent = 0, bound = 0, refused = 0;
    Instant begin{};
  };
  std::optional<double> watch(std::uint64_t number, double rate, Instant now);
  std::optional<double> judge_trial();
  std::optional<double> go_on(std::uint64_t number, double rate, Instant now);

  State state_ = State::watching;
  Count count_;
  std::uint8_t windows_ = 0;       // one bit each: it had some refusals, and few
  std::uint64_t trial_begin_ = 0;  // the last request before it
  double rate_before_ = 0;
  double pace_ = 0;  // requests a second that really went lately
  double share_ = 0, trial_share_ = 0;
  double growth_ = 0;
  int excesses_ = 0;  // windows in a row with more refusals than the share explains
};

}  // namespace assay
