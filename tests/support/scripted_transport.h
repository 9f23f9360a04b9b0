// A transport that answers from a list and keeps what it was given: for dialogues of several requests, with time that a test controls.
#pragma once

#include <algorithm>
#include <deque>
#include <string>
#include <vector>

#include "model/transport.h"

namespace assay::test {

class ScriptedTransport final : public Transport {
 public:
  std::vector<HttpRequest> requests;
  std::deque<Result<HttpResponse>> replies;

  ScriptedTransport& says(int status, std::string body, std::vector<std::pair<std::string, std::string>> headers = {}) {
    HttpResponse one;
    one.status = status;
    one.body = std::move(body);
    one.headers = std::move(headers);
    one.seconds = 0.25;
    replies.emplace_back(std::move(one));
    return *this;
  }
  ScriptedTransport& fails(ErrorKind kind) {
    replies.emplace_back(fail(kind, "scripted"));
    return *this;
  }

  Async<HttpResponse> send(HttpRequest request) override {
    requests.push_back(std::move(request));
    if (replies.empty()) co_return fail(ErrorKind::internal, "the script is at its end");
    Result<HttpResponse> out = std::move(replies.front());
    replies.pop_front();
    co_return out;
  }

  /// The value on the wire of the latest request's header; "" where it has none.
  std::string header(std::string_view name) const {
    for (const HttpHeader& header : requests.back().headers)
      if (header.name == name) return header.value + std::string(header.secret.reveal());
    return {};
  }
};

}  // namespace assay::test
