// Back ends of providers with ways of their own to name places and keys: Azure, Bedrock, Cohere, Hugging Face, Jina, Reka, Replicate; and several clients
// of one model.
#pragma once

#include <memory>
#include <vector>

#include "cli/session.h"
#include "model/http/client_configs.h"
#include "model/http/http_provider.h"
#include "model/model.h"
#include "model/model_spec.h"

namespace assay::cli {

/// Whether make_hosted_backend() makes it.
bool is_hosted_backend(const std::string& backend);

/// `http`: what the spec says that is the same for all providers. Reads AZURE_OPENAI_ENDPOINT, OPENAI_API_VERSION, AWS_REGION, AWS_DEFAULT_REGION
/// and the AWS credentials. Errors: usage.
Result<std::unique_ptr<Model>> make_hosted_backend(Session& session, const ModelSpec& spec, HttpModelOptions http);

/// The provider's usual environment variable, of these back ends; "" else.
std::string hosted_key_variable(const std::string& backend);

/// What `clients=` of a spec names: a file, or `env`. Errors: usage, data, not_found.
Result<std::vector<ClientConfig>> read_clients(Session& session, const ModelSpec& spec);

/// The back end behind one client; `http` has a label, the model's name and what holds for all clients.
Result<std::unique_ptr<Model>> make_client_backend(Session& session, const ModelSpec& spec, HttpModelOptions http, const ClientConfig& client);

}  // namespace assay::cli
