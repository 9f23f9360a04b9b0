#include "model/request.h"

#include <cmath>
#include <limits>

#include "base/number.h"

namespace assay {
namespace {

// ---- writing -------------------------------------------------------------------------------------------------------

json::object sampling_json(const Sampling& s) {
  json::object out;
  if (s.temperature) out["temperature"] = *s.temperature;
  if (s.top_p) out["top_p"] = *s.top_p;
  if (s.min_p) out["min_p"] = *s.min_p;
  if (s.top_k) out["top_k"] = *s.top_k;
  if (s.max_tokens) out["max_tokens"] = *s.max_tokens;
  if (s.seed) out["seed"] = *s.seed;
  if (!s.stop.empty()) {
    json::array& stop = (out["stop"] = json::array()).get_array();
    for (const std::string& text : s.stop) stop.emplace_back(text);
  }
  if (s.top_logprobs) out["top_logprobs"] = *s.top_logprobs;
  return out;
}

json::value generate_json(const Generate& g) {
  json::object out{{"kind", "generate"}};
  if (!g.messages.empty()) {
    json::array& messages = (out["messages"] = json::array()).get_array();
    for (const Message& m : g.messages) messages.push_back({{"role", m.role}, {"content", m.content}});
  }
  if (!g.prompt.empty()) out["prompt"] = g.prompt;
  json::object sampling = sampling_json(g.sampling);
  if (!sampling.empty()) out["sampling"] = std::move(sampling);
  if (!g.tools.is_null()) out["tools"] = g.tools;
  if (!g.tool_choice.is_null()) out["tool_choice"] = g.tool_choice;
  if (!g.response_format.is_null()) out["response_format"] = g.response_format;
  return out;
}

json::value group_json(const LoglikelihoodGroup& group) {
  json::object out{{"kind", "loglikelihood"}};
  if (!group.shared_prefix.empty()) out["shared_prefix"] = group.shared_prefix;
  json::array& items = (out["items"] = json::array()).get_array();
  for (const auto& item : group.items) items.push_back({{"context", item.context}, {"continuation", item.continuation}});
  return out;
}

// JSON has no infinities; a log-probability of zero probability is one.
json::value real_json(double value) {
  if (std::isfinite(value)) return value;
  return json::value(python_repr(value));
}

// Writes the members of an object in the order in which they are given; for canonical JSON that is to be the sorted one.
class ObjectWriter {
 public:
  explicit ObjectWriter(std::string& out) : out_(out) { out_ += '{'; }
  void end() { out_ += '}'; }
  std::string& member(std::string_view key) {
    if (!first_) out_ += ',';
    first_ = false;
    out_ += '"';
    out_ += key;
    out_ += "\":";
    return out_;
  }
  void text(std::string_view key, std::string_view value) { append_json_string(member(key), value); }
  void text_if(std::string_view key, std::string_view value) {
    if (!value.empty()) text(key, value);
  }
  void real_if(std::string_view key, const std::optional<double>& value) {
    if (value) append_python_repr(member(key), *value);
  }
  template <class Integer>
  void integer_if(std::string_view key, const std::optional<Integer>& value) {
    if (value) member(key) += std::to_string(*value);
  }
  void value_if(std::string_view key, const json::value& value) {
    if (!value.is_null()) append_json(member(key), value, JsonStyle::canonical);
  }

