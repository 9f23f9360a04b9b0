#include "support/provider_weather.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <ctime>
#include <numbers>

namespace assay::test {
namespace {

double seconds_of(Duration duration) {
  return std::chrono::duration<double>(duration).count();
}

std::string formatted(const char* form, double unix_seconds) {
  auto whole = static_cast<std::time_t>(std::ceil(unix_seconds));
  std::tm parts{};
  gmtime_r(&whole, &parts);
  std::array<char, 64> text{};
  return {text.data(), std::strftime(text.data(), text.size(), form, &parts)};
}

/// "6m0s", "1.5s", "120ms": the way OpenAI writes spans.
std::string span(double seconds) {
  if (seconds < 1) return std::to_string(static_cast<int>(std::ceil(seconds * 1000))) + "ms";
  std::string out;
  if (seconds >= 60) out = std::to_string(static_cast<int>(seconds / 60)) + "m";
  return out + std::to_string(static_cast<int>(std::ceil(std::fmod(seconds, 60)))) + "s";
}

std::string whole(double value) {
  return std::to_string(static_cast<long long>(std::max(0.0, std::floor(value))));
}

}  // namespace

double ProviderLatency::draw(Random& random) const {
  if (shape == Shape::constant) return low;
  if (shape == Shape::uniform) return low + (high - low) * random.unit();
  double normal = std::sqrt(-2 * std::log(1 - random.unit())) * std::cos(2 * std::numbers::pi * random.unit());
  return std::min(low * std::exp(sigma * normal), high > 0 ? high : 10 * low);
}

ProviderWeather::ProviderWeather(ProviderLimits limits, Instant begin) : limits_(limits) {
  auto make = [&](std::optional<RateBudget>& bucket, double& full, double per_minute, double at_once) {
    if (per_minute <= 0) return;
    full = at_once > 0 ? at_once : std::max(1.0, per_minute / 10);
    bucket.emplace(per_minute / 60, full, begin);
  };
  make(requests_, requests_full_, limits_.requests_per_minute, limits_.requests_at_once);
  make(tokens_, tokens_full_, limits_.tokens_per_minute, limits_.tokens_at_once);
}

bool ProviderWeather::admit(double tokens, std::size_t in_flight, Instant now) {
  if (limits_.most_in_flight > 0 && in_flight > limits_.most_in_flight) return false;
  if (requests_ && requests_->wait_for(1, now) > Duration::zero()) return false;
  if (tokens_ && tokens_->wait_for(tokens, now) > Duration::zero()) return false;
  if (requests_) requests_->take(1, now);
  if (tokens_) tokens_->take(tokens, now);
  return true;
}

ProviderWeather::HeaderList ProviderWeather::headers(bool refused, double tokens, Instant now, double unix_seconds) {
  HeaderList out;
  auto tell = [&](const char* what, std::optional<RateBudget>& bucket, double per_minute, double full) {
    if (!bucket || limits_.headers == ProviderLimits::Headers::none) return;
    double left = bucket->level(now);
    double reset = std::max(0.0, full - left) / bucket->per_second();
    std::string name = what;
    if (limits_.headers == ProviderLimits::Headers::openai) {
      out.emplace_back("x-ratelimit-limit-" + name, whole(per_minute));
      out.emplace_back("x-ratelimit-remaining-" + name, whole(left));
      out.emplace_back("x-ratelimit-reset-" + name, span(reset));
    } else {
      out.emplace_back("anthropic-ratelimit-" + name + "-limit", whole(per_minute));
      out.emplace_back("anthropic-ratelimit-" + name + "-remaining", whole(left));
      out.emplace_back("anthropic-ratelimit-" + name + "-reset", formatted("%Y-%m-%dT%H:%M:%SZ", unix_seconds + reset));
    }
  };
  tell("requests", requests_, limits_.requests_per_minute, requests_full_);
  tell("tokens", tokens_, limits_.tokens_per_minute, tokens_full_);
  if (!refused || limits_.retry_after == ProviderLimits::RetryAfter::none) return out;
  Duration wait = std::chrono::milliseconds(1);
  if (requests_) wait = std::max(wait, requests_->wait_for(1, now));
  if (tokens_) wait = std::max(wait, tokens_->wait_for(tokens, now));
  double seconds = seconds_of(wait);
  switch (limits_.retry_after) {
    case ProviderLimits::RetryAfter::seconds:
      out.emplace_back("Retry-After", whole(std::ceil(seconds)));
      break;
    case ProviderLimits::RetryAfter::date:
      out.emplace_back("Date", formatted("%a, %d %b %Y %H:%M:%S GMT", std::floor(unix_seconds)));
      out.emplace_back("Retry-After", formatted("%a, %d %b %Y %H:%M:%S GMT", unix_seconds + seconds));
      break;
    default:
      out.emplace_back("retry-after-ms", whole(std::ceil(seconds * 1000)));
  }
  return out;
}

std::string nonsense(std::uint64_t seed, std::string_view prompt, std::size_t least, std::size_t most) {
  static constexpr std::array<std::string_view, 16> kWords{"blue",  "seven", "walk", "river", "an",  "of",   "tall", "Wednesday",
                                                           "maybe", "quiet", "then", "green", "not", "hill", "42",   "slowly"};
  std::uint64_t hash = 1469598103934665603ull ^ seed;
  for (char c : prompt) hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211ull;
  Random random(hash);
  std::size_t length = least + (most > least ? random.below(most - least + 1) : 0);
  std::string out;
  out.reserve(length + 16);
  while (out.size() < length) {
    if (!out.empty()) out += random.below(12) == 0 ? ".\n" : " ";
    out += kWords[random.below(kWords.size())];
  }
  out.resize(length);
  return out;
}

}  // namespace assay::test
