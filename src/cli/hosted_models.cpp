#include "cli/hosted_models.h"

#include <algorithm>

#include "base/file.h"
#include "base/text.h"
#include "model/http/bedrock.h"
#include "model/http/cohere_dialect.h"
#include "model/http/hugging_face_dialect.h"
#include "model/http/jina_dialect.h"
#include "model/http/openai.h"
#include "model/http/reka_dialect.h"
#include "model/http/replicate.h"

namespace assay::cli {
namespace {

std::string setting(const ModelSpec& spec, const std::string& key) {
  auto it = spec.settings.find(key);
  return it == spec.settings.end() ? std::string() : it->second;
}

std::string first_of(const Environment& environment, std::initializer_list<const char*> names) {
  for (const char* name : names)
    if (auto value = environment.provider(name)) return *value;
  return {};
}

bool is_region(std::string_view text) {
  return !text.empty() && text.size() <= 40 && std::all_of(text.begin(), text.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-'; });
}

Result<OpenAiOptions> azure_options(Session& session, const ModelSpec& spec, HttpModelOptions http) {
  OpenAiOptions out;
  const Environment& environment = session.invocation().environment;
  static_cast<HttpModelOptions&>(out) = std::move(http);
  out.backend = "azure";
  if (out.base.empty()) {
    // A key that no variable holds is of the clients' file.
    const bool of_variable = out.key.empty() || !environment.secret(out.key_source).empty();
    auto endpoint = of_variable ? environment.address("AZURE_OPENAI_ENDPOINT", out.key_source) : environment.get("AZURE_OPENAI_ENDPOINT");
    if (!endpoint) return fail(endpoint.error());
    out.base = endpoint->value_or("");
  }
  out.api_version = setting(spec, "api_version");
  if (out.api_version.empty()) out.api_version = environment.provider("OPENAI_API_VERSION").value_or("");
  return out;
}

Result<std::unique_ptr<Model>> make_bedrock(Session& session, const ModelSpec& spec, HttpModelOptions http) {
  const Environment& environment = session.invocation().environment;
  BedrockOptions out;
  static_cast<HttpModelOptions&>(out) = std::move(http);
  out.region = setting(spec, "region");
  if (out.region.empty()) out.region = first_of(environment, {"AWS_REGION", "AWS_DEFAULT_REGION"});
  if (!out.region.empty() && !is_region(out.region))
    return fail(ErrorKind::usage, "\"" + shorten(out.region, 60) + "\" is not a region of Amazon's", spec.text, "a region looks like us-west-2");
  // Three variables with one beginning: key_env names the secret's, and the others follow from it. At an address nothing is signed without it.
  std::string secret = setting(spec, "key_env");
  if (secret.empty() && spec.base.empty()) secret = "AWS_SECRET_ACCESS_KEY";
  constexpr std::string_view kEnd = "SECRET_ACCESS_KEY";
  if (!secret.empty() && !secret.ends_with(kEnd))
    return fail(ErrorKind::usage, "key_env of bedrock names the variable of the secret access key, whose name ends in SECRET_ACCESS_KEY", spec.text,
                "e.g. key_env=AWS_SECRET_ACCESS_KEY, with AWS_ACCESS_KEY_ID and perhaps AWS_SESSION_TOKEN beside it");
  out.key_source = "?key_env=AWS_SECRET_ACCESS_KEY in the model spec";
  if (!secret.empty()) {
    const std::string beginning = secret.substr(0, secret.size() - kEnd.size());
    out.credentials = {environment.provider(beginning + "ACCESS_KEY_ID").value_or(""), environment.secret(secret), environment.secret(beginning + "SESSION_TOKEN")};
    out.key_source = beginning + "ACCESS_KEY_ID and " + secret;
  }
  if (spec.name.empty()) return fail(ErrorKind::usage, "the model has no name", spec.text, "write http://HOST?api=bedrock#MODEL-ID");
  return make_bedrock_model(std::move(out), session.transport(), session.timer().clock());
}

}  // namespace

bool is_hosted_backend(const std::string& backend) { return !hosted_key_variable(backend).empty(); }

std::string hosted_key_variable(const std::string& backend) {
  if (backend == "azure") return "AZURE_OPENAI_API_KEY";
  if (backend == "bedrock") return "AWS_SECRET_ACCESS_KEY";
  if (backend == "cohere") return "COHERE_API_KEY";
  if (backend == "huggingface") return "HF_TOKEN";
  if (backend == "jina") return "JINA_CHAT_API_KEY";
  if (backend == "reka") return "REKA_API_KEY";
  if (backend == "replicate") return "REPLICATE_API_TOKEN";
  return "";
}

Result<std::unique_ptr<Model>> make_hosted_backend(Session& session, const ModelSpec& spec, HttpModelOptions http) {
  Clock& clock = session.timer().clock();
  if (spec.backend == "azure") {
    auto out = azure_options(session, spec, std::move(http));
    if (!out) return fail(out.error());
    return make_openai_model(std::move(*out), session.transport(), clock);
  }
  if (spec.backend == "bedrock") return make_bedrock(session, spec, std::move(http));
  if (spec.backend == "replicate") {
    ReplicateOptions out;
    static_cast<HttpModelOptions&>(out) = std::move(http);
    return make_replicate_model(std::move(out), session.transport(), session.timer());
  }
  HostedDialect dialect = spec.backend == "cohere" ? cohere_dialect()
                          : spec.backend == "jina" ? jina_dialect()
                          : spec.backend == "reka" ? reka_dialect()
                                                   : hugging_face_dialect();
  return make_hosted_model(std::move(dialect), std::move(http), session.transport(), clock);
}

Result<std::vector<ClientConfig>> read_clients(Session& session, const ModelSpec& spec) {
  const Environment& environment = session.invocation().environment;
  const std::string place = setting(spec, "clients");
  if (place == "env") {
    const char* source = environment.provider("OPENAI_API_KEYS") ? "OPENAI_API_KEYS" : "OPENAI_API_KEY";
    auto out = client_product(environment.secret(source), environment.provider("OPENAI_ORGANIZATION_IDS").value_or(""), source);
    if (out.empty()) return fail(ErrorKind::auth, "there are no keys for " + spec.label(), spec.text, "Set OPENAI_API_KEYS, several with commas between them.");
    return out;
  }
  auto text = read_file(place, 1 << 20);
  if (!text) return std::unexpected(text.error());
  auto out = read_client_configs(*text, place, spec.name);
  if (!out) return std::unexpected(out.error());
  for (ClientConfig& client : *out) {
    if (!client.key.empty()) continue;
    client.source = client.azure ? "AZURE_OPENAI_API_KEY" : "OPENAI_API_KEY";  // as the openai package does
    client.key = environment.secret(client.source);
  }
  return out;
}

Result<std::unique_ptr<Model>> make_client_backend(Session& session, const ModelSpec& spec, HttpModelOptions http, const ClientConfig& client) {
  http.key = client.key;
  http.key_source = client.source;
  if (!client.organization.empty()) http.headers.push_back({"OpenAI-Organization", client.organization});
  if (!client.base.empty()) http.base = client.base;
  OpenAiOptions out;
  if (client.azure) {
    if (!client.endpoint.empty()) http.base = client.endpoint;
    if (!client.deployment.empty()) http.model = client.deployment;
    auto azure = azure_options(session, spec, std::move(http));
    if (!azure) return fail(azure.error());
    out = std::move(*azure);
    if (!client.api_version.empty()) out.api_version = client.api_version;
  } else {
    static_cast<HttpModelOptions&>(out) = std::move(http);
  }
  if (std::string api = setting(spec, "api"); !api.empty()) out.api = api == "completions" ? OpenAiApi::completions : OpenAiApi::chat;
  return make_openai_model(std::move(out), session.transport(), session.timer().clock());
}

}  // namespace assay::cli
