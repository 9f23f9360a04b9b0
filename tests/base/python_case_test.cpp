#include "base/python_case.h"

#include <gtest/gtest.h>

#include <array>

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

TEST(PythonCase, TitleBeginsAWordBehindWhatHasNoCase) {
  EXPECT_EQ(title(""), "");
  EXPECT_EQ(title("they're bill's friends"), "They'Re Bill'S Friends");
  EXPECT_EQ(title("a\u00aab \u00bac"), "A\u00aab \u00bac");
  EXPECT_EQ(title("\u01c4x \u01c5X \u01c6X"), "\u01c5x \u01c5x \u01c5x");
  EXPECT_EQ(title("\u00dfa \ufb01n"), "Ssa Fin");
  EXPECT_EQ(title("\u0391\u03a3 \u03a3\u0391 \u0391\u03a3\u0301\u0391"), "\u0391\u03c2 \u03a3\u03b1 \u0391\u03c3\u0301\u0391");
  EXPECT_EQ(title("\u0130I"), "\u0130i");
  EXPECT_EQ(title("\u1f80\u1f88 \u1fb3\u1fbc"), "\u1f88\u1f80 \u1fbc\u1fb3");
  EXPECT_EQ(title("\u24d0\u24b6 \u2170\u2160"), "\u24b6\u24d0 \u2160\u2170");
  EXPECT_EQ(title("x\u0345y"), "X\u0345y");
  EXPECT_EQ(title("1a2B \u4e2dA"), "1A2B \u4e2dA");
  EXPECT_EQ(title("\u10d0\u10d1"), "\u10d0\u10d1");
}

TEST(PythonCase, SwapcaseSeesTheWholeTextAndLeavesTitleCase) {
  EXPECT_EQ(swapcase(""), "");
  EXPECT_EQ(swapcase("they're bill's friends"), "THEY'RE BILL'S FRIENDS");
  EXPECT_EQ(swapcase("a\u00aab \u00bac"), "A\u00aaB \u00baC");
  EXPECT_EQ(swapcase("\u01c4x \u01c5X \u01c6X"), "\u01c6X \u01c5x \u01c4x");
  EXPECT_EQ(swapcase("\u00dfa \ufb01n"), "SSA FIN");
  EXPECT_EQ(swapcase("\u0391\u03a3 \u03a3\u0391 \u0391\u03a3\u0301\u0391"), "\u03b1\u03c2 \u03c3\u03b1 \u03b1\u03c3\u0301\u03b1");
  EXPECT_EQ(swapcase("\u0130I"), "i\u0307i");
  EXPECT_EQ(swapcase("\u1f80\u1f88 \u1fb3\u1fbc"), "\u1f08\u0399\u1f88 \u0391\u0399\u1fbc");
  EXPECT_EQ(swapcase("\u24d0\u24b6 \u2170\u2160"), "\u24b6\u24d0 \u2160\u2170");
  EXPECT_EQ(swapcase("x\u0345y"), "X\u0399Y");
  EXPECT_EQ(swapcase("1a2B \u4e2dA"), "1A2b \u4e2da");
  EXPECT_EQ(swapcase("\u10d0\u10d1"), "\u1c90\u1c91");
}

TEST(PythonCase, LettersThatHaveCaseDecideInWhichATextIs) {
  EXPECT_EQ((std::array{is_upper(""), is_lower(""), is_title("")}), (std::array{false, false, false}));
  EXPECT_EQ((std::array{is_upper("1"), is_lower("1"), is_title("1")}), (std::array{false, false, false}));
  EXPECT_EQ((std::array{is_upper("a"), is_lower("a"), is_title("a")}), (std::array{false, true, false}));
  EXPECT_EQ((std::array{is_upper("A"), is_lower("A"), is_title("A")}), (std::array{true, false, true}));
  EXPECT_EQ((std::array{is_upper("\u01c5"), is_lower("\u01c5"), is_title("\u01c5")}), (std::array{false, false, true}));
  EXPECT_EQ((std::array{is_upper("\u00aa"), is_lower("\u00aa"), is_title("\u00aa")}), (std::array{false, true, false}));
  EXPECT_EQ((std::array{is_upper("\u2160"), is_lower("\u2160"), is_title("\u2160")}), (std::array{true, false, true}));
  EXPECT_EQ((std::array{is_upper("a1"), is_lower("a1"), is_title("a1")}), (std::array{false, true, false}));
  EXPECT_EQ((std::array{is_upper("Aa"), is_lower("Aa"), is_title("Aa")}), (std::array{false, false, true}));
  EXPECT_EQ((std::array{is_upper("AA b"), is_lower("AA b"), is_title("AA b")}), (std::array{false, false, false}));
  EXPECT_EQ((std::array{is_upper("\u01c5a"), is_lower("\u01c5a"), is_title("\u01c5a")}), (std::array{false, false, true}));
  EXPECT_EQ((std::array{is_upper("\u01c5\u01c5"), is_lower("\u01c5\u01c5"), is_title("\u01c5\u01c5")}), (std::array{false, false, false}));
  EXPECT_EQ((std::array{is_upper("Aa Bb"), is_lower("Aa Bb"), is_title("Aa Bb")}), (std::array{false, false, true}));
  EXPECT_EQ((std::array{is_upper("Aa bb"), is_lower("Aa bb"), is_title("Aa bb")}), (std::array{false, false, false}));
  EXPECT_EQ((std::array{is_upper("A\u00aa"), is_lower("A\u00aa"), is_title("A\u00aa")}), (std::array{false, false, true}));
  EXPECT_EQ((std::array{is_upper("\u2160\u2170"), is_lower("\u2160\u2170"), is_title("\u2160\u2170")}), (std::array{false, false, true}));
  EXPECT_EQ((std::array{is_upper("A1b"), is_lower("A1b"), is_title("A1b")}), (std::array{false, false, false}));
  EXPECT_EQ((std::array{is_upper("A1B"), is_lower("A1B"), is_title("A1B")}), (std::array{true, false, true}));
}

}  // namespace
}  // namespace assay
