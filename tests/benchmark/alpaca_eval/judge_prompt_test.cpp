#include "benchmark/alpaca_eval/judge_prompt.h"

#include "support/shared_data.h"

namespace assay::alpaca_eval {
namespace {

TEST(AlpacaEvalPrompts, BatchesFillFirstOccurrences) {
  std::vector<PromptRow> rows{{{"a", "1"}, {"b", "x"}}, {{"a", "2"}, {"b", "y"}}};
  EXPECT_EQ(make_prompts("{a}{b} {a}{b}", rows, 2).value(), std::vector<std::string>{"1x 2y"});
  EXPECT_FALSE(make_prompts("{a}{b} {a}", rows, 2));
  EXPECT_FALSE(make_prompts("{a}{b}{a}{b}{a}{b}", rows, 3));
  EXPECT_EQ(make_prompts("{a", rows, 1).value().size(), 2u);
  EXPECT_TRUE(make_prompts("{a} {a}", {}, 1).value().empty());
}

TEST(AlpacaEvalPrompts, SafeFillingDoesNotSearchValues) {
  std::vector<PromptRow> rows{{{"instruction", "say {output_1}"}, {"output_1", "hi"}}};
  EXPECT_EQ(make_prompts("{instruction}|{output_1}", rows).value()[0], "say hi|{output_1}");
  EXPECT_EQ(make_prompts("{instruction}|{output_1}", rows, 1, Filling::safe).value()[0], "say {output_1}|hi");
}

TEST(AlpacaEvalPrompts, AnUnknownNameIsSaid) {
  std::vector<PromptRow> rows{{{"instruction", "x"}}};
  auto prompts = make_prompts("{instruction} {outptu}", rows);
  ASSERT_FALSE(prompts);
  EXPECT_NE(prompts.error().message.find("{outptu}"), std::string::npos);
  EXPECT_TRUE(make_prompts("{ instruction } {\n} {}{instruction", rows));
}

TEST(AlpacaEvalPrompts, ManyBracesWithoutAnEndAreReadInOneWalk) {
  std::vector<PromptRow> rows{{{"a", "x"}}};
  const std::string braces(4'000'000, '{');
  EXPECT_EQ(make_prompts("{a}" + braces, rows).value().at(0).size(), braces.size() + 1);
}

TEST(AlpacaEvalPrompts, Golden) {
  ASSAY_NEED_SHARED("golden/alpaca-eval/misc.json");
  json::value file = test::load_json(test::shared("golden/alpaca-eval/misc.json"));
  for (const json::value& c : find(file, "make_prompts")->as_array()) {
    std::vector<PromptRow> rows;
    for (const json::value& r : find(c, "rows")->as_array()) {
      PromptRow& row = rows.emplace_back();
      for (const auto& [key, value] : r.as_object()) row.emplace_back(key, value.as_string());
    }
    auto prompts =
        make_prompts(get_string(c, "template").value(), rows, static_cast<std::size_t>(get_integer(c, "batch_size").value()));
    const json::value& want = *find(c, "result");
    EXPECT_EQ(prompts.has_value(), want.is_array()) << write_json(c);
    if (!prompts || !want.is_array()) continue;
    ASSERT_EQ(prompts->size(), want.as_array().size());
    for (std::size_t i = 0; i < prompts->size(); ++i) EXPECT_EQ((*prompts)[i], want.as_array()[i].as_string());
  }
}

TEST(AlpacaEvalChatMl, BrokenPromptsAreSaid) {
  for (const char* bad :
       {"", "<|im_start|>", "<|im_start|>user<|im_end|>", "<|im_start|>user\nx", "x<|im_start|>user\nx<|im_end|>",
        "<|im_start|>system x\ny<|im_end|>", "<|im_start|>user\nx<|im_end|><|im_start|><|im_end|>", "<|im_start|>system role=x\ny<|im_end|>"})
    EXPECT_FALSE(read_chat_ml(bad)) << bad;
}

TEST(AlpacaEvalChatMl, ItemsBehindTheRoleAreSplitAtBlanks) {
  auto messages = read_chat_ml("<|im_start|>system a=1 \tb=2  a=3\nx<|im_end|>");
  ASSERT_TRUE(messages);
  using Extras = std::vector<std::pair<std::string, std::string>>;
  EXPECT_EQ(messages->at(0).extras, (Extras{{"a", "3"}, {"\tb", "2"}}));
}

TEST(AlpacaEvalChatMl, Golden) {
  ASSAY_NEED_SHARED("golden/alpaca-eval/misc.json");
  json::value file = test::load_json(test::shared("golden/alpaca-eval/misc.json"));
  std::size_t seen = 0;
  for (const json::value& c : find(file, "chatml")->as_array()) {
    auto messages = read_chat_ml(get_string(c, "prompt").value());
    const json::value& want = *find(c, "messages");
    EXPECT_EQ(messages.has_value(), want.is_array()) << write_json(c);
    ++seen;
    if (!messages || !want.is_array()) continue;
    json::array mine;
    for (const ChatMlMessage& message : *messages) {
      json::object object{{"content", message.content}, {"role", message.role}};
      for (const auto& [key, value] : message.extras) object[key] = value;
      mine.push_back(object);
    }
    EXPECT_EQ(write_json(mine), write_json(want));
  }
  EXPECT_GE(seen, 8u);
}

}  // namespace
}  // namespace assay::alpaca_eval
