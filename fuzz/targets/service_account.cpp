// A service account's key file: what is read can be signed with, or is an error that shows nothing of the file: it is one of the
// few that files without any key in them give. (Looking for the key in the error is not enough: a key may consist of words of
// ours.)
#include "leaderboard/upload/service_account.h"

#include <algorithm>
#include <string>
#include <vector>

#include "fuzz.h"

namespace assay::fuzz {
namespace {

std::string shown(std::string_view file) {
  auto account = read_service_account(file, "creds.json");
  REQUIRE(!account);
  REQUIRE(account.error().kind == ErrorKind::data);
  return to_string(account.error());
}

std::vector<std::string> errors_of_files_without_keys() {
  std::string type = R"({"type": "service_account")", email = type + R"(, "client_email": "a@b")",
              key = email + R"(, "private_key": "-")";
  std::string uri = key + R"(, "token_uri": "https://c")";
  return {shown("["),
          shown("{}"),
          shown(type + "}"),
          shown(email + "}"),
          shown(key + "}"),
          shown(uri + R"(, "project_id": "/"})"),
          shown(uri + R"(, "private_key_id": "\n"})"),
          shown(uri + "}"),
          shown(std::string(std::size_t{2} << 20, ' '))};
}

}  // namespace

void fuzz_one(std::string_view bytes) {
  static const std::vector<std::string> known = errors_of_files_without_keys();
  auto account = read_service_account(bytes, "creds.json");
  if (!account) {
    REQUIRE(account.error().kind == ErrorKind::data);
    REQUIRE(std::find(known.begin(), known.end(), to_string(account.error())) != known.end());
    return;
  }
  REQUIRE(!account->client_email.empty() && !account->token_uri.empty());
  REQUIRE(account->client_email.find('\n') == std::string::npos);
  REQUIRE(service_account_assertion(*account, "scope", 0).has_value());
}

}  // namespace assay::fuzz
