// A Google service account's key file (firebase_creds.json, google_creds.json), and the access token that it can be exchanged for
// (OAuth 2.0 JWT bearer grant, RFC 7523, signed RS256). The private key and the token are Secrets.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/async/async.h"
#include "base/secret.h"
#include "model/transport.h"

namespace assay {

struct ServiceAccount {
  std::string project_id;      // may be empty: Sheets does not need it
  std::string client_email;
  std::string private_key_id;  // may be empty
  Secret private_key;          // PEM
  std::string token_uri;       // where the signed assertion is exchanged; http(s)
};

/// The text of a key file. `where` names it in errors. Errors: data (not JSON, not a service account, a member that is missing or
/// longer than 64 KiB, a private key that is no RSA key of at least 2048 bits); no message repeats what the file says of the key.
Result<ServiceAccount> read_service_account(std::string_view text, std::string_view where = {});
/// The same from a file of at most 1 MiB. Errors: not_found and io, too.
Result<ServiceAccount> load_service_account(const std::filesystem::path& path);

/// The signed assertion: base64url(header).base64url(claims).base64url(signature); valid for an hour from `unix_seconds`.
/// Errors: data (the key cannot sign).
Result<Secret> service_account_assertion(const ServiceAccount& account, std::string_view scope, std::int64_t unix_seconds);

/// POSTs the assertion to token_uri. Errors: auth (the account is refused), network, timeout, server, bad_response.
Async<Secret> fetch_access_token(ServiceAccount account, std::string scope, std::int64_t unix_seconds, Transport& transport,
                                 Duration timeout);

}  // namespace assay
