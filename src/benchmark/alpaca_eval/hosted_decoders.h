// Decoders of hosted providers: Bedrock, Cohere, Hugging Face's API, Replicate, Jina. Defaults and prices are the original's.
#pragma once

#include "benchmark/alpaca_eval/decoder.h"
#include "benchmark/alpaca_eval/decoder_arguments.h"

namespace assay::alpaca_eval {

/// The model that a decoder asks where the configuration names none; "" = it must name one.
std::string_view hosted_default_model(std::string_view function);

/// Fills `out`, whose function and model are known; other functions are left alone.
void hosted_decoder(DecoderArguments& arguments, const DecoderPlaces& places, Decoder& out);

}  // namespace assay::alpaca_eval
