#include "model/http/plain_route.h"

#include <arpa/inet.h>
#include <string.h>

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace assay {
namespace {

PlainAddress address_of(in_addr four, std::uint16_t port) {
  PlainAddress out;
  out.family = AF_INET;
  out.four = {};
  out.four.sin_family = AF_INET;
  out.four.sin_port = htons(port);
  out.four.sin_addr = four;
  return out;
}

PlainAddress address_of(in6_addr six, std::uint16_t port) {
  PlainAddress out;
  out.family = AF_INET6;
  out.six = {};
  out.six.sin6_family = AF_INET6;
  out.six.sin6_port = htons(port);
  out.six.sin6_addr = six;
  return out;
}

/// None for a name. localhost is this machine, IPv6 first, as libcurl has it.
std::vector<PlainAddress> addresses_of(const Url& url) {
  if (lower(url.host) == "localhost")
    return {address_of(in6addr_loopback, url.port), address_of(in_addr{htonl(INADDR_LOOPBACK)}, url.port)};
  in_addr four{};
  if (inet_pton(AF_INET, url.host.c_str(), &four) == 1) return {address_of(four, url.port)};
  in6_addr six{};
  if (url.host.size() > 2 && url.host.front() == '[' && url.host.back() == ']' &&
      inet_pton(AF_INET6, url.host.substr(1, url.host.size() - 2).c_str(), &six) == 1)
    return {address_of(six, url.port)};
  return {};
}

bool is_visible(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return c > ' ' && c < 0x7f; });
}

bool is_token(std::string_view name) {
  return is_visible(name) && name.find_first_of("()<>@,;:\\\"/[]?={}") == std::string_view::npos;
}

/// Headers that libcurl writes itself, or that say how the message is framed.
bool is_framing(const std::string& name) {
  static constexpr std::string_view kNames[] = {"host",           "user-agent", "accept", "content-length", "transfer-encoding",
                                                "connection",     "expect",     "te",     "upgrade",        "proxy-connection",
                                                "http2-settings", "keep-alive"};
  return std::find(std::begin(kNames), std::end(kNames), name) != std::end(kNames);
}

}  // namespace

PlainRoute::~PlainRoute() {
  explicit_bzero(head.data(), head.size());
}

std::unique_ptr<const PlainRoute> plain_route(const HttpRequest& request, const Url& url, const CurlOptions& options) {
  if (!options.plain || !options.proxy.empty() || url.tls || url.credentials || url.port == 0 || url.target.empty())
    return nullptr;
  if (request.follow_redirects || request.stall_timeout > Duration::zero()) return nullptr;
  if (!is_token(request.method) || request.method.empty() || !is_visible(url.target)) return nullptr;
  bool content_type = false;
  std::size_t size = 0;
  for (const HttpHeader& header : request.headers) {
    std::string name = lower(header.name);
    if (!is_token(name) || is_framing(name)) return nullptr;
    content_type = content_type || name == "content-type";
    size += header.name.size() + header.value.size() + header.secret.reveal().size() + 4;
  }
  auto out = std::make_unique<PlainRoute>();
  out->to_head = request.method == "HEAD";
  bool posts = request.method == "POST" || request.method == "PUT" || request.method == "PATCH";
  out->with_length = !request.body.empty() || posts;
  if (out->with_length && (out->to_head || !content_type)) return nullptr;  // libcurl names a content type of its own then
  out->addresses = addresses_of(url);
  if (out->addresses.empty()) return nullptr;
  out->server = url.host + ":" + std::to_string(url.port);
  const std::string& host = url.port == 80 ? url.host : out->server;
  out->head.reserve(size + request.method.size() + url.target.size() + host.size() + options.user_agent.size() +
                    80);  // no copy is left behind
  out->head.append(request.method).append(" ").append(url.target).append(" HTTP/1.1\r\nHost: ").append(host).append("\r\n");
  if (!options.user_agent.empty()) out->head.append("User-Agent: ").append(options.user_agent).append("\r\n");
  out->head.append("Accept: */*\r\n");
  for (const HttpHeader& header : request.headers) {
    out->head.append(header.name).append(": ").append(header.value).append(header.secret.reveal()).append("\r\n");
    out->secret = out->secret || !header.secret.empty();
  }
  return out;
}

}  // namespace assay
