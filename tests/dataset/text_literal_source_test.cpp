#include "dataset/text_literal_source.h"

#include <gtest/gtest.h>

#include "base/hash.h"
#include "support/shared_data.h"

namespace assay {
namespace {

const std::string kLong(70, 'w');

TEST(TextLiteralSource, FindsTheLiteralWithTheSum) {
  const std::string program = "# '''" + kLong + "\nOTHER = 'x'\nA = \\\n'''" + kLong + " \\frac\\u00b2\n'''\nB = f\"" + kLong + " {prompt} {{x}} {gold_ans}\"\n";
  const std::string a = kLong + " \frac\u00b2\n", b = kLong + " @@prompt@@ {x} @@gold_answers@@";
  EXPECT_EQ(text_with_sum(program, sha256_hex(a)), a);
  EXPECT_EQ(text_with_sum(program, sha256_hex(b)), b);
  EXPECT_FALSE(text_with_sum(program, sha256_hex("x")));
  EXPECT_FALSE(text_with_sum(program, sha256_hex(kLong)));
}

TEST(TextLiteralSource, FindsTheValueInADocument) {
  const std::string document = "{\"a\": [{\"b\": \"" + kLong + "\"}]}";
  EXPECT_EQ(text_with_sum(document, sha256_hex(kLong)), kLong);
  EXPECT_FALSE(text_with_sum(document, sha256_hex("b")));
}

TEST(TextLiteralSource, LiteralsThatFollowEachOtherAreOneText) {
  const std::string half(40, 'w');
  const std::string program = "A = (\n    \"" + half + "\\n\"  # first\n    '" + half + "'\n)\nB = '" + half + "', '" + half + "'\n";
  EXPECT_EQ(text_with_sum(program, sha256_hex(half + "\n" + half)), half + "\n" + half);
  EXPECT_FALSE(text_with_sum(program, sha256_hex(half + half)));  // a tuple is no text
  EXPECT_EQ(text_with_sum("'" + half + "' '" + half + "'", sha256_hex(half + half)), half + half);
}

TEST(TextLiteralSource, UnendingLiteralsEnd) {
  EXPECT_FALSE(text_with_sum("a = '''" + kLong, sha256_hex(kLong)));
  EXPECT_FALSE(text_with_sum("f'{" + kLong + "'", sha256_hex(kLong)));
  EXPECT_FALSE(text_with_sum("", sha256_hex("")));
}

TEST(TextLiteralSource, MixEvalsTextsAreInItsDocumentOfPrompts) {
  ASSAY_NEED_SHARED("upstream/mixeval/prompts.json");
  auto document = read_file(test::shared("upstream/mixeval/prompts.json"));
  ASSERT_TRUE(document);
  for (const char* sum : {"19b0b95363b1430047d3b468f38370ce31b94606ca0d270fec88fb3a18d7aca3", "5bea09299e5e8f70e60a243bbc06d1501a2aa212354c2030f9557058033006e1",
                          "09cac29403389a1f61cf0ab83fcf25333ed77da72403078901664073eeca1659", "0dcb3820fc0f7b5da613bfe2a103b07dac59e68df054899c99fc8d1884a131e6"})
    EXPECT_TRUE(text_with_sum(*document, sum)) << sum;
}

}  // namespace
}  // namespace assay
