// Learns how many requests a second a server allows from nothing but its refusals (429 without useful headers).
//
// The idea: when a server with a token bucket refuses, its bucket is empty. Between two refusals it therefore admitted exactly
// what ran into the bucket in that time: rate = admitted / elapsed, whatever the size of the bucket. So the first refusal only
// starts a search (a short pause, then a rate that grows by half every eight requests); the second one gives the rate. From then
// on the rate is held a little under what was measured and grows slowly, which costs one refusal in many hundreds of requests and
// measures again. What the server admitted before the first refusal beyond its rate is the size of its bucket; half of that may
// be spent at once after a rest, so that a wait that the server named loses nothing.
//
// Refusals that have nothing to do with the rate do not drive it down (random_refusals.h), nor do other surprises for ever: it
// stays above a part of what was measured lately. Pure arithmetic on given times; single-threaded.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>

#include "base/clock.h"
#include "model/random_refusals.h"
#include "model/rate_budget.h"

namespace assay {

class RateLearner {
 public:
  enum class State { free, searching, holding };

  /// Time until the next request may go; zero while nothing was ever refused.
  Duration wait(Instant now);
  /// A request goes. Numbers rise by one from 1.
  void sent(std::uint64_t number, Instant now);
  /// Request `number` was refused for its rate; `named` is the wait that the server asked for. True: the first refusal of a new
  /// episode, not of a request that was under way when the last episode began.
  bool refused(std::uint64_t number, Instant sent, Instant now, std::optional<Duration> named);

  /// To be asked before refused(): does the named wait of such a refusal stop everybody? Not a short one while the rate is known,
  /// for at that rate there is room again after one request's time; unless the server has just shown that it means the wait.
  bool stops_all(Instant sent, Instant now, Duration named);

  State state() const { return state_; }
  /// The share of refusals that come at random; null = none that is known of.
  std::optional<double> random_refusals() const { return random_.share(); }
  /// What is held now; null while nothing is known.
  std::optional<double> per_second() const;
  /// What the server admits at once after a rest, as far as its first refusal has told; 0 = unknown.
  double burst() const { return burst_; }

 private:
  struct Mark {
    std::uint64_t number = 0;
    Instant sent{};
  };
  void begin_search(double rate, Instant now);
  void hold(double measured, Instant now);
  void set_rate(double rate, Instant now);
  double late() const;
  double store() const;
  double floor() const;
  bool tolerate(std::uint64_t number, Instant sent);
  void pause(Duration wait, Instant now);

  State state_ = State::free;
  std::uint64_t last_sent_ = 0;
  Instant begin_{};
  std::optional<RateBudget> bucket_;  // as we think the server's is
  std::optional<RateBudget> speed_;
  double rate_ = 0;
  Instant pause_until_{};
  Instant spared_from_{}, spared_until_{};  // the latest named wait that did not stop everybody
  double named_wait_ = 0;            // seconds, the latest one
  Mark empty_;                       // a moment at which the server's bucket was empty
  std::uint64_t refused_since_ = 0;  // after `empty_`
  bool empty_moves_ = false;         // later refusals of this episode move `empty_` on
  std::uint64_t episode_end_ = 0;    // requests up to this one belong to the running episode
  int failures_ = 0;                 // of the search in a row
  int short_ = 0;                    // refusals in a row soon after the one before, while holding
  int step_ = 0;                     // requests at the search's present rate
  std::uint64_t first_episode_ = 0;  // requests up to this one were sent before the first refusal came
  double first_admitted_ = 0, first_span_ = 0, burst_ = 0;
  double known_ = 0;  // the latest measurement, while it holds
  Mark first_tolerated_;
  std::uint64_t tolerated_ = 0;  // refusals at a rate below `known_`
  bool settled_ = false;         // the held rate was confirmed
  double probe_ = 0;             // requests in which the held rate grows by three per cent
  double held_ = 0;              // requests since the last refusal
  bool bound_ = false;           // the rate held somebody back since the last request
  bool rested_ = false;          // the server's bucket may have run over: less was admitted than it allows
  std::array<double, 8> measured_{};
  std::size_t measurements_ = 0;
  RandomRefusals random_;
};

}  // namespace assay
