// Where AlpacaEval's decoders find what its program takes from the environment: addresses, several keys, tokenizers.
#pragma once

#include "benchmark/alpaca_eval/decoder.h"
#include "cli/context.h"

namespace assay::compat {

/// Reads OPENAI_API_BASE, OPENAI_BASE_URL, OPENAI_CLIENT_CONFIG_PATH (or client_configs/openai_configs.yaml in the working directory), OPENAI_API_KEYS,
/// OPENAI_ORGANIZATION_IDS, GOOGLE_API_KEY and HUGGINGFACEHUB_API_TOKEN; tokenizers come from the imported pack. `invocation` outlives the result.
alpaca_eval::DecoderPlaces decoder_places(const cli::Invocation& invocation);

}  // namespace assay::compat
