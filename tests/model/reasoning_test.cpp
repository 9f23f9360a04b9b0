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

TEST(Reasoning, OfAnAnswerItGoesBehindWhatCameApart) {
  Response response;
  response.text = "<think>b</think>c";
  response.reasoning = "a";
  take_thinking_apart(response);
  EXPECT_EQ(response.text + "|" + response.reasoning, "c|a\n\nb");
  take_thinking_apart(response);
  EXPECT_EQ(response.text + "|" + response.reasoning, "c|a\n\nb");
}

TEST(Reasoning, APromptThatOpensItMakesAnAnswerThatWasCutAllThought) {
  Response cut, whole;
  cut.text = "and so on";
  take_thinking_apart(cut, true);
  EXPECT_EQ(cut.text + "|" + cut.reasoning, "|and so on");
  whole.text = "hm</think>b";
  take_thinking_apart(whole, true);
  EXPECT_EQ(whole.text + "|" + whole.reasoning, "b|hm");
  EXPECT_TRUE(opens_thinking("<|im_start|>assistant\n<think>\n"));
  EXPECT_TRUE(opens_thinking("<think>"));
  EXPECT_FALSE(opens_thinking("<think>\n\n</think>\n\n"));
  EXPECT_FALSE(opens_thinking(""));
}

}  // namespace
}  // namespace assay
