// A transport that keeps what it is given and answers as each dialect does: to see requests for addresses that no test may ask.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "model/transport.h"

namespace assay::test {

class CapturingTransport final : public Transport {
 public:
  std::vector<HttpRequest> requests;

  Async<HttpResponse> send(HttpRequest request) override {
    HttpResponse out;
    out.status = 200;
    std::string_view url = request.url;
    out.body = url.ends_with(":generateContent")
                   ? R"({"candidates":[{"content":{"parts":[{"text":"hi"}]},"finishReason":"STOP"}]})"
               : url.ends_with("/completion")       ? R"({"content":"hi","stop_type":"eos"})"
               : url.ends_with("/messages")         ? R"({"content":[{"type":"text","text":"hi"}],"stop_reason":"end_turn"})"
               : url.ends_with("/chat/completions") ? R"({"choices":[{"message":{"content":"hi"},"finish_reason":"stop"}]})"
                                                    : R"({"choices":[{"text":"hi","finish_reason":"stop"}]})";
    requests.push_back(std::move(request));
    co_return out;
  }
};

}  // namespace assay::test
