// What the harness itself would send to an API and how it reads the answers: for comparing what our own back ends do (they ask by
// text, check the server first and keep reasoning apart), and for people who look for the cause of a difference. Source: spec of
// the Open LLM Leaderboard, B7.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "model/request.h"

namespace assay::harness {

/// The harness's classes by the names of --model: local-completions (and openai-completions), local-chat-completions,
/// openai-chat-completions, anthropic-chat-completions.
enum class ApiClass { completions, local_chat, openai_chat, anthropic };
std::optional<ApiClass> api_class(std::string_view model);

/// Log-likelihood by echo: the prompt is a text, or token lists.
json::object echo_payload(const std::string& model, json::value prompt, std::int64_t seed);
/// The end that a class stops at where its caller says nothing of one. (A run says: eos_string, or the tokenizer's, or none.)
std::optional<std::string> default_eos(ApiClass api);
/// A generation. `prompt` for completions, `messages` for the others. `gen_kwargs`: the task's, as a dict's JSON. `eos`:
/// --model_args eos_string; none of it stops at the task's own stops alone.
json::object generation_payload(ApiClass api, const std::string& model, const std::string& prompt,
                                const std::vector<Message>& messages, const json::object& gen_kwargs, std::int64_t seed,
                                const std::optional<std::string>& eos);

/// The values of an echoed answer's choices in the order of their indices: the sum of the log-probabilities behind the context,
/// without the one generated token, and whether each was the best. `bad_response` for what has another shape.
Result<std::vector<std::pair<double, bool>>> read_echo(const json::value& response,
                                                       const std::vector<std::int64_t>& context_lengths);

/// Tokens that are sent of context and continuation, and how many of them are context (below 0 where the continuation itself was
/// cut).
struct CutRequest {
  std::vector<std::int64_t> input;
  std::int64_t context_length = 0;
};
CutRequest cut_request(const std::vector<std::int64_t>& context, const std::vector<std::int64_t>& continuation,
                       std::int64_t max_length);

/// The texts of an answer; null where the server sent null. With `think_end` what stands behind its last occurrence, without
/// white space in front.
json::array read_generations(ApiClass api, const json::value& response, const std::optional<std::string>& think_end);

}  // namespace assay::harness
