// The shapes in which the simulator is asked and answers: which paths want an answer, where the prompt stands in a body, and how
// a reply is wrapped.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

#include "support/simulator.h"

namespace assay::test {

bool is_simulated_generation(std::string_view target);

/// The last user message, or the prompt.
std::string simulated_prompt(const json::value& body);

/// As providers count beforehand: the prompt, and the longest answer that was asked for.
double simulated_tokens(const SimulatedRequest& request);

/// The body that a provider would send, in the dialect of `target`.
std::string simulated_body(const SimulatedReply& reply, std::string_view target, std::size_t prompt_bytes);

/// What an endpoint of embeddings would send: for each text counts of its words, hashed to as many places as the reply's text says (a whole
/// number; else 16), so that texts with the same words are alike. Numbers as text whatever encoding was asked for.
bool is_simulated_embedding(std::string_view target);
std::string simulated_embeddings(const SimulatedReply& reply, const json::value& body);

}  // namespace assay::test
