// The real transport against the simulator: what arrives, what every fault becomes, cancellation, limits.
#include "model/http/curl_transport.h"

#include <gtest/gtest.h>
#include <netdb.h>
#include <sys/resource.h>
#include <unistd.h>

#include <boost/asio/this_coro.hpp>
#include <cstdlib>

#include "base/async/event.h"
#include "model/http/url.h"
#include "support/loop.h"
#include "support/patience.h"
#include "support/simulator.h"

namespace assay {
namespace {

using namespace std::chrono_literals;
using test::Loop;
using test::SimulatedReply;
using test::SimulatedRequest;
using test::Simulator;
using Fault = SimulatedReply::Fault;

HttpRequest post(const Simulator& simulator, std::string prompt) {
  HttpRequest request;
  request.url = simulator.url() + "/chat/completions";
  request.headers.push_back({"Content-Type", "application/json"});
  request.body = write_json(json::object{{"messages", json::array{json::object{{"role", "user"}, {"content", prompt}}}}});
  request.timeout = test::patient(5s);
  return request;
}

/// Each over both ways to speak plain HTTP: libcurl's and our own.
struct CurlTransportTest : testing::TestWithParam<bool> {
  Result<HttpResponse> send(HttpRequest request) { return loop.run(transport->send(std::move(request))); }
  Loop loop;
  Simulator simulator;
  std::unique_ptr<Transport> transport = make_curl_transport(loop.executor(), {.plain = GetParam()});
};
INSTANTIATE_TEST_SUITE_P(Ways, CurlTransportTest, testing::Bool(), [](const auto& way) { return way.param ? "plain" : "libcurl"; });

TEST_P(CurlTransportTest, CarriesMethodHeadersSecretAndBody) {
  simulator.otherwise(SimulatedReply::answers(201, "created", {{"X-Two", "a"}, {"X-Two", "b"}, {"Content-Type", "text/plain"}}));
  HttpRequest request = post(simulator, "ünï");
  request.headers.push_back({"Authorization", "Bearer ", Secret("s3cret")});
  request.headers.push_back({"X-Empty", ""});
  auto response = send(request);
  ASSERT_TRUE(response) << to_string(response.error());
  EXPECT_EQ(response->status, 201);
  EXPECT_EQ(response->body, "created");
  EXPECT_EQ(response->header("x-two"), "a");
  EXPECT_EQ(response->header("content-type"), "text/plain");
  EXPECT_EQ(response->header("nowhere"), "");
  EXPECT_GT(response->seconds, 0);
  auto seen = simulator.recorded();
  ASSERT_EQ(seen.size(), 1u);
  EXPECT_EQ(seen[0].method, "POST");
  EXPECT_EQ(seen[0].target, "/v1/chat/completions");
  EXPECT_EQ(seen[0].header("authorization"), "Bearer s3cret");
  EXPECT_EQ(seen[0].header("expect"), "");
  EXPECT_EQ(seen[0].prompt, "ünï");
  bool empty_header = false;
  for (const auto& [name, value] : seen[0].headers) empty_header = empty_header || (name == "x-empty" && value.empty());
  EXPECT_TRUE(empty_header);
}

TEST_P(CurlTransportTest, GetsAndDoesNotFollowRedirectsUnlessAsked) {
  simulator.serve("/here", SimulatedReply::answers(302, "moved", {{"Location", simulator.root() + "/there"}}));
  simulator.serve("/there", SimulatedReply::answers(200, "arrived"));
  HttpRequest request;
  request.method = "GET";
  request.url = simulator.root() + "/here";
  auto response = send(request);
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 302);
  request.follow_redirects = true;
  response = send(request);
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 200);
  EXPECT_EQ(response->body, "arrived");
  request.headers.push_back({"x-api-key", "", Secret("abcd")});  // a secret is not carried elsewhere
  response = send(request);
  ASSERT_TRUE(response);
  EXPECT_EQ(response->status, 302);
}

TEST_P(CurlTransportTest, ReusesConnections) {
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(send(post(simulator, "x")));
  EXPECT_EQ(simulator.connections(), 1u);
}

