#include "benchmark/alpaca_eval/decoder.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/number.h"
#include "base/text.h"
#include "benchmark/alpaca_eval/decoder_arguments.h"
#include "benchmark/alpaca_eval/hosted_decoders.h"
#include "benchmark/alpaca_eval/judge_completion.h"
#include "benchmark/alpaca_eval/judge_prompt.h"

namespace assay::alpaca_eval {
namespace {

using Kind = PythonValue::Kind;

/// All models but those that complete a text: told apart by their names.
bool is_chat_name(std::string_view model) {
  return !contains(model, "instruct") && !(contains(model, "gpt-3") && !contains(model, "turbo")) && !model.starts_with("text-");
}

/// The original's own table, in its order.
std::optional<double> openai_price(std::string_view model) {
  constexpr std::array<std::pair<std::string_view, double>, 6> kPrices{{{"gpt-4o-mini-2024-07-18", 0.15 / 1e6},
                                                                        {"gpt-4-turbo", 0.01 / 1000},
                                                                        {"gpt-4-1106", 0.01 / 1000},
                                                                        {"gpt-4", 0.03 / 1000},
                                                                        {"gpt-3.5-turbo", 0.002 / 1000},
                                                                        {"text-davinci-003", 0.02 / 1000}}};
  for (const auto& [part, price] : kPrices)
    if (contains(model, part)) return price;
  return std::nullopt;
}

/// tokens_to_favor and tokens_to_avoid: a bias on tokens of the model's own tokenizer.
void add_logit_bias(DecoderArguments& arguments, const DecoderPlaces& places, bool skip_several, Decoder& out, json::object& extra) {
  json::object bias;
  for (const bool favor : {false, true}) {
    json::object own;
    std::optional<Error> missing;
    const std::string_view name = favor ? "tokens_to_favor" : "tokens_to_avoid";
    const PythonValue* words = arguments.take(name);
    if (!words) continue;
    if (!words->is_sequence()) return arguments.wrong(name, "a list of texts");
    for (const PythonValue& word : words->items) {
      if (word.kind != Kind::text) return arguments.wrong(name, "a list of texts");
      auto tokens = places.tokens ? places.tokens(out.model, word.text) : fail(ErrorKind::not_found, "there is no tokenizer here");
      if (!tokens) {
        if (!missing) missing = tokens.error();
        continue;
      }
      if (!favor && skip_several && tokens->size() > 1) continue;
      for (std::int64_t token : *tokens) own[std::to_string(token)] = favor ? 7 : -100;
    }
    if (missing) out.deviates.push_back(std::string(name) + " of " + out.model + " is not sent: " + missing->message + (missing->hint.empty() ? "" : " (" + missing->hint + ")"));
    if (missing) continue;
    for (auto& member : own) bias[member.key()] = std::move(member.value());
  }
  if (bias.empty()) return;
  // What is given beside them stays, where they say nothing else.
  if (const PythonValue* given = arguments.take("logit_bias"); given && given->kind == Kind::dict) {
    json::value all = to_json(*given);
    for (auto& member : bias) all.as_object()[member.key()] = std::move(member.value());
    bias = std::move(all.as_object());
  }
  extra["logit_bias"] = std::move(bias);
}

void openai(DecoderArguments& arguments, const DecoderPlaces& places, Decoder& out) {
  out.sampling.temperature = 0.7;
  out.sampling.top_p = 1.0;
  token_limit(arguments, "max_tokens", arguments.is_none("max_tokens") ? std::nullopt : std::optional<std::int64_t>(2048), out.sampling);
  common_sampling(arguments, out.sampling);
  std::optional<bool> logprobs, is_chat, requires_chatml, strip, skip;
  std::optional<std::int64_t> top_logprobs, n;
  arguments.flag("logprobs", logprobs);
  arguments.whole("top_logprobs", top_logprobs, 0);
  if (logprobs.value_or(false)) out.sampling.top_logprobs = static_cast<int>(top_logprobs.value_or(0));
  arguments.flag("is_chat", is_chat);
  arguments.flag("requires_chatml", requires_chatml);
  out.chat = is_chat.value_or(requires_chatml.value_or(is_chat_name(out.model)));
  out.lenient = requires_chatml && !*requires_chatml;
  arguments.whole("n", n, 1);
  if (n && *n != 1) arguments.wrong("n", "1: one completion is read");
  for (auto [name, target] : {std::pair<std::string_view, json::value*>{"tools", &out.tools}, {"tool_choice", &out.tool_choice}, {"response_format", &out.response_format}})
    if (const PythonValue* value = arguments.take(name)) *target = to_json(*value);
  arguments.flag("is_strip", strip);
  out.strip_prompt = strip.value_or(true);
  arguments.flag("is_skip_multi_tokens_to_avoid", skip);
  json::object extra;
  arguments.pass({"num_procs", "batch_size", "n_retries", "sleep_time"});
  arguments.send({"presence_penalty", "frequency_penalty", "logit_bias", "user", "functions", "function_call", "parallel_tool_calls", "reasoning_effort", "service_tier", "store",
                  "metadata", "prediction", "suffix", "best_of", "verbosity", "max_completion_tokens"}, extra);
  add_logit_bias(arguments, places, skip.value_or(true), out, extra);
  if (const PythonValue* more = arguments.take("extra_body")) {  // the openai package's way to send what it does not know
    if (more->kind != Kind::dict) return arguments.wrong("extra_body", "a mapping");
    const json::value members = to_json(*more);
    for (const auto& member : members.get_object()) extra[member.key()] = member.value();
  }
  out.price_per_token = openai_price(out.model);
  arguments.number("price_per_token", out.price_per_token);

  std::string base = places.openai_base.value_or(""), key = places.openai_key_env, clients = places.openai_clients;
  arguments.text("openai_api_base", base);  // the name it once had
  arguments.text("client_config_path", clients);
  if (const PythonValue* client = arguments.take("client_kwargs")) {
    if (client->kind != Kind::dict) return arguments.wrong("client_kwargs", "a mapping");
    for (std::size_t i = 0; i + 1 < client->items.size(); i += 2) {
      const std::string& name = client->items[i].text;
      const PythonValue& value = client->items[i + 1];
      if (name == "base_url" && value.kind == Kind::text)
        base = value.text;
      else
        return arguments.refuse(Error{ErrorKind::unsupported, "client_kwargs can only hold base_url, not \"" + shorten(name, 40) + "\"", "", "keys come from the environment"});
    }
  }
  while (base.ends_with("/")) base.pop_back();
  if (base.empty() && !places.openai_base) return arguments.refuse(places.openai_base.error());
  if (base.empty()) {
    out.spec = "openai:" + encoded_for_spec(out.model) + (out.chat ? "?api=chat" : "?api=completions") + (key.empty() ? "" : "&key_env=" + encoded_for_spec(key));
  } else {
    out.spec = base + (out.chat ? "?api=chat" : "?api=completions") + "&key_env=" + encoded_for_spec(key.empty() ? "OPENAI_API_KEY" : key) + "#" + encoded_for_spec(out.model);
  }
  if (!clients.empty()) add_to_query(out.spec, "clients=" + encoded_for_spec(clients));
  if (!extra.empty()) add_to_query(out.spec, "extra=" + encoded_for_spec(write_json(extra)));
}

void anthropic(DecoderArguments& arguments, Decoder& out) {
  out.sampling.temperature = 0.7;
  token_limit(arguments, "max_tokens_to_sample", 2048, out.sampling);
  common_sampling(arguments, out.sampling);
  std::string client = "messages";
  arguments.text("client_function_name", client);
  std::optional<bool> requires_chatml;
  arguments.flag("requires_chatml", requires_chatml);
  std::optional<std::int64_t> top_k;
  arguments.whole("top_k", top_k, 0);
  if (top_k) out.sampling.top_k = static_cast<int>(*top_k);
  arguments.pass({"num_procs", "n_retries", "sleep_time", "anthropic_api_keys"});
  if (client != "messages" && client != "completions") arguments.wrong("client_function_name", "messages or completions");
  // Text completion is no more (and the original fails there): what stands behind "Human:" and "Assistant:" are messages.
  out.human_turns = true;
  out.chat = client == "messages" && requires_chatml.value_or(true);
  out.lenient = !out.chat;
  json::object extra;
  arguments.send({"stop_sequences", "metadata", "thinking", "system"}, extra);
  std::optional<double> token;
  if (contains(out.model, "claude-v1") || contains(out.model, "claude-2")) token = 8e-6;
  arguments.number("price_per_token", token);
  if (token) out.price_in = out.price_out = *token / 4;
  out.counts_messages = true;
  out.spec = "anthropic:" + encoded_for_spec(out.model);
  if (!extra.empty()) add_to_query(out.spec, "extra=" + encoded_for_spec(write_json(extra)));
}

void google(DecoderArguments& arguments, const DecoderPlaces& places, Decoder& out) {
  out.sampling.temperature = 0.7;
  token_limit(arguments, "max_output_tokens", 2048, out.sampling);
  common_sampling(arguments, out.sampling);
  std::optional<std::int64_t> candidates;
  arguments.whole("candidate_count", candidates, 1);
  std::optional<std::int64_t> top_k;
  arguments.whole("top_k", top_k, 1);
  if (top_k) out.sampling.top_k = static_cast<int>(*top_k);
  arguments.texts("stop_sequences", out.sampling.stop);
  arguments.pass({"num_procs", "max_tries", "sleep_time", "google_api_keys"});
  out.chat = false, out.lenient = true;
  if (out.model == "gemini-pro") out.price_in = 0.00025 / 1000, out.price_out = 0.0005 / 1000;
  out.strip_prompt = false;
  out.spec = "gemini:" + encoded_for_spec(out.model) + (places.google_key_env.empty() ? "" : "?key_env=" + encoded_for_spec(places.google_key_env));
}

/// A model on this machine: the server that suits is started and supervised.
void local(DecoderArguments& arguments, std::string_view recipe, Decoder& out) {
  const bool vllm = recipe == "vllm";
  if (vllm) out.sampling.temperature = out.sampling.top_p = 1.0;  // the library's own; a server would take the model's
  token_limit(arguments, "max_new_tokens", 2048, out.sampling);
  common_sampling(arguments, out.sampling);
  std::optional<bool> sample, chatml;
  std::optional<std::int64_t> top_k;
  arguments.flag("do_sample", sample);
  arguments.whole("top_k", top_k, vllm ? -1 : 0);  // -1: all
  if (top_k) out.sampling.top_k = static_cast<int>(*top_k);
  if (!vllm && !sample.value_or(false)) out.sampling.temperature = 0;
  arguments.flag("is_chatml_prompt", chatml);
  arguments.pass({"batch_size", "is_fast_tokenizer", "cache_dir"});
  arguments.text("remove_ending", out.remove_ending);
  json::object extra;
  arguments.send({"stop_token_ids", "use_beam_search", "best_of", "presence_penalty", "frequency_penalty", "repetition_penalty", "length_penalty", "min_p", "ignore_eos", "min_tokens", "skip_special_tokens"}, extra);
  if (arguments.take("adapters_name")) arguments.refuse(Error{ErrorKind::unsupported, "adapters cannot be loaded", "", "merge them into the model"});
  out.chat = chatml.value_or(false);
  out.strip_prompt = false;
  if (lower(out.model).ends_with(".gguf")) {  // a model file needs no server
    arguments.pass({"model_kwargs"});
    out.spec = "gguf:" + out.model + (out.chat ? "" : "?template=raw");
    for (const auto& member : extra) out.deviates.push_back(std::string(member.key()) + " is not known to the engine in this process");
    return;
  }
  if (vllm && !top_k) extra["top_k"] = -1;
  for (auto [name, neutral] : {std::pair<std::string_view, double>{"repetition_penalty", 1}, {"min_p", 0}})
    if (vllm && !extra.contains(name)) extra[name] = neutral;
  out.spec = "launch:" + std::string(recipe) + "?model=" + encoded_for_spec(out.model) + (out.chat ? "" : "&api=completions");
  if (const PythonValue* kwargs = arguments.take("model_kwargs"); kwargs && kwargs->kind == Kind::dict) {
    std::string words;
    for (std::size_t i = 0; i + 1 < kwargs->items.size(); i += 2) {
      const std::string& name = kwargs->items[i].text;
      const PythonValue& value = kwargs->items[i + 1];
      if (name == "trust_remote_code") {
        if (value.integer != 0) out.spec += "&trust_remote_code=on";
        continue;
      }
      if (!vllm) {
        out.deviates.push_back("model_kwargs " + name + " is not passed to the server");
        continue;
      }
      if (value.kind == Kind::boolean && value.integer == 0) continue;
      // What the engine's constructor calls otherwise than its command.
      const std::string option = name == "tp" ? "tensor-parallel-size" : name == "torch_dtype" ? "dtype" : replace_all(name, "_", "-");
      words += (words.empty() ? "--" : " --") + option;
      if (value.kind == Kind::text) words += " " + value.text;
      if (value.kind == Kind::integer) words += " " + std::to_string(value.integer);
      if (value.kind == Kind::floating) words += " " + python_repr(value.real);
    }
    if (!words.empty()) out.spec += "&args=" + encoded_for_spec(words);
  }
  if (!extra.empty()) out.spec += "&extra=" + encoded_for_spec(write_json(extra));
}

/// Any model that this program can ask, in its own words.
void any_model(DecoderArguments& arguments, Decoder& out) {
  token_limit(arguments, "max_tokens", std::nullopt, out.sampling);
  common_sampling(arguments, out.sampling);
  arguments.number("price_per_token", out.price_per_token);
  std::optional<bool> chatml;
  arguments.flag("requires_chatml", chatml);
  out.chat = chatml.value_or(true);
  out.lenient = !chatml;
  out.spec = out.model;
}

/// "\n\nHuman: ...\n\nAssistant: ..." as messages; none where the prompt is not of that form. An "Assistant:" at the end waits for the answer.
std::vector<Message> read_human_turns(std::string_view prompt) {
  constexpr std::string_view kHuman = "\n\nHuman:", kAssistant = "\n\nAssistant:";
  std::vector<Message> out;
  if (!prompt.starts_with(kHuman)) return out;
  while (!prompt.empty()) {
    const bool human = prompt.starts_with(kHuman);
    prompt.remove_prefix(human ? kHuman.size() : kAssistant.size());
    const std::size_t end = std::min(prompt.find(kHuman), prompt.find(kAssistant));
    const std::string_view text = strip(prompt.substr(0, end));
    prompt = end == std::string_view::npos ? std::string_view() : prompt.substr(end);
    if (!text.empty()) out.push_back({human ? "user" : "assistant", std::string(text)});
  }
  return out;
}

std::string bare(std::string_view function) {
  std::size_t dot = function.rfind('.');
  return std::string(dot == std::string_view::npos ? function : function.substr(dot + 1));
}

}  // namespace

Result<Decoder> make_decoder(std::string_view function, const PythonValue& kwargs, std::string_view where, const DecoderPlaces& places) {
  Decoder out;
  out.function = bare(function);
  const PythonValue none;
  const PythonValue& dict = kwargs.kind == Kind::dict ? kwargs : none;
  if (out.function.empty())
    return fail(ErrorKind::usage, "the configuration names no decoder: this model cannot be asked", std::string(where), "its recorded outputs can be evaluated");
  static const std::vector<std::string> known{"openai_completions", "anthropic_completions", "google_completions", "huggingface_local_completions",
                                              "vllm_local_completions", "bedrock_anthropic_completions", "cohere_completions", "huggingface_api_completions",
                                              "replicate_completions", "jina_chat_completions", "test_completions", "cache_completions", "assay_completions"};
  if (std::find(known.begin(), known.end(), out.function) == known.end()) {
    std::vector<std::string> near = did_you_mean(out.function, known);
    return fail(ErrorKind::usage, "there is no decoder \"" + shorten(out.function, 60) + "\"", std::string(where),
                near.empty() ? "there are: " + join(known, ", ") : "did you mean " + near.front() + "?");
  }
  DecoderArguments arguments(out.function, dict, where);
  if (out.function == "cache_completions") {
    // The journal keeps every answer anyway.
    std::string inner;
    arguments.text("fn_completions", inner);
    const PythonValue* inner_arguments = arguments.take("completions_kwargs");
    arguments.pass({"cache_path"});
    if (auto end = arguments.end(); !end) return std::unexpected(end.error());
    if (inner.empty() || bare(inner) == out.function) return fail(ErrorKind::usage, "cache_completions wants another decoder as fn_completions", std::string(where));
    return make_decoder(inner, inner_arguments ? *inner_arguments : none, where, places);
  }
  if (out.function == "test_completions") {
    std::string value;
    arguments.text("value", value);
    arguments.pass({"model_name"});
    if (auto end = arguments.end(); !end) return std::unexpected(end.error());
    out.constant = value;
    out.chat = false;
    return out;
  }
  out.model = out.function == "anthropic_completions" ? "claude-v1" : out.function == "google_completions" ? "gemini-pro" : std::string(hosted_default_model(out.function));
  arguments.text("model_name", out.model);
  if (out.model.empty()) arguments.refuse(Error{ErrorKind::usage, out.function + " needs a model_name", std::string(where)});
  if (out.function == "openai_completions") openai(arguments, places, out);
  if (out.function == "anthropic_completions") anthropic(arguments, out);
  if (out.function == "google_completions") google(arguments, places, out);
  if (out.function == "huggingface_local_completions") local(arguments, "transformers", out);
  if (out.function == "vllm_local_completions") local(arguments, "vllm", out);
  if (out.function == "assay_completions") any_model(arguments, out);
  hosted_decoder(arguments, places, out);
  if (auto end = arguments.end(); !end) {
    Error error = end.error();
    if (error.where.empty()) error.where = where;
    return std::unexpected(error);
  }
  return out;
}

void answer_with(Decoder& decoder, std::string spec) {
  decoder.spec = std::move(spec);
  decoder.constant.reset();
  decoder.lenient = true;
  decoder.chat = true;
}

Result<Generate> Decoder::request(std::string_view prompt) const {
  Generate out;
  out.sampling = sampling;
  out.tools = tools;
  out.tool_choice = tool_choice;
  out.response_format = response_format;
  auto messages = chat ? read_chat_ml(prompt) : fail(ErrorKind::data, "");
  if (!messages && human_turns) out.messages = read_human_turns(prompt);
  if (!out.messages.empty()) return out;
  if (messages) {
    for (ChatMlMessage& message : *messages) out.messages.push_back({std::move(message.role), std::move(message.content)});
  } else if (chat && !lenient) {
    return std::unexpected(messages.error());
  } else if (lenient) {
    out.messages.push_back({"user", std::string(strip_prompt ? strip(prompt) : prompt)});
  } else {
    out.prompt = strip_prompt ? strip(prompt) : prompt;
  }
  return out;
}

std::optional<double> Decoder::price(std::string_view prompt, const Response& response) const {
  if (price_of) return price_of(response);
  if (price_per_token) {
    if (!response.usage.input_tokens || !response.usage.output_tokens) return std::nullopt;
    return static_cast<double>(*response.usage.input_tokens + *response.usage.output_tokens) * *price_per_token;
  }
  auto messages = counts_messages ? read_chat_ml(prompt) : fail(ErrorKind::data, "");
  if (price_in && price_out)
    return static_cast<double>(messages ? messages->size() : count_code_points(prompt)) * *price_in + static_cast<double>(count_code_points(completion_text(response))) * *price_out;
  if (constant) return 0;
  return std::nullopt;
}

}  // namespace assay::alpaca_eval
