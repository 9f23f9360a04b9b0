#include "base/limits.h"

#include <gtest/gtest.h>
#include <sys/resource.h>

namespace assay {
namespace {

TEST(Limits, TheSoftLimitBecomesTheHardOne) {
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
  rlimit low = before;
  low.rlim_cur = std::min<rlim_t>(before.rlim_cur, 64);
  ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &low), 0);
  auto raised = raise_open_files();
  ASSERT_TRUE(raised);
  EXPECT_EQ(*raised, static_cast<std::size_t>(std::min<rlim_t>(before.rlim_max, rlim_t{1} << 20)));
  rlimit now{};
  getrlimit(RLIMIT_NOFILE, &now);
  EXPECT_EQ(now.rlim_cur, std::min<rlim_t>(before.rlim_max, rlim_t{1} << 20));
  setrlimit(RLIMIT_NOFILE, &before);
}

}  // namespace
}  // namespace assay
