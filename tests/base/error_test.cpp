#include "base/error.h"

#include <gtest/gtest.h>

#include <set>

#include "base/clock.h"
#include "base/random.h"

namespace assay {
namespace {

TEST(Error, NamesOfKindsAreDistinctAndReadBack) {
  std::set<std::string_view> names;
  for (int i = 0; i <= static_cast<int>(ErrorKind::internal); ++i) {
    auto kind = static_cast<ErrorKind>(i);
    EXPECT_TRUE(names.insert(name(kind)).second) << i;
    EXPECT_EQ(error_kind(name(kind)), kind) << i;
  }
  EXPECT_EQ(error_kind("no such kind"), ErrorKind::internal);
}

TEST(Error, NoKindIsBothRetriedAndFatal) {
  std::set<std::string_view> retried, fatal;
  for (int i = 0; i <= static_cast<int>(ErrorKind::internal); ++i) {
    auto kind = static_cast<ErrorKind>(i);
    if (retryable(kind)) retried.insert(name(kind));
    if (fatal_for_model(kind)) fatal.insert(name(kind));
  }
  EXPECT_EQ(retried, (std::set<std::string_view>{"bad_response", "network", "rate_limited", "server", "timeout"}));
  EXPECT_EQ(fatal, (std::set<std::string_view>{"auth", "data", "identity", "io", "model_missing", "quota", "refused"}));
}

TEST(Error, TextHasMessagePlaceAndCure) {
  EXPECT_EQ(to_string(Error{ErrorKind::io, "it broke"}), "it broke");
  EXPECT_EQ(to_string(Error{ErrorKind::io, "it broke", "a.json:3:1", "mend it"}), "it broke (a.json:3:1)\n  mend it");
}

TEST(Clock, UtcText) {
  EXPECT_EQ(utc_text(0), "1970-01-01T00:00:00Z");
  EXPECT_EQ(utc_text(1'795'289'880'000'000), "2026-11-21T19:38:00Z");
}

TEST(Random, IsSplitMix64) {
  Random random(1234567);  // the generator's published test vector
  EXPECT_EQ(random.next(), 6457827717110365317ull);
  EXPECT_EQ(random.next(), 3203168211198807973ull);
  EXPECT_EQ(random.next(), 9817491932198370423ull);
  for (int i = 0; i < 1000; ++i) {
    double unit = random.unit();
    ASSERT_TRUE(unit >= 0 && unit < 1);
    ASSERT_LT(random.below(7), 7u);
  }
}

}  // namespace
}  // namespace assay
