#include "model/http/url.h"

#include <arpa/inet.h>
#include <curl/curl.h>

#include <algorithm>
#include <charconv>
#include <memory>
#include <optional>

#include "base/text.h"

namespace assay {
namespace {

std::string part(CURLU* url, CURLUPart which, unsigned flags = 0) {
  char* text = nullptr;
  if (curl_url_get(url, which, &text, flags) != CURLUE_OK || !text) return {};
  std::string out = text;
  curl_free(text);
  return out;
}

bool is_loopback(std::string host) {
  if (host.size() > 2 && host.front() == '[' && host.back() == ']') {
    host = host.substr(1, host.size() - 2);
    in6_addr six{};
    return inet_pton(AF_INET6, host.c_str(), &six) == 1 && IN6_IS_ADDR_LOOPBACK(&six);
  }
  in_addr four{};
  if (inet_pton(AF_INET, host.c_str(), &four) == 1) return (ntohl(four.s_addr) >> 24) == 127;
  std::transform(host.begin(), host.end(), host.begin(),
                 [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
  return host == "localhost";  // libcurl resolves this name itself, to loopback only
}

// http:// with an address of numbers or localhost, and a path of which nothing can be read in two ways. Taken apart here, since a
// program that speaks to such servers alone (plain_http.h) would load libcurl and its thirty libraries for nothing else.
std::optional<Url> plain_url(std::string_view text) {
  constexpr std::string_view kScheme = "http://";
  constexpr std::size_t kMaxLength = 4096;
  if (!text.starts_with(kScheme) || text.size() > kMaxLength) return std::nullopt;
  const std::string_view rest = text.substr(kScheme.size()), authority = rest.substr(0, rest.find('/'));
  const std::string_view path = rest.substr(authority.size());
  const std::size_t colon = authority.find(':');
  Url out;
  out.host = authority.substr(0, colon);
  in_addr four{};
  if (out.host != "localhost" && inet_pton(AF_INET, out.host.c_str(), &four) != 1) return std::nullopt;
  out.port = 80;
  if (colon != std::string_view::npos) {
    const std::string_view port = authority.substr(colon + 1);
    const auto [end, error] = std::from_chars(port.data(), port.data() + port.size(), out.port);
    if (error != std::errc() || end != port.data() + port.size() || port.front() == '0') return std::nullopt;
  }
  const bool clear = std::all_of(path.begin(), path.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '/' || c == '-' || c == '_' || c == '.';
  });
  if (!clear || path.find("/.") != std::string_view::npos) return std::nullopt;
  out.loopback = is_loopback(out.host);
  out.target = path.empty() ? "/" : path;
  out.shown = std::string(kScheme) + std::string(authority) + out.target;
  return out;
}

}  // namespace

Result<Url> parse_url(std::string_view text) {
  if (auto plain = plain_url(text)) return std::move(*plain);
  std::string owned(text);
  std::unique_ptr<CURLU, void (*)(CURLU*)> url(curl_url(), &curl_url_cleanup);
  CURLUcode code = url ? curl_url_set(url.get(), CURLUPART_URL, owned.c_str(), CURLU_NON_SUPPORT_SCHEME) : CURLUE_OUT_OF_MEMORY;
  // The text itself is not repeated when it cannot be taken apart: it may hold a password.
  if (code != CURLUE_OK || owned.find('\0') != std::string::npos)
    return fail(ErrorKind::usage, std::string("not a URL: ") + curl_url_strerror(code), {},
                "A URL looks like http://127.0.0.1:8080/v1");
  std::string scheme = part(url.get(), CURLUPART_SCHEME);
  if (scheme != "http" && scheme != "https")
    return fail(ErrorKind::usage, "the URL's scheme " + shorten(scheme, 20) + ":// is neither http:// nor https://");
  Url out;
  out.tls = scheme == "https";
  out.host = part(url.get(), CURLUPART_HOST);
  // "0%31.0.0.1" is 01.0.0.1 here, and that is 1.0.0.1 for whoever takes it apart once more: what is shown, checked and asked must be one host.
  if (contains(text, "%")) {
    std::unique_ptr<CURLU, void (*)(CURLU*)> again(curl_url(), &curl_url_cleanup);
    const std::string plain = scheme + "://" + out.host + "/";
    if (!again || curl_url_set(again.get(), CURLUPART_URL, plain.c_str(), 0) != CURLUE_OK || part(again.get(), CURLUPART_HOST) != out.host)
      return fail(ErrorKind::usage, "the URL's host is written with %", {}, "write the host or its address as it is");
  }
  out.loopback = is_loopback(out.host);
  std::string port = part(url.get(), CURLUPART_PORT), path = part(url.get(), CURLUPART_PATH);
  std::string used = part(url.get(), CURLUPART_PORT, CURLU_DEFAULT_PORT);
  std::from_chars(used.data(), used.data() + used.size(), out.port);
  out.credentials = !part(url.get(), CURLUPART_USER).empty() || !part(url.get(), CURLUPART_PASSWORD).empty();
  out.target = path;
  if (std::string query = part(url.get(), CURLUPART_QUERY); !query.empty()) out.target += "?" + query;
  out.shown = scheme + "://" + out.host + (port.empty() ? "" : ":" + port) + path;
  return out;
}

std::string shown_url(std::string_view url) {
  Result<Url> parsed = parse_url(url);
  return parsed ? parsed->shown : "(not a URL)";
}

std::string path_segment(std::string_view text, std::string_view keep) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (char c : text) {
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                 std::string_view("-._~").find(c) != std::string_view::npos || keep.find(c) != std::string_view::npos;
    if (plain) {
      out += c;
    } else {
      out += '%';
      out += digits[static_cast<unsigned char>(c) >> 4];
      out += digits[static_cast<unsigned char>(c) & 15];
    }
  }
  return out;
}

}  // namespace assay
