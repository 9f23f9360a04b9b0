#include "model/http/client_configs.h"

#include "base/python_yaml.h"
#include "base/text.h"

namespace assay {
namespace {

using Kind = PythonValue::Kind;

Result<void> add_entry(const PythonValue& root, std::string_view name, std::string_view where, int depth, std::vector<ClientConfig>& out);

Result<ClientConfig> read_client(const PythonValue& item, const std::string& place, std::string_view where) {
  ClientConfig out;
  out.source = place + " in " + std::string(where);
  if (item.kind != Kind::dict) return fail(ErrorKind::data, place + " is not a mapping of settings", std::string(where));
  static const std::vector<std::string> known{"api_key", "organization", "base_url", "client_class", "azure_deployment", "azure_endpoint", "api_version"};
  for (std::size_t i = 0; i + 1 < item.items.size(); i += 2) {
    const std::string& key = item.items[i].text;
    const PythonValue& value = item.items[i + 1];
    if (value.kind == Kind::none) continue;
    if (value.kind != Kind::text) return fail(ErrorKind::data, "\"" + shorten(key, 60) + "\" of " + place + " is not a text", std::string(where));
    const std::string& text = value.text;
    if (key == "api_key") out.key = Secret(text);
    else if (key == "organization") out.organization = text;
    else if (key == "base_url") out.base = text;
    else if (key == "azure_deployment") out.deployment = text;
    else if (key == "azure_endpoint") out.endpoint = text;
    else if (key == "api_version") out.api_version = text;
    else if (key == "client_class") {
      out.azure = text == "openai.AzureOpenAI" || text == "AzureOpenAI";
      if (!out.azure && text != "openai.OpenAI" && text != "OpenAI")
        return fail(ErrorKind::data, "the client_class of " + place + " is neither openai.OpenAI nor openai.AzureOpenAI", std::string(where));
    } else {
      std::vector<std::string> near = did_you_mean(key, known);
      return fail(ErrorKind::data, place + " has a setting \"" + shorten(key, 60) + "\" that is not known", std::string(where),
                  near.empty() ? "known are: " + join(known, ", ") : "did you mean " + near.front() + "?");
    }
  }
  if (out.azure && out.endpoint.empty() && out.base.empty())
    return fail(ErrorKind::data, place + " is Azure's and has no azure_endpoint", std::string(where));
  return out;
}

Result<void> add_entry(const PythonValue& root, std::string_view name, std::string_view where, int depth, std::vector<ClientConfig>& out) {
  const PythonValue* entry = root.find(name);
  if (!entry) return fail(ErrorKind::data, "there are no clients called \"" + shorten(name, 80) + "\"", std::string(where));
  std::vector<PythonValue> one{*entry};
  const std::vector<PythonValue>& items = entry->is_sequence() ? entry->items : one;  // a single client need not be a list
  for (const PythonValue& item : items)
    if (item.kind == Kind::text) {
      if (item.text != "default" || depth > 0)
        return fail(ErrorKind::data, "an item of \"" + shorten(name, 80) + "\" is neither settings nor the word default", std::string(where));
      if (auto added = add_entry(root, "default", where, depth + 1, out); !added) return added;
    }
  std::size_t number = 0;
  for (const PythonValue& item : items) {
    ++number;
    if (item.kind == Kind::text) continue;
    auto client = read_client(item, "client " + std::to_string(number) + " of \"" + shorten(name, 80) + "\"", where);
    if (!client) return std::unexpected(client.error());
    out.push_back(std::move(*client));
  }
  return {};
}

}  // namespace

Result<std::vector<ClientConfig>> read_client_configs(std::string_view yaml, std::string_view where, std::string_view model) {
  auto root = read_python_yaml(valid_utf8(yaml), where);
  if (!root) return std::unexpected(root.error());
  if (root->kind != Kind::dict) return fail(ErrorKind::data, "a client configuration is a mapping of models to clients", std::string(where));
  std::vector<ClientConfig> out;
  const bool own = root->find(model) != nullptr;
  if (!own && !root->find("default"))
    return fail(ErrorKind::data, "the client configuration has neither an entry for " + shorten(model, 80) + " nor one called default", std::string(where));
  auto added = add_entry(*root, own ? model : std::string_view("default"), where, model == "default" ? 1 : 0, out);
  if (!added) return std::unexpected(added.error());
  if (out.empty()) return fail(ErrorKind::data, "the client configuration has no client for " + shorten(model, 80), std::string(where));
  return out;
}

std::vector<ClientConfig> client_product(const Secret& keys, std::string_view organizations, std::string_view keys_source) {
  std::vector<ClientConfig> out;
  for (const std::string& key : split(keys.reveal(), ','))
    for (const std::string& organization : split(organizations, ',')) {
      if (strip(key).empty()) continue;
      ClientConfig& one = out.emplace_back();
      one.key = Secret(std::string(strip(key)));
      one.organization = strip(organization);
      one.source = keys_source;
    }
  return out;
}

}  // namespace assay
