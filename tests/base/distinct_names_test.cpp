#include "base/distinct_names.h"

#include <gtest/gtest.h>

namespace assay {
namespace {

TEST(DistinctNames, AreNamedPastTheIdsThatThereAre) {
  DistinctNames names;
  EXPECT_TRUE(names.add("1"));
  EXPECT_TRUE(names.add("1#3"));
  EXPECT_FALSE(names.add("1"));
  EXPECT_EQ(names.further("1"), "1#2");
  EXPECT_EQ(names.name("1"), "1#4");
  EXPECT_EQ(names.name("1#3"), "1#3#2");
  EXPECT_EQ(names.name("2"), "2");
  EXPECT_TRUE(names.contains("1#4"));
  EXPECT_FALSE(names.contains("1#5"));
}

}  // namespace
}  // namespace assay
