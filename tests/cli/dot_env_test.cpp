// Expected values were taken from python-dotenv.
#include "cli/dot_env.h"

#include <gtest/gtest.h>

namespace assay::cli {
namespace {

using Values = std::map<std::string, std::string, std::less<>>;

TEST(DotEnv, ReadsAsPythonDotenv) {
  struct Case {
    std::string text;
    Values values;
  };
  const Case cases[] = {
      {"A=b\nexport B=c\n", {{"A", "b"}, {"B", "c"}}},
      {" A = b c \nB=\n# C=d\nD", {{"A", "b c"}, {"B", ""}}},
      {"A=b # c", {{"A", "b"}}},
      {"A=\"b\" # c\nB='d'#e", {{"A", "b"}, {"B", "d"}}},
      {"A=b#c\nB=#d", {{"A", "b#c"}, {"B", "#d"}}},
      {"A=1\nA=2", {{"A", "2"}}},
      {"A=\"-----BEGIN\nx\\ny\n-----END\"\nB=1", {{"A", "-----BEGIN\nx\ny\n-----END"}, {"B", "1"}}},
      {"A='x\\ny'\nB='it\\'s'\nC=\"say \\\"x\\\" \\q\"", {{"A", "x\\ny"}, {"B", "it's"}, {"C", "say \"x\" \\q"}}},
      {"A=b=c\nB=\"a=b\"\nC=it's", {{"A", "b=c"}, {"B", "a=b"}, {"C", "it's"}}},
      {"'A B'=c", {{"A B", "c"}}},
      {"MY KEY=a\nA: b\n=c\nA=\"b\"c\nB=1", {{"B", "1"}}},
      {"A=\"b\nC=1", {{"C", "1"}}},
      {"A=b\r\nB=\"c\r\nd\"\rC=e", {{"A", "b"}, {"B", "c\nd"}, {"C", "e"}}},
      {"A=ä\u00a0\n\u00a0B=c", {{"A", "ä"}, {"B", "c"}}},
      {"", {}},
  };
  for (const Case& c : cases) EXPECT_EQ(read_dot_env(c.text), c.values) << c.text;
}

TEST(DotEnv, SkipsAByteOrderMark) { EXPECT_EQ(read_dot_env("\xEF\xBB\xBF" "A=b"), (Values{{"A", "b"}})); }

}  // namespace
}  // namespace assay::cli
