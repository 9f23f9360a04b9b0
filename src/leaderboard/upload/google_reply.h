// What a Google API says when it refuses: {"error": {"message", "status"}}, or OAuth's {"error", "error_description"}.
#pragma once

#include <string>

#include "base/error.h"
#include "base/secret.h"
#include "model/transport.h"

namespace assay {

/// An error from an answer that is no success: auth (401, 403), not_found, rate_limited, server, bad_request, bad_response. The words are
/// `what`, the status and what the server said, without the `secret` that was sent, bounded and made valid UTF-8.
Error google_error(const HttpResponse& response, std::string what, const Secret& secret);

}  // namespace assay
