// The two ways to speak plain HTTP beside each other, on answers that no well-behaved server sends; and what is the own way's
// alone: which requests it takes, connections that are closed while nobody uses them, localhost's two addresses, large bodies.
#include <gtest/gtest.h>
#include <sys/socket.h>

#include "model/http/curl_transport.h"
#include "model/http/http_answer.h"
#include "model/http/plain_route.h"
#include "support/loop.h"
#include "support/patience.h"
#include "support/raw_server.h"

namespace assay {
namespace {

using namespace std::chrono_literals;
using test::RawReply;
using test::RawServer;
using Then = RawReply::Then;

HttpRequest post(const std::string& url, std::string body = "{}") {
  HttpRequest request;
  request.url = url;
  request.headers.push_back({"Content-Type", "application/json"});
  request.body = std::move(body);
  request.timeout = test::patient(5s);
  return request;
}

std::string root(const RawServer& server) {
  return "http://127.0.0.1:" + std::to_string(server.port()) + "/";
}

/// "200 body" or "!kind".
std::string told(const Result<HttpResponse>& response) {
  if (!response) return "!" + std::string(name(response.error().kind));
  return std::to_string(response->status) + " " +
         (response->body.size() > 40 ? std::to_string(response->body.size()) + " bytes" : response->body);
}

struct Row {
  const char* what;
  std::vector<std::string> pieces;
  Then then;
  std::string libcurl, plain;
};

const std::string kOk = "HTTP/1.1 200 OK\r\n";

std::vector<Row> rows() {
  auto row = [](const char* what, std::vector<std::string> pieces, Then then, std::string both) {
    return Row{what, std::move(pieces), then, both, both};
  };
  std::vector<Row> out{
      row("a length", {kOk + "Content-Length: 5\r\n\r\nhello"}, Then::keep, "200 hello"),
      row("byte by byte", {"H", "TTP/1.", "1 20", "0 O", "K\r", "\nContent-Le", "ngth: 5\r\n", "\r", "\nh", "ell", "o"},
          Then::keep, "200 hello"),
      row("no length, closed", {kOk + "\r\nhello"}, Then::close, "200 hello"),
      row("no length, reset", {kOk + "\r\nhello"}, Then::reset, "!network"),
      row("HTTP/1.0", {"HTTP/1.0 200 OK\r\n\r\nhello"}, Then::close, "200 hello"),
      row("HTTP/1.0 with a length", {"HTTP/1.0 200 OK\r\nContent-Length: 5\r\n\r\nhello"}, Then::close, "200 hello"),
      row("no reason", {"HTTP/1.1 200\r\nContent-Length: 5\r\n\r\nhello"}, Then::keep, "200 hello"),
      row("chunks", {kOk + "Transfer-Encoding: chunked\r\n\r\n3\r\nhel\r\n2;x=y\r\nlo\r\n0\r\n\r\n"}, Then::keep, "200 hello"),
      row("chunks in pieces",
          {kOk + "Transfer-Encoding: chunked\r\n\r\n", "3", "\r\nh", "el", "\r", "\n2", "\r\nlo\r\n0\r", "\n\r", "\n"},
          Then::keep, "200 hello"),
      row("chunks with a trailer", {kOk + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\nX-After: 1\r\n\r\n"}, Then::keep,
          "200 hello"),
      row("chunks cut", {kOk + "Transfer-Encoding: chunked\r\n\r\n5\r\nhel"}, Then::close, "!network"),
      row("chunks without their end", {kOk + "Transfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n"}, Then::close, "!network"),
      row("an event stream",
          {kOk + "Content-Type: text/event-stream\r\nTransfer-Encoding: chunked\r\n\r\n", "9\r\ndata: 1\n\n\r\n",
           "9\r\ndata: 2\n\n\r\n", "0\r\n\r\n"},
          Then::keep, "200 data: 1\n\ndata: 2\n\n"),
      row("no content", {"HTTP/1.1 204 No Content\r\n\r\n"}, Then::keep, "204 "),
      row("not modified, with a length", {"HTTP/1.1 304 Not Modified\r\nContent-Length: 10\r\n\r\n"}, Then::keep, "304 "),
      row("continue first", {"HTTP/1.1 100 Continue\r\n\r\n", kOk + "Content-Length: 5\r\n\r\nhello"}, Then::keep, "200 hello"),
      row("early hints in one piece", {"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" + kOk + "Content-Length: 5\r\n\r\nhello"},
          Then::keep, "200 hello"),
      row("more than was announced", {kOk + "Content-Length: 5\r\n\r\nhello and more"}, Then::keep, "200 hello"),
      row("less than was announced", {kOk + "Content-Length: 50\r\n\r\nhello"}, Then::close, "!network"),
      row("nothing", {}, Then::close, "!network"),
      row("a reset", {}, Then::reset, "!network"),
      row("half a status line", {"HTTP/1.1 20"}, Then::close, "!network"),
      row("a length twice, the same", {kOk + "Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello"}, Then::keep, "200 hello"),
      row("too long", {kOk + "Content-Length: 2000\r\n\r\n" + std::string(2000, 'x')}, Then::keep, "!bad_response"),
      row("too long, in chunks", {kOk + "Transfer-Encoding: chunked\r\n\r\n7d0\r\n" + std::string(2000, 'x') + "\r\n0\r\n\r\n"},
          Then::keep, "!bad_response"),
      row("as long as allowed", {kOk + "Content-Length: 1000\r\n\r\n" + std::string(1000, 'x')}, Then::keep, "200 1000 bytes"),
      row("a long header", {kOk + "X-Long: " + std::string(90'000, 'y') + "\r\nContent-Length: 5\r\n\r\nhello"}, Then::keep,
          "200 hello"),
      row("bare line feeds", {"HTTP/1.1 200 OK\nContent-Length: 5\n\nhello"}, Then::keep, "200 hello"),
      row("a length and chunks", {kOk + "Content-Length: 50\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n"},
          Then::keep, "200 hello"),
      row("an endless header", {kOk + "X-Long: " + std::string(400'000, 'y') + "\r\nContent-Length: 5\r\n\r\nhello"}, Then::keep,
          "!bad_response"),
      row("a header without a colon", {kOk + "nothing\r\nContent-Length: 5\r\n\r\nhello"}, Then::keep, "!bad_response"),
      row("a NUL in the head", {kOk + "X: a" + std::string(1, '\0') + "b\r\nContent-Length: 5\r\n\r\nhello"}, Then::keep,
          "!bad_response"),
      row("a length that is no number", {kOk + "Content-Length: five\r\n\r\nhello"}, Then::keep, "!bad_response"),
      row("a chunk size that is no number", {kOk + "Transfer-Encoding: chunked\r\n\r\nzz\r\nhello"}, Then::close, "!network"),
      row("another protocol", {"SSH-2.0-x\r\n"}, Then::close, "!bad_response"),
      row("a TLS record", {"\x16\x03\x01\x02 this is not HTTP\r\n\r\n"}, Then::close, "!bad_response"),
      row("a folded header", {kOk + "X-Two: a\r\n b\r\nContent-Length: 5\r\n\r\nhello"}, Then::keep, "200 hello"),
  };
  // libcurl takes half a head for a whole one. Either way it is asked again: an answer without a text is a bad_response.
  out.push_back({"half a head", {kOk + "Content-Le"}, Then::close, "200 ", "!network"});
  // What libcurl takes and we do not costs one attempt: then the server is libcurl's.
  out.push_back(
      {"two lengths", {kOk + "Content-Length: 9\r\nContent-Length: 5\r\n\r\nhello"}, Then::keep, "200 hello", "!bad_response"});
  return out;
}

TEST(PlainHttpRows, BothWaysTellTheSame) {
  for (const Row& row : rows()) {
    for (bool plain : {false, true}) {
      test::Loop loop;
      RawServer server([&](std::size_t, const std::string&) { return RawReply{row.pieces, row.then}; });
      auto transport = make_curl_transport(loop.executor(), {.plain = plain});
      HttpRequest request = post(root(server));
      request.max_body = 1000;
      auto response = loop.run(transport->send(request));
      EXPECT_EQ(told(response), plain ? row.plain : row.libcurl)
          << row.what << (plain ? ", plain" : ", libcurl") << (response ? "" : ": " + response.error().message);
      if (plain && row.plain == "!bad_response" && row.libcurl[0] != '!') {
        EXPECT_EQ(told(loop.run(transport->send(request))), row.libcurl) << row.what << ", again";
      }
    }
  }
}

struct PlainHttpTest : testing::TestWithParam<bool> {
  Result<HttpResponse> send(HttpRequest request) { return loop.run(transport->send(std::move(request))); }
  test::Loop loop;
  std::unique_ptr<Transport> transport = make_curl_transport(loop.executor(), {.plain = GetParam()});
};
INSTANTIATE_TEST_SUITE_P(Ways, PlainHttpTest, testing::Bool(), [](const auto& way) { return way.param ? "plain" : "libcurl"; });

RawReply hello(Then then = Then::keep) {
  return {{kOk + "Content-Length: 5\r\n\r\nhello"}, then};
}

TEST_P(PlainHttpTest, AConnectionThatWasClosedMeanwhileIsReplacedUnnoticed) {
  RawServer server([](std::size_t, const std::string&) { return hello(); });
  for (int i = 0; i < 5; ++i) {
    ASSERT_EQ(told(send(post(root(server)))), "200 hello");
    server.close_idle();
  }
  EXPECT_EQ(server.connections(), 5u);
  EXPECT_EQ(server.requests(), 5u);
}

TEST_P(PlainHttpTest, AClosedOneIsReplacedOnceAndOnlyBeforeTheFirstByte) {
  // The second request on each connection is read and then the connection ends; the first one is answered.
  RawServer server([&](std::size_t number, const std::string&) { return number == 1 ? RawReply{{}, Then::reset} : hello(); });
  ASSERT_EQ(told(send(post(root(server)))), "200 hello");
  EXPECT_EQ(told(send(post(root(server)))), "200 hello");
  EXPECT_EQ(server.connections(), 2u);
  EXPECT_EQ(server.requests(), 3u);

  RawServer half([&](std::size_t number, const std::string&) {
    return number == 1 ? RawReply{{kOk + "Content-Length: 5\r\n\r\nhe"}, Then::reset} : hello();
  });
  ASSERT_EQ(told(send(post(root(half)))), "200 hello");
  EXPECT_EQ(told(send(post(root(half)))), "!network");
  EXPECT_EQ(half.requests(), 2u);

  RawServer never([&](std::size_t number, const std::string&) { return number == 0 ? hello() : RawReply{{}, Then::close}; });
  ASSERT_EQ(told(send(post(root(never)))), "200 hello");
  EXPECT_EQ(told(send(post(root(never)))), "!network");
  EXPECT_EQ(never.requests(), 3u);
}

TEST_P(PlainHttpTest, AServerThatSaysCloseIsTakenAtItsWord) {
  RawServer server([](std::size_t, const std::string&) {
    return RawReply{{kOk + "Connection: close\r\nContent-Length: 5\r\n\r\nhello"}, Then::keep};
  });
  for (int i = 0; i < 3; ++i) ASSERT_EQ(told(send(post(root(server)))), "200 hello");
  EXPECT_EQ(server.connections(), 3u);
}

TEST_P(PlainHttpTest, BytesThatNobodyAskedForEndAConnection) {
  RawServer server([](std::size_t number, const std::string&) {
    return number == 0 ? RawReply{{kOk + "Content-Length: 5\r\n\r\nhello" + kOk + "Content-Length: 5\r\n\r\nwrong"}, Then::keep}
                       : hello();
  });
  ASSERT_EQ(told(send(post(root(server)))), "200 hello");
  EXPECT_EQ(told(send(post(root(server)))), "200 hello");
}

TEST_P(PlainHttpTest, LargeBodiesGoBothWays) {
  std::size_t got = 0;
  RawServer server([&](std::size_t, const std::string& request) {
    got = request.size();
    return RawReply{{kOk + "Content-Length: 10485760\r\n\r\n", std::string(10 << 20, 'b')}, Then::keep};
  });
  HttpRequest request = post(root(server), std::string(8 << 20, 'a'));
  request.timeout = test::patient(30s);
  auto response = send(request);
  ASSERT_TRUE(response) << response.error().message;
  EXPECT_EQ(response->body.size(), std::size_t{10} << 20);
  EXPECT_GT(got, std::size_t{8} << 20);
}

TEST_P(PlainHttpTest, AnAnswerBeforeTheRequestIsWholeCounts) {
  RawServer server([](std::size_t, const std::string&) {
    return RawReply{{"HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig"}, Then::keep};
  });
  HttpRequest request = post(root(server), std::string(32 << 20, 'a'));
  request.headers.push_back({"X-Answer", "early"});
  EXPECT_EQ(told(send(request)), "413 big");
}

TEST_P(PlainHttpTest, LocalhostIsTriedByBothItsAddresses) {
  for (int family : {AF_INET, AF_INET6}) {
    std::unique_ptr<RawServer> server;
    try {
      server = std::make_unique<RawServer>([](std::size_t, const std::string&) { return hello(); }, family);
    } catch (const std::exception&) {
      continue;  // no IPv6 here
    }
    for (int i = 0; i < 3; ++i)
      ASSERT_EQ(told(send(post("http://localhost:" + std::to_string(server->port()) + "/"))), "200 hello") << family;
    EXPECT_EQ(server->connections(), 1u);
    if (family == AF_INET6) {
      EXPECT_EQ(told(send(post("http://[::1]:" + std::to_string(server->port()) + "/"))), "200 hello");
    }
  }
}

TEST_P(PlainHttpTest, AFreshConnectionsEndIsNotTriedAgain) {
  RawServer server([](std::size_t, const std::string&) { return RawReply{{}, Then::close}; });
  EXPECT_EQ(told(send(post(root(server)))), "!network");
  EXPECT_EQ(server.requests(), 1u);
}

TEST_P(PlainHttpTest, MethodsAndTargetsArriveAsAsked) {
  std::vector<std::string> seen;
  RawServer server([&](std::size_t, const std::string& request) {
    seen.push_back(request.substr(0, request.find("\r\n")));
    if (request.starts_with("HEAD")) return RawReply{{kOk + "Content-Length: 5\r\n\r\n"}, Then::keep};
    return hello();
  });
  for (const char* method : {"GET", "HEAD", "DELETE", "PUT", "PATCH", "POST"}) {
    HttpRequest request =
        post(root(server) + "v1/x?a=b&c=%20d", std::string_view(method) == "GET" || *method == 'H' || *method == 'D' ? "" : "{}");
    request.method = method;
    EXPECT_EQ(told(send(request)), std::string_view(method) == "HEAD" ? "200 " : "200 hello") << method;
    EXPECT_EQ(seen.back(), std::string(method) + " /v1/x?a=b&c=%20d HTTP/1.1");
  }
  EXPECT_EQ(server.connections(), 1u);
  EXPECT_EQ(told(send(post("http://127.0.0.1:" + std::to_string(server.port()) + "?q=1"))), "200 hello");
  EXPECT_EQ(seen.back(), "POST /?q=1 HTTP/1.1");
}

bool goes_plain(const HttpRequest& request, const CurlOptions& options = {}) {
  auto url = parse_url(request.url);
  return url && plain_route(request, *url, options) != nullptr;
}

TEST(PlainRoute, LeavesToLibcurlWhatNeedsIt) {
  for (const char* url :
       {"http://127.0.0.1:8080/v1", "http://127.0.0.1", "http://10.1.2.3/x?y=z", "http://[::1]:1/", "http://LOCALHOST:8/"})
    EXPECT_TRUE(goes_plain(post(url))) << url;
  for (const char* url : {"https://127.0.0.1/", "http://example.org/", "http://me@127.0.0.1/", "http://me:pw@127.0.0.1/",
                          "http://localhost.example.org/"})
    EXPECT_FALSE(goes_plain(post(url))) << url;
  const HttpRequest plain = post("http://127.0.0.1/");
  EXPECT_FALSE(goes_plain(plain, {.proxy = "http://127.0.0.1:1"}));
  EXPECT_FALSE(goes_plain(plain, {.proxy = "http://127.0.0.1:1", .no_proxy = "127.0.0.1"}));  // libcurl knows what that means
  EXPECT_FALSE(goes_plain(plain, {.plain = false}));
  auto with = [&](auto change) {
    HttpRequest request = plain;
    change(request);
    return goes_plain(request);
  };
  EXPECT_FALSE(with([](HttpRequest& r) { r.follow_redirects = true; }));
  EXPECT_FALSE(with([](HttpRequest& r) { r.stall_timeout = 1s; }));
  EXPECT_FALSE(with([](HttpRequest& r) { r.headers.clear(); }));  // a body of no type: libcurl names one
  EXPECT_FALSE(with([](HttpRequest& r) { r.method = "GET /x HTTP/1.1\r\nX:"; }));
  EXPECT_FALSE(with([](HttpRequest& r) { r.headers.push_back({"bad name", "x"}); }));
  for (const char* name : {"Host", "content-length", "Transfer-Encoding", "Connection", "Expect", "User-Agent", "Accept"})
    EXPECT_FALSE(with([&](HttpRequest& r) { r.headers.push_back({name, "x"}); })) << name;
  EXPECT_TRUE(with([](HttpRequest& r) { r.headers.push_back({"Authorization", "Bearer ", Secret("k")}); }));
  EXPECT_TRUE(with([](HttpRequest& r) { r.method = "GET", r.body.clear(), r.headers.clear(); }));
}

TEST(HttpAnswer, ReadsAnyDivisionAlike) {
  const std::string whole =
      "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nX-A: 1\r\nTransfer-Encoding: "
      "chunked\r\n\r\n3\r\nabc\r\n10;e=1\r\n0123456789abcdef\r\n0\r\nX-T: 2\r\n\r\n";
  HttpAnswer answer;
  for (std::size_t first = 0; first <= whole.size(); ++first)
    for (std::size_t second = first; second <= whole.size(); second += 7) {
      answer.begin(1000, false);
      HttpAnswer::State state = HttpAnswer::State::reading;
      for (auto piece : {whole.substr(0, first), whole.substr(first, second - first), whole.substr(second)})
        if (!piece.empty()) state = answer.read(piece);
      ASSERT_EQ(state, HttpAnswer::State::done) << first << " " << second << " " << answer.why();
      EXPECT_TRUE(answer.keep_alive());
      EXPECT_EQ(answer.response().body, "abc0123456789abcdef");
      EXPECT_EQ(answer.response().header("x-a"), "1");
    }
}

TEST(HttpAnswer, RefusesMalformedHeads) {
  struct Bad {
    const char* text;
    HttpAnswer::State at_end;
  };
  using State = HttpAnswer::State;
  for (const Bad& bad :
       std::vector<Bad>{{"HTTX/1.1 200 OK\r\n\r\n", State::wrong},
                        {"HTTP/3.7 200 OK\r\n\r\n", State::wrong},
                        {"HTTP/1.1 20 OK\r\n\r\n", State::wrong},
                        {"HTTP/1.1 2000 OK\r\n\r\n", State::wrong},
                        {"HTTP/1.1 abc OK\r\n\r\n", State::wrong},
                        {"HTTP/1.1 200 OK\r\nno colon\r\n\r\n", State::wrong},
                        {"HTTP/1.1 200 OK\r\n: no name\r\n\r\n", State::wrong},
                        {"HTTP/1.1 200 OK\r\nbad name: x\r\n\r\n", State::wrong},
                        {"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", State::wrong},
                        {"HTTP/1.1 200 OK\r\nContent-Length: 5x\r\n\r\n", State::wrong},
                        {"HTTP/1.1 200 OK\r\nContent-Length: 99999999999999999999999\r\n\r\n", State::too_large},
                        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Length: 6\r\n\r\n", State::wrong},
                        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: gzip, chunked\r\n\r\n", State::wrong},
                        {"HTTP/1.1 200 OK\r\nConnection: a\r\n b\r\n\r\n", State::wrong},
                        {"HTTP/1.1 101 Switching\r\n\r\n", State::wrong},
                        {"GET / HTTP/1.1", State::wrong},
                        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", State::cut},
                        {"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n11111111111111111\r\n", State::cut},
                        {"HTTP/1.1 200 OK\r\nContent-Length: 1001\r\n\r\n", State::too_large},
                        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n", State::cut},
                        {"HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhell", State::cut},
                        {"HTTP/1.1 100 Continue\r\n\r\n", State::cut},
                        {"H", State::cut}}) {
    HttpAnswer answer;
    answer.begin(1000, false);
    answer.read(bad.text);
    EXPECT_EQ(answer.end(), bad.at_end) << bad.text << answer.why();
    EXPECT_FALSE(answer.keep_alive());
  }
  HttpAnswer endless;
  endless.begin(1000, false);
  HttpAnswer::State state = endless.read("HTTP/1.1 200 OK\r\n");
  for (int i = 0; i < 100 && state == HttpAnswer::State::reading; ++i)
    state = endless.read("X-Header: " + std::string(8000, 'x') + "\r\n");
  EXPECT_EQ(state, HttpAnswer::State::wrong);
  endless.begin(1000, false);
  state = endless.read("HTTP/1.1 200 ");
  for (int i = 0; i < 100 && state == HttpAnswer::State::reading; ++i) state = endless.read(std::string(8000, 'x'));
  EXPECT_EQ(state, HttpAnswer::State::wrong);
}

}  // namespace
}  // namespace assay
