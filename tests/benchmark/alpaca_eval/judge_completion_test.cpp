#include "benchmark/alpaca_eval/judge_completion.h"

#include <gtest/gtest.h>

namespace assay::alpaca_eval {
namespace {

TEST(AlpacaJudgeCompletion, AChoiceHasItsTextAndItsTokensAsAFraction) {
  Response response;
  response.text = "m";
  response.raw = R"({"choices":[{"index":0,"message":{"role":"assistant","content":"m"}}],"usage":{"total_tokens":390}})";
  EXPECT_EQ(write_json(completion_choice(response)), R"({"index":0,"message":{"role":"assistant","content":"m"},"text":"m","total_tokens":390.0})");
}

}  // namespace
}  // namespace assay::alpaca_eval