 private:
  std::string& out_;
  bool first_ = true;
};

void append_canonical(std::string& out, const Sampling& s) {
  ObjectWriter object(out);
  object.integer_if("max_tokens", s.max_tokens);
  object.real_if("min_p", s.min_p);
  object.integer_if("seed", s.seed);
  if (!s.stop.empty()) {
    object.member("stop") += '[';
    for (std::size_t i = 0; i < s.stop.size(); ++i) {
      if (i > 0) out += ',';
      append_json_string(out, s.stop[i]);
    }
    out += ']';
  }
  object.real_if("temperature", s.temperature);
  object.integer_if("top_k", s.top_k);
  object.integer_if("top_logprobs", s.top_logprobs);
  object.real_if("top_p", s.top_p);
  object.end();
}

void append_canonical(std::string& out, const Generate& g) {
  ObjectWriter object(out);
  object.text("kind", "generate");
  if (!g.messages.empty()) {
    object.member("messages") += '[';
    for (std::size_t i = 0; i < g.messages.size(); ++i) {
      if (i > 0) out += ',';
      ObjectWriter message(out);
      message.text("content", g.messages[i].content);
      message.text("role", g.messages[i].role);
      message.end();
    }
    out += ']';
  }
  object.text_if("prompt", g.prompt);
  object.value_if("response_format", g.response_format);
  const Sampling& s = g.sampling;
  if (s.temperature || s.top_p || s.min_p || s.top_k || s.max_tokens || s.seed || !s.stop.empty() || s.top_logprobs)
    append_canonical(object.member("sampling"), s);
  object.value_if("tool_choice", g.tool_choice);
  object.value_if("tools", g.tools);
  object.end();
}

void append_canonical(std::string& out, const LoglikelihoodGroup& group) {
  ObjectWriter object(out);
  object.member("items") += '[';
  for (std::size_t i = 0; i < group.items.size(); ++i) {
    if (i > 0) out += ',';
    ObjectWriter item(out);
    item.text("context", group.items[i].context);
    item.text("continuation", group.items[i].continuation);
    item.end();
  }
  out += ']';
  object.text("kind", "loglikelihood");
  object.text_if("shared_prefix", group.shared_prefix);
  object.end();
}

void append_canonical(std::string& out, const Rolling& rolling) {
  ObjectWriter object(out);
  object.text("kind", "rolling");
  object.text("text", rolling.text);
  object.end();
}

std::size_t text_size(const Request& request) {
  if (const auto* g = std::get_if<Generate>(&request)) {
    std::size_t size = g->prompt.size();
    for (const Message& m : g->messages) size += m.content.size() + 48;
    return size;
  }
  if (const auto* group = std::get_if<LoglikelihoodGroup>(&request)) {
    std::size_t size = group->shared_prefix.size();
    for (const auto& item : group->items) size += item.context.size() + item.continuation.size() + 48;
    return size;
  }
  return std::get<Rolling>(request).text.size();
}

// ---- reading -------------------------------------------------------------------------------------------------------

// Reads members of one object and remembers the first that is not what it should be. Absent members are left alone.
class Reader {
 public:
  Reader(const json::value& value, std::string_view what) : object_(value.if_object()), what_(what) {
    if (!object_) wrong_ = std::string(what) + " is not an object";
  }
  const json::value* member(std::string_view key) {
    if (!object_) return nullptr;
    const json::value* v = object_->if_contains(key);
    return v && !v->is_null() ? v : nullptr;
  }
  void text(std::string_view key, std::string& out) {
    if (const json::value* v = member(key)) {
      if (const json::string* s = v->if_string()) {
        out.assign(s->data(), s->size());
      } else {
        blame(key, "a string");
      }
    }
  }
  void real(std::string_view key, double& out) {
    if (const json::value* v = member(key)) {
      if (auto number = as_real(*v)) {
        out = *number;
      } else {
        blame(key, "a number");
      }
    }
  }
  void real(std::string_view key, std::optional<double>& out) {
    double value = 0;
    if (member(key)) real(key, value), out = value;
  }
  template <class Integer>
  void integer(std::string_view key, Integer& out) {
    if (!member(key)) return;
    auto value = get_integer(*object_, key);
    if (!value || *value < std::numeric_limits<Integer>::min() || *value > std::numeric_limits<Integer>::max())
      return blame(key, "an integer");
    out = static_cast<Integer>(*value);
  }
  template <class Integer>
  void integer(std::string_view key, std::optional<Integer>& out) {
    Integer value = 0;
    if (member(key)) integer(key, value), out = value;
  }
  void boolean(std::string_view key, bool& out) {
    if (const json::value* v = member(key)) {
      if (v->is_bool()) {
        out = v->get_bool();
      } else {
        blame(key, "true or false");
      }
    }
  }
  const json::array* array(std::string_view key) {
    const json::value* v = member(key);
    if (!v) return nullptr;
    if (!v->is_array()) blame(key, "an array");
    return v->if_array();
  }
  void copy(std::string_view key, json::value& out) {
    if (const json::value* v = member(key)) out = *v;
  }
  void blame(std::string_view key, std::string_view wanted) {
    if (wrong_.empty()) wrong_ = "\"" + std::string(key) + "\" of " + std::string(what_) + " is not " + std::string(wanted);
  }
  void take(const Reader& inner) {
    if (wrong_.empty()) wrong_ = inner.wrong_;
  }
  Result<void> done() const {
    if (!wrong_.empty()) return fail(ErrorKind::data, wrong_);
    return {};
  }
  static std::optional<double> as_real(const json::value& value) {
    if (const json::string* s = value.if_string()) {
      auto number = python_float(std::string_view(s->data(), s->size()));
      return number && !std::isfinite(*number) ? number : std::nullopt;
    }
    return as_number(value);
  }

