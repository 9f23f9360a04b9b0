#include "model/http/llama_server_dialect.h"

#include <cmath>

#include "model/reasoning.h"
#include "model/token_count.h"

namespace assay {
namespace {

constexpr double kNoChance = -9999;

double natural_log(const json::value* probability) {
  double p = probability ? as_number(*probability).value_or(0) : 0;
  return p > 0 && p <= 1 ? std::log(p) : kNoChance;
}

double logprob_of(const json::value& entry) {
  double value = get_number(entry, "logprob").value_or(kNoChance);
  return std::isfinite(value) ? value : kNoChance;
}

/// {"token", "logprob", "top_logprobs"}, or as older servers have it {"content", "probs": [{"tok_str", "prob"}]}.
TokenLogprob read_token(const json::value& entry) {
  TokenLogprob out;
  if (const json::value* probs = find(entry, "probs"); probs && probs->is_array()) {
    out.token = get_string(entry, "content").value_or("");
    out.logprob = kNoChance;
    for (const json::value& one : probs->get_array()) {
      out.top.emplace_back(get_string(one, "tok_str").value_or(""), natural_log(find(one, "prob")));
      if (out.top.back().first == out.token) out.logprob = out.top.back().second;
    }
  } else {
    out.token = get_string(entry, "token").value_or("");
    out.logprob = logprob_of(entry);
    if (const json::value* top = find(entry, "top_logprobs"); top && top->is_array())
      for (const json::value& one : top->get_array())
        out.top.emplace_back(get_string(one, "token").value_or(""), logprob_of(one));
  }
  std::stable_sort(out.top.begin(), out.top.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
  return out;
}

void read_finish(const json::value& body, Response& out) {
  out.finish_raw = get_string(body, "stop_type").value_or("");
  if (out.finish_raw.empty())  // older servers
    for (std::string_view word : {"eos", "word", "limit"})
      if (get_bool(body, "stopped_" + std::string(word)).value_or(false)) out.finish_raw = word;
  if (out.finish_raw == "eos" || out.finish_raw == "word") {
    out.finish = Finish::stop;
  } else if (out.finish_raw == "limit" || get_bool(body, "truncated").value_or(false)) {
    out.finish = Finish::length;
  }
}

}  // namespace

json::object llama_server_body(std::string_view prompt, const Sampling& sampling) {
  json::object body{{"prompt", prompt}};
  if (sampling.max_tokens) body["n_predict"] = *sampling.max_tokens;
  if (sampling.temperature) body["temperature"] = *sampling.temperature;
  if (sampling.top_p) body["top_p"] = *sampling.top_p;
  if (sampling.min_p) body["min_p"] = *sampling.min_p;
  if (sampling.top_k) body["top_k"] = *sampling.top_k;
  if (sampling.seed) body["seed"] = *sampling.seed;
  if (!sampling.stop.empty()) body["stop"] = json::array(sampling.stop.begin(), sampling.stop.end());
  if (sampling.top_logprobs) body["n_probs"] = std::max(*sampling.top_logprobs, 1);
  return body;
}

Result<Response> llama_server_response(const json::value& body) {
  const json::value* content = find(body, "content");
  if (!content || !content->is_string()) return fail(ErrorKind::bad_response, "the answer has no \"content\"");
  Response out;
  out.text = content->get_string();
  take_thinking_apart(out);
  read_finish(body, out);
  out.model_reported = get_string(body, "model").value_or("");
  out.usage.input_tokens = token_count(body, "tokens_evaluated");
  out.usage.output_tokens = token_count(body, "tokens_predicted");
  if (const json::value* timings = find(body, "timings")) out.usage.cached_tokens = token_count(*timings, "cache_n");
  if (const json::value* tokens = find(body, "completion_probabilities"); tokens && tokens->is_array())
    for (const json::value& token : tokens->get_array()) out.logprobs.push_back(read_token(token));
  return out;
}

void add_server_props(const json::value& props, json::object& server) {
  for (std::string_view name : {"model_path", "build_info"})
    if (const json::value* value = find(props, name); value && value->is_string()) server[name] = *value;
  if (const json::value* context = find_path(props, {"default_generation_settings", "n_ctx"})) server["n_ctx"] = *context;
  if (auto text = get_string(props, "chat_template")) server["chat_template_sha256"] = sha256_hex(*text);
}

}  // namespace assay
