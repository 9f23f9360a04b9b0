// Signatures against the cases that AWS publishes for them (the Signature Version 4 test suite, and the worked example of its documentation).
#include "model/http/sigv4.h"

#include <gtest/gtest.h>

#include "base/hash.h"
#include "base/hmac.h"

namespace assay {
namespace {

using Headers = std::vector<std::pair<std::string, std::string>>;

constexpr const char* kDate = "20150830T123600Z";

AwsCredentials example() { return {"AKIDEXAMPLE", Secret("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY"), Secret()}; }

SigV4Request request(std::string method, std::string path, std::string query = {}, Headers more = {}, std::string_view body = {}) {
  SigV4Request out{std::move(method), std::move(path), std::move(query), {{"Host", "example.amazonaws.com"}, {"X-Amz-Date", kDate}}, body};
  out.headers.insert(out.headers.end(), more.begin(), more.end());
  return out;
}

TEST(SigV4, HmacOfTheStandardsExamples) {
  EXPECT_EQ(to_hex(hmac_sha256(std::string(20, '\x0b'), "Hi There")), "b0344c61d8db38535ca8afceaf0bf12b881dc200c9833da726e9376c2e32cff7");
  EXPECT_EQ(to_hex(hmac_sha256("Jefe", "what do ya want for nothing?")), "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
  EXPECT_EQ(to_hex(hmac_sha256("", "")), "b613679a0814d9ec772f95d778c35fc5ff1697c493715653c6c712144292c5ad");
}

TEST(SigV4, TheSigningKeyOfTheDocumentation) {
  EXPECT_EQ(to_hex(sigv4_signing_key(example().secret_access_key, "20150830", {"us-east-1", "iam"})),
            "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9");
}

TEST(SigV4, TheWorkedExampleStepByStep) {
  SigV4Request list{"GET",
                    "/",
                    "Action=ListUsers&Version=2010-05-08",
                    {{"content-type", "application/x-www-form-urlencoded; charset=utf-8"}, {"host", "iam.amazonaws.com"}, {"x-amz-date", kDate}},
                    ""};
  EXPECT_EQ(sha256_hex(sigv4_canonical_request(list)), "f536975d06c0309214f805bb90ccff089219ecd68b2577efef23edd43b7e1a59");
  EXPECT_EQ(sigv4_authorization(list, kDate, {"us-east-1", "iam"}, example()),
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/iam/aws4_request, "
            "SignedHeaders=content-type;host;x-amz-date, "
            "Signature=5d672d79c15b13162d9279b0855cfba6789a8edb4c82c400e06b5924a6f2b5d7");
}

TEST(SigV4, TheTestSuite) {
  struct Case {
    const char* name;
    SigV4Request request;
    const char* signed_headers;
    const char* signature;
  };
  const Case cases[] = {
      {"get-vanilla", request("GET", "/"), "host;x-amz-date", "5fa00fa31553b73ebf1942676e86291e8372ff2a2260956d9b8aae1d763fbf31"},
      {"post-vanilla", request("POST", "/"), "host;x-amz-date", "5da7c1a2acd57cee7505fc6676e4e544621c30862966e37dddb68e92efbe5d6b"},
      {"get-unreserved", request("GET", "/-._~0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"), "host;x-amz-date",
       "07ef7494c76fa4850883e2b006601f940f8a34d404d0cfa977f52a65bbf5f24f"},
      {"get-slashes", request("GET", "//example//"), "host;x-amz-date", "9a624bd73a37c9a373b5312afbebe7a714a789de108f0bdfe846570885f57e84"},
      {"get-vanilla-query-order-key-case", request("GET", "/", "Param2=value2&Param1=value1"), "host;x-amz-date",
       "b97d918cfa904a5beff61c982a1b6f458b799221646efd99d3219ec94cdf2500"},
      {"get-vanilla-query-order-value", request("GET", "/", "Param1=value2&Param1=value1"), "host;x-amz-date",
       "5772eed61e12b33fae39ee5e7012498b51d56abc0abb7c60486157bd471c4694"},
      {"get-vanilla-utf8-query", request("GET", "/", "\xe1\x88\xb4=bar"), "host;x-amz-date",
       "2cdec8eed098649ff3a119c94853b13c643bcf08f8b0a1d91e12c9027818dd04"},
      {"get-header-key-duplicate", request("GET", "/", "", {{"My-Header1", "value2"}, {"My-Header1", "value2"}, {"My-Header1", "value1"}}),
       "host;my-header1;x-amz-date", "c9d5ea9f3f72853aea855b47ea873832890dbdd183b4468f858259531a5138ea"},
      {"get-header-value-order",
       request("GET", "/", "", {{"My-Header1", "value4"}, {"My-Header1", "value1"}, {"My-Header1", "value3"}, {"My-Header1", "value2"}}),
       "host;my-header1;x-amz-date", "08c7e5a9acfcfeb3ab6b2185e75ce8b1deb5e634ec47601a50643f830c755c01"},
      {"get-header-value-trim", request("GET", "/", "", {{"My-Header1", " value1"}, {"My-Header2", " \"a   b   c\""}}),
       "host;my-header1;my-header2;x-amz-date", "acc3ed3afb60bb290fc8d2dd0098b9911fcaa05412b367055dee359757a9c736"},
      {"post-header-value-case", request("POST", "/", "", {{"My-Header1", "VALUE1"}}), "host;my-header1;x-amz-date",
       "cdbc9802e29d2942e5e10b5bccfdd67c5f22c7c4e8ae67b53629efa58b974b7d"},
      {"post-x-www-form-urlencoded", request("POST", "/", "", {{"Content-Type", "application/x-www-form-urlencoded"}}, "Param1=value1"),
       "content-type;host;x-amz-date", "ff11897932ad3f4e8b18135d722051e5ac45fc38421b1da7b9d196a0fe09473a"},
      {"get-vanilla-with-session-token",
       request("GET", "/", "", {{"X-Amz-Security-Token", "6e86291e8372ff2a2260956d9b8aae1d763fbf315fa00fa31553b73ebf194267"}}),
       "host;x-amz-date;x-amz-security-token", "07ec1639c89043aa0e3e2de82b96708f198cceab042d4a97044c66dd9f74e7f8"},
  };
  for (const Case& one : cases)
    EXPECT_EQ(sigv4_authorization(one.request, kDate, {"us-east-1", "service"}, example()),
              std::string("AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20150830/us-east-1/service/aws4_request, SignedHeaders=") +
                  one.signed_headers + ", Signature=" + one.signature)
        << one.name << "\n"
        << sigv4_canonical_request(one.request);
}

TEST(SigV4, PathsAndDates) {
  auto line = [](std::string path) {
    std::string text = sigv4_canonical_request(request("GET", std::move(path)));
    return text.substr(4, text.find('\n', 4) - 4);
  };
  EXPECT_EQ(line("/example space/"), "/example%20space/");
  EXPECT_EQ(line("/\xe1\x88\xb4"), "/%E1%88%B4");
  EXPECT_EQ(line("/example/.."), "/");
  EXPECT_EQ(line("/example1/example2/../.."), "/");
  EXPECT_EQ(line("/./example"), "/example");
  EXPECT_EQ(line("/model/anthropic.claude-v2%3A1/invoke"), "/model/anthropic.claude-v2%253A1/invoke") << "what is encoded on the wire is encoded again";
  EXPECT_EQ(line(""), "/");
  EXPECT_EQ(amz_date(1'440'938'160'000'000), kDate);
}

}  // namespace
}  // namespace assay
