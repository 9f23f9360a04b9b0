// Today's lm_eval command line: its words as our parser reads them, its models as specs, its seeds.
#include "cli/compat/harness_today_flags.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace assay::compat {
namespace {

std::string translated(const std::string& line) {
  return join(translate_harness(split(line, ' ')), " ");
}

TEST(HarnessTodayFlags, WordsAreJoinedAndFilledIn) {
  EXPECT_EQ(translated("run --tasks a b c --model hf"), "--tasks a,b,c --model hf");
  EXPECT_EQ(translated("-t a,b c -L 5"), "-t a,b,c -L 5");
  EXPECT_EQ(translated("--apply_chat_template --limit -3"), "--apply_chat_template=true --limit -3");
  EXPECT_EQ(translated("--apply_chat_template chatml -s"), "--apply_chat_template=chatml -s");
  EXPECT_EQ(translated("--fewshot_as_multiturn false"), "--fewshot_as_multiturn=false");
  EXPECT_EQ(translated("ls tasks --include_path x"), "ls tasks --include_path x");
  EXPECT_EQ(translated("--model m -- --tasks a b"), "--model m -- --tasks a b");
}

TEST(HarnessTodayFlags, TellsTodaysCommandLinesFromThePinnedVersions) {
  auto today = [](std::map<std::string, std::vector<std::string>> options, std::vector<std::string> words = {}) {
    cli::Arguments arguments;
    arguments.options = std::move(options);
    arguments.positional = std::move(words);
    return is_todays_harness(arguments);
  };
  EXPECT_FALSE(today({{"tasks", {"arc_challenge,hellaswag"}}, {"limit", {"5"}}}));
  EXPECT_FALSE(today({{"tasks", {"json=train:text:/a/b.jsonl"}}}));
  EXPECT_TRUE(today({{"tasks", {"arc_easy,tasks/mine"}}}));
  EXPECT_TRUE(today({{"tasks", {"mine.yaml"}}}));
  EXPECT_TRUE(today({{"include_path", {"tasks"}}}));
  EXPECT_TRUE(today({{"gen_kwargs", {"a=1"}}}));
  EXPECT_TRUE(today({}, {"ls"}));
}

TEST(HarnessTodayFlags, ModelsBecomeSpecs) {
  std::optional<std::size_t> concurrency;
  auto spec = [&](const char* model, const char* arguments) {
    auto made = todays_model(model, arguments, concurrency);
    return made ? made->spec : to_string(made.error());
  };
  EXPECT_EQ(spec("hf", "pretrained=m.gguf,max_length=512"), "gguf:m.gguf?n_ctx=512");
  EXPECT_EQ(spec("local-completions", "model=m,base_url=http://127.0.0.1:8000/v1/completions,num_concurrent=8"),
            "http://127.0.0.1:8000/v1?api=completions#m");
  EXPECT_EQ(concurrency, 8u);
  EXPECT_EQ(spec("local-chat-completions", "model=m,base_url=http://h/v1/chat/completions,seed=3"), "http://h/v1?api=chat&seed=3#m");
  EXPECT_EQ(spec("openai-chat-completions", "model=gpt-4o"), "openai:gpt-4o?api=chat");
  EXPECT_EQ(spec("openai-completions", "model=davinci-002"), "openai:davinci-002?api=completions");
  EXPECT_EQ(spec("anthropic-chat-completions", "model=claude-x"), "anthropic:claude-x");
  EXPECT_EQ(spec("gguf", "base_url=http://127.0.0.1:8080"), "http://127.0.0.1:8080/v1?api=completions#default");
  EXPECT_EQ(spec("dummy", ""), "baseline:random");
  EXPECT_EQ(spec("gguf:m.gguf", ""), "gguf:m.gguf");
  EXPECT_TRUE(contains(spec("local-completions", "model=m"), "base_url"));
  EXPECT_TRUE(contains(spec("local-completions", "model=m,base_url=http://h/v1,eos_string=x"), "eos_string has no counterpart"));
  EXPECT_TRUE(contains(spec("local-completions", "model=m,base_url=http://h/v1,num_concurrent=many"), "num_concurrent"));
  EXPECT_EQ(spec("local-completions", "model=m,base_url=http://h/v1,add_bos_token=True"), "http://h/v1?api=completions&bos=on#m");
  EXPECT_EQ(spec("local-completions", "model=m,base_url=http://h/v1,add_bos_token=False"), "http://h/v1?api=completions&bos=off#m");
  EXPECT_TRUE(contains(spec("local-completions", "model=m,base_url=http://h/v1,add_bos_token=maybe"), "add_bos_token takes True or False"));
  auto noted = todays_model("local-completions", "model=m,base_url=http://h/v1,tokenizer=gpt2,max_retries=3", concurrency);
  EXPECT_EQ(noted->notes.size(), 2u);
}

TEST(HarnessTodayFlags, Seeds) {
  EXPECT_EQ(read_seeds("1,2,3,4")->fewshot, 4);
  EXPECT_EQ(read_seeds("7")->fewshot, 7);
  EXPECT_EQ(read_seeds("7")->torch, 7);
  EXPECT_EQ(read_seeds("0,None")->numpy, std::nullopt);
  EXPECT_EQ(read_seeds("0,None")->fewshot, 1234);
  EXPECT_FALSE(read_seeds("1,2,3,4,5"));
  EXPECT_FALSE(read_seeds("-1"));
  EXPECT_FALSE(read_seeds("x"));
}

}  // namespace
}  // namespace assay::compat
