#include "base/xxhash64.h"

#include <gtest/gtest.h>

namespace assay {
namespace {

// Published values; the last text is longer than one block of 32 bytes.
TEST(XxHash64, PublishedValues) {
  EXPECT_EQ(xxhash64_hex(""), "ef46db3751d8e999");
  EXPECT_EQ(xxhash64_hex("a"), "d24ec4f1a98c6e5b");
  EXPECT_EQ(xxhash64_hex("abc"), "44bc2cf5ad770999");
  EXPECT_EQ(xxhash64_hex("Nobody inspects the spammish repetition"), "fbcea83c8a378bf1");
}

TEST(XxHash64, EveryByteCounts) {
  const std::string text(77, 'x');
  for (std::size_t i = 0; i < text.size(); ++i) {
    std::string other = text;
    other[i] = 'y';
    EXPECT_NE(xxhash64(other), xxhash64(text)) << i;
  }
}

}  // namespace
}  // namespace assay
