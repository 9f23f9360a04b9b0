// Request bodies and answers of OpenAI's /embeddings, as pure functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "model/request.h"

namespace assay {

json::object openai_embeddings_body(const Generate& request, std::string_view model);
/// The vectors in the order of the texts, whatever the order of the answer; numbers or base64. Errors (bad_response): fewer or more than
/// `count`, an index twice, different dimensions, something that is no finite number.
Result<Response> openai_embeddings_response(const json::value& body, std::size_t count);

}  // namespace assay
