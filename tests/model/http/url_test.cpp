#include "model/http/url.h"

#include <gtest/gtest.h>

#include <string>

namespace assay {
namespace {

// What a URL means does not depend on who takes it apart: with its scheme in capitals it is always libcurl.
TEST(Url, PlainOnesAreTakenApartAsLibcurlDoes) {
  for (const std::string rest : {
      "127.0.0.1:8080/v1", "127.0.0.1", "127.0.0.1/", "127.0.0.1:80/v1/chat/completions", "localhost:1/",
      "localhost/a.b/c_d-e", "10.1.2.3:65535/v1/", "192.168.0.1:8000//v1//", "127.0.0.1:8080/v1?x=1",
      "127.0.0.1:8080/v1#part", "u:p@127.0.0.1:8080/v1", "127.0.0.1:8080/./v1/../v2", "localhost.:80/", "127.1:80/v1",
      "0x7f.0.0.1/", "127.0.0.01/", "127.0.0.1:080/v1", "127.0.0.1:0/", "127.0.0.1:65536/", "127.0.0.1:/v1",
      "127.0.0.1:8x/", "[::1]:80/v1", "Localhost/", "127.0.0.1/%41 b", "127.0.0.1/a b", "127.0.0.1/a%20b",
      "127.0.0.1/.hidden", "127.0.0.1\\x", "", "/", ":80"}) {
    auto ours = parse_url("http://" + rest), libcurls = parse_url("HTTP://" + rest);
    ASSERT_EQ(ours.has_value(), libcurls.has_value()) << rest;
    if (!ours) continue;
    EXPECT_EQ(ours->shown, libcurls->shown) << rest;
    EXPECT_EQ(ours->host, libcurls->host) << rest;
    EXPECT_EQ(ours->target, libcurls->target) << rest;
    EXPECT_EQ(ours->port, libcurls->port) << rest;
    EXPECT_EQ(ours->tls, libcurls->tls) << rest;
    EXPECT_EQ(ours->credentials, libcurls->credentials) << rest;
    EXPECT_EQ(ours->loopback, libcurls->loopback) << rest;
  }
}

TEST(Url, HostsThatAreAnotherOneWhenTakenApartAgainAreRefused) {
  for (const char* text : {"http://0%31.0.0.1:8080/", "http://%2531.0.0.1/", "https://u:p%40@0%31.0.0.1/"}) EXPECT_FALSE(parse_url(text).has_value()) << text;
  for (const char* text : {"http://%31%32%37.0.0.1:8080/v1", "https://u:p%40@host.example/a%20b", "http://[fe80::1%25eth0]/", "https://b%c3%bccher.example/"})
    EXPECT_TRUE(parse_url(text).has_value()) << text;
  auto encoded = parse_url("http://%31%32%37.0.0.1:8080/v1");
  ASSERT_TRUE(encoded.has_value());
  EXPECT_TRUE(encoded->loopback && encoded->host == "127.0.0.1") << encoded->shown;
}

}  // namespace
}  // namespace assay
