// Replicate's predictions: request bodies and states, as pure functions. Its models are programs with inputs of their own; a text model's
// are `prompt`, mostly `system_prompt`, and sampling parameters whose names differ from model to model (`extra` names others).
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "model/http/hosted.h"

namespace assay {

inline constexpr std::string_view kReplicateBase = "https://api.replicate.com/v1";

/// OWNER/NAME:VERSION or OWNER/NAME, the model as its owner last published it.
struct ReplicateName {
  std::string owner, name, version;
};
Result<ReplicateName> replicate_name(std::string_view model);

/// Below the base: "/predictions" with a version in the body, or "/models/OWNER/NAME/predictions".
std::string replicate_path(const ReplicateName& name);
/// {"input": {...}} and the version where there is one. Errors: unsupported (tools, response_format, log-probabilities).
Result<HostedBody> replicate_body(const Generate& request, const ReplicateName& name, const std::set<std::string>& refused);

struct ReplicatePrediction {
  std::string id;                    // letters and digits
  std::optional<Response> response;  // when it has succeeded; nothing while it goes on
};
/// Errors: bad_response (wrong shapes); with the prediction's own words server (failed, and another may not), bad_request (failed for any
/// other reason, cancelled).
Result<ReplicatePrediction> replicate_prediction(const json::value& body);

}  // namespace assay
