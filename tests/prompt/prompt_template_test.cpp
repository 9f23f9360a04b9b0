#include "prompt/prompt_template.h"

#include <gtest/gtest.h>

#include "base/hash.h"

namespace assay {
namespace {

ChatPrompt chat() {
  ChatPrompt c;
  c.messages = {{"user", "Hi"}};
  c.bos_token = "<vocabulary>";
  return c;
}

std::string rendered(std::string_view text, std::string_view name, ChatPrompt prompt = chat()) {
  auto parsed = PromptTemplate::parse(text, name);
  if (!parsed) return to_string(parsed.error());
  auto out = parsed->render(std::move(prompt));
  return out ? out->text : to_string(out.error());
}

TEST(PromptTemplate, TheNameOfTheFileDecides) {
  EXPECT_EQ(rendered("{{ bos_token }}{{ messages[0].content }}", "template.jinja"), "<vocabulary>Hi");
  EXPECT_EQ(rendered("{user: U, bot: B, turn_template: '<|user|> <|user-message|> <|bot|>', context: ''}", "a/B.YAML"), "U Hi B");
  EXPECT_EQ(
      rendered(
          R"({"chat_template":"{{ bos_token }}|{{ eos_token }}|{{ unk_token }}|{{ messages[0]['content'] }}","bos_token":{"content":"<s>","lstrip":false},
      "eos_token":"</s>","unk_token":"<u>"})",
          "tokenizer_config.json"),
      "<s>|</s>|<u>|Hi");
  EXPECT_EQ(rendered(R"({"chat_template":"{{ bos_token }}","bos_token":null})", "t.json"), "<vocabulary>")
      << "the model file knows it";
}

TEST(PromptTemplate, NamedChatTemplates) {
  constexpr std::string_view two =
      R"({"chat_template":[{"name":"tool_use","template":"tools"},{"name":"default","template":"plain"}]})";
  EXPECT_EQ(rendered(two, "t.json"), "plain");
  ChatPrompt with_tools = chat();
  with_tools.tools = json::array{json::object{{"type", "function"}}};
  EXPECT_EQ(rendered(two, "t.json", with_tools), "tools");
  EXPECT_EQ(rendered(R"({"chat_template":[{"name":"mine","template":"only"}]})", "t.json"), "only");
}

TEST(PromptTemplate, WhatChangesTheTextChangesTheSum) {
  auto sum = [](std::string_view text, std::string_view name) { return PromptTemplate::parse(text, name)->sum(); };
  EXPECT_EQ(sum("abc", "x"), sha256_hex("abc"));
  EXPECT_NE(sum(R"({"chat_template":"a","bos_token":"x"})", "t.json"), sum(R"({"chat_template":"a","bos_token":"y"})", "t.json"));
  EXPECT_EQ(sum(R"({"chat_template":"a","other":1})", "t.json"), sum(R"({"other":2,"chat_template":"a"})", "t.json"));
}

TEST(PromptTemplate, Mistakes) {
  for (const char* text :
       {"{", "[]", "{}", R"({"chat_template":null})", R"({"chat_template":7})", R"({"chat_template":[]})",
        R"({"chat_template":[{"name":"a","template":"x"},{"name":"b","template":"y"}]})", R"({"chat_template":[1,2]})"}) {
    auto parsed = PromptTemplate::parse(text, "tokenizer_config.json");
    ASSERT_FALSE(parsed) << text;
    EXPECT_EQ(parsed.error().kind, ErrorKind::data) << text;
    EXPECT_NE(to_string(parsed.error()).find("tokenizer_config.json"), std::string::npos) << to_string(parsed.error());
  }
  EXPECT_NE(rendered("{}", "t.json").find("chat_template.jinja"), std::string::npos);
  EXPECT_NE(rendered("{% if %}", "t.jinja").find("chat template"), std::string::npos);
}

}  // namespace
}  // namespace assay
