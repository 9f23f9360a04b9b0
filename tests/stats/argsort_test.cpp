#include "stats/argsort.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/random.h"
#include "stats/group_folds.h"

namespace assay {
namespace {

TEST(Argsort, SortsAndKeepsEveryIndex) {
  Random random(3);
  for (std::size_t n : {0u, 1u, 2u, 16u, 17u, 18u, 40u, 1000u}) {
    std::vector<double> values;
    for (std::size_t i = 0; i < n; ++i) values.push_back(static_cast<double>(random.below(n / 2 + 1)));
    std::vector<std::size_t> order = numpy_argsort(values);
    ASSERT_EQ(order.size(), n);
    for (std::size_t i = 1; i < n; ++i) EXPECT_LE(values[order[i - 1]], values[order[i]]);
    std::sort(order.begin(), order.end());
    for (std::size_t i = 0; i < n; ++i) EXPECT_EQ(order[i], i);
  }
}

TEST(Argsort, ShortListsAreStable) {
  EXPECT_EQ(numpy_argsort(std::vector<double>{2, 1, 2, 1}), (std::vector<std::size_t>{1, 3, 0, 2}));
}

/// Two of nineteen values are equal; numpy 1.24 swaps them here.
TEST(Argsort, LongListsAreNot) {
  std::vector<double> values{74.84, 75.37, 74.0,  70.84, 63.2, 68.53, 70.16, 53.95, 69.83, 54.58,
                             50.53, 66.11, 59.37, 31.68, 0,    47.16, 47.16, 55.58, 76.68};
  std::vector<std::size_t> order = numpy_argsort(values);
  EXPECT_EQ(order[2], 16u);
  EXPECT_EQ(order[3], 15u);
}

// What GroupKFold's folds of many sizes are known for.
TEST(Argsort, AgreesWithThatOfEqualValues) {
  for (std::size_t n = 0; n < 700; ++n) EXPECT_EQ(numpy_argsort(std::vector<double>(n, 1.5)), argsort_of_equals(n)) << n;
}

}  // namespace
}  // namespace assay
