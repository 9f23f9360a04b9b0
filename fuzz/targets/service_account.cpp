// A service account's key file: what is read can be signed with or is an error that shows nothing of the key.
#include "base/text.h"
#include "fuzz.h"
#include "leaderboard/upload/service_account.h"

namespace assay::fuzz {

void fuzz_one(std::string_view bytes) {
  auto account = read_service_account(bytes, "creds.json");
  if (!account) {
    REQUIRE(account.error().kind == ErrorKind::data);
    REQUIRE(is_valid_utf8(to_string(account.error())));
    if (auto at = bytes.find("PRIVATE KEY-----\\n"); at != bytes.npos && bytes.size() - at > 60)
      REQUIRE(!contains(to_string(account.error()), bytes.substr(at + 18, 32)));
    return;
  }
  REQUIRE(!account->client_email.empty() && !account->token_uri.empty());
  REQUIRE(account->client_email.find('\n') == std::string::npos);
  REQUIRE(service_account_assertion(*account, "scope", 0).has_value());
}

}  // namespace assay::fuzz
