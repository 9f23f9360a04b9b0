#include "model/random_refusals.h"

#include <algorithm>
#include <bit>
#include <cmath>

namespace assay {
namespace {

constexpr double kWindow = 32;    // requests
constexpr int kSuspicious = 5;    // of the latest eight windows
constexpr double kMost = 0.15;    // share of refusals beyond which it is the rate
constexpr double kLower = 0.7;    // what a limit that refuses at most kMost does not refuse at
constexpr double kTrialLeast = 48, kTrialMost = 160;
constexpr double kTrialRefusals = 3;
constexpr double kNotRandom = 0.93;  // of the rate before a trial that showed the rate to be the cause
constexpr int kExcesses = 3;  // windows in a row that put the share in question
constexpr double kForgotten = 0.004;
constexpr double kSlowGrowth = 0.03, kFastGrowth = 0.5;
constexpr double kShortWindow = 64, kLongWindow = 256;  // while accidents are known, growing fast or slowly
constexpr double kWindowSeconds = 1;                    // at least: refusals take their time

double seconds_of(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

}  // namespace

std::optional<double> RandomRefusals::sent(std::uint64_t number, double rate, bool bound, Instant now) {
  if (count_.sent == 0) count_.begin = now;
  ++count_.sent;
  if (bound) ++count_.bound;
  switch (state_) {
    case State::watching:
      return watch(number, rate, now);
    case State::trying:
      return judge_trial();
    case State::known:
      break;
  }
  return go_on(number, rate, now);
}

bool RandomRefusals::refused(std::uint64_t number) {
  if (state_ == State::trying && number <= trial_begin_) return true;  // was under way when the trial began
  ++count_.refused;
  return state_ != State::watching;
}

std::optional<double> RandomRefusals::share() const {
  if (state_ != State::known) return std::nullopt;
  return share_;
}

std::optional<double> RandomRefusals::watch(std::uint64_t number, double rate, Instant now) {
  if (count_.sent < kWindow) return std::nullopt;
  double pace = count_.sent / std::max(seconds_of(now - count_.begin), 1e-3);
  pace_ = pace_ == 0 ? pace : pace_ + 0.2 * (pace - pace_);
  bool few = count_.refused > 0 && count_.refused <= kMost * count_.sent;
  windows_ = static_cast<std::uint8_t>(windows_ << 1 | (few ? 1 : 0));
  count_ = {};
  if (std::popcount(windows_) < kSuspicious) return std::nullopt;
  return try_at(std::min(rate, pace_), number);  // a rate that nobody used says nothing
}

double RandomRefusals::try_at(double rate, std::uint64_t number) {
  state_ = State::trying;
  count_ = {};
  windows_ = 0;
  trial_begin_ = number;
  rate_before_ = rate;
  return rate * kLower;
}

std::optional<double> RandomRefusals::judge_trial() {
  bool enough = count_.refused >= kTrialRefusals && count_.sent >= kTrialLeast;
  if (!enough && count_.sent < kTrialMost) return std::nullopt;
  share_ = trial_share_ = count_.refused / count_.sent;
  bool random = enough && share_ <= kMost && count_.bound >= count_.sent / 2;
  count_ = {};
  state_ = random ? State::known : State::watching;
  growth_ = kFastGrowth;
  excesses_ = 0;
  return rate_before_ * (random ? 1 : kNotRandom);
}

std::optional<double> RandomRefusals::go_on(std::uint64_t number, double rate, Instant now) {
  double seconds = seconds_of(now - count_.begin);
  if (count_.sent < (growth_ < kFastGrowth ? kLongWindow : kShortWindow) || seconds < kWindowSeconds) return std::nullopt;
  Count window = count_;
  count_ = {};
  double refused = window.refused / window.sent;
  if (refused > share_ + 2.5 * std::sqrt(share_ / window.sent) + 0.01) {
    growth_ = kSlowGrowth;
    double admitted = (window.sent - window.refused) / seconds;
    if (++excesses_ < kExcesses) return std::clamp(admitted * (1 - kSlowGrowth / 2), rate / 2, rate);
    // They go on at the rate that was admitted: there are more accidents than was thought, or it is something else.
    return try_at(std::min(rate, admitted), number);
  }
  excesses_ = 0;
  // Never above the trial's: a rate that is a little too high must not pass for more accidents.
  share_ = std::min(trial_share_, share_ + 0.2 * (refused - share_));
  if (share_ < kForgotten) {
    reset();
    return std::nullopt;
  }
  if (window.bound < window.sent / 2) return std::nullopt;
  double grown = rate * (1 + growth_);
  growth_ = std::min(kFastGrowth, 2 * growth_);
  return grown;
}

}  // namespace assay
