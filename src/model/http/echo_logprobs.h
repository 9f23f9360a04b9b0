// Log-probabilities of a prompt that a server echoes (/completions with echo and logprobs), read with suspicion: wrong numbers of
// the right shape are worse than none.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "model/request.h"

namespace assay {

/// What the server said of each token of one prompt (and of the one it went on with).
struct EchoedPrompt {
  std::vector<std::int64_t> offsets;  // code points from the beginning of our text; negative: a token put before it
  std::vector<double> logprobs;       // NaN: the server gave none, which only a first token may lack
  std::vector<std::optional<bool>> best;  // nothing among the alternatives is likelier; nullopt: the server named none
  int leading = 0;                    // special tokens that the server put before our text (BOS), where it shows them
};

/// One a prompt, in order. Errors: bad_response (a prompt without choice, log-probabilities above zero, offsets that go back),
/// unsupported (no echo, no offsets). Values are finite.
Result<std::vector<EchoedPrompt>> read_echoes(const json::value& body, const std::vector<std::string>& prompts);

/// Noted where the harness's numbers would have been made without it.
inline constexpr std::string_view kEchoedBos = "log-likelihoods: the server puts a special token (BOS) before a text, the harness puts none";
/// Special tokens before the text, or one where the first token has a log-probability all the same: it stands behind one that is not shown.
int tokens_before(const EchoedPrompt& echo);
/// The same of an answer as it was journaled (Response::raw); 0 where that is no such answer.
int tokens_before(std::string_view raw, const LoglikelihoodGroup& asked);

/// The texts that openai_echo_body() asks for: one an item.
std::vector<std::string> echo_prompts(const LoglikelihoodGroup& group);

/// Of a reply that names no alternatives: unsupported, with the cure. Whether a continuation is the likeliest cannot be known.
Error no_alternatives();

/// Three prompts that show whether log-probabilities mean anything: a list of words twice, another list and then that one, the
/// first again.
const std::vector<std::string>& echo_probes();
/// Of the answer to them: how many special tokens the server puts before a text; one that it does not show is noticed by the first
/// token's log-probability. Error (unsupported): numbers that are malformed, the same for every token, others for the same prompt, or a
/// list that is no likelier where it stood before - chance; no alternatives; two tokens before the text; one or none where `bos` says otherwise.
Result<int> judge_echo(const json::value& body, std::optional<bool> bos = std::nullopt);

}  // namespace assay
