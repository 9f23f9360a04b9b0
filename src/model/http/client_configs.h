// Several ways to the same model: the client configuration files of AlpacaEval's program, which name keys, organisations, addresses and Azure
// deployments for a model (YAML; docs/model-specs.md, "Several keys").
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/secret.h"

namespace assay {

struct ClientConfig {
  Secret key;                // empty: the usual one
  std::string organization;  // "" = none is named
  std::string base;          // "" = the model's own
  bool azure = false;        // the others are of Azure
  std::string deployment, endpoint, api_version;
  std::string source;        // where the key stands, for messages
};

/// The clients of `model`: its own entry, or "default". An entry's item "default" stands for all clients of that one, which come first. At least one.
/// `data` errors name entry and member, never a value: it may be a key.
Result<std::vector<ClientConfig>> read_client_configs(std::string_view yaml, std::string_view where, std::string_view model);

/// Every key with every organisation, as the program does without a file. Both are lists with commas; `organizations` may be empty.
std::vector<ClientConfig> client_product(const Secret& keys, std::string_view organizations, std::string_view keys_source);

}  // namespace assay
