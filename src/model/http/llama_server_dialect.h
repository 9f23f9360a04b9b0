// llama-server's own dialect (POST /completion: a text goes on), as pure functions, and what the server says of itself.
#pragma once

#include <string_view>

#include "base/json.h"
#include "model/request.h"

namespace assay {

/// What is not set is not sent: the server's own defaults apply to it (its temperature is 0.8, top_k 40, top_p 0.95, min_p 0.05).
json::object llama_server_body(std::string_view prompt, const Sampling& sampling);

/// Errors: bad_response.
Result<Response> llama_server_response(const json::value& body);

/// Adds what GET /props tells of the loaded file: model_path, build_info, n_ctx, the sum of its chat template.
void add_server_props(const json::value& props, json::object& server);

}  // namespace assay
