// Decoders: what a configuration's `fn_completions` and `completions_kwargs` mean here - a model spec, the request for a prompt, and what the original
// reckons that the answer cost.
#pragma once

#include <functional>
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
  bool strip_prompt = true;             // as the original does for OpenAI alone
  bool human_turns = false;             // "Human:" and "Assistant:" are read as messages
  std::string remove_ending;            // cut off the end of an answer; "" = nothing
  bool lenient = false;                 // what is no ChatML is sent as one user message: for models in the place of the configured one
  Sampling sampling;
  json::value tools, tool_choice, response_format;
  std::optional<double> price_per_token;        // USD; OpenAI: of each token in and out
  std::optional<double> price_in, price_out;    // USD per character; Google, Anthropic
  bool counts_messages = false;                 // a ChatML prompt costs as many characters as it has messages: Anthropic's, by the original's slip
  std::optional<double> (*price_of)(const Response& response) = nullptr;  // USD; where it goes by neither
  std::vector<std::string> deviates;            // what of the arguments is not sent, one sentence each

  /// `data` error where the original's decoder fails: the model wants ChatML and the prompt is none.
  Result<Generate> request(std::string_view prompt) const;
  /// USD, as the original reckons; nothing where it has no price.
  std::optional<double> price(std::string_view prompt, const Response& response) const;
};

struct DecoderPlaces {
  Result<std::string> openai_base{};  // in place of api.openai.com, e.g. from OPENAI_API_BASE; an error only where it is wanted
  std::string openai_key_env{};  // name of the variable that holds the key, where it is not OPENAI_API_KEY
  std::string openai_clients{};  // `clients` of a model spec: a file, or "env"; "" = one key
  std::string google_key_env{}, hugging_face_key_env{};  // likewise; "" = the usual variable
  /// The tokens of a text in a model's own tokenizer; may be null. Errors: not_found (with the cure).
  std::function<Result<std::vector<std::int64_t>>(std::string_view model, std::string_view text)> tokens{};
};

/// All of the original's decoders, and assay_completions, whose `model_name` is a model spec. `usage` errors, each with the cure: unknown decoders and
/// arguments (with the nearest names), values that do not fit; `unsupported` for arguments that cannot be sent.
Result<Decoder> make_decoder(std::string_view function, const PythonValue& kwargs, std::string_view where, const DecoderPlaces& places = {});

/// The same requests for another model: `spec` takes the place of the configured one.
void answer_with(Decoder& decoder, std::string spec);

}  // namespace assay::alpaca_eval
