#include "model/request.h"

#include "model/object_reader.h"
#include "model/object_writer.h"

namespace assay {
namespace {

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
  if (g.bos) out["bos"] = *g.bos;
  if (g.cut_left) out["cut_left"] = true;
  return out;
}

json::value group_json(const LoglikelihoodGroup& group) {
  json::object out{{"kind", "loglikelihood"}};
  if (!group.shared_prefix.empty()) out["shared_prefix"] = group.shared_prefix;
  json::array& items = (out["items"] = json::array()).get_array();
  for (const auto& item : group.items) items.push_back({{"context", item.context}, {"continuation", item.continuation}});
  return out;
}

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
  if (g.bos) object.member("bos") += *g.bos ? "true" : "false";
  if (g.cut_left) object.member("cut_left") += "true";
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

Result<Request> read_generate(const json::value& value) {
  Generate g;
  ObjectReader r(value, "the request");
  if (const json::array* messages = r.array("messages"))
    for (const json::value& m : *messages) {
      ObjectReader inner(m, "a message");
      Message message;
      inner.text("role", message.role);
      inner.text("content", message.content);
      r.take(inner);
      g.messages.push_back(std::move(message));
    }
  r.text("prompt", g.prompt);
  if (const json::value* sampling = r.member("sampling")) {
    ObjectReader inner(*sampling, "\"sampling\"");
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
  r.boolean("bos", g.bos);
  r.boolean("cut_left", g.cut_left);
  if (auto done = r.done(); !done) return std::unexpected(done.error());
  return Request(std::move(g));
}

Result<Request> read_group(const json::value& value) {
  LoglikelihoodGroup group;
  ObjectReader r(value, "the request");
  r.text("shared_prefix", group.shared_prefix);
  if (const json::array* items = r.array("items"))
    for (const json::value& i : *items) {
      ObjectReader inner(i, "an item");
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
    ObjectReader r(value, "the request");
    r.text("text", rolling.text);
    if (auto done = r.done(); !done) return std::unexpected(done.error());
    return Request(std::move(rolling));
  }
  return fail(ErrorKind::data, "unknown kind of request: " + kind->substr(0, 40));
}

json::value to_json(const Origin& origin) {
  return {{"ask", origin.ask},       {"benchmark", origin.benchmark}, {"iteration", origin.iteration},
          {"role", origin.role},     {"sample", origin.sample},       {"task", origin.task}};
}

Origin origin_from_json(const json::value& value) {
  Origin out;
  ObjectReader r(value, "the origin");
  r.text("benchmark", out.benchmark);
  r.text("task", out.task);
  r.text("sample", out.sample);
  r.text("role", out.role);
  r.integer("iteration", out.iteration);
  r.integer("ask", out.ask);
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

Result<Draw> draw_from_json(const json::value& value) {
  Draw out;
  ObjectReader r(value, "the draw");
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
