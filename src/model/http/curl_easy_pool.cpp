#include "model/http/curl_easy_pool.h"

#include <algorithm>
#include <cstring>
#include <mutex>

namespace assay {

CurlShape::CurlShape(const HttpRequest& request, Url parsed, const CurlOptions& options)
    : url(std::move(parsed)),
      text(request.url),
      method(request.method),
      headers(request.headers),
      body(!request.body.empty()),
      follow_redirects(request.follow_redirects),
      connect_timeout(request.connect_timeout),
      stall_timeout(request.stall_timeout),
      plain(plain_route(request, url, options)) {
  may_have_body = body || method == "POST" || method == "PUT" || method == "PATCH";
  for (const HttpHeader& header : headers) secret = secret || !header.secret.empty();
}

curl_slist* CurlShape::lines() const {
  if (lines_) return lines_;
  std::string line;
  for (const HttpHeader& header : headers) {
    line.reserve(header.name.size() + header.value.size() + header.secret.reveal().size() + 3);  // so that no copy is left behind
    line.assign(header.name)
        .append(header.value.empty() && header.secret.empty() ? ";" : ": ")
        .append(header.value)
        .append(header.secret.reveal());
    lines_ = curl_slist_append(lines_, line.c_str());
    if (!header.secret.empty()) explicit_bzero(line.data(), line.size());
  }
  if (body) lines_ = curl_slist_append(lines_, "Expect:");  // no pause of a second before long prompts
  return lines_;
}

CurlShape::~CurlShape() {
  for (curl_slist* at = lines_; at; at = at->next) explicit_bzero(at->data, std::strlen(at->data));
  if (lines_) curl_slist_free_all(lines_);
}

bool CurlShape::fits(const HttpRequest& request) const {
  return body == !request.body.empty() && follow_redirects == request.follow_redirects &&
         connect_timeout == request.connect_timeout && stall_timeout == request.stall_timeout && method == request.method && text == request.url &&
         std::equal(headers.begin(), headers.end(), request.headers.begin(), request.headers.end(),
                    [](const HttpHeader& a, const HttpHeader& b) {
                      return a.name == b.name && a.value == b.value && a.secret.reveal() == b.secret.reveal();
                    });
}

CurlEasyPool::~CurlEasyPool() {
  for (Easy& easy : idle_) curl_easy_cleanup(easy.handle);
}

Result<std::shared_ptr<const CurlShape>> CurlEasyPool::shape_of(const HttpRequest& request) {
  constexpr std::size_t kRemembered = 8;  // models and judges take turns
  for (auto known = recent_.begin(); known != recent_.end(); ++known)
    if ((*known)->fits(request)) {
      std::rotate(recent_.begin(), known, known + 1);
      return recent_.front();
    }
  Result<Url> url = parse_url(request.url);
  if (!url) return std::unexpected(url.error());
  if (recent_.size() == kRemembered) recent_.pop_back();
  return *recent_.insert(recent_.begin(), std::make_shared<const CurlShape>(request, std::move(*url), options_));
}

CurlEasyPool::Easy CurlEasyPool::take(std::shared_ptr<const CurlShape> shape) {
  constexpr std::size_t kLookAt = 8;
  Easy out;
  if (idle_.empty()) {
    static std::once_flag once;
    std::call_once(once, [] { curl_global_init(CURL_GLOBAL_DEFAULT); });
    out.handle = curl_easy_init();
    if (!out.handle) return out;
  } else {
    // The last one used, or one near it that needs no settings.
    std::size_t place = idle_.size() - 1;
    for (std::size_t back = 0; back < std::min(kLookAt, idle_.size()); ++back)
      if (idle_[idle_.size() - 1 - back].shape == shape) {
        place = idle_.size() - 1 - back;
        break;
      }
    out = std::move(idle_[place]);
    idle_.erase(idle_.begin() + static_cast<std::ptrdiff_t>(place));
    out.anew = false;
    if (out.shape == shape) return out;
    if (out.shape) curl_easy_reset(out.handle);
  }
  out.timeout = 0;
  out.anew = true;
  configure(out.handle, *shape);
  out.shape = std::move(shape);
  return out;
}

void CurlEasyPool::give_back(Easy easy, bool clean) {
  if (idle_.size() >= options_.max_in_flight) return curl_easy_cleanup(easy.handle);
  if (!clean) {
    curl_easy_reset(easy.handle);
    easy.shape = nullptr;
  }
  idle_.push_back(std::move(easy));
}

void CurlEasyPool::configure(CURL* easy, const CurlShape& shape) const {
  curl_easy_setopt(easy, CURLOPT_URL, shape.text.c_str());
  curl_easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
  curl_easy_setopt(easy, CURLOPT_PROTOCOLS_STR, "http,https");
  curl_easy_setopt(easy, CURLOPT_REDIR_PROTOCOLS_STR, shape.url.tls ? "https" : "http,https");  // what began encrypted stays so
  curl_easy_setopt(easy, CURLOPT_PROXY, options_.proxy.c_str());  // "" also keeps curl from reading the environment
  curl_easy_setopt(easy, CURLOPT_NOPROXY, options_.no_proxy.c_str());
  if (shape.url.tls) {
    if (!options_.ca_file.empty()) curl_easy_setopt(easy, CURLOPT_CAINFO, options_.ca_file.c_str());
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_2TLS));
    curl_easy_setopt(easy, CURLOPT_PIPEWAIT, 1L);  // learn whether the host multiplexes before opening a connection a request
  } else {
    curl_easy_setopt(easy, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
  }
  curl_easy_setopt(easy, CURLOPT_TCP_KEEPALIVE, 1L);  // answers may take minutes; keep middle boxes from forgetting us
  if (shape.connect_timeout > Duration::zero()) {
    auto ms = std::chrono::ceil<std::chrono::milliseconds>(shape.connect_timeout).count();
    curl_easy_setopt(easy, CURLOPT_CONNECTTIMEOUT_MS, static_cast<long>(std::max<std::int64_t>(1, ms)));
  }
  if (shape.stall_timeout > Duration::zero()) {
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_LIMIT, 1L);
    curl_easy_setopt(easy, CURLOPT_LOW_SPEED_TIME, std::max(1L, static_cast<long>(std::chrono::ceil<std::chrono::seconds>(shape.stall_timeout).count())));
  }
  if (!options_.user_agent.empty()) curl_easy_setopt(easy, CURLOPT_USERAGENT, options_.user_agent.c_str());
  if (shape.may_have_body) {
    if (shape.method != "POST") curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, shape.method.c_str());
  } else if (shape.method == "HEAD") {
    curl_easy_setopt(easy, CURLOPT_NOBODY, 1L);
  } else if (shape.method != "GET") {
    curl_easy_setopt(easy, CURLOPT_CUSTOMREQUEST, shape.method.c_str());
  }
  curl_easy_setopt(easy, CURLOPT_HTTPHEADER, shape.lines());
  if (shape.follow_redirects && !shape.secret) {
    curl_easy_setopt(easy, CURLOPT_FOLLOWLOCATION, 1L);
    curl_easy_setopt(easy, CURLOPT_MAXREDIRS, 5L);
  }
}

}  // namespace assay
