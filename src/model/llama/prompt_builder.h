// From a Generate request to the tokens that the model reads, by the chat template of its file.
#pragma once

#include <string>
#include <vector>

#include "model/llama/loaded_model.h"
#include "model/model.h"
#include "model/request.h"

namespace assay {

struct BuiltPrompt {
  std::string text;
  Tokens tokens;
  std::string renderer;  // "none (raw prompt)", "jinja", "libllama's family", "raw"
  std::vector<std::string> warnings;
};

/// Thread-safe, no state.
class PromptBuilder {
 public:
  /// `chat_template`: Jinja text, "chatml", "raw", or empty when the file has none and none was given.
  PromptBuilder(std::shared_ptr<const LoadedModel> model, std::string chat_template);

  /// Errors: bad_request (no template, the template refuses the messages, nothing to read), unsupported (tools, response_format).
  Result<BuiltPrompt> build(const Generate& request) const;
  /// build() plus one piece a token.
  Result<Rendering> render(const Generate& request) const;

 private:
  Result<std::string> apply_template(const Generate& request, std::string& renderer) const;
  std::shared_ptr<const LoadedModel> model_;
  std::string chat_template_;
};

}  // namespace assay
