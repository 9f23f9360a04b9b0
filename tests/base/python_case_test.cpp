#include "base/python_case.h"

#include <gtest/gtest.h>

namespace assay {
namespace {

// Expected values are CPython 3.11's.
TEST(PythonCase, UpperCanBeSeveralLetters) {
  EXPECT_EQ(upper(""), "");
  EXPECT_EQ(upper("stra\u00dfe"), "STRASSE");
  EXPECT_EQ(upper("\ufb01n \ufb03"), "FIN FFI");
  EXPECT_EQ(upper("\u0149 \u01f0 \u0390 \u0587 \u1e9a"), "\u02bcN J\u030c \u0399\u0308\u0301 \u0535\u0552 A\u02be");
  EXPECT_EQ(upper("\u1e9e"), "\u1e9e");
  EXPECT_EQ(upper("\u01c5 \u01f2"), "\u01c4 \u01f1");  // in title case before
  EXPECT_EQ(upper("i \u0131 \u017f \u00b5 \u00ff \u0345"), "I I S \u039c \u0178 \u0399");
  EXPECT_EQ(upper("\u03c3\u03c2"), "\u03a3\u03a3");
  EXPECT_EQ(upper("\U00010428 \u10d0 \u2170 \u24d0"), "\U00010400 \u1c90 \u2160 \u24b6");
}

TEST(PythonCase, UpperWritesGreekIotaBesideItsLetter) {
  EXPECT_EQ(upper("\u1f80 \u1f88 \u1f97 \u1faf"), "\u1f08\u0399 \u1f08\u0399 \u1f2f\u0399 \u1f6f\u0399");
  EXPECT_EQ(upper("\u1fb3 \u1fbc \u1fc3 \u1fcc \u1ff3 \u1ffc"), "\u0391\u0399 \u0391\u0399 \u0397\u0399 \u0397\u0399 \u03a9\u0399 \u03a9\u0399");
  EXPECT_EQ(upper("\u1fb2 \u1fb7 \u1ff4"), "\u1fba\u0399 \u0391\u0342\u0399 \u038f\u0399");
}

}  // namespace
}  // namespace assay
