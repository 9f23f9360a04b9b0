// Decoders: what a configuration's `fn_completions` and `completions_kwargs` mean here - a model spec, the request for a prompt, and what the original
// reckons that the answer cost.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/python_value.h"
#include "model/request.h"

namespace assay::alpaca_eval {

struct Decoder {
  std::string function;                 // "openai_completions"
  std::string model;                    // model_name
  std::string spec;                     // model spec; "" where `constant` answers
  std::optional<std::string> constant;  // test_completions: this text, and nobody is asked
  bool chat = true;                     // the prompt must be ChatML
  bool lenient = false;                 // what is no ChatML is sent as one user message: for models in the place of the configured one
  Sampling sampling;
  json::value tools, tool_choice, response_format;
  std::optional<double> price_per_token;        // USD; OpenAI: of each token in and out
  std::optional<double> price_in, price_out;    // USD per character; Google, Anthropic
  std::vector<std::string> deviates;            // what of the arguments is not sent, one sentence each

  /// `data` error where the original's decoder fails: the model wants ChatML and the prompt is none.
  Result<Generate> request(std::string_view prompt) const;
  /// USD, as the original reckons; nothing where it has no price.
  std::optional<double> price(std::string_view prompt, const Response& response) const;
};

struct DecoderPlaces {
  std::string openai_base;     // in place of api.openai.com, e.g. from OPENAI_API_BASE
  std::string openai_key_env;  // name of the variable that holds the key, where it is not OPENAI_API_KEY
};

/// `usage` errors, each with the cure: unknown decoders and arguments (with the nearest names), values that do not fit; `unsupported` for decoders
/// and arguments that have no back end here: name another model for this judge.
Result<Decoder> make_decoder(std::string_view function, const PythonValue& arguments, std::string_view where, const DecoderPlaces& places = {});

/// The same requests for another model: `spec` takes the place of the configured one.
void answer_with(Decoder& decoder, std::string spec);

}  // namespace assay::alpaca_eval
