// Log-probabilities of a prompt that a server echoes (/completions with echo and logprobs), read with suspicion: wrong numbers of
// the right shape are worse than none.
#pragma once

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
  std::vector<bool> best;             // nothing among the alternatives is likelier
  int leading = 0;                    // special tokens that the server put before our text (BOS), where it shows them
};

/// One a prompt, in order. Errors: bad_response (a prompt without choice, log-probabilities above zero, offsets that go back),
/// unsupported (no echo, no offsets). Values are finite.
Result<std::vector<EchoedPrompt>> read_echoes(const json::value& body, const std::vector<std::string>& prompts);

/// The texts that openai_echo_body() asks for: one an item.
std::vector<std::string> echo_prompts(const LoglikelihoodGroup& group);

/// Three prompts that show whether log-probabilities mean anything: a list of words twice, another list and then that one, the
/// first again.
const std::vector<std::string>& echo_probes();
/// Of the answer to them: how many special tokens the server puts before a text. Error (unsupported): the same number for every
/// token, another number for the same prompt, or a list that is no likelier where it stood before - chance; or two tokens before
/// the text.
Result<int> judge_echo(const json::value& body);

}  // namespace assay
