#include "model/reasoning.h"

#include <gtest/gtest.h>

namespace assay {
namespace {

std::string split(std::string text) {
  ReasoningSplit out = split_reasoning(std::move(text));
  return out.answer + "|" + out.reasoning;
}

TEST(Reasoning, BlocksAtTheStartAreTakenApart) {
  EXPECT_EQ(split("<think>a</think>b"), "b|a");
  EXPECT_EQ(split("\n<think>\na\n</think>\n\nb\n"), "b\n|a");
  EXPECT_EQ(split("<think>a</think><think>b</think> c"), "c|a\n\nb");
  EXPECT_EQ(split("<think></think>b"), "b|");
}

TEST(Reasoning, TheOpeningTagMayBeInThePrompt) {
  EXPECT_EQ(split("so, hm\n</think>\nb"), "b|so, hm");
  EXPECT_EQ(split("hm</think><think>more</think>b"), "b|hm\n\nmore");
}

TEST(Reasoning, AThoughtThatNeverEndsHasNoAnswer) {
  EXPECT_EQ(split("<think>and so on"), "|and so on");
}

TEST(Reasoning, OtherTextStaysAsItIs) {
  for (const char* text :
       {"", "  plain  ", "Sad: 3\n", "a <think> quoted", "I write <think>x</think> like this", "<thinking>a</thinking>"})
    EXPECT_EQ(split(text), std::string(text) + "|") << text;
}

}  // namespace
}  // namespace assay
