#include "prompt/chat_template.h"

#include <gtest/gtest.h>

namespace assay {
namespace {

ChatPrompt chat() {
  ChatPrompt c;
  c.messages = {{"system", "Be brief."}, {"user", "Hi"}, {"assistant", "Hello"}, {"user", "Bye"}};
  c.bos_token = "<s>";
  c.eos_token = "</s>";
  return c;
}

TEST(ChatTemplate, ChatMl) {
  auto text = render_chat(chatml_template(), chat());
  ASSERT_TRUE(text) << to_string(text.error());
  EXPECT_EQ(*text,
            "<|im_start|>system\nBe "
            "brief.<|im_end|>\n<|im_start|>user\nHi<|im_end|>\n<|im_start|>assistant\nHello<|im_end|>\n<|im_start|>user\nBye<|im_"
            "end|>\n<|im_start|>assistant\n");
}

// The ways in which real templates are written, in miniature.
TEST(ChatTemplate, TheCommonIdioms) {
  // Instruction brackets, the system text folded into the first turn, roles checked.
  std::string brackets = R"({{ bos_token }}
{%- if messages[0]['role'] == 'system' %}
    {%- set system = messages[0]['content'] | trim + '\n\n' %}
    {%- set rest = messages[1:] %}
{%- else %}
    {%- set system = '' %}
    {%- set rest = messages %}
{%- endif %}
{%- for m in rest %}
    {%- if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}
        {{- raise_exception('roles must alternate') }}
    {%- endif %}
    {%- if m['role'] == 'user' %}
        {{- '[INST] ' + (system if loop.first else '') + m['content'] + ' [/INST]' }}
    {%- else %}
        {{- ' ' + m.content + eos_token }}
    {%- endif %}
{%- endfor %})";
  auto text = render_chat(brackets, chat());
  ASSERT_TRUE(text) << to_string(text.error());
  EXPECT_EQ(*text, "<s>[INST] Be brief.\n\nHi [/INST] Hello</s>[INST] Bye [/INST]");
  ChatPrompt wrong = chat();
  wrong.messages.erase(wrong.messages.begin() + 1);
  auto refused = render_chat(brackets, wrong);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::bad_request);
  EXPECT_NE(refused.error().message.find("roles must alternate"), std::string::npos);

  // Headers, a date, tools absent, a variable that may be missing.
  std::string headers = R"({%- if date_string is not defined %}{%- set date_string = strftime_now("%d %b %Y") %}{%- endif %}
{%- set ns = namespace(seen=false) %}
{%- for message in messages %}
    {%- set ns.seen = ns.seen or message.role == 'system' %}
    {{- '<|' + message.role + '|>' + message.content.split('</think>')[-1].lstrip('\n') }}
{%- endfor %}
{%- if add_generation_prompt %}{{- '<|assistant|>' ~ date_string ~ ns.seen ~ (tools is none) ~ (enable_thinking is defined and not enable_thinking) }}{%- endif %})";
  ChatPrompt dated = chat();
  dated.messages[2].content = "<think>hm</think>\n\nHello";
  dated.extra["enable_thinking"] = false;
  text = render_chat(headers, dated);
  ASSERT_TRUE(text) << to_string(text.error());
  EXPECT_EQ(*text, "<|system|>Be brief.<|user|>Hi<|assistant|>Hello<|user|>Bye<|assistant|>26 Jul 2024TrueTrueTrue");
}

TEST(ChatTemplate, TheDateIsAParameter) {
  ChatPrompt c = chat();
  c.date = "2026-02-03";
  EXPECT_EQ(*render_chat("{{ strftime_now('%d %b %Y, %A') }}", c), "03 Feb 2026, Tuesday");
}

TEST(ChatTemplate, WhatCannotRunIsUnsupported) {
  auto text = render_chat("{% include 'other' %}", chat());
  ASSERT_FALSE(text);
  EXPECT_EQ(text.error().kind, ErrorKind::unsupported);
  EXPECT_NE(text.error().message.find("chat template"), std::string::npos);
}

}  // namespace
}  // namespace assay
