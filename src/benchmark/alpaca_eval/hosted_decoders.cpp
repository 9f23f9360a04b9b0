#include "benchmark/alpaca_eval/hosted_decoders.h"

#include "base/text.h"

namespace assay::alpaca_eval {
namespace {

void set_spec(Decoder& out, std::string_view backend, const json::object& extra) {
  out.spec = std::string(backend) + ":" + encoded_for_spec(out.model);
  if (!extra.empty()) add_to_query(out.spec, "extra=" + encoded_for_spec(write_json(extra)));
}

void bedrock(DecoderArguments& arguments, Decoder& out) {
  out.sampling.temperature = 0.7;
  token_limit(arguments, "max_tokens_to_sample", 2048, out.sampling);
  common_sampling(arguments, out.sampling);
  std::string region = "us-west-2";
  arguments.text("region", region);
  arguments.pass({"num_procs", "sleep_time"});
  json::object extra;
  arguments.send_rest(extra);
  set_spec(out, "bedrock", extra);
  add_to_query(out.spec, "region=" + encoded_for_spec(region));
  out.price_of = [](const Response&) { return std::optional(0.0); };
}

/// Of each token whose likelihood the answer gives, the prompt's among them.
std::optional<double> cohere_price(const Response& response) {
  std::optional<std::size_t> tokens;
  if (!response.raw.empty())
    if (auto body = parse_json(response.raw))
      if (const json::value* list = find(*body, "generations"); list && list->is_array() && !list->get_array().empty())
        if (const json::value* likelihoods = find(list->get_array().front(), "token_likelihoods"); likelihoods && likelihoods->is_array())
          tokens = likelihoods->get_array().size();
  if (!tokens && !response.logprobs.empty()) tokens = response.logprobs.size();
  if (!tokens) return std::nullopt;
  return static_cast<double>(*tokens) * 1.5e-5;
}

void cohere(DecoderArguments& arguments, Decoder& out) {
  if (!arguments.is_none("temperature")) out.sampling.temperature = 0.7;
  token_limit(arguments, "max_tokens", arguments.is_none("max_tokens") ? std::optional<std::int64_t>() : std::optional<std::int64_t>(1000), out.sampling);
  common_sampling(arguments, out.sampling);
  arguments.pass({"num_procs", "cohere_api_keys", "max_tries"});
  json::object extra{{"return_likelihoods", "ALL"}};
  arguments.send_rest(extra);
  set_spec(out, "cohere", extra);
  out.price_of = cohere_price;
}

void hugging_face(DecoderArguments& arguments, const DecoderPlaces& places, Decoder& out) {
  token_limit(arguments, "max_new_tokens", std::nullopt, out.sampling);
  common_sampling(arguments, out.sampling);
  std::optional<bool> sample;
  arguments.flag("do_sample", sample);
  arguments.pass({"num_procs", "gpu"});
  json::object extra{{"do_sample", sample.value_or(false)}};
  arguments.send_rest(extra);
  set_spec(out, "huggingface", extra);
  if (!places.hugging_face_key_env.empty()) add_to_query(out.spec, "key_env=" + encoded_for_spec(places.hugging_face_key_env));
}

void replicate(DecoderArguments& arguments, Decoder& out) {
  arguments.number("temperature", out.sampling.temperature);
  arguments.number("top_p", out.sampling.top_p);
  arguments.pass({"num_procs"});
  json::object extra;  // every model has inputs of its own
  arguments.send_rest(extra);
  set_spec(out, "replicate", extra);
}

void jina(DecoderArguments& arguments, Decoder& out) {
  arguments.pass({"num_procs"});
  out.chat = true;
  out.strip_prompt = true;
  set_spec(out, "jina", {});
  out.price_of = [](const Response& response) -> std::optional<double> {
    if (!response.usage.output_tokens) return std::nullopt;
    return *response.usage.output_tokens > 300 ? 0.08 : 0.0;
  };
}

}  // namespace

std::string_view hosted_default_model(std::string_view function) {
  if (function == "bedrock_anthropic_completions") return "anthropic.claude-v1";
  if (function == "cohere_completions") return "command";
  if (function == "jina_chat_completions") return "jina-chat";
  return "";
}

void hosted_decoder(DecoderArguments& arguments, const DecoderPlaces& places, Decoder& out) {
  const std::string_view function = out.function;
  const bool bedrock_one = function == "bedrock_anthropic_completions", cohere_one = function == "cohere_completions";
  const bool hugging_face_one = function == "huggingface_api_completions", replicate_one = function == "replicate_completions";
  if (bedrock_one || cohere_one || hugging_face_one || replicate_one) out.chat = out.strip_prompt = false;
  if (bedrock_one) bedrock(arguments, out);
  if (cohere_one) cohere(arguments, out);
  if (hugging_face_one) hugging_face(arguments, places, out);
  if (replicate_one) replicate(arguments, out);
  if (function == "jina_chat_completions") jina(arguments, out);
}

}  // namespace assay::alpaca_eval
