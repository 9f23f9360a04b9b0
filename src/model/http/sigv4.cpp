#include "model/http/sigv4.h"

#include <algorithm>
#include <ctime>

#include "base/hash.h"
#include "base/hmac.h"
#include "base/text.h"

namespace assay {
namespace {

bool is_unreserved(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_' || c == '~';
}

std::string encoded(std::string_view text) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (char c : text) {
    if (is_unreserved(c)) {
      out += c;
    } else {
      out += '%';
      out += digits[static_cast<unsigned char>(c) >> 4];
      out += digits[static_cast<unsigned char>(c) & 15];
    }
  }
  return out;
}

std::string decoded(std::string_view text) {
  auto hex = [](char c) {
    return c >= '0' && c <= '9' ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
  };
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    int high = text[i] == '%' && i + 2 < text.size() ? hex(text[i + 1]) : -1, low = high >= 0 ? hex(text[i + 2]) : -1;
    if (low >= 0) {
      out += static_cast<char>(high << 4 | low);
      i += 2;
    } else {
      out += text[i];
    }
  }
  return out;
}

/// Empty and dot segments gone, each of the others encoded.
std::string canonical_path(std::string_view path) {
  std::vector<std::string> segments;
  for (const std::string& segment : split(path, '/')) {
    if (segment.empty() || segment == ".") continue;
    if (segment != "..")
      segments.push_back(encoded(segment));
    else if (!segments.empty())
      segments.pop_back();
  }
  std::string out;
  for (const std::string& segment : segments) out += "/" + segment;
  if (out.empty() || path.ends_with('/') || path.ends_with("/.") || path.ends_with("/..")) out += '/';
  return out;
}

std::string canonical_query(std::string_view query) {
  std::vector<std::pair<std::string, std::string>> pairs;
  if (query.empty()) return {};
  for (const std::string& pair : split(query, '&')) {
    std::size_t equals = pair.find('=');
    std::string value = equals == std::string::npos ? std::string() : pair.substr(equals + 1);
    pairs.emplace_back(encoded(decoded(pair.substr(0, equals))), encoded(decoded(value)));
  }
  std::sort(pairs.begin(), pairs.end());
  std::string out;
  for (const auto& [name, value] : pairs) out += (out.empty() ? "" : "&") + name + "=" + value;
  return out;
}

/// Without blanks at the ends, and with one where several stand together.
std::string trimmed(std::string_view value) {
  std::string out;
  for (char c : value) {
    bool blank = c == ' ' || c == '\t' || c == '\n' || c == '\r';
    if (!blank)
      out += c;
    else if (!out.empty() && out.back() != ' ')
      out += ' ';
  }
  if (out.ends_with(' ')) out.pop_back();
  return out;
}

std::vector<std::pair<std::string, std::string>> canonical_headers(const SigV4Request& request) {
  std::vector<std::pair<std::string, std::string>> out;
  for (const auto& [name, value] : request.headers) {
    std::string key = lower(name);
    auto known = std::find_if(out.begin(), out.end(), [&](const auto& header) { return header.first == key; });
    if (known == out.end())
      out.emplace_back(std::move(key), trimmed(value));
    else
      known->second += "," + trimmed(value);
  }
  std::sort(out.begin(), out.end());
  return out;
}

std::string signed_headers(const std::vector<std::pair<std::string, std::string>>& headers) {
  std::string out;
  for (const auto& header : headers) out += (out.empty() ? "" : ";") + header.first;
  return out;
}

std::string scope_text(std::string_view date, const SigV4Scope& scope) {
  return std::string(date.substr(0, 8)) + "/" + scope.region + "/" + scope.service + "/aws4_request";
}

}  // namespace

std::string amz_date(std::int64_t unix_micros) {
  std::time_t seconds = unix_micros / 1'000'000;
  std::tm parts{};
  gmtime_r(&seconds, &parts);
  char buffer[32];
  std::strftime(buffer, sizeof buffer, "%Y%m%dT%H%M%SZ", &parts);
  return buffer;
}

std::string sigv4_canonical_request(const SigV4Request& request) {
  const auto headers = canonical_headers(request);
  std::string out = request.method + "\n" + canonical_path(request.path) + "\n" + canonical_query(request.query) + "\n";
  for (const auto& [name, value] : headers) out += name + ":" + value + "\n";
  return out + "\n" + signed_headers(headers) + "\n" + sha256_hex(request.body);
}

std::string sigv4_string_to_sign(const SigV4Request& request, std::string_view date, const SigV4Scope& scope) {
  return "AWS4-HMAC-SHA256\n" + std::string(date) + "\n" + scope_text(date, scope) + "\n" +
         sha256_hex(sigv4_canonical_request(request));
}

std::string sigv4_signing_key(const Secret& secret_access_key, std::string_view date, const SigV4Scope& scope) {
  std::string key = "AWS4";
  key += secret_access_key.reveal();
  const Secret first(std::move(key));  // wiped when this ends
  return hmac_sha256(hmac_sha256(hmac_sha256(hmac_sha256(first.reveal(), date.substr(0, 8)), scope.region), scope.service),
                     "aws4_request");
}

std::string sigv4_authorization(const SigV4Request& request, std::string_view date, const SigV4Scope& scope,
                                const AwsCredentials& credentials) {
  const Secret key(sigv4_signing_key(credentials.secret_access_key, date, scope));
  return "AWS4-HMAC-SHA256 Credential=" + credentials.access_key_id + "/" + scope_text(date, scope) +
         ", SignedHeaders=" + signed_headers(canonical_headers(request)) +
         ", Signature=" + to_hex(hmac_sha256(key.reveal(), sigv4_string_to_sign(request, date, scope)));
}

}  // namespace assay
