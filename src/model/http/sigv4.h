// AWS Signature Version 4: how a request to Amazon's services is signed, as pure functions. Source: "Create a signed AWS API request" in the
// AWS Identity and Access Management user guide.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/secret.h"

namespace assay {

struct AwsCredentials {
  std::string access_key_id;  // not secret by itself; stands in the signed header
  Secret secret_access_key;
  Secret session_token;  // of temporary credentials; else empty
};

struct SigV4Scope {
  std::string region;   // "us-west-2"
  std::string service;  // "bedrock"
};

/// What is signed. `headers` are all those that count, `host` and `x-amz-date` included, in any order and spelling of their names.
struct SigV4Request {
  std::string method;
  std::string path;   // as on the wire, "/model/a%3Ab/invoke": it is encoded once more, as all services but S3 want it
  std::string query;  // without '?'
  std::vector<std::pair<std::string, std::string>> headers;
  std::string_view body;
};

/// "20150830T123600Z"
std::string amz_date(std::int64_t unix_micros);

std::string sigv4_canonical_request(const SigV4Request& request);
std::string sigv4_string_to_sign(const SigV4Request& request, std::string_view date, const SigV4Scope& scope);
/// 32 bytes; `date` is an amz_date() or its first eight characters.
std::string sigv4_signing_key(const Secret& secret_access_key, std::string_view date, const SigV4Scope& scope);
/// The value of the Authorization header.
std::string sigv4_authorization(const SigV4Request& request, std::string_view date, const SigV4Scope& scope,
                                const AwsCredentials& credentials);

}  // namespace assay
