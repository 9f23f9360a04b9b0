// The layers together over real sockets: retrying(limited(backend)) against a provider that misbehaves.
#include <gtest/gtest.h>

#include "model/http/curl_transport.h"
#include "model/http/openai.h"
#include "model/limited.h"
#include "model/retrying.h"
#include "support/loop.h"
#include "support/patience.h"
#include "support/simulator.h"

namespace assay {
namespace {

using namespace std::chrono_literals;
using test::SimulatedReply;
using test::SimulatedRequest;
using Fault = SimulatedReply::Fault;

/// Over both ways to speak plain HTTP: libcurl's and our own.
struct StackTest : testing::TestWithParam<bool> {
  void build() {
    OpenAiOptions options;
    options.base = simulator.url();
    options.model = "sim";
    options.timeout = test::patient(5s);
    options.hints = std::make_shared<RateHints>();
    backend = make_openai_model(options, *transport, timer->clock());
    limited = make_limited(*backend, *timer, {.start = 8, .max_in_flight = 32, .hints = options.hints});
    retry.first_wait = 1ms;
    model = make_retrying(*limited, *timer, random, retry);
  }
  std::vector<std::optional<Result<Response>>> ask(std::size_t n) {
    build();
    std::vector<std::optional<Result<Response>>> answers(n);
    for (std::size_t i = 0; i < n; ++i)
      loop.start(test::answer_into(*model, test::question("q" + std::to_string(i) + "."), answers[i]));
    loop.finish();
    return answers;
  }
  test::Loop loop;
  test::Simulator simulator;
  std::unique_ptr<Timer> timer = make_timer();
  Random random{7};
  RetryOptions retry;
  std::unique_ptr<Transport> transport = make_curl_transport(loop.executor(), {.plain = GetParam()});
  std::unique_ptr<Model> backend, limited, model;
};
INSTANTIATE_TEST_SUITE_P(Ways, StackTest, testing::Bool(), [](const auto& way) { return way.param ? "plain" : "libcurl"; });

TEST_P(StackTest, NothingIsLostAmongFaults) {
  // Every question's first request fails in one way or another; its second one is answered.
  auto seen = std::make_shared<std::map<std::string, int>>();
  simulator.otherwise([seen](const SimulatedRequest& request) {
    if ((*seen)[request.prompt]++ > 0) return SimulatedReply::says("answer to " + request.prompt);
    switch (request.prompt.size() > 2 ? request.prompt[request.prompt.size() - 2] : '0') {
      case '0':
        return SimulatedReply::fails(Fault::reset_inside);
      case '1':
        return SimulatedReply::answers(500, "oops");
      case '2':
        return SimulatedReply::answers(429, R"({"error":{"message":"slow"}})", {{"retry-after-ms", "2"}});
      case '3':
        return SimulatedReply::fails(Fault::close_inside);
      case '4':
        return SimulatedReply::answers(200, R"({"choices":[{"mes)");
      case '5':
        return SimulatedReply::answers(529, "overloaded");
      default:
        return SimulatedReply::says("answer to " + request.prompt);
    }
  });
  auto answers = ask(300);
  for (std::size_t i = 0; i < answers.size(); ++i) {
    ASSERT_TRUE(answers[i]);
    ASSERT_TRUE(*answers[i]) << i << ": " << to_string(answers[i]->error());
    EXPECT_EQ((*answers[i])->text, "answer to q" + std::to_string(i) + ".");
  }
  EXPECT_EQ(simulator.requests(), 300u + 180u);
  EXPECT_LE(simulator.peak_in_flight(), 32u);
}

TEST_P(StackTest, AWrongKeyStopsEverythingAtOnce) {
  SimulatedReply no = SimulatedReply::answers(401, R"({"error":{"message":"wrong key"}})");
  no.delay = 5ms;
  simulator.otherwise(no);
  auto answers = ask(500);
  for (auto& answer : answers) EXPECT_EQ(answer->error().kind, ErrorKind::auth);
  EXPECT_LE(simulator.requests(), 8u);
}

TEST_P(StackTest, CancellationFromAboveEndsEveryLayer) {
  simulator.otherwise(SimulatedReply::fails(Fault::hang));
  build();
  std::vector<std::optional<Result<Response>>> answers(40);  // eight hang, the rest waits in line
  std::vector<std::size_t> jobs;
  for (auto& answer : answers) jobs.push_back(loop.start(test::answer_into(*model, test::question("x"), answer)));
  auto begin = std::chrono::steady_clock::now();
  while (simulator.requests() < 8 && std::chrono::steady_clock::now() - begin < test::patient(10s)) loop.poll();
  for (std::size_t job : jobs) loop.cancel(job);
  loop.finish();
  for (auto& answer : answers) {
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->error().kind, ErrorKind::cancelled);
  }
  EXPECT_EQ(simulator.requests(), 8u);
}

}  // namespace
}  // namespace assay
