#include "model/rate_learner.h"

#include <algorithm>
#include <cmath>

namespace assay {
namespace {

constexpr std::uint64_t kEnough = 20;  // admitted requests that make a measurement
constexpr double kLong = 5;            // times as long as a refusal takes: a span that measures
constexpr int kSearchStep = 8;         // requests before the search goes faster
constexpr double kSearchGrowth = 1.5;
constexpr double kUnder = 0.985;    // of what was measured
constexpr double kStepDown = 0.93;  // a refusal too soon to measure
constexpr double kProbe = 0.03;     // growth of the held rate in `probe_` requests
constexpr double kFirstProbe = 60, kProbeMost = 600;
constexpr double kProbeSeconds = 5;    // at least, for three per cent
constexpr double kProbeDoublings = 3;  // of that speed, when nothing is refused for long
// Until a measurement has confirmed the rate: the first one may be far too low, where the bucket ran over during the search.
constexpr double kFirstGrowth = 0.4, kFirstSpan = 24, kFirstSeconds = 2;
constexpr double kTolerated = 0.1;  // share of refusals at a rate that is known to be allowed
constexpr double kHurry = 3;        // what was saved up is spent at so many times the rate: a refusal comes before too much of it
constexpr double kFloor = 0.5;      // of the best of the latest measurements
constexpr double kHopeless = 5;     // admitted between refusals; fewer mean that the rate is far too high
constexpr double kRare = 50;        // requests a second for which a late timer is nothing
constexpr int kVain = 5;            // searches in a row that a refusal ended at once: at random, maybe
constexpr double kFirstWait = 0.1, kLongestWait = 30;  // seconds, where the server names none
constexpr Duration kSpared = std::chrono::seconds(2);  // the longest named wait that need not stop everybody

double seconds_of(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}
Duration duration_of(double seconds) {
  return std::chrono::duration_cast<Duration>(std::chrono::duration<double>(seconds));
}

}  // namespace

Duration RateLearner::wait(Instant now) {
  if (!bucket_) return Duration::zero();
  Duration wait = std::max({Duration::zero(), pause_until_ - now, bucket_->wait_for(1, now), speed_->wait_for(1, now)});
  if (wait > Duration::zero()) bound_ = true;
  return wait;
}

void RateLearner::sent(std::uint64_t number, Instant now) {
  if (last_sent_ == 0) begin_ = now;
  last_sent_ = number;
  if (!bucket_) return;
  if (!bound_ && bucket_->level(now) >= store() * 0.999) rested_ = true;
  bucket_->take(1, now);
  speed_->take(1, now);
  std::optional<double> told;
  if (state_ == State::holding) told = random_.sent(number, rate_, bound_, now);
  if (told) set_rate(*told, now);
  if (state_ == State::holding && random_.busy()) {
    // It sees to the rate.
  } else if (state_ == State::searching) {
    if (bound_ && ++step_ >= kSearchStep) {
      step_ = 0;
      set_rate(rate_ * kSearchGrowth, now);
    }
  } else if (bound_) {
    // The longer nothing is refused, the faster: a limit that was raised is found.
    ++held_;
    double span = settled_ ? std::max(probe_, kProbeSeconds * rate_) : std::max(kFirstSpan, kFirstSeconds * rate_);
    double growth = (settled_ ? kProbe : kFirstGrowth) / span *
                    std::exp2(std::clamp(2 * (held_ - span) / span, 0.0, settled_ ? kProbeDoublings : 0.0));
    set_rate(rate_ * (1 + growth), now);
  }
  bound_ = false;
}

bool RateLearner::refused(std::uint64_t number, Instant sent, Instant now, std::optional<Duration> named) {
  if (named) named_wait_ = seconds_of(*named);
  if (state_ == State::holding && random_.refused(number)) {
    if (named) pause(*named, now);
    return false;
  }
  if (number <= episode_end_) {  // under way when the episode began: one sign, not many
    if (number > empty_.number) {
      if (tolerated_ > 0) ++tolerated_;
      if (empty_moves_) {
        empty_ = {number, sent};
        refused_since_ = 0;
      } else {
        ++refused_since_;
      }
    }
    // Refusals come back in any order: what was admitted at first ends with the earliest of them.
    if (number <= first_episode_ && static_cast<double>(number - 1) < first_admitted_) {
      first_admitted_ = static_cast<double>(number - 1);
      first_span_ = seconds_of(sent - begin_);
    }
    if (named) pause(*named, now);
    return false;
  }
  episode_end_ = last_sent_;
  if (state_ == State::free) {
    first_episode_ = episode_end_;
    first_admitted_ = static_cast<double>(number - 1);
    first_span_ = seconds_of(sent - begin_);
    empty_ = {number, sent};
    refused_since_ = 0;
    empty_moves_ = true;
    pause(named.value_or(duration_of(kFirstWait)), now);
    double most = std::max(first_admitted_, 1.0) / std::max(seconds_of(pause_until_ - begin_), 1e-3);
    begin_search(std::max(most / 8, named_wait_ > 0 ? 1 / named_wait_ : 0), now);  // after that wait one will go, it says
    return true;
  }
  if (state_ == State::holding && rate_ < known_ && tolerate(number, sent)) {
    bucket_->at_most(0, now);
    if (named) pause(*named, now);
    return true;
  }
  double admitted = static_cast<double>(number - empty_.number - 1 - std::min(refused_since_, number - empty_.number - 1));
  double span = std::max(seconds_of(sent - empty_.sent), 1e-3);
  // What is under way counts as admitted, so the time must be long beside a refusal's own.
  bool long_enough = span >= kLong * seconds_of(now - sent);
  if (admitted >= kEnough && long_enough) {
    double measured = admitted / span;
    bool less = rested_;  // then it is only known that the rate is not lower
    empty_ = {number, sent};
    refused_since_ = 0;
    empty_moves_ = true;
    rested_ = false;
    short_ = 0;
    double before = measurements_ > 0 ? measured_[(measurements_ - 1) % measured_.size()] : 0;
    measured_[measurements_++ % measured_.size()] = measured;
    if (state_ == State::searching) {
      // The step before this one was admitted, and not out of a store that is known to be smaller than a step.
      double step = rate_ / kSearchGrowth * std::max(0.0, 1 - first_admitted_ / kSearchStep);
      hold(std::max(measured, step), now);
    } else {
      double wanted = less ? rate_ * kStepDown : std::clamp(measured, rate_ * 0.8, rate_) * kUnder;
      settled_ = settled_ || measured > rate_ * 0.9 || std::abs(measured - before) < before * 0.15;
      probe_ = std::clamp(measured > rate_ * 0.95 ? probe_ * 2 : probe_ / 2, kFirstProbe,
                          std::max(kProbeMost, 100 * named_wait_ * rate_));
      known_ = wanted / kUnder;
      set_rate(std::max(wanted, floor()), now);
    }
  } else {
    ++refused_since_;
    empty_moves_ = false;
    if (state_ == State::searching) {
      pause(named.value_or(duration_of(std::min(kLongestWait, kFirstWait * std::exp2(std::min(++failures_, 20))))), now);
      double seen = (admitted + 1) / std::max(span, kLong * seconds_of(now - sent));
      if (failures_ < kVain) {
        begin_search(std::max(seen / 2, 1 / kLongestWait), now);
      } else {
        hold(seen, now);
        set_rate(random_.try_at(rate_, last_sent_), now);
      }
    } else {
      short_ = admitted < kHopeless ? short_ + 1 : admitted < kEnough ? 0 : short_;
      if (short_ >= 4) {  // the limit has fallen
        short_ = 0;
        failures_ = 0;
        measurements_ = 0;
        measured_ = {};
        empty_ = {number, sent};
        refused_since_ = 0;
        rested_ = false;
        pause(named.value_or(duration_of(kFirstWait)), now);
        begin_search(rate_ / 4, now);
        return true;
      }
      set_rate(std::max(rate_ * kStepDown, floor()), now);
    }
  }
  held_ = 0;
  bucket_->at_most(0, now);
  if (named) pause(*named, now);
  return true;
}

/// A refusal at a rate that was measured to be allowed: either it has nothing to do with the rate, or the limit has fallen, and
/// then many more follow at once.
bool RateLearner::tolerate(std::uint64_t number, Instant sent) {
  constexpr std::uint64_t kForgotten = 100;
  if (tolerated_ == 0 || number - first_tolerated_.number > kForgotten) {
    first_tolerated_ = {number, sent};
    tolerated_ = 1;
    ++refused_since_;
    empty_moves_ = false;
    return true;
  }
  ++tolerated_;
  if (tolerated_ < 3 || static_cast<double>(tolerated_) < kTolerated * static_cast<double>(number - first_tolerated_.number)) {
    ++refused_since_;
    empty_moves_ = false;
    return true;
  }
  empty_ = first_tolerated_;
  refused_since_ = tolerated_ - 2;
  tolerated_ = 0;
  known_ = 0;  // no longer
  return false;
}

bool RateLearner::stops_all(Instant sent, Instant now, Duration named) {
  if (state_ != State::holding || !settled_ || named > kSpared) return true;
  if (now < spared_until_) return sent > spared_from_;
  spared_from_ = now;
  spared_until_ = now + named;
  return false;
}

std::optional<double> RateLearner::per_second() const {
  if (state_ != State::holding) return std::nullopt;
  return rate_;
}

void RateLearner::begin_search(double rate, Instant now) {
  state_ = State::searching;
  random_.reset();
  step_ = 0;
  set_rate(rate, now);
  bucket_->at_most(1, now);
}

void RateLearner::hold(double measured, Instant now) {
  state_ = State::holding;
  burst_ = std::max(burst_, first_admitted_ - measured * first_span_);
  probe_ = kFirstProbe;
  known_ = measured;
  settled_ = false;
  tolerated_ = 0;
  held_ = 0;
  failures_ = 0;
  set_rate(measured * kUnder, now);
}

void RateLearner::set_rate(double rate, Instant now) {
  rate_ = std::clamp(rate, 1e-3, 1e6);
  if (bucket_) {
    bucket_->set_rate(rate_, store(), now);
    speed_->set_rate(rate_ * kHurry, late(), now);
  } else {
    bucket_.emplace(rate_, store(), now);
    speed_.emplace(rate_ * kHurry, late(), now);
  }
}

/// A fiftieth of a second's worth makes up for timers that fire late; not where the server saves up nothing and would refuse the
/// second of two requests, which costs more than a late timer does.
double RateLearner::late() const {
  bool flat = state_ == State::searching || first_admitted_ < 2;
  return flat && rate_ < kRare ? 1 : 1 + rate_ / 50;
}

double RateLearner::store() const {
  return state_ == State::holding ? std::max(late(), burst_ / 2) : late();
}

double RateLearner::floor() const {
  return kFloor * *std::max_element(measured_.begin(), measured_.end());
}

void RateLearner::pause(Duration wait, Instant now) {
  pause_until_ = std::max(pause_until_, now + wait);
}

}  // namespace assay
