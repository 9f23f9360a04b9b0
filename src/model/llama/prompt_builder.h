// From a Generate request to the tokens that the model reads, by the chat template of its file.
#pragma once

#include <string>
#include <vector>

#include "model/llama/loaded_model.h"
#include "model/model.h"
#include "model/request.h"
#include "prompt/prompt_template.h"

namespace assay {

struct BuiltPrompt {
  std::string text;
  Tokens tokens;
  std::string renderer;  // "none (raw prompt)", "jinja", "instruction template", "libllama's family", "raw"
  std::vector<std::string> warnings;
};

/// Thread-safe, no state.
class PromptBuilder {
 public:
  /// `chat_template`: Jinja text, "chatml", "raw", or empty when the file has none and none was given.
  /// `given`: the user's file, which then is what renders. `double_bos`: BOS is put before a text that a template began with it, too.
  PromptBuilder(std::shared_ptr<const LoadedModel> model, std::string chat_template,
                std::shared_ptr<const PromptTemplate> given = nullptr, bool double_bos = false);

  /// Errors: bad_request (no template, the template refuses the messages, nothing to read), unsupported (tools, response_format).
  Result<BuiltPrompt> build(const Generate& request) const;
  /// build() plus one piece a token.
  Result<Rendering> render(const Generate& request) const;

 private:
  Result<std::string> apply_template(const Generate& request, BuiltPrompt& built) const;
  std::shared_ptr<const LoadedModel> model_;
  std::string chat_template_;
  std::shared_ptr<const PromptTemplate> given_;
  bool double_bos_;
};

}  // namespace assay
