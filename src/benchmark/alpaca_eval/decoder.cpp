#include "benchmark/alpaca_eval/decoder.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/number.h"
#include "base/text.h"
#include "benchmark/alpaca_eval/judge_completion.h"
#include "benchmark/alpaca_eval/judge_prompt.h"

namespace assay::alpaca_eval {
namespace {

using Kind = PythonValue::Kind;

/// The arguments of a decoder, taken one by one; what is left over is an error.
class Arguments {
 public:
  Arguments(std::string_view function, const PythonValue& dict, std::string_view where) : function_(function), dict_(dict), where_(where) {}

  const PythonValue* take(std::string_view name) {
    known_.emplace_back(name);
    const PythonValue* value = dict_.find(name);
    return value && value->kind != Kind::none ? value : nullptr;
  }
  void text(std::string_view name, std::string& out) {
    const PythonValue* value = take(name);
    if (!value) return;
    if (value->kind == Kind::text)
      out = value->text;
    else
      wrong(name, "a text");
  }
  /// Numbers that YAML 1.1 takes for texts (9e-7) count.
  void number(std::string_view name, std::optional<double>& out) {
    const PythonValue* value = take(name);
    if (!value) return;
    if (value->is_real() && value->kind != Kind::boolean)
      out = value->real != 0 || value->kind == Kind::floating ? value->real : static_cast<double>(value->integer);
    else if (auto number = value->kind == Kind::text ? python_float(value->text) : std::nullopt)
      out = *number;
    else
      wrong(name, "a number");
  }
  void whole(std::string_view name, std::optional<std::int64_t>& out, std::int64_t least) {
    const PythonValue* value = take(name);
    if (!value) return;
    if (value->kind == Kind::integer && value->text.empty() && value->integer >= least && value->integer <= 1'000'000'000)
      out = value->integer;
    else
      wrong(name, "a whole number from " + std::to_string(least));
  }
  void flag(std::string_view name, std::optional<bool>& out) {
    const PythonValue* value = take(name);
    if (!value) return;
    if (value->kind == Kind::boolean)
      out = value->integer != 0;
    else
      wrong(name, "true or false");
  }
  /// Understood, and without a meaning here: how many at once, how often again.
  void pass(std::initializer_list<std::string_view> names) {
    for (std::string_view name : names) known_.emplace_back(name);
  }
  void wrong(std::string_view name, std::string_view want) {
    if (!error_) error_ = Error{ErrorKind::usage, std::string(function_) + " takes " + std::string(want) + " as \"" + std::string(name) + "\"", std::string(where_)};
  }
  void refuse(Error error) {
    if (!error_) error_ = std::move(error);
  }
  Result<void> end() const {
    if (error_) return std::unexpected(*error_);
    for (std::size_t i = 0; i + 1 < dict_.items.size(); i += 2) {
      const std::string& key = dict_.items[i].text;
      if (std::find(known_.begin(), known_.end(), key) != known_.end()) continue;
      std::vector<std::string> near = did_you_mean(key, known_);
      return fail(ErrorKind::usage, std::string(function_) + " has no argument \"" + shorten(key, 60) + "\" that can be sent", std::string(where_),
                  near.empty() ? "remove it from completions_kwargs" : "did you mean " + near.front() + "?");
    }
    return {};
  }

 private:
  std::string_view function_;
  const PythonValue& dict_;
  std::string_view where_;
  std::vector<std::string> known_;
  std::optional<Error> error_;
};

std::string encoded(std::string_view text) {
  std::string out;
  for (unsigned char c : text) {
    if (c == '%' || c == '&' || c == '#' || c == '?' || c <= ' ' || c >= 127) {
      constexpr std::string_view kHex = "0123456789ABCDEF";
      out += '%', out += kHex[c >> 4], out += kHex[c & 15];
    } else {
      out += static_cast<char>(c);
    }
  }
  return out;
}

void common_sampling(Arguments& arguments, Sampling& sampling) {
  std::optional<double> temperature = sampling.temperature, top_p = sampling.top_p;
  std::optional<std::int64_t> seed;
  arguments.number("temperature", temperature);
  arguments.number("top_p", top_p);
  arguments.whole("seed", seed, 0);
  sampling.temperature = temperature;
  sampling.top_p = top_p;
  if (seed) sampling.seed = *seed;
  if (const PythonValue* stop = arguments.take("stop")) {
    if (stop->kind == Kind::text) {
      sampling.stop = {stop->text};
    } else if (stop->is_sequence()) {
      for (const PythonValue& one : stop->items) {
        if (one.kind != Kind::text) return arguments.wrong("stop", "texts");
        sampling.stop.push_back(one.text);
      }
    } else {
      arguments.wrong("stop", "texts");
    }
  }
}

void token_limit(Arguments& arguments, std::string_view name, std::int64_t standard, Sampling& sampling) {
  std::optional<std::int64_t> limit = standard;
  if (const PythonValue* value = arguments.take(name); value && value->is_sequence())
    return arguments.wrong(name, "one number (a list of them, one a batch, cannot be sent)");
  arguments.whole(name, limit, 1);
  if (limit) sampling.max_tokens = static_cast<int>(*limit);
}

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

void openai(Arguments& arguments, const DecoderPlaces& places, Decoder& out) {
  out.sampling.temperature = 0.7;
  out.sampling.top_p = 1.0;
  token_limit(arguments, "max_tokens", 2048, out.sampling);
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
  // Which tokens a word is depends on the model's own tokenizer; the requests go without.
  for (std::string_view name : {"tokens_to_favor", "tokens_to_avoid"})
    if (arguments.take(name)) out.deviates.push_back(std::string(name) + " of " + out.model + " is not sent: it needs the model's own tokenizer");
  arguments.flag("is_strip", strip);
  arguments.flag("is_skip_multi_tokens_to_avoid", skip);
  arguments.pass({"num_procs", "batch_size", "n_retries", "sleep_time", "client_config_path"});
  out.price_per_token = openai_price(out.model);
  arguments.number("price_per_token", out.price_per_token);

  std::string base = places.openai_base, key = places.openai_key_env;
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
  if (base.empty()) {
    out.spec = "openai:" + encoded(out.model) + (out.chat ? "?api=chat" : "?api=completions") + (key.empty() ? "" : "&key_env=" + encoded(key));
  } else {
    out.spec = base + (out.chat ? "?api=chat" : "?api=completions") + "&key_env=" + encoded(key.empty() ? "OPENAI_API_KEY" : key) + "#" + encoded(out.model);
  }
}

void anthropic(Arguments& arguments, Decoder& out) {
  out.sampling.temperature = 0.7;
  token_limit(arguments, "max_tokens_to_sample", 2048, out.sampling);
  common_sampling(arguments, out.sampling);
  std::string client = "messages";
  arguments.text("client_function_name", client);
  std::optional<bool> requires_chatml;
  arguments.flag("requires_chatml", requires_chatml);
  arguments.pass({"num_procs", "n_retries", "sleep_time", "anthropic_api_keys"});
  if (client != "messages")
    arguments.refuse(Error{ErrorKind::unsupported, "Anthropic's text completions are no more (the original fails there, too)", "", "name another model for this judge"});
  out.chat = requires_chatml.value_or(true);
  out.lenient = !out.chat;
  std::optional<double> token;
  if (out.model == "claude-v1" || out.model.starts_with("claude-2")) token = 8e-6;
  arguments.number("price_per_token", token);
  if (token) out.price_in = out.price_out = *token / 4;
  out.spec = "anthropic:" + encoded(out.model);
}

void google(Arguments& arguments, Decoder& out) {
  out.sampling.temperature = 0.7;
  token_limit(arguments, "max_output_tokens", 2048, out.sampling);
  common_sampling(arguments, out.sampling);
  std::optional<std::int64_t> candidates;
  arguments.whole("candidate_count", candidates, 1);
  arguments.pass({"num_procs", "n_retries", "sleep_time"});
  out.chat = false, out.lenient = true;
  if (out.model == "gemini-pro") out.price_in = 0.00025 / 1000, out.price_out = 0.0005 / 1000;
  out.spec = "gemini:" + encoded(out.model);
}

/// A model on this machine: the server that suits is started and supervised.
void local(Arguments& arguments, std::string_view recipe, Decoder& out) {
  const bool vllm = recipe == "vllm";
  token_limit(arguments, "max_new_tokens", 2048, out.sampling);
  common_sampling(arguments, out.sampling);
  std::optional<bool> sample, chatml;
  std::optional<std::int64_t> top_k;
  arguments.flag("do_sample", sample);
  arguments.whole("top_k", top_k, 0);
  if (top_k) out.sampling.top_k = static_cast<int>(*top_k);
  if (!vllm && !sample.value_or(false)) out.sampling.temperature = 0;
  arguments.flag("is_chatml_prompt", chatml);
  arguments.pass({"batch_size", "is_fast_tokenizer", "cache_dir", "adapters_name", "remove_ending"});
  if (arguments.take("adapters_name")) arguments.refuse(Error{ErrorKind::unsupported, "adapters cannot be loaded", "", "merge them into the model"});
  out.chat = chatml.value_or(false);
  out.spec = "launch:" + std::string(recipe) + "?model=" + encoded(out.model) + (out.chat ? "" : "&api=completions");
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
      words += (words.empty() ? "--" : " --") + replace_all(name, "_", "-");
      if (value.kind == Kind::text) words += " " + value.text;
      if (value.kind == Kind::integer) words += " " + std::to_string(value.integer);
      if (value.kind == Kind::floating) words += " " + python_repr(value.real);
    }
    if (!words.empty()) out.spec += "&args=" + encoded(words);
  }
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
                                              "vllm_local_completions", "test_completions", "cache_completions"};
  static const std::vector<std::string> other{"bedrock_anthropic_completions", "cohere_completions", "huggingface_api_completions", "replicate_completions",
                                              "jina_chat_completions"};
  if (std::find(other.begin(), other.end(), out.function) != other.end())
    return fail(ErrorKind::unsupported, out.function + " has no back end here", std::string(where), "name another model in its place: --judge SPEC");
  if (std::find(known.begin(), known.end(), out.function) == known.end()) {
    std::vector<std::string> near = did_you_mean(out.function, known);
    return fail(ErrorKind::usage, "there is no decoder \"" + shorten(out.function, 60) + "\"", std::string(where),
                near.empty() ? "there are: " + join(known, ", ") : "did you mean " + near.front() + "?");
  }
  Arguments arguments(out.function, dict, where);
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
  out.model = out.function == "anthropic_completions" ? "claude-v1" : out.function == "google_completions" ? "gemini-pro" : "";
  arguments.text("model_name", out.model);
  if (out.model.empty()) arguments.refuse(Error{ErrorKind::usage, out.function + " needs a model_name", std::string(where)});
  if (out.function == "openai_completions") openai(arguments, places, out);
  if (out.function == "anthropic_completions") anthropic(arguments, out);
  if (out.function == "google_completions") google(arguments, out);
  if (out.function == "huggingface_local_completions") local(arguments, "transformers", out);
  if (out.function == "vllm_local_completions") local(arguments, "vllm", out);
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
  if (messages) {
    for (ChatMlMessage& message : *messages) out.messages.push_back({std::move(message.role), std::move(message.content)});
  } else if (chat && !lenient) {
    return std::unexpected(messages.error());
  } else if (lenient) {
    out.messages.push_back({"user", std::string(strip(prompt))});
  } else {
    out.prompt = strip(prompt);
  }
  return out;
}

std::optional<double> Decoder::price(std::string_view prompt, const Response& response) const {
  if (price_per_token) {
    if (!response.usage.input_tokens || !response.usage.output_tokens) return std::nullopt;
    return static_cast<double>(*response.usage.input_tokens + *response.usage.output_tokens) * *price_per_token;
  }
  if (price_in && price_out)
    return static_cast<double>(count_code_points(prompt)) * *price_in + static_cast<double>(count_code_points(completion_text(response))) * *price_out;
  if (constant) return 0;
  return std::nullopt;
}

}  // namespace assay::alpaca_eval
