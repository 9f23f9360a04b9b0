// Request bodies and answers of Anthropic's dialect, as pure functions.
#pragma once

#include <set>
#include <string>
#include <vector>

#include "model/http/provider_error.h"
#include "model/request.h"

namespace assay {

struct AnthropicBody {
  json::object json;
  std::set<std::string> sent;         // the parameters in it that could be left out
  std::vector<std::string> left_out;  // asked for, not sent
};
/// `refused`: parameters that the model is known not to take. Errors: unsupported (log-probabilities, response_format, no
/// message).
Result<AnthropicBody> anthropic_body(const Generate& request, std::string_view model, const std::set<std::string>& refused);

/// Errors: bad_response.
Result<Response> anthropic_response(const json::value& body);

}  // namespace assay
