#include "model/configured.h"

#include <gtest/gtest.h>

#include "support/run_alone.h"
#include "support/scripted_model.h"

namespace assay {
namespace {

using test::run_alone;
using test::ScriptedModel;

Query chat(double temperature, int max_tokens = 60) {
  Generate g;
  g.messages = {{"user", "hello"}};
  g.sampling.temperature = temperature;
  g.sampling.max_tokens = max_tokens;
  return {g, {}, {}};
}

std::unique_ptr<Model> configured(Model& inner, std::string_view spec) { return make_configured(inner, parse_model_spec(spec).value()).value(); }

TEST(Configured, OverridesAndNamesTheDeviationOnce) {
  ScriptedModel inner;
  auto model = configured(inner, "openai:m?temperature=0.7&top_p=0.9&max_tokens=60");
  EXPECT_TRUE(model->deviations().empty());
  ASSERT_TRUE(run_alone(model->answer(chat(0.01))));
  ASSERT_TRUE(run_alone(model->answer(chat(0.16))));
  const auto& sent = std::get<Generate>(inner.queries[0].request).sampling;
  EXPECT_EQ(sent.temperature, 0.7);
  EXPECT_EQ(sent.top_p, 0.9);
  EXPECT_EQ(sent.max_tokens, 60);
  EXPECT_EQ(std::get<Generate>(inner.queries[1].request).sampling.temperature, 0.7);
  EXPECT_EQ(model->deviations(), (std::vector<std::string>{"temperature=0.7 instead of 0.01", "top_p=0.9 instead of the model's default"}));
}

TEST(Configured, TheBenchmarksOwnValueIsNoDeviation) {
  ScriptedModel inner;
  auto model = configured(inner, "openai:m?temperature=0.01");
  ASSERT_TRUE(run_alone(model->answer(chat(0.01))));
  EXPECT_TRUE(model->deviations().empty());
}

TEST(Configured, SystemMessageIsAddedOrReplaced) {
  ScriptedModel inner;
  auto model = configured(inner, "openai:m?system=Be%20kind");
  Generate g;
  g.messages = {{"user", "hello"}};
  ASSERT_TRUE(run_alone(model->answer({g, {}, {}})));
  g.messages = {{"system", "Be rude"}, {"user", "hello"}};
  ASSERT_TRUE(run_alone(model->answer({g, {}, {}})));
  for (const Query& query : inner.queries) {
    const auto& messages = std::get<Generate>(query.request).messages;
    ASSERT_EQ(messages.size(), 2u);
    EXPECT_EQ(messages[0].role, "system");
    EXPECT_EQ(messages[0].content, "Be kind");
  }
  EXPECT_EQ(model->deviations(), (std::vector<std::string>{"system=\"Be kind\" instead of no system message"}));
  Generate raw;
  raw.prompt = "Once";
  ASSERT_TRUE(run_alone(model->answer({raw, {}, {}})));
  EXPECT_EQ(std::get<Generate>(inner.queries[2].request).prompt, "Once");
  EXPECT_EQ(model->render(g)->text, "system:Be kind;user:hello;");
}

TEST(Configured, OtherRequestsPassUnchanged) {
  ScriptedModel inner;
  inner.departs = {"temperature is not accepted by m"};
  auto model = configured(inner, "openai:m?temperature=0.7");
  LoglikelihoodGroup group;
  group.items = {{"a", "b"}};
  ASSERT_TRUE(run_alone(model->answer({group, {}, {}})));
  EXPECT_EQ(canonical_json(inner.queries[0].request), canonical_json(Request(group)));
  EXPECT_EQ(model->deviations(), (std::vector<std::string>{"temperature is not accepted by m"}));
  EXPECT_EQ(run_alone(model->identify())->label, "m");
  EXPECT_TRUE(model->capabilities().chat);
  EXPECT_TRUE(model->facts().contains("fact"));
}

TEST(Configured, EveryOverrideReachesTheRequest) {
  ScriptedModel inner;
  auto model = configured(inner, "openai:m?min_p=0.1&top_k=40&seed=-3&stop=%0AEnd&timeout=5&rpm=10");
  ASSERT_TRUE(run_alone(model->answer(chat(0))));
  const auto& s = std::get<Generate>(inner.queries[0].request).sampling;
  EXPECT_EQ(s.min_p, 0.1);
  EXPECT_EQ(s.top_k, 40);
  EXPECT_EQ(s.seed, -3);
  EXPECT_EQ(s.stop, (std::vector<std::string>{"\nEnd"}));
  EXPECT_EQ(s.temperature, 0.0);
  EXPECT_EQ(model->deviations().size(), 4u);  // limits are no deviations
}

TEST(Configured, ValuesThatAreNoNumbersAreRefused) {
  ScriptedModel inner;
  ModelSpec spec;
  spec.backend = "openai";
  spec.settings = {{"top_k", "many"}};
  auto refused = make_configured(inner, spec);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::usage);
  spec.settings = {{"temperature", "warm"}};
  EXPECT_FALSE(make_configured(inner, spec));
}

TEST(Configured, ABaselinesSeedIsNoOverride) {
  ScriptedModel inner;
  auto model = configured(inner, "baseline:random?seed=4");
  ASSERT_TRUE(run_alone(model->answer(chat(0))));
  EXPECT_FALSE(std::get<Generate>(inner.queries[0].request).sampling.seed);
  EXPECT_TRUE(model->deviations().empty());
}

}  // namespace
}  // namespace assay
