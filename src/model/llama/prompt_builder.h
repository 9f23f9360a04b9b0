// From a Generate request to the tokens that the model reads, by the chat template of its file.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "model/llama/llama_settings.h"
#include "model/llama/loaded_model.h"
#include "model/model.h"
#include "model/request.h"
#include "prompt/prompt_template.h"

namespace assay {

struct BuiltPrompt {
  std::string text;
  Tokens tokens;
  std::string renderer;  // "none (raw prompt)", "jinja", "instruction template", "libllama's family", "raw"
  std::size_t cut = 0;     // tokens that PromptRules::max_input left off
  bool truncated = false;  // the first tokens were left off: Generate::cut_left
  std::vector<std::string> warnings;
};

/// How the numbers of other programs were made, where that is not what one would want.
struct PromptRules {
  bool double_bos = false;  // BOS is put before a text that a template began with it, too
  int max_input = 0;        // tokens that are kept, from the beginning; 0 = all
  std::optional<bool> bos;  // BOS before raw prompts, whatever request and file say
  int n_ctx = 0;            // tokens of a prompt with its answer; 0 = no limit
};
inline PromptRules prompt_rules(const LlamaSettings& settings) {
  return {settings.double_bos, settings.max_input, settings.prompt_bos, settings.n_ctx};
}

/// Thread-safe, no state.
class PromptBuilder {
 public:
  /// `chat_template`: Jinja text, "chatml", "raw", or empty when the file has none and none was given.
  /// `given`: the user's file, which then is what renders.
  PromptBuilder(std::shared_ptr<const LoadedModel> model, std::string chat_template,
                std::shared_ptr<const PromptTemplate> given = nullptr, PromptRules rules = {});

  /// Errors: bad_request (no template, the template refuses the messages, nothing to read), unsupported (tools, response_format).
  Result<BuiltPrompt> build(const Generate& request) const;
  /// build() plus one piece a token.
  Result<Rendering> render(const Generate& request) const;

 private:
  Result<std::string> apply_template(const Generate& request, BuiltPrompt& built) const;
  std::shared_ptr<const LoadedModel> model_;
  std::string chat_template_;
  std::shared_ptr<const PromptTemplate> given_;
  PromptRules rules_;
};

}  // namespace assay
