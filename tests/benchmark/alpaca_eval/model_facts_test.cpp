// The facts about models against the original's own configurations, where those are at hand.
#include "benchmark/alpaca_eval/model_facts.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/python_yaml.h"
#include "benchmark/alpaca_eval/decoder.h"
#include "support/shared_data.h"

namespace assay::alpaca_eval {
namespace {

TEST(ModelFacts, EachCanBeAsked) {
  EXPECT_GE(models_with_facts().size(), 25u);
  for (const std::string& name : models_with_facts()) {
    auto facts = model_facts(name);
    ASSERT_TRUE(facts) << name;
    auto decoder = make_decoder(facts->function, facts->arguments, name);
    ASSERT_TRUE(decoder) << name << ": " << to_string(decoder.error());
    std::string prompt = facts->prompt_template;
    prompt.replace(prompt.find("{instruction}"), 13, "Say hello.");
    auto request = decoder->request(prompt);
    ASSERT_TRUE(request) << name << ": " << to_string(request.error());
  }
  EXPECT_FALSE(model_facts("alpaca-7b")) << "its prompt is a text";
}

TEST(ModelFacts, AsTheOriginalConfiguresThem) {
  ASSAY_NEED_SHARED("upstream/alpaca-eval/models_configs");
  const std::filesystem::path folder = test::shared("upstream/alpaca-eval/models_configs");
  std::size_t prompts = 0;
  for (const std::string& name : models_with_facts()) {
    const auto facts = model_facts(name);
    auto text = read_file(folder / name / "configs.yaml");
    ASSERT_TRUE(text) << name;
    auto root = read_python_yaml(*text, name);
    ASSERT_TRUE(root) << name;
    const PythonValue* entry = root->find(name);
    ASSERT_TRUE(entry) << name;
    EXPECT_EQ(entry->find("fn_completions")->text, facts->function) << name;
    const PythonValue* arguments = entry->find("completions_kwargs");
    ASSERT_EQ(arguments->items.size(), facts->arguments.items.size()) << name;
    for (std::size_t i = 0; i + 1 < arguments->items.size(); i += 2) {
      const PythonValue* ours = facts->arguments.find(arguments->items[i].text);
      ASSERT_TRUE(ours) << name << " " << arguments->items[i].text;
      EXPECT_TRUE(*ours == arguments->items[i + 1]) << name << " " << arguments->items[i].text;
    }
    auto prompt = read_file(folder / entry->find("prompt_template")->text);
    if (!prompt) continue;  // not all prompts are in the snapshot
    EXPECT_EQ(*prompt, facts->prompt_template) << name;
    ++prompts;
  }
  EXPECT_GT(prompts, 20u);
}

}  // namespace
}  // namespace assay::alpaca_eval
