// What a refusal of a hub means, and what to do about it.
#pragma once

#include "base/error.h"
#include "model/hub/hub.h"
#include "model/transport.h"

namespace assay {

/// For an answer that is no success: auth (401, 403: gated, private, or a wrong token), not_found (404), rate_limited (429, with its wait),
/// server (5xx, 408), data (others). `address` is what was asked for.
Error hub_error(const HttpResponse& response, const HubAddress& address, const HubOptions& options);

}  // namespace assay