// libcurl looks names up in a thread that tells of its end through a socket, which it closes itself: the connection's own has that number next.
TEST_P(CurlTransportTest, AfterANameWasLookedUpAnswersAreHeardWhenTheyCome) {
  SimulatedReply late = SimulatedReply::says("late");
  late.delay = 50ms;
  simulator.otherwise(late);
  char name[256] = "";
  gethostname(name, sizeof name - 1);
  hostent* found = gethostbyname(name);
  const bool here = found && found->h_addrtype == AF_INET && std::string_view(found->h_addr_list[0], 4) == std::string_view("\x7f\0\0\1", 4);
  for (int i = 0; i < 3; ++i) {
    const std::string place = simulator.url().substr(simulator.url().rfind(':')) + "/chat/completions";
    HttpRequest nowhere = post(simulator, "x");
    nowhere.url = "http://name.invalid" + place;
    EXPECT_FALSE(send(std::move(nowhere)));
    auto response = send(post(simulator, "by number"));
    ASSERT_TRUE(response) << to_string(response.error());
    if (!here) continue;
    HttpRequest named = post(simulator, "by name");
    named.url = "http://" + std::string(name) + place;
    response = send(std::move(named));
    ASSERT_TRUE(response) << to_string(response.error());
  }
}

TEST_P(CurlTransportTest, EveryFaultIsItsOwnKindOfError) {
  simulator.on("reset me", {SimulatedReply::fails(Fault::reset)});
  simulator.on("half reset", {SimulatedReply::fails(Fault::reset_inside)});
  simulator.on("half closed", {SimulatedReply::fails(Fault::close_inside)});
  simulator.on("hang", {SimulatedReply::fails(Fault::hang)});
  SimulatedReply garbage = SimulatedReply::fails(Fault::raw);
  garbage.body = "\x16\x03\x01 this is not HTTP\r\n\r\n";
  simulator.on("garbage", {garbage});
  for (const char* prompt : {"reset me", "half reset", "half closed"}) {
    auto response = send(post(simulator, prompt));
    ASSERT_FALSE(response) << prompt;
    EXPECT_EQ(response.error().kind, ErrorKind::network) << prompt << ": " << response.error().message;
    EXPECT_NE(response.error().message.find("POST " + simulator.url() + "/chat/completions failed: "), std::string::npos)
        << response.error().message;
  }
  HttpRequest slow = post(simulator, "hang");
  slow.timeout = 30ms;
  auto late = send(slow);
  ASSERT_FALSE(late);
  EXPECT_EQ(late.error().kind, ErrorKind::timeout) << late.error().message;
  auto bad = send(post(simulator, "garbage"));
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().kind, ErrorKind::bad_response) << bad.error().message;
}

TEST_P(CurlTransportTest, TimesOutInMidAnswerToo) {
  SimulatedReply drip = SimulatedReply::says(std::string(4000, 'x'));
  drip.drip = 1;
  simulator.otherwise(drip);
  HttpRequest request = post(simulator, "drip");
  request.timeout = 50ms;
  auto response = send(request);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::timeout);
}

TEST_P(CurlTransportTest, SlowPiecesMakeAWhole) {
  SimulatedReply drip = SimulatedReply::answers(200, std::string(100, 'y'));
  drip.drip = 37;
  drip.drip_every = 1ms;
  simulator.otherwise(drip);
  auto response = send(post(simulator, "drip"));
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body, std::string(100, 'y'));
}

TEST_P(CurlTransportTest, RefusedConnectionSaysWhatWasTriedWithoutCredentials) {
  HttpRequest request;
  request.method = "GET";
  request.url = "http://user:hunter2@127.0.0.1:1/v1/models?key=topsecret#x";
  auto response = send(request);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::network);
  EXPECT_NE(response.error().message.find("GET http://127.0.0.1:1/v1/models failed: "), std::string::npos)
      << response.error().message;
  std::string all = to_string(response.error());
  EXPECT_EQ(all.find("hunter2"), std::string::npos);
  EXPECT_EQ(all.find("topsecret"), std::string::npos);
  EXPECT_FALSE(response.error().hint.empty());
}

TEST_P(CurlTransportTest, AnswersLongerThanAllowedAreRefused) {
  simulator.otherwise(SimulatedReply::answers(200, std::string(5000, 'z')));
  HttpRequest request = post(simulator, "long");
  request.max_body = 4999;
  auto response = send(request);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::bad_response);
  request.max_body = 5000;
  response = send(request);
  ASSERT_TRUE(response);
  EXPECT_EQ(response->body.size(), 5000u);
}

