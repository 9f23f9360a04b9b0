// Models by the names that MixEval's program knows, and those a user adds: a data file, not a class each.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "benchmark/mixeval/settings.h"
#include "benchmark/mixeval/turn_template.h"

namespace assay::mixeval {

struct RegisteredModel {
  std::string name;
  Kind kind = Kind::api;
  std::string model;                    // its identifier at a provider, or of a checkpoint; "" = given on the command line
  std::string spec;                     // how it is asked (docs/model-specs.md); "" = only the user knows
  std::optional<std::string> system;    // system message
  std::string system_text;              // where the pack has a longer one, which is not part of this program: "system/vicuna"; "" = nowhere
  std::string max_tokens;               // option max_tokens: a number, "none" = no limit is sent; "" = that of the kind
  json::object sampling;                // temperature, top_p, top_k: what its class sets
  std::optional<TurnTemplate> turns;    // how its class writes a chat, where the checkpoint's own template is not used
  bool listed = true;                   // accepted by the original's command line
  bool known = false;                   // part of the program: option as= finds it
};

class ModelRegistry {
 public:
  /// `{"format": "assay-mixeval-models/1", "models": [{"name", "kind", "model", "spec", "system", "system_text", "max_tokens", "sampling", "turns",
  /// "listed"}]}`. Adds to what is there; `known` goes into each. Errors (`data`): another format, an unknown key or value, a name twice.
  Result<void> add(std::string_view text, const std::string& where, bool known = false);
  const std::vector<RegisteredModel>& models() const { return models_; }
  /// Null for a name that is not there.
  const RegisteredModel* find(std::string_view name) const;
  /// The nearest names, for messages.
  std::vector<std::string> near(std::string_view name) const;

 private:
  std::vector<RegisteredModel> models_;
};

}  // namespace assay::mixeval
