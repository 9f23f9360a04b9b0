// Amazon Bedrock as a Model: the dialect of bedrock_dialect.h, every request signed with the account's credentials.
#pragma once

#include <memory>

#include "model/http/http_provider.h"
#include "model/http/sigv4.h"
#include "model/model.h"

namespace assay {

struct BedrockOptions : HttpModelOptions {
  AwsCredentials credentials;         // in place of `key`
  std::string region = "us-west-2";   // "" counts as that one, which AlpacaEval's program takes
};

/// An empty base is https://bedrock-runtime.REGION.amazonaws.com. identify() fails with `auth` where credentials are missing there. Access key id,
/// secret and session token never reach answers, errors or the journal, even when the server repeats them.
std::unique_ptr<Model> make_bedrock_model(BedrockOptions options, Transport& transport, Clock& clock);

/// Signs what passes: adds Authorization, X-Amz-Date and, for temporary credentials, X-Amz-Security-Token. `inner` and `clock` outlive it.
std::unique_ptr<Transport> make_signing_transport(Transport& inner, Clock& clock, AwsCredentials credentials, SigV4Scope scope);

}  // namespace assay
