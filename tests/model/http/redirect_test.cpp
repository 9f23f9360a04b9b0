// Redirects that libcurl follows by itself: what began encrypted never ends in the open.
#include <gtest/gtest.h>

#include "model/http/curl_transport.h"
#include "support/loop.h"
#include "support/patience.h"
#include "support/raw_server.h"
#include "support/temporary_folder.h"
#include "support/tls_server.h"

namespace assay {
namespace {

using namespace std::chrono_literals;

std::string redirect(const std::string& to) { return "HTTP/1.1 302 Found\r\nLocation: " + to + "\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"; }
constexpr const char* kFile = "HTTP/1.1 200 OK\r\nContent-Length: 4\r\nConnection: close\r\n\r\nfile";

TEST(Redirect, FromHttpsItLeadsToHttpsAlone) {
  test::TemporaryFolder folder;
  test::RawServer open([](std::size_t, const std::string&) { return test::RawReply{{kFile}, test::RawReply::Then::close}; });
  const std::string in_the_open = "http://127.0.0.1:" + std::to_string(open.port()) + "/file";
  test::TlsServer server(folder.path() / "ca.pem", [&](const std::string& path) { return path == "/out" ? redirect(in_the_open) : path == "/in" ? redirect("/file") : kFile; });
  test::Loop loop;
  auto transport = make_curl_transport(loop.executor(), {.ca_file = (folder.path() / "ca.pem").string()});
  auto get = [&](std::string url) {
    HttpRequest request;
    request.method = "GET";
    request.url = std::move(url);
    request.timeout = test::patient(5s);
    request.follow_redirects = true;
    return loop.run(transport->send(std::move(request)));
  };
  auto inside = get(server.url() + "/in");
  ASSERT_TRUE(inside) << to_string(inside.error());
  EXPECT_EQ(inside->body, "file");
  auto plain = get(in_the_open);  // the same handles carry both
  ASSERT_TRUE(plain) << to_string(plain.error());
  EXPECT_EQ(plain->body, "file");
  EXPECT_EQ(open.requests(), 1u);
  auto outside = get(server.url() + "/out");
  ASSERT_FALSE(outside);
  EXPECT_EQ(outside.error().kind, ErrorKind::bad_response) << to_string(outside.error());
  EXPECT_EQ(open.requests(), 1u);
}

}  // namespace
}  // namespace assay
