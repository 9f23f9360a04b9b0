// Reka's chat: POST /chat with the turns of a conversation, as the client that MixEval's program uses sends it (its `prompt` is the last
// turn). An answer is one text.
#pragma once

#include "model/http/hosted.h"

namespace assay {

inline constexpr std::string_view kRekaBase = "https://api.reka.ai";

HostedDialect reka_dialect();

/// Turns alternate and begin and end with a person's: what does not fit is joined by a blank line (a deviation, as is a system message, which
/// stands before the first turn: there is no place of its own for it). Errors: unsupported (tools, formats, log-probabilities, no turn of a person's).
Result<HostedBody> reka_body(const Generate& request, std::string_view model, const std::set<std::string>& refused);

Result<Response> reka_response(const json::value& body);

}  // namespace assay
