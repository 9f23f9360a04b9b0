// Responses and errors as JSON: what request.h declares of answers.
#include <cmath>

#include "model/object_reader.h"
#include "model/object_writer.h"
#include "model/request.h"
#include "model/token_count.h"

namespace assay {

std::string_view name(Finish finish) {
  switch (finish) {
    case Finish::stop: return "stop";
    case Finish::length: return "length";
    case Finish::tool_calls: return "tool_calls";
    case Finish::content_filter: return "content_filter";
    case Finish::error: return "error";
    case Finish::unknown: return "unknown";
  }
  return "unknown";
}

Finish finish_from(std::string_view name) {
  for (Finish finish : {Finish::stop, Finish::length, Finish::tool_calls, Finish::content_filter, Finish::error})
    if (assay::name(finish) == name) return finish;
  return Finish::unknown;
}

json::value to_json(const Response& response) {
  json::object out{{"text", response.text}, {"finish", name(response.finish)}};
  auto text = [&](const char* key, const std::string& value) {
    if (!value.empty()) out[key] = value;
  };
  text("reasoning", response.reasoning);
  text("finish_raw", response.finish_raw);
  if (response.truncated) out["truncated"] = true;
  if (!response.tool_calls.is_null()) out["tool_calls"] = response.tool_calls;
  if (!response.logprobs.empty()) {
    json::array& tokens = (out["logprobs"] = json::array()).get_array();
    for (const TokenLogprob& t : response.logprobs) {
      json::object token{{"token", t.token}, {"logprob", real_json(t.logprob)}};
      if (!t.top.empty()) {
        json::array& top = (token["top"] = json::array()).get_array();
        for (const auto& [piece, logprob] : t.top) top.push_back(json::array{json::value(piece), real_json(logprob)});
      }
      tokens.push_back(std::move(token));
    }
  }
  if (!response.loglikelihoods.empty()) {
    json::array& items = (out["loglikelihoods"] = json::array()).get_array();
    for (const Loglikelihood& l : response.loglikelihoods) {
      json::object item{{"sum", real_json(l.sum)}, {"greedy", l.greedy}, {"tokens", l.tokens}};
      if (l.truncated) item["truncated"] = true;
      items.push_back(std::move(item));
    }
  }
  const Usage& u = response.usage;
  json::object usage;
  if (u.input_tokens) usage["input_tokens"] = *u.input_tokens;
  if (u.output_tokens) usage["output_tokens"] = *u.output_tokens;
  if (u.cached_tokens) usage["cached_tokens"] = *u.cached_tokens;
  if (u.reasoning_tokens) usage["reasoning_tokens"] = *u.reasoning_tokens;
  if (!usage.empty()) out["usage"] = std::move(usage);
  out["latency"] = response.latency;
  text("model_reported", response.model_reported);
  if (!response.deviations.empty()) out["deviations"] = json::array(response.deviations.begin(), response.deviations.end());
  text("raw", response.raw);
  return out;
}

Result<Response> response_from_json(const json::value& value) {
  Response out;
  ObjectReader r(value, "the response");
  r.text("text", out.text);
  r.text("reasoning", out.reasoning);
  std::string finish;
  r.text("finish", finish);
  out.finish = finish_from(finish);
  r.text("finish_raw", out.finish_raw);
  r.boolean("truncated", out.truncated);
  r.copy("tool_calls", out.tool_calls);
  if (const json::array* tokens = r.array("logprobs"))
    for (const json::value& t : *tokens) {
      ObjectReader inner(t, "a token");
      TokenLogprob token;
      inner.text("token", token.token);
      inner.real("logprob", token.logprob);
      if (const json::array* top = inner.array("top"))
        for (const json::value& pair : *top) {
          const json::array* p = pair.if_array();
          auto logprob = p && p->size() == 2 ? ObjectReader::as_real((*p)[1]) : std::nullopt;
          if (!logprob || !(*p)[0].is_string()) {
            inner.blame("top", "an array of [token, logprob]");
            break;
          }
          token.top.emplace_back(text_of((*p)[0]), *logprob);
        }
      r.take(inner);
      out.logprobs.push_back(std::move(token));
    }
  if (const json::array* items = r.array("loglikelihoods"))
    for (const json::value& i : *items) {
      ObjectReader inner(i, "a log-likelihood");
      Loglikelihood item;
      inner.real("sum", item.sum);
      inner.boolean("greedy", item.greedy);
      inner.integer("tokens", item.tokens);
      inner.boolean("truncated", item.truncated);
      r.take(inner);
      out.loglikelihoods.push_back(item);
    }
  if (const json::value* usage = r.member("usage")) {
    ObjectReader inner(*usage, "\"usage\"");
    inner.integer("input_tokens", out.usage.input_tokens);
    inner.integer("output_tokens", out.usage.output_tokens);
    inner.integer("cached_tokens", out.usage.cached_tokens);
    inner.integer("reasoning_tokens", out.usage.reasoning_tokens);
    r.take(inner);
    for (auto Usage::*count : {&Usage::input_tokens, &Usage::output_tokens, &Usage::cached_tokens, &Usage::reasoning_tokens})
      out.usage.*count = possible_count(out.usage.*count);
  }
  r.real("latency", out.latency);
  if (!std::isfinite(out.latency)) r.blame("latency", "a number of seconds");
  r.text("model_reported", out.model_reported);
  if (const json::array* sentences = r.array("deviations"))
    for (const json::value& sentence : *sentences) {
      if (!sentence.is_string()) r.blame("deviations", "an array of texts");
      out.deviations.push_back(text_of(sentence));
    }
  r.text("raw", out.raw);
  if (auto done = r.done(); !done) return std::unexpected(done.error());
  return out;
}

std::string compact_json(const Response& response) {
  // Long lists come with other kinds of requests, whose evaluation costs more than the values in between.
  if (!response.tool_calls.is_null() || !response.logprobs.empty() || !response.loglikelihoods.empty())
    return write_json(to_json(response));
  std::string out;
  out.reserve(response.text.size() + response.reasoning.size() + response.raw.size() + response.raw.size() / 8 + 256);
  ObjectWriter object(out);
  object.text("text", response.text);
  object.text("finish", name(response.finish));
  object.text_if("reasoning", response.reasoning);
  object.text_if("finish_raw", response.finish_raw);
  if (response.truncated) object.member("truncated") += "true";
  const Usage& u = response.usage;
  if (u.input_tokens || u.output_tokens || u.cached_tokens || u.reasoning_tokens) {
    ObjectWriter usage(object.member("usage"));
    usage.integer_if("input_tokens", u.input_tokens);
    usage.integer_if("output_tokens", u.output_tokens);
    usage.integer_if("cached_tokens", u.cached_tokens);
    usage.integer_if("reasoning_tokens", u.reasoning_tokens);
    usage.end();
  }
  append_json(object.member("latency"), json::value(response.latency));
  object.text_if("model_reported", response.model_reported);
  if (!response.deviations.empty()) append_json(object.member("deviations"), json::array(response.deviations.begin(), response.deviations.end()));
  object.text_if("raw", response.raw);
  object.end();
  return out;
}

json::value to_json(const Error& error) {
  json::object out{{"error", name(error.kind)}, {"message", error.message}};
  if (!error.where.empty()) out["where"] = error.where;
  if (!error.hint.empty()) out["hint"] = error.hint;
  if (error.http_status != 0) out["http_status"] = error.http_status;
  return out;
}

Error error_from_json(const json::value& value) {
  Error out;
  std::string kind;
  ObjectReader r(value, "the error");
  r.text("error", kind);
  out.kind = error_kind(kind);
  r.text("message", out.message);
  r.text("where", out.where);
  r.text("hint", out.hint);
  r.integer("http_status", out.http_status);
  return out;
}

}  // namespace assay
