// `BACKEND:NAME?key=value&key=value`, `http(s)://HOST/v1?key=value#NAME`: how people name a model on the command line.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace assay {

struct ModelSpec {
  std::string text;     // as written
  /// One of remote_backends(), "gguf", "replay" or "baseline". An address is "openai" unless its `api=` says otherwise; that setting is then gone.
  std::string backend;
  std::string base;     // base URL without credentials, query and trailing '/', or empty
  std::string name;     // model name or file; of launch: the recipe
  std::map<std::string, std::string> settings;

  std::string label() const;  // short, for tables
  bool is_remote() const;     // asked over HTTP
};

/// The back ends that are asked over HTTP.
const std::vector<std::string>& remote_backends();

/// One row of the table of settings: docs/model-specs.md and `assay list providers` are made from it.
struct SettingInfo {
  std::string key, values, meaning;
  bool in_identity;
  std::vector<std::string> backends;  // empty = all
};
const std::vector<SettingInfo>& model_settings();
/// Its back ends in words; "remote" stands for all that are asked over HTTP and not started here.
std::string shown_backends(const SettingInfo& setting);

/// Errors (usage) name the nearest back end or setting. "%XX" in values is decoded.
Result<ModelSpec> parse_model_spec(std::string_view text);

}  // namespace assay
