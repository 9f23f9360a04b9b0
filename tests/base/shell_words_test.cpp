#include "base/shell_words.h"

#include <gtest/gtest.h>

namespace assay {
namespace {

using Words = std::vector<std::string>;

TEST(ShellWords, SplitsAsShlexDoes) {
  EXPECT_EQ(split_shell_words("").value(), Words{});
  EXPECT_EQ(split_shell_words(" \t\r\n ").value(), Words{});
  EXPECT_EQ(split_shell_words("--loader  transformers\t--n-gpu-layers 40").value(), (Words{"--loader", "transformers", "--n-gpu-layers", "40"}));
  EXPECT_EQ(split_shell_words(R"(a'b c'd "e f" '' "")").value(), (Words{"ab cd", "e f", "", ""}));
  EXPECT_EQ(split_shell_words(R"("say \"x\" \\ \n" 'no \escape' out\ side \')").value(), (Words{R"(say "x" \ \n)", R"(no \escape)", "out side", "'"}));
  EXPECT_EQ(split_shell_words("# no comment; $HOME * | x").value(), (Words{"#", "no", "comment;", "$HOME", "*", "|", "x"}));
}

TEST(ShellWords, RefusesWhatHasNoEnd) {
  for (const char* text : {"'open", "\"open", "a \"b\\\"", "end\\"}) {
    auto words = split_shell_words(text);
    ASSERT_FALSE(words) << text;
    EXPECT_EQ(words.error().kind, ErrorKind::usage);
  }
}

TEST(ShellWords, JoinedWordsAreReadBackTheSame) {
  for (const Words& words : {Words{}, Words{"a", "b=c", "/x/y.z"}, Words{"", " ", "it's", "\"", "\\", "$x", "a b", "line\nbreak", "ä"}})
    EXPECT_EQ(split_shell_words(join_shell_words(words)).value(), words) << join_shell_words(words);
}

}  // namespace
}  // namespace assay
