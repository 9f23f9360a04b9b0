#include "base/python_value.h"

#include <gtest/gtest.h>

#include "base/python_literal.h"

namespace assay {
namespace {

PythonValue read(const char* literal) { return *read_python_literal(literal); }
bool equal(const char* a, const char* b) {
  const PythonValue one = read(a), other = read(b);
  EXPECT_EQ(one == other, other == one) << a << " " << b;
  EXPECT_EQ(one == other, identity(one) == identity(other)) << a << " " << b;
  return one == other;
}

// Python compares a whole number with a float exactly; the nearest double of the number would be equal too often.
TEST(PythonValue, WholeNumbersAndFloatsCompareExactly) {
  EXPECT_TRUE(equal("9007199254740992", "9007199254740992.0"));
  EXPECT_FALSE(equal("9007199254740993", "9007199254740992.0"));
  EXPECT_FALSE(equal("9223372036854775807", "9223372036854775808.0"));
  EXPECT_TRUE(equal("9223372036854775808", "9223372036854775808.0"));
  EXPECT_TRUE(equal("-9223372036854775808", "-9223372036854775808.0"));
  EXPECT_TRUE(equal("10000000000000000000", "1e19"));
  EXPECT_TRUE(equal("10000000000000000000", "1e19+0j"));
  EXPECT_FALSE(equal("100000000000000000000000", "1e23"));
  EXPECT_TRUE(equal("99999999999999991611392", "1e23"));
  EXPECT_FALSE(equal("1", "1.5"));
  EXPECT_FALSE(equal("1", "1+1j"));
  const std::string huge = "1" + std::string(400, '0');
  EXPECT_FALSE(equal(huge.c_str(), "1e400"));
  EXPECT_FALSE(equal(("-" + huge).c_str(), "-1e400"));
}

TEST(PythonValue, ZeroHasOneIdentity) {
  EXPECT_TRUE(equal("0", "-0.0"));
  EXPECT_TRUE(equal("False", "-0.0"));
  EXPECT_TRUE(equal("1j", "-0.0+1j"));
  EXPECT_TRUE(equal("2.5", "2.5-0j"));
  EXPECT_TRUE(equal("1e400", "1e500"));
}

}  // namespace
}  // namespace assay
