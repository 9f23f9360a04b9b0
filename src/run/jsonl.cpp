#include "run/jsonl.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace assay {
namespace {

json::object sampling_json(const Sampling& sampling) {
  json::object out;
  if (sampling.temperature) out["temperature"] = *sampling.temperature;
  if (sampling.top_p) out["top_p"] = *sampling.top_p;
  if (sampling.min_p) out["min_p"] = *sampling.min_p;
  if (sampling.top_k) out["top_k"] = *sampling.top_k;
  if (sampling.max_tokens) out["max_tokens"] = *sampling.max_tokens;
  if (sampling.seed) out["seed"] = *sampling.seed;
  if (!sampling.stop.empty()) {
    json::array& stop = out["stop"].emplace_array();
    for (const std::string& text : sampling.stop) stop.push_back(json::string(text));
  }
  if (sampling.top_logprobs) out["top_logprobs"] = *sampling.top_logprobs;
  return out;
}

json::object head(std::string_view benchmark, const KnownRequest& known, std::size_t index, std::string_view kind) {
  json::object out;
  out["benchmark"] = json::string(benchmark);
  if (!known.task.empty()) out["task"] = known.task;
  out["sample"] = known.sample;
  out["index"] = index;
  out["kind"] = json::string(kind);
  out["role"] = known.role.empty() ? "model" : known.role;
  return out;
}

std::string line(const json::object& object) {
  return write_json(object) + "\n";
}

}  // namespace

std::string score_line(const Unit& unit, const SampleResult& sample, std::span<const Key> keys) {
  json::object out = to_json(sample);
  if (unit.id != sample.sample) out["unit"] = unit.id;
  out["iteration"] = unit.iteration;
  json::array& list = out["keys"].emplace_array();
  for (const Key& key : keys) list.push_back(json::string(key.hex()));
  return line(out);
}

Result<ScoreLine> read_score_line(std::string_view text, std::string_view where) {
  auto value = parse_json(text, where);
  if (!value) return fail(value.error());
  auto sample = sample_result_from_json(*value);
  if (!sample) {
    Error error = sample.error();
    error.where = std::string(where);
    return fail(std::move(error));
  }
  ScoreLine out;
  out.sample = std::move(*sample);
  out.unit.id = get_string(*value, "unit").value_or(out.sample.sample);
  out.unit.iteration = static_cast<int>(get_integer(*value, "iteration").value_or(1));
  if (const json::value* keys = find(*value, "keys"); keys && keys->is_array()) {
    for (const json::value& entry : keys->get_array()) {
      if (!entry.is_string()) return fail(ErrorKind::data, "a journal key is not a string", std::string(where));
      auto key = Key::from_hex(entry.get_string());
      if (!key) return fail(key.error());
      out.keys.push_back(*key);
    }
  }
  return out;
}

std::size_t request_line_count(const Request& request) {
  const auto* group = std::get_if<LoglikelihoodGroup>(&request);
  return group ? group->items.size() : 1;
}

std::string request_lines(std::string_view benchmark, const KnownRequest& known, std::size_t index) {
  if (const auto* group = std::get_if<LoglikelihoodGroup>(&known.request)) {
    std::string out;
    for (const auto& item : group->items) {
      json::object o = head(benchmark, known, index++, "loglikelihood");
      o["context"] = group->shared_prefix + item.context;
      o["continuation"] = item.continuation;
      out += line(o);
    }
    return out;
  }
  if (const auto* rolling = std::get_if<Rolling>(&known.request)) {
    json::object o = head(benchmark, known, index, "rolling");
    o["text"] = rolling->text;
    return line(o);
  }
  const Generate& generate = std::get<Generate>(known.request);
  json::object o = head(benchmark, known, index, "generate");
  if (generate.messages.empty()) {
    o["prompt"] = generate.prompt;
  } else {
    json::array& messages = o["messages"].emplace_array();
    for (const Message& message : generate.messages) {
      json::object m;
      m["role"] = message.role;
      m["content"] = message.content;
      messages.push_back(std::move(m));
    }
  }
  o["sampling"] = sampling_json(generate.sampling);
  if (!generate.tools.is_null()) o["tools"] = generate.tools;
  if (!generate.tool_choice.is_null()) o["tool_choice"] = generate.tool_choice;
  if (!generate.response_format.is_null()) o["response_format"] = generate.response_format;
  return line(o);
}

std::string pending_line(std::string_view benchmark, std::string_view what) {
  json::object o;
  o["benchmark"] = json::string(benchmark);
  o["pending"] = json::string(what);
  return line(o);
}

}  // namespace assay
