// Request bodies and answers of Google's generateContent dialect, as pure functions.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "model/http/openai_dialect.h"
#include "model/request.h"

namespace assay {

struct GeminiBody {
  json::object json;
  std::set<std::string> sent;         // the parameters in it that could be left out, by OpenAI's names
  std::vector<std::string> left_out;  // asked for, not sent
};
/// One candidate, and all four safety filters off: a benchmark asks about anger and crime, too. `refused`: parameters that the
/// model is known not to take. Errors: unsupported (no message besides the system text).
Result<GeminiBody> gemini_body(const Generate& request, const std::set<std::string>& refused);

/// A prompt or an answer that a filter withheld is an answer with finish content_filter. Errors: bad_response.
Result<Response> gemini_response(const json::value& body);

/// Takes a lesson from a 400, with Google's names of parameters read as OpenAI's.
bool gemini_learn(ParameterQuirks& quirks, ErrorBody error, const std::set<std::string>& sent);

/// "gemini-pro" -> "models/gemini-pro", "tunedModels/x" as it is; percent-encoded for a path.
std::string gemini_path(std::string_view model);

}  // namespace assay
