// The engine's own measurement: what it counts, on a small model.
#include "model/llama/engine_bench.h"

#include "model/llama/bench_model.h"
#include "model/llama/engine_fixture.h"

namespace assay::test {
namespace {

class EngineBenchTest : public EngineTest {};

TEST_F(EngineBenchTest, CountsWhatIsEvaluatedAndWhatIsUnique) {
  LlamaSettings s = settings(write("bench.gguf", make_bench_model(GgufType::f16, {64, 1, 4, 2, 64})));
  auto bench = EngineBench::create(s, system_clock());
  ASSERT_TRUE(bench) << to_string(bench.error());
  const EngineWorkload workload{"T", "test", 6, 40, 12, 4, 5};
  const auto groups = make_requests(workload, 1);
  // One token a word: the prefix, and of each document question and endings without their last tokens.
  auto unique = (*bench)->unique_tokens(groups);
  ASSERT_TRUE(unique);
  EXPECT_EQ(*unique, 40 + 6 * (12 + 4 * 4));
  auto naive = (*bench)->one_by_one(groups, 5);
  ASSERT_TRUE(naive);
  EXPECT_EQ(naive->requests, 5);
  EXPECT_EQ(naive->evaluated, 5 * (40 + 12 + 4));
  EXPECT_EQ(naive->evaluated, naive->naive);
  for (bool fast : {false, true}) {
    auto shared = (*bench)->shared(groups, fast);
    ASSERT_TRUE(shared);
    EXPECT_EQ(shared->requests, 24);
    EXPECT_EQ(shared->naive, 24 * (40 + 12 + 4));
    EXPECT_EQ(shared->evaluated, *unique) << fast;
  }
  auto speed = (*bench)->prompt_speed(40, 28);
  ASSERT_TRUE(speed);
  EXPECT_GT(*speed, 0);
  EXPECT_FALSE((*bench)->prompt_speed(500, 28));
}

}  // namespace
}  // namespace assay::test
