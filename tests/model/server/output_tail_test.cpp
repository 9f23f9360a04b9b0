#include "model/server/output_tail.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace assay {
namespace {

using Lines = std::vector<std::string>;

TEST(OutputTail, KeepsTheLastLines) {
  OutputTail tail(3);
  tail.feed("one\ntwo\n\n  \nthree\nfo");
  EXPECT_EQ(tail.lines(), (Lines{"two", "three", "fo"}));
  tail.feed("ur\n");
  EXPECT_EQ(tail.lines(), (Lines{"two", "three", "four"}));
}

TEST(OutputTail, SeesMarksAcrossPiecesAndBeforeTheLineEnds) {
  OutputTail tail;
  tail.watch("Running on local URL");
  tail.watch("never");
  tail.feed("noise\nRunning on lo");
  EXPECT_FALSE(tail.seen("Running on local URL"));
  tail.feed("cal URL:  http");
  EXPECT_TRUE(tail.seen("Running on local URL"));
  for (int i = 0; i < 100; ++i) tail.feed("more\n");
  EXPECT_TRUE(tail.seen("Running on local URL"));
  EXPECT_FALSE(tail.seen("never"));
  EXPECT_FALSE(tail.seen("not watched"));
}

TEST(OutputTail, ShowsWhatATerminalWouldShow) {
  OutputTail tail;
  tail.watch("50%");
  tail.feed("load 10%\rload 50%\rload 100%\nwindows\r\n\x1b[31mred\x1b[0m\ttab \x07" "bell\n");
  EXPECT_TRUE(tail.seen("50%"));
  EXPECT_EQ(tail.lines(), (Lines{"load 100%", "windows", "red    tab bell"}));
}

TEST(OutputTail, IsBoundedAndValid) {
  OutputTail tail(2);
  tail.feed(std::string(1 << 20, 'x'));
  tail.feed("\n\xff\xfe" "bad\xc3\n");
  Lines lines = tail.lines();
  ASSERT_EQ(lines.size(), 2u);
  EXPECT_LE(lines[0].size(), 410u);
  EXPECT_TRUE(is_valid_utf8(lines[1]));
}

}  // namespace
}  // namespace assay
