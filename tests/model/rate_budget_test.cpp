#include "model/rate_budget.h"

#include <gtest/gtest.h>

namespace assay {
namespace {

using namespace std::chrono_literals;

TEST(RateBudget, Arithmetic) {
  Instant t{1h};
  RateBudget budget(2, 4, t);
  EXPECT_EQ(budget.wait_for(4, t), Duration::zero());
  budget.take(4, t);
  EXPECT_EQ(budget.wait_for(1, t), Duration(500ms));
  EXPECT_EQ(budget.wait_for(100, t), Duration(2s)) << "more than the store ever holds waits for a full one";
  budget.take(2, t);  // owed
  EXPECT_EQ(budget.wait_for(1, t), Duration(1500ms));
  EXPECT_EQ(budget.wait_for(4, t + 1h), Duration::zero());
  budget.at_most(1, t + 1h);
  EXPECT_EQ(budget.wait_for(3, t + 1h), Duration(1s));
}

TEST(RateBudget, OwesNoMoreThanTenMinutes) {
  Instant t{1h};
  RateBudget budget(2, 4, t);
  budget.take(1e15, t);
  EXPECT_EQ(budget.wait_for(1, t), Duration(10min + 500ms));
  EXPECT_EQ(budget.wait_for(1, t + 5min), Duration(5min + 500ms));
  budget.set_rate(0.2, 4, t + 5min);
  EXPECT_EQ(budget.wait_for(1, t + 5min), Duration(10min + 5s)) << "of the new rate";
}

TEST(RateBudget, AWaitIsATimeThatTheClockCanHold) {
  Instant t{1h};
  RateBudget budget(1e-300, 1, t);
  budget.take(1, t);
  EXPECT_EQ(budget.wait_for(1, t), Duration(24h));
}

}  // namespace
}  // namespace assay
