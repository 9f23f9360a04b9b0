// Easy handles that keep their settings. A model's requests differ in nothing but their bodies, so a handle that has carried one
// is ready for the next; resetting and setting it up anew costs as much as building the request.
#pragma once

#include <curl/curl.h>

#include <cstddef>
#include <memory>
#include <string>
#include <vector>

#include "model/http/curl_transport.h"
#include "model/http/plain_route.h"
#include "model/http/url.h"

namespace assay {

/// Everything of a request but its body, and the header lines libcurl reads of it. A Secret in it is overwritten at its end. For one
/// thread. libcurl is not needed, and not loaded, before lines() are asked for.
struct CurlShape {
  CurlShape(const HttpRequest& request, Url parsed, const CurlOptions& options);
  ~CurlShape();
  CurlShape(const CurlShape&) = delete;
  CurlShape& operator=(const CurlShape&) = delete;
  bool fits(const HttpRequest& request) const;
  curl_slist* lines() const;  // of the headers; belong to the shape

  Url url;
  std::string text;  // the URL as asked for
  std::string method;
  std::vector<HttpHeader> headers;
  bool body = false;       // it has one
  bool may_have_body = false;
  bool follow_redirects = false;
  bool secret = false;
  Duration connect_timeout{}, stall_timeout{};
  std::unique_ptr<const PlainRoute> plain;  // null = libcurl has to carry it

 private:
  mutable curl_slist* lines_ = nullptr;
};

class CurlEasyPool {
 public:
  /// `options` outlives the pool.
  explicit CurlEasyPool(const CurlOptions& options) : options_(options) {}
  ~CurlEasyPool();
  CurlEasyPool(const CurlEasyPool&) = delete;
  CurlEasyPool& operator=(const CurlEasyPool&) = delete;

  /// The shape of a request; usually the one of the last request. Errors: usage (the URL).
  Result<std::shared_ptr<const CurlShape>> shape_of(const HttpRequest& request);

  struct Easy {
    CURL* handle = nullptr;  // null when libcurl cannot be used
    std::shared_ptr<const CurlShape> shape;
    long timeout = 0;  // milliseconds, as set
    bool anew = false;  // it was set up by this take(): what is set once for a handle has to be set again
  };
  /// Set up for the shape, but for what belongs to one transfer: its data, callbacks' data and body.
  Easy take(std::shared_ptr<const CurlShape> shape);
  /// `clean`: its transfer ended well. Others are reset.
  void give_back(Easy easy, bool clean);

 private:
  void configure(CURL* easy, const CurlShape& shape) const;

  const CurlOptions& options_;
  std::vector<std::shared_ptr<const CurlShape>> recent_;  // the last used first
  std::vector<Easy> idle_;
};

}  // namespace assay
