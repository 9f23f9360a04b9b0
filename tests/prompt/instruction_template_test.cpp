#include "prompt/instruction_template.h"

#include <gtest/gtest.h>

#include "support/shared_data.h"

namespace assay {
namespace {

constexpr std::string_view kPlain = R"(user: "### Q:"
bot: "### A:"
turn_template: "<|user|> <|user-message|>\n<|bot|> <|bot-message|>\n"
context: "<|system-message|>\n"
system_message: Be kind.
)";

InstructionTemplate parse(std::string_view yaml) {
  auto parsed = InstructionTemplate::parse(yaml, "t.yaml");
  EXPECT_TRUE(parsed) << to_string(parsed.error());
  return parsed.value_or(InstructionTemplate());
}

Error error_of(std::string_view yaml) {
  auto parsed = InstructionTemplate::parse(yaml, "t.yaml");
  EXPECT_FALSE(parsed) << yaml;
  return parsed ? Error{} : parsed.error();
}

TEST(InstructionTemplate, GoldenTemplates) {
  ASSAY_NEED_SHARED("golden/eq-bench/templates.json");
  ASSAY_NEED_SHARED("upstream/eq-bench/instruction-templates");
  json::value golden = test::load_json(test::shared("golden/eq-bench/templates.json"));
  std::size_t rendered = 0, refused = 0;
  for (const json::value& one : golden.at("cases").as_array()) {
    std::string name = get_string(one, "template").value(), prompt = get_string(one, "prompt").value();
    if (name.empty()) continue;  // rule 1: no template, the prompt itself
    auto file = test::shared("upstream/eq-bench/instruction-templates/" + name + ".yaml");
    if (!std::filesystem::exists(file)) file = test::shared("upstream/eq-bench/instruction-templates-extra/" + name + ".yaml");
    auto parsed = InstructionTemplate::parse(read_file(file).value(), name);
    if (auto exception = get_string(one, "exception")) {
      ASSERT_FALSE(parsed) << name;
      EXPECT_EQ(parsed.error().kind, ErrorKind::data);
      EXPECT_NE(parsed.error().message.find("'context'"), std::string::npos) << parsed.error().message;
      ++refused;
      continue;
    }
    ASSERT_TRUE(parsed) << name << ": " << to_string(parsed.error());
    EXPECT_EQ(parsed->render(prompt).value(), get_string(one, "rendered").value()) << name;
    auto conversation = parsed->render({ChatPrompt::Message{"user", prompt}});
    ASSERT_TRUE(conversation);
    EXPECT_EQ(conversation->text, get_string(one, "rendered").value()) << name;
    ++rendered;
  }
  EXPECT_GE(rendered, 60u);
  EXPECT_GE(refused, 4u);
}

TEST(InstructionTemplate, EveryShippedFileIsReadOrRefusedForItsContext) {
  ASSAY_NEED_SHARED("upstream/eq-bench/instruction-templates");
  std::size_t read = 0, refused = 0;
  for (const auto& entry : std::filesystem::directory_iterator(test::shared("upstream/eq-bench/instruction-templates"))) {
    auto parsed = InstructionTemplate::parse(read_file(entry.path()).value());
    if (parsed) {
      EXPECT_NE(parsed->render("PROMPT").value().find("PROMPT"), std::string::npos) << entry.path();
      ++read;
    } else {
      EXPECT_NE(parsed.error().message.find("'context'"), std::string::npos) << entry.path() << " " << to_string(parsed.error());
      ++refused;
    }
  }
  EXPECT_GT(read, 50u);
  EXPECT_EQ(refused, 2u);
}

TEST(InstructionTemplate, BothSpellingsOfALineEnd) {
  EXPECT_EQ(parse(kPlain).render("Hi\n<|user-message|> <|bot|>").value(),
            "Be kind.\n### Q: Hi\n<|user-message|> <|bot|>\n### A: ");
  InstructionTemplate unquoted = parse(
      "user: u\nbot: b\nturn_template: <|user|>\\n<|user-message|>|<|bot|>\\n<|bot-message|>\ncontext: |\n  a\n  "
      "<|system-message|>!\n");
  EXPECT_EQ(unquoted.render("Hi").value(), "a\n!\nu\nHi|b\n") << "no system_message: nothing in its place";
  EXPECT_EQ(parse("{user: u, bot: b, turn_template: '<|user-message|>', context: '<|system-message|>', system_message: '  '}")
                .render("Hi")
                .value(),
            "Hi");
}

TEST(InstructionTemplate, Conversations) {
  InstructionTemplate plain = parse(kPlain);
  auto text = plain.render(
      {{"system", "Be terse."}, {"user", "One <|bot-message|>"}, {"assistant", "Two <|user-message|>"}, {"user", "Three"}});
  ASSERT_TRUE(text);
  EXPECT_EQ(text->text, "Be terse.\n### Q: One <|bot-message|>\n### A: Two <|user-message|>\n### Q: Three\n### A: ");
  EXPECT_FALSE(text->system_moved);
  EXPECT_EQ(plain.render({{"user", "a"}, {"user", "b"}})->text, "Be kind.\n### Q: a\n\nb\n### A: ");
  EXPECT_EQ(plain.render({{"user", "a"}, {"assistant", "I thi"}})->text, "Be kind.\n### Q: a\n### A: I thi");
  EXPECT_EQ(plain.render({{"system", " "}, {"user", "a"}})->text, "\n### Q: a\n### A: ") << "an empty system text is one";
  EXPECT_EQ(plain.render({{"system", "x"}}).error().kind, ErrorKind::bad_request);

  InstructionTemplate placeless = parse("{user: '', bot: '', turn_template: '[<|user-message|>]<|bot-message|>;', context: ''}");
  auto moved = placeless.render({{"system", "S"}, {"user", "a"}, {"assistant", "b"}, {"user", "c"}});
  ASSERT_TRUE(moved);
  EXPECT_EQ(moved->text, "[S\n\na]b;[c]");
  EXPECT_TRUE(moved->system_moved);
}

TEST(InstructionTemplate, ReadsWhatPyYamlReads) {
  // Kept line ends of a folded text, and an escape that C libraries get wrong.
  EXPECT_EQ(parse("user: 'u'\nbot: b\nturn_template: >+\n  <|user|>\n  <|user-message|>\n\n\ncontext: \"a\\Nb\"\n").render("P").value(), "a\u0085bu P\n\n\n");
  EXPECT_NE(error_of("user: yes\nbot: b\nturn_template: t\ncontext: c\n").message.find("'user' is not a text"), std::string::npos);
  EXPECT_NE(error_of("user: u\nbot: b\nturn_template: t\ncontext: <|system-message|>\nsystem_message: 1\n").message.find("'system_message'"), std::string::npos);
  EXPECT_EQ(parse("system_message: [1]\nuser: u\nbot: b\nturn_template: t\ncontext: c\n").render("P").value(), "ct");
}

TEST(InstructionTemplate, MistakesNameTheirPlace) {
  EXPECT_NE(error_of("user: [\n").where.find("t.yaml:"), std::string::npos);
  for (const char* yaml :
       {"", "- a\n- b\n", "17", "\"x\"", "user: u\nbot: {a: b}\n", "user: u\nbot: b\nturn_template:\ncontext: c\n",
        "user: u\nbot: b\nturn_template: t\n", "a: *b\n", "%", "user: \"\\xZZ\"\n", "{", "\x01"}) {
    Error error = error_of(yaml);
    EXPECT_EQ(error.kind, ErrorKind::data) << yaml;
    EXPECT_FALSE(error.message.empty());
  }
  EXPECT_NE(error_of("user: u\nbot: b\nturn_template: t\n").message.find("'context'"), std::string::npos);
  EXPECT_EQ(error_of(std::string(2 << 20, 'x')).kind, ErrorKind::data);
  EXPECT_EQ(error_of(std::string(200'000, '[')).kind, ErrorKind::data);
}

TEST(InstructionTemplate, WhatMultipliesIsBounded) {
  std::string many, user(400'000, 'u');
  for (int i = 0; i < 40'000; ++i) many += "<|user|>";
  EXPECT_EQ(error_of("user: " + user + "\nbot: b\nturn_template: " + many + "\ncontext: c\n").kind, ErrorKind::data);
  std::string places;
  for (int i = 0; i < 40'000; ++i) places += "<|user-message|>";
  InstructionTemplate wide = parse("user: u\nbot: b\nturn_template: " + places + "\ncontext: c\n");
  EXPECT_EQ(wide.render(std::string(1 << 20, 'p')).error().kind, ErrorKind::bad_request);
  EXPECT_EQ(wide.render({{"user", std::string(1 << 20, 'p')}, {"assistant", "x"}}).error().kind, ErrorKind::bad_request);
}

}  // namespace
}  // namespace assay
