// The shapes of hosted providers that the simulator speaks beside simulator_dialects.h: Amazon Bedrock, Cohere, Hugging Face's text generation, Reka,
// Replicate's predictions (which have always succeeded at once).
#pragma once

#include <string>
#include <string_view>

#include "support/simulator.h"

namespace assay::test {

/// `path`: without a query.
bool is_simulated_hosted(std::string_view path);

/// "" where the body has none of these shapes.
std::string simulated_hosted_prompt(const json::value& body);

std::string simulated_hosted_body(const SimulatedReply& reply, std::string_view path, std::int64_t tokens_in, std::int64_t tokens_out);

}  // namespace assay::test
