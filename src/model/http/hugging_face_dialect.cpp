#include "model/http/hugging_face_dialect.h"

#include <cmath>

#include "base/text.h"
#include "model/http/openai_dialect.h"
#include "model/http/url.h"
#include "model/reasoning.h"
#include "model/token_count.h"

namespace assay {
namespace {

Finish finish_of(std::string_view reason) {
  if (reason == "eos_token" || reason == "stop_sequence" || reason == "stop") return Finish::stop;
  if (reason == "length") return Finish::length;
  return Finish::unknown;
}

TokenLogprob token_of(const json::value& entry) {
  double value = get_number(entry, "logprob").value_or(-9999);
  return {hosted_text(find(entry, "text")), std::isfinite(value) ? value : -9999, {}};
}

void read_details(const json::value& details, Response& out) {
  out.finish_raw = hosted_text(find(details, "finish_reason"));
  out.finish = finish_of(out.finish_raw);
  out.usage.output_tokens = token_count(details, "generated_tokens");
  if (const json::value* prefill = find(details, "prefill"); prefill && prefill->is_array() && !prefill->get_array().empty())
    out.usage.input_tokens = static_cast<std::int64_t>(prefill->get_array().size());
  const json::value* tokens = find(details, "tokens");
  const json::value* tops = find(details, "top_tokens");
  if (!tokens || !tokens->is_array()) return;
  for (std::size_t i = 0; i < tokens->get_array().size(); ++i) {
    TokenLogprob token = token_of(tokens->get_array()[i]);
    if (tops && tops->is_array() && i < tops->get_array().size())
      if (const json::array* others = tops->get_array()[i].if_array())
        for (const json::value& other : *others) {
          TokenLogprob one = token_of(other);
          token.top.emplace_back(std::move(one.token), one.logprob);
        }
    std::stable_sort(token.top.begin(), token.top.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
    out.logprobs.push_back(std::move(token));
  }
}

void refusal(Error& error, const HttpResponse& response) {
  // A model that is being loaded says for how long.
  if (response.status != 503 || error.retry_after) return;
  auto body = parse_json(valid_utf8(std::string_view(response.body).substr(0, 1 << 20)));
  if (auto seconds = body ? get_number(*body, "estimated_time") : std::nullopt; seconds && *seconds >= 0 && *seconds < 86400)
    error.retry_after = std::chrono::milliseconds(static_cast<std::int64_t>(*seconds * 1000));
}

}  // namespace

Result<HostedBody> hugging_face_body(const Generate& request, std::string_view model, const std::set<std::string>& refused) {
  HostedBody out;
  if (!request.messages.empty()) {
    ParameterQuirks quirks;
    quirks.refused = refused;
    OpenAiBody chat = openai_chat_body(request, model.empty() ? "tgi" : model, quirks);  // the endpoint wants some name
    out.json = std::move(chat.json);
    out.sent = std::move(chat.sent);
    out.left_out = std::move(chat.left_out);
    return out;
  }
  if (!(request.tools.is_null() && request.response_format.is_null()))
    return fail(ErrorKind::unsupported, "raw prompts have no tools and no response_format");
  const Sampling& sampling = request.sampling;
  out.json["inputs"] = request.prompt;
  json::object& parameters = out.json["parameters"].emplace_object();
  HostedWriter writer(out, parameters, refused);
  parameters["return_full_text"] = false;
  const bool sampled = sampling.temperature.value_or(0) > 0;
  parameters["do_sample"] = sampled;
  if (sampled) writer.optional("temperature", "temperature", sampling.temperature);  // 0 is refused there
  if (sampling.top_p && *sampling.top_p < 1) writer.optional("top_p", "top_p", sampling.top_p);  // so is 1
  writer.optional("top_k", "top_k", sampling.top_k);
  writer.optional("seed", "seed", sampling.seed);
  writer.none("min_p", sampling.min_p.has_value());
  writer.texts("stop", "stop", sampling.stop);
  if (sampling.max_tokens) parameters["max_new_tokens"] = *sampling.max_tokens;
  if (sampling.top_logprobs) {
    parameters["details"] = true;
    if (*sampling.top_logprobs > 0) parameters["top_n_tokens"] = *sampling.top_logprobs;
  } else if (!refused.contains("details")) {
    parameters["details"] = true;
    out.sent.emplace("details");
    out.logprobs_unasked = true;
  } else {
    out.deviations.emplace_back("the server gives no details of a text: whether an answer was cut is not known");
  }
  return out;
}

Result<Response> hugging_face_response(const json::value& body) {
  if (find(body, "choices")) return openai_chat_response(body);
  const json::value* answer = &body;
  if (const json::array* list = body.if_array()) {
    if (list->empty()) return fail(ErrorKind::bad_response, "the answer is an empty list");
    answer = &list->front();
  }
  const json::value* text = find(*answer, "generated_text");
  if (!text || !text->is_string()) return fail(ErrorKind::bad_response, "the answer has no \"generated_text\"");
  Response out;
  out.text = text->get_string();
  take_thinking_apart(out);
  out.finish = Finish::unknown;
  if (const json::value* details = find(*answer, "details"); details && details->is_object()) read_details(*details, out);
  return out;
}

HostedDialect hugging_face_dialect() {
  HostedDialect out;
  out.backend = "huggingface";
  out.base = kHuggingFaceBase;
  out.key_source = "HF_TOKEN";
  out.key_header = {"Authorization", "Bearer "};
  out.can.chat = out.can.completion = out.can.tools = out.can.logprobs = true;
  out.path = [](const Generate& request, std::string_view model) -> std::string {
    if (!request.messages.empty()) return "/v1/chat/completions";
    return model.empty() ? "/" : "/hf-inference/models/" + path_segment(model, "/");
  };
  out.body = hugging_face_body;
  out.response = hugging_face_response;
  out.extra_into = "parameters";
  out.refusal = refusal;
  return out;
}

}  // namespace assay