 private:
  const json::object* object_;
  std::string_view what_;
  std::string wrong_;
};

std::string text_of(const json::value& value) {
  const json::string* s = value.if_string();
  return s ? std::string(s->data(), s->size()) : std::string();
}

Result<Request> read_generate(const json::value& value) {
  Generate g;
  Reader r(value, "the request");
  if (const json::array* messages = r.array("messages"))
    for (const json::value& m : *messages) {
      Reader inner(m, "a message");
      Message message;
      inner.text("role", message.role);
      inner.text("content", message.content);
      r.take(inner);
      g.messages.push_back(std::move(message));
    }
  r.text("prompt", g.prompt);
  if (const json::value* sampling = r.member("sampling")) {
    Reader inner(*sampling, "\"sampling\"");
    Sampling& s = g.sampling;
    inner.real("temperature", s.temperature);
    inner.real("top_p", s.top_p);
    inner.real("min_p", s.min_p);
    inner.integer("top_k", s.top_k);
    inner.integer("max_tokens", s.max_tokens);
    inner.integer("seed", s.seed);
    inner.integer("top_logprobs", s.top_logprobs);
    if (const json::array* stop = inner.array("stop"))
      for (const json::value& text : *stop) {
        if (!text.is_string()) inner.blame("stop", "an array of strings");
        s.stop.push_back(text_of(text));
      }
    r.take(inner);
  }
  r.copy("tools", g.tools);
  r.copy("tool_choice", g.tool_choice);
  r.copy("response_format", g.response_format);
  if (auto done = r.done(); !done) return std::unexpected(done.error());
  return Request(std::move(g));
}

Result<Request> read_group(const json::value& value) {
  LoglikelihoodGroup group;
  Reader r(value, "the request");
  r.text("shared_prefix", group.shared_prefix);
  if (const json::array* items = r.array("items"))
    for (const json::value& i : *items) {
      Reader inner(i, "an item");
      LoglikelihoodGroup::Item item;
      inner.text("context", item.context);
      inner.text("continuation", item.continuation);
      r.take(inner);
      group.items.push_back(std::move(item));
    }
  if (auto done = r.done(); !done) return std::unexpected(done.error());
  return Request(std::move(group));
}

}  // namespace

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

Finish finish_from(std::string_view text) {
  for (Finish finish : {Finish::stop, Finish::length, Finish::tool_calls, Finish::content_filter, Finish::error})
    if (name(finish) == text) return finish;
  return Finish::unknown;
}

json::value to_json(const Request& request) {
  if (const auto* g = std::get_if<Generate>(&request)) return generate_json(*g);
  if (const auto* group = std::get_if<LoglikelihoodGroup>(&request)) return group_json(*group);
  return {{"kind", "rolling"}, {"text", std::get<Rolling>(request).text}};
}

Result<Request> request_from_json(const json::value& value) {
  auto kind = get_string(value, "kind");
  if (!kind) return fail(ErrorKind::data, "the request has no \"kind\"");
  if (*kind == "generate") return read_generate(value);
  if (*kind == "loglikelihood") return read_group(value);
  if (*kind == "rolling") {
    Rolling rolling;
    Reader r(value, "the request");
    r.text("text", rolling.text);
    if (auto done = r.done(); !done) return std::unexpected(done.error());
    return Request(std::move(rolling));
  }
  return fail(ErrorKind::data, "unknown kind of request: " + kind->substr(0, 40));
}

json::value to_json(const Response& response) {
  json::object out{{"text", response.text}, {"finish", name(response.finish)}};
  auto text = [&](const char* key, const std::string& value) {
    if (!value.empty()) out[key] = value;
  };
  text("reasoning", response.reasoning);
  text("finish_raw", response.finish_raw);
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
  text("raw", response.raw);
  return out;
}

Result<Response> response_from_json(const json::value& value) {
  Response out;
  Reader r(value, "the response");
  r.text("text", out.text);
  r.text("reasoning", out.reasoning);
  std::string finish;
  r.text("finish", finish);
  out.finish = finish_from(finish);
  r.text("finish_raw", out.finish_raw);
  r.copy("tool_calls", out.tool_calls);
  if (const json::array* tokens = r.array("logprobs"))
    for (const json::value& t : *tokens) {
      Reader inner(t, "a token");
      TokenLogprob token;
      inner.text("token", token.token);
      inner.real("logprob", token.logprob);
      if (const json::array* top = inner.array("top"))
        for (const json::value& pair : *top) {
          const json::array* p = pair.if_array();
          auto logprob = p && p->size() == 2 ? Reader::as_real((*p)[1]) : std::nullopt;
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
      Reader inner(i, "a log-likelihood");
      Loglikelihood item;
      inner.real("sum", item.sum);
      inner.boolean("greedy", item.greedy);
      inner.integer("tokens", item.tokens);
      inner.boolean("truncated", item.truncated);
      r.take(inner);
      out.loglikelihoods.push_back(item);
    }
  if (const json::value* usage = r.member("usage")) {
    Reader inner(*usage, "\"usage\"");
    inner.integer("input_tokens", out.usage.input_tokens);
    inner.integer("output_tokens", out.usage.output_tokens);
    inner.integer("cached_tokens", out.usage.cached_tokens);
    inner.integer("reasoning_tokens", out.usage.reasoning_tokens);
    r.take(inner);
  }
  r.real("latency", out.latency);
  r.text("model_reported", out.model_reported);
  r.text("raw", out.raw);
  if (auto done = r.done(); !done) return std::unexpected(done.error());
  return out;
}

json::value to_json(const Origin& origin) {
  return {{"ask", origin.ask},       {"benchmark", origin.benchmark}, {"iteration", origin.iteration},
          {"role", origin.role},     {"sample", origin.sample},       {"task", origin.task}};
}

Origin origin_from_json(const json::value& value) {
  Origin out;
  Reader r(value, "the origin");
  r.text("benchmark", out.benchmark);
  r.text("task", out.task);
  r.text("sample", out.sample);
  r.text("role", out.role);
  r.integer("iteration", out.iteration);
  r.integer("ask", out.ask);
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
  Reader r(value, "the error");
  r.text("error", kind);
  out.kind = error_kind(kind);
  r.text("message", out.message);
  r.text("where", out.where);
  r.text("hint", out.hint);
  r.integer("http_status", out.http_status);
  return out;
}

std::string canonical_json(const Request& request) {
  std::string out;
  out.reserve(text_size(request) + text_size(request) / 16 + 256);
  std::visit([&](const auto& r) { append_canonical(out, r); }, request);
  return out;
}

std::string canonical_json(const Draw& draw) {
  return "{\"ask\":" + std::to_string(draw.ask) + ",\"epoch\":" + std::to_string(draw.epoch) +
         ",\"iteration\":" + std::to_string(draw.iteration) + "}";
}

std::string canonical_json(const Origin& origin) {
  std::string out;
  out.reserve(origin.benchmark.size() + origin.role.size() + origin.sample.size() + origin.task.size() + 96);
  ObjectWriter object(out);
  object.integer_if("ask", std::optional(origin.ask));
  object.text("benchmark", origin.benchmark);
  object.integer_if("iteration", std::optional(origin.iteration));
  object.text("role", origin.role);
  object.text("sample", origin.sample);
  object.text("task", origin.task);
  object.end();
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
  object.text_if("raw", response.raw);
  object.end();
  return out;
}

Result<Draw> draw_from_json(const json::value& value) {
  Draw out;
  Reader r(value, "the draw");
  r.integer("ask", out.ask);
  r.integer("epoch", out.epoch);
  r.integer("iteration", out.iteration);
  if (auto done = r.done(); !done) return std::unexpected(done.error());
  return out;
}

Key request_key(std::string_view identity, std::string_view request, std::string_view draw) {
  std::string text;
  text.reserve(identity.size() + request.size() + draw.size() + 2);
  text.append(identity).append("\n").append(request).append("\n").append(draw);
  return key_of(text);
}

Key request_key(std::string_view identity, const Request& request, const Draw& draw) {
  return request_key(identity, canonical_json(request), canonical_json(draw));
}

}  // namespace assay