TEST_P(CurlTransportTest, ASinkTakesTheBodyAndMayStopIt) {
  simulator.serve("/file", SimulatedReply::answers(200, std::string(300'000, 'f')));
  HttpRequest request;
  request.method = "GET";
  request.url = simulator.root() + "/file";
  request.max_body = 10;  // not what bounds a sink
  std::size_t got = 0;
  request.sink = [&](std::string_view piece) { return (got += piece.size()) > 0; };
  auto response = send(request);
  ASSERT_TRUE(response);
  EXPECT_EQ(got, 300'000u);
  EXPECT_TRUE(response->body.empty());
  request.sink = [](std::string_view) { return false; };
  response = send(request);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::io);
}

TEST_P(CurlTransportTest, HeadersCannotSmuggleLines) {
  HttpRequest request = post(simulator, "x");
  request.headers.push_back({"X-Bad", "a\r\nX-Injected: b"});
  auto response = send(request);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::usage);
  request = post(simulator, "x");
  request.headers.push_back({"Authorization", "Bearer ", Secret("key\n")});
  response = send(request);
  ASSERT_FALSE(response);
  EXPECT_EQ(to_string(response.error()).find("key\n"), std::string::npos);
  EXPECT_EQ(simulator.requests(), 0u);
}

TEST_P(CurlTransportTest, CancellationReachesCurl) {
  simulator.on("hang", {SimulatedReply::fails(Fault::hang)});
  std::optional<Result<HttpResponse>> hanging, quick;
  HttpRequest request = post(simulator, "hang");
  request.timeout = test::patient(60s);  // the test would be killed before
  std::size_t job = loop.start(test::send_into(*transport, request, hanging));
  auto begin = std::chrono::steady_clock::now();
  while (simulator.requests() == 0) {
    loop.poll();
    ASSERT_LT(std::chrono::steady_clock::now() - begin, test::patient(10s));
  }
  loop.cancel(job);
  loop.finish();
  ASSERT_TRUE(hanging);
  ASSERT_FALSE(*hanging);
  EXPECT_EQ(hanging->error().kind, ErrorKind::cancelled);
  EXPECT_TRUE(send(post(simulator, "next")));  // the transport is as good as before
}

Task<void> wait_then_send(Event& event, Transport& transport, HttpRequest request, std::optional<Result<HttpResponse>>& out) {
  co_await asio::this_coro::throw_if_cancelled(false);
  co_await event.wait();
  out = co_await transport.send(std::move(request));
}

TEST_P(CurlTransportTest, WhoWasCancelledBeforeSendsNothing) {
  simulator.otherwise(SimulatedReply::says("paid"));
  Event never(loop.executor());
  std::optional<Result<HttpResponse>> out;
  std::size_t job = loop.start(wait_then_send(never, *transport, post(simulator, "late"), out));
  loop.poll();
  loop.cancel(job);
  loop.finish();
  ASSERT_TRUE(out);
  ASSERT_FALSE(*out);
  EXPECT_EQ(out->error().kind, ErrorKind::cancelled);
  EXPECT_EQ(simulator.requests(), 0u);
}

TEST_P(CurlTransportTest, AFrameMayOutliveTheTransport) {
  simulator.on("hang", {SimulatedReply::fails(Fault::hang)});
  std::optional<Result<HttpResponse>> never;
  loop.start(test::send_into(*transport, post(simulator, "hang"), never));
  loop.poll();
  transport.reset();  // the loop, with the frame in it, is destroyed after
  EXPECT_FALSE(never);
}

class CurlTransport : public testing::TestWithParam<bool> {};
INSTANTIATE_TEST_SUITE_P(Ways, CurlTransport, testing::Bool(), [](const auto& way) { return way.param ? "plain" : "libcurl"; });

TEST_P(CurlTransport, WaitsInLineForAPlace) {
  Loop loop;
  Simulator simulator;
  SimulatedReply slow = SimulatedReply::says("ok");
  slow.delay = 2ms;
  simulator.otherwise(slow);
  CurlOptions options;
  options.plain = GetParam();
  options.max_in_flight = 3;
  auto transport = make_curl_transport(loop.executor(), options);
  std::vector<std::optional<Result<HttpResponse>>> answers(20);
  for (auto& answer : answers) loop.start(test::send_into(*transport, post(simulator, "x"), answer));
  std::optional<Result<HttpResponse>> dropped;
  std::size_t waiting = loop.start(test::send_into(*transport, post(simulator, "never sent"), dropped));
  loop.poll();
  loop.cancel(waiting);
  loop.finish();
  for (auto& answer : answers) {
    ASSERT_TRUE(answer);
    EXPECT_TRUE(*answer);
  }
  ASSERT_TRUE(dropped);
  EXPECT_EQ(dropped->error().kind, ErrorKind::cancelled);
  EXPECT_EQ(simulator.requests("never sent"), 0u);
  EXPECT_LE(simulator.peak_in_flight(), 3u);
  EXPECT_EQ(simulator.connections(), 3u);
}

TEST_P(CurlTransport, AThousandAtOnce) {
  rlimit files{};
  getrlimit(RLIMIT_NOFILE, &files);
  files.rlim_cur = std::min<rlim_t>(files.rlim_max, 8192);
  setrlimit(RLIMIT_NOFILE, &files);
  if (files.rlim_cur < 2200) GTEST_SKIP() << "only " << files.rlim_cur << " open files are allowed here";
  Loop loop;
  Simulator simulator;
  SimulatedReply slow = SimulatedReply::says("ok");
  slow.delay = 20ms;
  simulator.otherwise(slow);
  auto transport = make_curl_transport(loop.executor(), {.plain = GetParam()});
  std::vector<std::optional<Result<HttpResponse>>> answers(3000);
  for (auto& answer : answers) loop.start(test::send_into(*transport, post(simulator, "x"), answer));
  loop.finish();
  for (auto& answer : answers) {
    ASSERT_TRUE(answer);
    ASSERT_TRUE(*answer) << to_string(answer->error());
    EXPECT_EQ((*answer)->status, 200);
  }
  EXPECT_LE(simulator.connections(), 1024u);
}

TEST_P(CurlTransport, OfflineRefusesEverythingButLoopback) {
  Loop loop;
  Simulator simulator;
  CurlOptions options;
  options.plain = GetParam();
  options.offline = true;
  auto transport = make_curl_transport(loop.executor(), options);
  auto get = [&](std::string url, bool follow = false) {
    HttpRequest request;
    request.method = "GET";
    request.url = std::move(url);
    request.follow_redirects = follow;
    request.timeout = test::patient(5s);
    return loop.run(transport->send(std::move(request)));
  };
  for (const char* url : {"http://192.0.2.1/", "https://example.org/v1", "http://127.0.0.1.example.org/",
                          "http://localhost.example.org/", "http://[2001:db8::1]/", "http://128.0.0.1/", "http://0.0.0.0/"}) {
    auto response = get(url);
    ASSERT_FALSE(response) << url;
    EXPECT_EQ(response.error().kind, ErrorKind::usage) << url;
    EXPECT_NE(response.error().message.find("--offline"), std::string::npos) << response.error().message;
  }
  EXPECT_TRUE(get(simulator.url() + "/models"));
  std::string port = simulator.root().substr(simulator.root().rfind(':'));
  EXPECT_TRUE(get("http://localhost" + port + "/v1/models"));
  EXPECT_TRUE(get("http://127.1" + port + "/v1/models"));
  // A redirect cannot lead out either: the address is checked when the socket is opened.
  simulator.serve("/out", SimulatedReply::answers(302, "", {{"Location", "http://192.0.2.1/"}}));
  auto response = get(simulator.root() + "/out", true);
  ASSERT_FALSE(response);
  EXPECT_EQ(response.error().kind, ErrorKind::usage) << response.error().message;
}

TEST_P(CurlTransport, ProxiesOfTheEnvironmentAreNotRead) {
  setenv("http_proxy", "http://127.0.0.1:1", 1);
  setenv("ALL_PROXY", "http://127.0.0.1:1", 1);
  {
    Loop loop;
    Simulator simulator;
    auto direct = make_curl_transport(loop.executor(), {.plain = GetParam()});
    HttpRequest request = post(simulator, "x");
    EXPECT_TRUE(loop.run(direct->send(request)));
    CurlOptions options;
    options.plain = GetParam();
    options.proxy = "http://127.0.0.1:1";
    auto proxied = make_curl_transport(loop.executor(), options);
    EXPECT_FALSE(loop.run(proxied->send(request)));
  }
  unsetenv("http_proxy");
  unsetenv("ALL_PROXY");
}

TEST(Url, IsTakenApartAndShownWithoutSecrets) {
  auto url = parse_url("https://me:pw@Example.org:8443/a/b?key=1#f");
  ASSERT_TRUE(url);
  EXPECT_EQ(url->shown, "https://Example.org:8443/a/b");
  EXPECT_TRUE(url->tls);
  EXPECT_FALSE(url->loopback);
  for (const char* loopback :
       {"http://localhost/", "http://LOCALHOST:80/x", "http://127.0.0.1/", "http://127.255.3.4:9/", "http://[::1]:8080/"}) {
    auto parsed = parse_url(loopback);
    ASSERT_TRUE(parsed) << loopback;
    EXPECT_TRUE(parsed->loopback) << loopback;
  }
  for (const char* wrong : {"", "ftp://127.0.0.1/", "file:///etc/passwd", "http://", "no url at all", "http://a:b:c/"})
    EXPECT_FALSE(parse_url(wrong)) << wrong;
  EXPECT_EQ(shown_url("http://u:p@h/x?y"), "http://h/x");
}

}  // namespace
}  // namespace assay
