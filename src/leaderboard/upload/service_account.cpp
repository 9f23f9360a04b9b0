#include "leaderboard/upload/service_account.h"

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>

#include <memory>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "leaderboard/upload/google_reply.h"

namespace assay {
namespace {

constexpr std::size_t kMaxFile = std::size_t{1} << 20;
constexpr std::size_t kMaxMember = std::size_t{64} << 10;
constexpr int kLeastBits = 2048;
constexpr std::int64_t kLifetime = 3600;  // seconds; the most that Google's token servers take
constexpr std::string_view kGrant = "urn%3Aietf%3Aparams%3Aoauth%3Agrant-type%3Ajwt-bearer";
constexpr std::string_view kCure = "download a new key for the service account, in JSON";

using PrivateKey = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;

// A key under a pass phrase cannot be used; without this OpenSSL would ask for the phrase on the terminal.
int no_pass_phrase(char*, int, int, void*) { return 0; }

PrivateKey parse_key(const Secret& pem) {
  std::unique_ptr<BIO, decltype(&BIO_free)> memory(BIO_new_mem_buf(pem.reveal().data(), static_cast<int>(pem.reveal().size())),
                                                   &BIO_free);
  PrivateKey key(memory ? PEM_read_bio_PrivateKey(memory.get(), nullptr, &no_pass_phrase, nullptr) : nullptr, &EVP_PKEY_free);
  ERR_clear_error();  // what it stumbled over may repeat parts of the key
  if (key && (EVP_PKEY_base_id(key.get()) != EVP_PKEY_RSA || EVP_PKEY_bits(key.get()) < kLeastBits)) key.reset();
  return key;
}

std::string base64url(std::string_view bytes) {
  std::string out(4 * ((bytes.size() + 2) / 3) + 1, '\0');  // the function ends it with a NUL
  int size = EVP_EncodeBlock(reinterpret_cast<unsigned char*>(out.data()), reinterpret_cast<const unsigned char*>(bytes.data()),
                             static_cast<int>(bytes.size()));
  out.resize(static_cast<std::size_t>(size));
  while (out.ends_with('=')) out.pop_back();
  for (char& c : out) c = c == '+' ? '-' : c == '/' ? '_' : c;
  return out;
}

/// The assertion is as good as a password for an hour: it travels encrypted, or not beyond this machine.
bool safe_address(std::string_view uri) {
  if (uri.find_first_of(" \t\r\n@") != std::string_view::npos) return false;
  if (uri.starts_with("https://")) return uri.size() > 8;
  for (std::string_view host : {"http://127.0.0.1", "http://localhost", "http://[::1]"})
    if (uri.starts_with(host) && (uri.size() == host.size() || uri[host.size()] == ':' || uri[host.size()] == '/')) return true;
  return false;
}

}  // namespace

Result<ServiceAccount> read_service_account(std::string_view text, std::string_view where) {
  std::string place(where);
  if (text.size() > kMaxFile) return fail(ErrorKind::data, "a key file is never so long", place, std::string(kCure));
  auto document = parse_json(text, where);
  if (!document || !document->is_object()) {
    // The parser's own words are not passed on: they may show what stands there.
    return fail(ErrorKind::data, "this is no JSON object, so no service account's key file", place, std::string(kCure));
  }
  auto lacking = [&](std::string_view what) {
    return fail(ErrorKind::data, "the service account's key file has no usable \"" + std::string(what) + "\"", place, std::string(kCure));
  };
  auto member = [&](std::string_view key) -> std::optional<std::string> {
    auto value = get_string(*document, key);
    if (!value || value->size() > kMaxMember || !is_valid_utf8(*value)) return std::nullopt;
    return value;
  };
  auto line = [&](std::string_view key) -> std::optional<std::string> {  // goes into addresses and claims: no control characters
    auto value = member(key);
    if (value && std::any_of(value->begin(), value->end(), [](unsigned char c) { return c < 0x20 || c == 0x7f; })) return std::nullopt;
    return value;
  };
  if (auto type = get_string(*document, "type"); !type || *type != "service_account")
    return fail(ErrorKind::data, "this key file is not a service account's (\"type\" is not \"service_account\")", place, std::string(kCure));

  ServiceAccount out;
  auto email = line("client_email"), uri = line("token_uri");
  auto key = member("private_key");
  if (!email || email->empty()) return lacking("client_email");
  if (!key || key->empty()) return lacking("private_key");
  out.private_key = Secret(std::move(*key));
  out.client_email = *email;
  if (!uri || !safe_address(*uri)) return lacking("token_uri");
  out.token_uri = *uri;
  for (auto [name, to] : {std::pair{"project_id", &out.project_id}, std::pair{"private_key_id", &out.private_key_id}}) {
    if (!find(*document, name)) continue;
    auto value = line(name);
    if (!value) return lacking(name);
    *to = *value;
  }
  if (out.project_id.find_first_of("/?#%") != std::string::npos) return lacking("project_id");
  if (!parse_key(out.private_key))
    return fail(ErrorKind::data, "the service account's \"private_key\" is no RSA key in PEM of at least " + std::to_string(kLeastBits) + " bits",
                place, std::string(kCure));
  return out;
}

Result<ServiceAccount> load_service_account(const std::filesystem::path& path) {
  auto text = read_file(path, kMaxFile);
  if (!text) return std::unexpected(text.error());
  auto account = read_service_account(*text, path.string());
  explicit_bzero(text->data(), text->size());
  return account;
}

Result<Secret> service_account_assertion(const ServiceAccount& account, std::string_view scope, std::int64_t unix_seconds) {
  json::object header{{"alg", "RS256"}, {"typ", "JWT"}};
  if (!account.private_key_id.empty()) header["kid"] = account.private_key_id;
  json::object claims{{"iss", account.client_email}, {"scope", scope}, {"aud", account.token_uri},
                      {"iat", unix_seconds},         {"exp", unix_seconds + kLifetime}};
  std::string text = base64url(write_json(header)) + "." + base64url(write_json(claims));

  PrivateKey key = parse_key(account.private_key);
  std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(), &EVP_MD_CTX_free);
  auto bytes = reinterpret_cast<const unsigned char*>(text.data());
  std::size_t size = 0;
  bool good = key && context && EVP_DigestSignInit(context.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
              EVP_DigestSign(context.get(), nullptr, &size, bytes, text.size()) == 1;
  std::string signature(size, '\0');
  good = good && EVP_DigestSign(context.get(), reinterpret_cast<unsigned char*>(signature.data()), &size, bytes, text.size()) == 1;
  ERR_clear_error();
  if (!good) return fail(ErrorKind::data, "the private key of " + account.client_email + " cannot sign", "", std::string(kCure));
  signature.resize(size);
  return Secret(text + "." + base64url(signature));
}

Async<Secret> fetch_access_token(ServiceAccount account, std::string scope, std::int64_t unix_seconds, Transport& transport, Duration timeout) {
  auto assertion = service_account_assertion(account, scope, unix_seconds);
  if (!assertion) co_return std::unexpected(assertion.error());
  HttpRequest request;
  request.url = account.token_uri;
  request.headers.push_back({"Content-Type", "application/x-www-form-urlencoded"});
  request.body = "grant_type=" + std::string(kGrant) + "&assertion=" + std::string(assertion->reveal());
  request.timeout = timeout;
  request.max_body = std::size_t{1} << 20;
  Result<HttpResponse> response = co_await transport.send(std::move(request));
  if (!response) co_return std::unexpected(response.error());
  if (response->status != 200) {
    Error error = google_error(*response, "the token server refused " + account.client_email, *assertion);
    // A refused assertion is a wrong or withdrawn key, whatever the number (Google says 400 invalid_grant).
    if (error.kind == ErrorKind::bad_request) error.kind = ErrorKind::auth;
    if (error.kind == ErrorKind::auth) error.hint = std::string(kCure) + "; is this machine's clock right?";
    co_return fail(std::move(error));
  }
  auto document = parse_json(response->body);
  auto token = document ? get_string(*document, "access_token") : std::nullopt;
  if (!token || token->empty() || token->size() > kMaxMember)
    co_return fail(ErrorKind::bad_response, "the token server's answer holds no access token", account.token_uri);
  co_return Secret(std::move(*token));
}

}  // namespace assay
