#include "base/numpy_random.h"

#include <gtest/gtest.h>

namespace assay {
namespace {

// Values of numpy 1.24.
TEST(NumpyRandom, KnownIntegers) {
  NumpyRandom random(123);
  for (std::int64_t want :
       {843828734, 914636141, 1228959102, 1840268610, 974319580, 819844194, 220395238, 941243409, 942612051, 2109339754})
    EXPECT_EQ(random.randint(0, 2147483647), want);
}

TEST(NumpyRandom, KnownPermutation) {
  EXPECT_EQ(NumpyRandom(0).permutation(8), (std::vector<std::size_t>{6, 2, 1, 7, 3, 0, 5, 4}));
  EXPECT_EQ(NumpyRandom(0).permutation(0), std::vector<std::size_t>{});
}

TEST(NumpyRandom, KnownUniform) {
  NumpyRandom random(42);
  EXPECT_EQ(random.random(), 0.3745401188473625);
  EXPECT_EQ(random.random(), 0.9507143064099162);
}

TEST(NumpyRandom, ARangeOfOneDrawsNothing) {
  NumpyRandom one(7), other(7);
  EXPECT_EQ(one.randint(3, 4), 3);
  EXPECT_EQ(one.random(), other.random());
}

TEST(NumpyRandom, WideRangesTakeTwoWords) {
  NumpyRandom random(1);
  for (std::int64_t want : {std::int64_t{3577843435}, std::int64_t{-994696632}, std::int64_t{-3296698751}})
    EXPECT_EQ(random.randint(-5'000'000'000, 5'000'000'000), want);
  EXPECT_EQ(random.permutation(5), (std::vector<std::size_t>{2, 0, 1, 3, 4}));
}

}  // namespace
}  // namespace assay
