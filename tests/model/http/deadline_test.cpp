// The deadline of a request with all its attempts, through the layers, in virtual time: each attempt on the wire may take what is
// left, not what an attempt may take by itself.
#include <gtest/gtest.h>

#include "model/http/anthropic.h"
#include "model/http/openai.h"
#include "model/limited.h"
#include "model/retrying.h"
#include "support/loop.h"

namespace assay {
namespace {

using namespace std::chrono_literals;

/// A server that takes as long as it likes; the transport's time-outs are kept as the real one keeps them.
class SlowTransport final : public Transport {
 public:
  explicit SlowTransport(Timer& timer) : timer_(timer) {}
  std::function<std::pair<Duration, int>(std::size_t number)> answer;  // after how long, with which status
  std::vector<Duration> timeouts;

  Async<HttpResponse> send(HttpRequest request) override {
    auto [takes, status] = answer(timeouts.size());
    timeouts.push_back(request.timeout);
    co_await timer_.sleep(std::min(takes, request.timeout));
    if (takes >= request.timeout) co_return fail(ErrorKind::timeout, "POST failed: no answer in time");
    HttpResponse response;
    response.status = status;
    response.body = status == 200 ? R"({"choices":[{"message":{"content":"fine"},"finish_reason":"stop"}],
                                        "content":[{"type":"text","text":"fine"}],"stop_reason":"end_turn"})"
                    : status == 400 ? R"({"error":{"message":"Unsupported parameter: temperature","param":"temperature"}})"
                                    : "busy";
    co_return response;
  }

 private:
  Timer& timer_;
};

struct DeadlineTest : testing::TestWithParam<const char*> {
  Result<Response> ask(RetryOptions retry, Duration timeout) {
    HttpModelOptions options;
    options.base = "http://127.0.0.1:1";
    options.model = "m";
    options.timeout = timeout;
    OpenAiOptions openai;
    static_cast<HttpModelOptions&>(openai) = options;
    auto backend = std::string_view(GetParam()) == "openai" ? make_openai_model(openai, transport, timer.clock())
                                                            : make_anthropic_model(options, transport, timer.clock());
    auto limited = make_limited(*backend, timer, {});
    auto model = make_retrying(*limited, timer, random, std::move(retry));
    Query query = test::question("how are you?");
    std::get<Generate>(query.request).sampling.temperature = 0.5;
    begin = timer.clock().now();
    return loop.run(model->answer(std::move(query)));
  }
  Duration passed() { return timer.clock().now() - begin; }

  test::Loop loop;
  VirtualTimer timer;
  Random random{3};
  SlowTransport transport{timer};
  Instant begin;
};

TEST_P(DeadlineTest, AnAttemptUnderWayEndsWithTheRequest) {
  transport.answer = [](std::size_t) { return std::pair(Duration(1h), 200); };
  auto r = ask({.total = 60s}, 600s);
  ASSERT_FALSE(r);
  EXPECT_EQ(r.error().kind, ErrorKind::timeout);
  EXPECT_EQ(passed(), Duration(60s));
  EXPECT_EQ(transport.timeouts, std::vector<Duration>{60s});
  EXPECT_NE(r.error().message.find("total_timeout"), std::string::npos) << r.error().message;
}

TEST_P(DeadlineTest, ALaterAttemptGetsWhatIsLeft) {
  transport.answer = [](std::size_t number) { return number < 2 ? std::pair(Duration(20s), 500) : std::pair(Duration(1h), 200); };
  auto r = ask({.total = 60s}, 600s);
  ASSERT_FALSE(r);
  EXPECT_EQ(passed(), Duration(60s));
  ASSERT_EQ(transport.timeouts.size(), 3u);
  EXPECT_EQ(transport.timeouts[0], Duration(60s));
  EXPECT_LE(transport.timeouts[1], Duration(40s));
  EXPECT_GE(transport.timeouts[1], Duration(38s));
  EXPECT_LE(transport.timeouts[2], Duration(20s));
  EXPECT_GT(transport.timeouts[2], Duration(15s));
}

TEST_P(DeadlineTest, AnAttemptsOwnTimeOutStaysWhereItIsShorter) {
  transport.answer = [](std::size_t number) { return number == 0 ? std::pair(Duration(1h), 200) : std::pair(Duration(1s), 200); };
  auto r = ask({.total = 60s}, 10s);
  ASSERT_TRUE(r) << to_string(r.error());
  EXPECT_EQ(r->text, "fine");
  EXPECT_EQ(transport.timeouts, (std::vector<Duration>{10s, 10s}));
}

TEST_P(DeadlineTest, LessonsAreTakenWithinTheSameTime) {
  // A 400 that names a parameter is asked again without it inside one attempt.
  transport.answer = [](std::size_t number) { return number == 0 ? std::pair(Duration(45s), 400) : std::pair(Duration(1h), 200); };
  auto r = ask({.total = 60s}, 600s);
  ASSERT_FALSE(r);
  EXPECT_EQ(transport.timeouts, (std::vector<Duration>{60s, 15s}));
  EXPECT_EQ(passed(), Duration(60s));
}

TEST_P(DeadlineTest, WithoutATotalNothingIsShortened) {
  transport.answer = [](std::size_t) { return std::pair(Duration(1h), 200); };
  auto r = ask({.attempts = 1, .total = Duration::zero()}, 600s);
  ASSERT_FALSE(r);
  EXPECT_EQ(transport.timeouts, std::vector<Duration>{600s});
  EXPECT_EQ(r.error().message.find("total_timeout"), std::string::npos);
}

INSTANTIATE_TEST_SUITE_P(Dialects, DeadlineTest, testing::Values("openai", "anthropic"),
                         [](const auto& name) { return std::string(name.param); });

}  // namespace
}  // namespace assay
