// Amazon Bedrock: three ways in, chosen by the model's id and by what is asked.
//   anthropic.claude-v1, -v2, -instant and a raw prompt   invoke, {prompt, max_tokens_to_sample}: text completion, as AlpacaEval's program asks
//   anthropic.* else                                      invoke, Anthropic's messages with `anthropic_version`
//   meta.llama* and a raw prompt                          invoke, {prompt, max_gen_len}
//   everything else                                       converse, Amazon's own form for all models
// Ids of inference profiles ("us.anthropic...", "arn:...") count as the model that they name.
#pragma once

#include "model/http/hosted.h"

namespace assay {

enum class BedrockForm { claude_text, claude_messages, llama_text, converse };
BedrockForm bedrock_form(const Generate& request, std::string_view model);

/// "/model/ID/invoke", the id percent-encoded.
std::string bedrock_path(const Generate& request, std::string_view model);
Result<HostedBody> bedrock_body(const Generate& request, std::string_view model, const std::set<std::string>& refused);
/// Of any of the forms.
Result<Response> bedrock_response(const json::value& body);

/// Without an address: bedrock.h makes it from the region.
HostedDialect bedrock_dialect();

}  // namespace assay
