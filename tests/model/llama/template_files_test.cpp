// Prompts of a GGUF model written by a file of the user's: instruction templates and tokenizer configurations.
#include "base/hash.h"
#include "model/llama/engine_fixture.h"
#include "model/model_spec.h"
#include "support/gguf_fixtures.h"

namespace assay::test {
namespace {

class TemplateFiles : public EngineTest {
 protected:
  std::unique_ptr<Model> with_template(const std::string& name, const std::string& text) {
    ModelSpec spec;
    spec.text = "gguf:model.gguf";
    spec.backend = "gguf";
    spec.name = "model.gguf";
    spec.settings["template"] = write(name, text).string();
    auto settings = llama_settings(spec);
    if (!settings) {
      ADD_FAILURE() << to_string(settings.error());
      return nullptr;
    }
    return open(tiny_bpe_model(), *settings);
  }
};

constexpr const char* kInstruction =
    "{user: 'Q:', bot: 'A:', turn_template: \"<|user|> <|user-message|>\\n<|bot|><|bot-message|>\\n\", context: ''}";

TEST_F(TemplateFiles, AnInstructionTemplateWritesThePrompt) {
  auto model = with_template("t.yaml", kInstruction);
  ASSERT_TRUE(model);
  auto rendering = model->render(user("hi"));
  ASSERT_TRUE(rendering) << to_string(rendering.error());
  EXPECT_EQ(rendering->text, "Q: hi\nA:");
  EXPECT_EQ(rendering->renderer, "instruction template");
  EXPECT_TRUE(model->capabilities().chat);
  auto answer = ask(*model, user("hi", 3));
  ASSERT_TRUE(answer) << to_string(answer.error());
  EXPECT_EQ(answer->usage.input_tokens, static_cast<std::int64_t>(rendering->tokens.size()));
  auto first = identity(*model), other = identity(*with_template("t.yaml", std::string(kInstruction) + "\n"));
  ASSERT_TRUE(first && other);
  EXPECT_EQ(first->facts.at("template"), json::value(sha256_hex(kInstruction)));
  EXPECT_NE(first->text, other->text);
}

TEST_F(TemplateFiles, ASystemTextWithoutAPlaceIsWarnedOf) {
  auto model = with_template("t.yaml", kInstruction);
  ASSERT_TRUE(model);
  Generate request = user("hi");
  request.messages.insert(request.messages.begin(), {"system", "Be brief."});
  auto rendering = model->render(request);
  ASSERT_TRUE(rendering);
  EXPECT_EQ(rendering->text, "Q: Be brief.\n\nhi\nA:");
  EXPECT_EQ(rendering->warnings.size(), 1u);
}

TEST_F(TemplateFiles, ATokenizerConfigurationBringsItsTokens) {
  auto model = with_template(
      "tokenizer_config.json",
      R"({"chat_template":"{{ bos_token }}[{{ messages[0].content }}]{{ eos_token }}","bos_token":{"content":"<B>"},"eos_token":"<E>"})");
  ASSERT_TRUE(model);
  auto rendering = model->render(user("hi"));
  ASSERT_TRUE(rendering) << to_string(rendering.error());
  EXPECT_EQ(rendering->text, "<B>[hi]<E>");
  EXPECT_EQ(rendering->renderer, "gguf chat template (jinja)");
}

TEST_F(TemplateFiles, AFileOfPlainJinjaIsTheModelItWas) {
  auto by_text = open(tiny_bpe_model(), [] {
    LlamaSettings s;
    s.chat_template = "{{ messages[0].content }}";
    return s;
  }());
  auto by_file = with_template("t.jinja", "{{ messages[0].content }}");
  ASSERT_TRUE(by_text && by_file);
  EXPECT_EQ(identity(*by_text)->text, identity(*by_file)->text);
  EXPECT_EQ(by_file->render(user("hi"))->text, "hi");
}

TEST_F(TemplateFiles, ATemplateThatIsNoneIsRefused) {
  ModelSpec spec;
  spec.backend = "gguf";
  spec.name = "m.gguf";
  for (auto [name, text] : {std::pair("a.yaml", "user: Q"), std::pair("b.json", "{}")}) {
    spec.settings["template"] = write(name, text).string();
    auto settings = llama_settings(spec);
    ASSERT_FALSE(settings) << name;
    EXPECT_EQ(settings.error().kind, ErrorKind::data);
    EXPECT_NE(to_string(settings.error()).find(name), std::string::npos);
  }
}

}  // namespace
}  // namespace assay::test
