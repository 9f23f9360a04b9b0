#include "base/number.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <cstring>
#include <limits>

#include "base/random.h"

namespace assay {
namespace {

TEST(Number, ReprIsPythons) {
  EXPECT_EQ(python_repr(6), "6.0");
  EXPECT_EQ(python_repr(13.41), "13.41");
  EXPECT_EQ(python_repr(-5.21), "-5.21");
  EXPECT_EQ(python_repr(0.1 + 0.2), "0.30000000000000004");
  EXPECT_EQ(python_repr(0.0001), "0.0001");
  EXPECT_EQ(python_repr(0.00001), "1e-05");
  EXPECT_EQ(python_repr(1.5e-7), "1.5e-07");
  EXPECT_EQ(python_repr(1e15), "1000000000000000.0");
  EXPECT_EQ(python_repr(9999999999999998.0), "9999999999999998.0");
  EXPECT_EQ(python_repr(1e16), "1e+16");
  EXPECT_EQ(python_repr(1.25e22), "1.25e+22");
  EXPECT_EQ(python_repr(1e100), "1e+100");
  EXPECT_EQ(python_repr(123456.789), "123456.789");
  EXPECT_EQ(python_repr(0), "0.0");
  EXPECT_EQ(python_repr(-0.0), "-0.0");
  EXPECT_EQ(python_repr(std::nan("")), "nan");
  EXPECT_EQ(python_repr(-HUGE_VAL), "-inf");
  EXPECT_EQ(python_repr(5e-324), "5e-324");
  EXPECT_EQ(python_repr(std::numeric_limits<double>::max()), "1.7976931348623157e+308");
}

TEST(Number, ReprReadsBackTheSame) {
  Random random(7);
  for (int i = 0; i < 100'000; ++i) {
    double value;
    std::uint64_t bits = random.next();
    std::memcpy(&value, &bits, sizeof value);
    if (!std::isfinite(value)) continue;
    ASSERT_EQ(std::strtod(python_repr(value).c_str(), nullptr), value);
    ASSERT_EQ(python_float(python_repr(value)), value);
  }
}

TEST(Number, RoundIsOfTheBinaryValue) {
  EXPECT_EQ(python_round(2.675, 2), 2.67);  // 2.67499999...
  EXPECT_EQ(python_round(1.005, 2), 1.0);
  EXPECT_EQ(python_round(0.125, 2), 0.12);  // exact ties go to even
  EXPECT_EQ(python_round(0.375, 2), 0.38);
  EXPECT_EQ(round2(64.785), 64.78);
  EXPECT_EQ(round2(-0.125), -0.12);
  EXPECT_EQ(python_round(2.5, 0), 2.0);
  EXPECT_TRUE(std::isnan(round2(std::nan(""))));
  EXPECT_EQ(round2(HUGE_VAL), HUGE_VAL);
  EXPECT_EQ(round2(1e300), 1e300);
  EXPECT_EQ(fixed(64.7, 2), "64.70");
  EXPECT_EQ(fixed(-0.001, 2), "-0.00");
}

TEST(Number, FloatIsPythons) {
  EXPECT_EQ(python_float("8"), 8.0);
  EXPECT_EQ(python_float("８"), 8.0);
  EXPECT_EQ(python_float("٣.٥"), 3.5);
  EXPECT_EQ(python_float(" \u00a03.25\n"), 3.25);
  EXPECT_EQ(python_float("+1."), 1.0);
  EXPECT_EQ(python_float("-.5"), -0.5);
  EXPECT_EQ(python_float("1e3"), 1000.0);
  EXPECT_EQ(python_float("1E-2"), 0.01);
  EXPECT_EQ(python_float("1_000"), 1000.0);
  EXPECT_EQ(python_float("1_0.0_1"), 10.01);
  EXPECT_EQ(python_float("-Infinity"), -HUGE_VAL);
  EXPECT_EQ(python_float("+inf"), HUGE_VAL);
  EXPECT_TRUE(std::isnan(*python_float("NaN")));
  EXPECT_EQ(python_float("1e999"), HUGE_VAL);
  EXPECT_EQ(python_float("007"), 7.0);
  for (const char* text : {"", " ", "2,5", "abc", "1e", "e1", ".", "+", "--1", "1-", "0x10", "1__0", "_1", "1_", "1_.0", "1 2", "infin", "1e+", "½", "²", "1.2.3", "nan1", "1f"})
    EXPECT_EQ(python_float(text), std::nullopt) << text;
  // What strip() takes off and float() does not.
  for (const char* text : {"5\x1c", "\x1c\u0665", "\x1d 5", "5 \x1e\u3000", "\x1f" "5"}) EXPECT_EQ(python_float(text), std::nullopt) << text;
  EXPECT_EQ(python_float("\x0b\u2028" "5\u0085\x0c\r"), 5.0);
}

}  // namespace
}  // namespace assay
