// A thinking budget in Anthropic's dialect: on top of the answer's tokens, and without the parameters that the API refuses beside
// it.
#include <gtest/gtest.h>

#include "model/http/anthropic.h"
#include "model/http/curl_transport.h"
#include "support/loop.h"
#include "support/simulator.h"

namespace assay {
namespace {

json::value body_sent(json::object extra, std::vector<std::string>* deviations = nullptr) {
  test::Loop loop;
  test::Simulator simulator;
  auto transport = make_curl_transport(loop.executor());
  HttpModelOptions options;
  options.base = simulator.url();
  options.model = "sim";
  options.extra = std::move(extra);
  auto model = make_anthropic_model(options, *transport, system_clock());
  Query query = test::question("q");
  auto& sampling = std::get<Generate>(query.request).sampling;
  sampling.max_tokens = 60;
  sampling.temperature = 0.01;
  sampling.top_p = 0.9;
  EXPECT_TRUE(loop.run(model->answer(std::move(query))));
  if (deviations) *deviations = model->deviations();
  return simulator.recorded().at(0).json();
}

TEST(AnthropicThinking, TheBudgetComesOnTopAndSamplingIsLeftOut) {
  std::vector<std::string> deviations;
  json::value body = body_sent({{"thinking", json::object{{"type", "enabled"}, {"budget_tokens", 2048}}}}, &deviations);
  EXPECT_EQ(body.at("max_tokens"), 2108);
  EXPECT_EQ(body.at("thinking").at("budget_tokens"), 2048);
  EXPECT_FALSE(body.as_object().contains("temperature"));
  EXPECT_FALSE(body.as_object().contains("top_p"));
  EXPECT_EQ(deviations.size(), 2u);
}

TEST(AnthropicThinking, DisabledChangesNothingElse) {
  json::value body = body_sent({{"thinking", json::object{{"type", "disabled"}}}});
  EXPECT_EQ(body.at("max_tokens"), 60);
  EXPECT_TRUE(body.as_object().contains("temperature"));
  EXPECT_EQ(body.at("thinking").at("type"), "disabled");
}

}  // namespace
}  // namespace assay
