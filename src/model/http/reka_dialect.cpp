#include "model/http/reka_dialect.h"

#include "base/text.h"
#include "model/reasoning.h"
#include "model/token_count.h"

namespace assay {
namespace {

constexpr const char* kSystemJoined = "Reka's chat has no system message: it stands before the first turn, with a blank line between them";
constexpr const char* kTurnsJoined = "Reka's chat wants turns that alternate: those of one side that follow each other are joined by a blank line";

Finish finish_of(std::string_view reason) {
  if (reason == "stop") return Finish::stop;
  if (reason == "length" || reason == "context") return Finish::length;
  return Finish::unknown;
}

struct Turn {
  bool person = true;
  std::string text;
};

Result<std::vector<Turn>> turns_of(const Generate& request, std::vector<std::string>& deviations) {
  SplitMessages messages = split_messages(request.messages);
  std::vector<Turn> out;
  for (Message& message : messages.turns) {
    const bool person = message.role != "assistant";
    if (!out.empty() && out.back().person == person) {
      out.back().text += "\n\n" + message.content;
      deviations.emplace_back(kTurnsJoined);
    } else {
      out.push_back({person, std::move(message.content)});
    }
  }
  if (!messages.system.empty() && (out.empty() || !out.front().person)) {
    out.insert(out.begin(), {true, std::move(messages.system)});
    deviations.emplace_back(kSystemJoined);
  } else if (!messages.system.empty()) {
    out.front().text = messages.system + "\n\n" + out.front().text;
    deviations.emplace_back(kSystemJoined);
  }
  if (out.empty() || !out.front().person || !out.back().person)
    return fail(ErrorKind::unsupported, "a conversation with Reka begins and ends with a person's turn");
  return out;
}

}  // namespace

Result<HostedBody> reka_body(const Generate& request, std::string_view model, const std::set<std::string>& refused) {
  if (!(request.tools.is_null() && request.response_format.is_null()))
    return fail(ErrorKind::unsupported, "Reka's chat has no tools and no response_format");
  const Sampling& sampling = request.sampling;
  if (sampling.top_logprobs) return fail(ErrorKind::unsupported, "Reka gives no log-probabilities");
  HostedBody out;
  auto turns = turns_of(request, out.deviations);
  if (!turns) return std::unexpected(turns.error());
  if (!model.empty()) out.json["model_name"] = model;
  json::array& history = out.json["conversation_history"].emplace_array();
  for (const Turn& turn : *turns) history.push_back({{"type", turn.person ? "human" : "model"}, {"text", turn.text}});
  if (sampling.max_tokens) out.json["request_output_len"] = *sampling.max_tokens;
  HostedWriter writer(out, out.json, refused);
  writer.optional("temperature", "temperature", sampling.temperature);
  writer.optional("top_p", "runtime_top_p", sampling.top_p);
  writer.optional("top_k", "runtime_top_k", sampling.top_k);
  writer.optional("seed", "random_seed", sampling.seed);
  writer.none("min_p", sampling.min_p.has_value());
  writer.texts("stop", "stop_words", sampling.stop);
  return out;
}

Result<Response> reka_response(const json::value& body) {
  const json::value* text = find(body, "text");
  if (!text || !text->is_string()) return fail(ErrorKind::bad_response, "the answer has no \"text\"");
  Response out;
  out.text = text->get_string();
  take_thinking_apart(out);
  out.finish_raw = hosted_text(find(body, "finish_reason"));
  out.finish = out.finish_raw.empty() ? Finish::stop : finish_of(out.finish_raw);
  if (const json::value* metadata = find(body, "metadata")) {
    out.usage.input_tokens = token_count(*metadata, "input_tokens");
    out.usage.output_tokens = token_count(*metadata, "generated_tokens");
  }
  return out;
}

HostedDialect reka_dialect() {
  HostedDialect out;
  out.backend = "reka";
  out.base = kRekaBase;
  out.key_source = "REKA_API_KEY";
  out.key_header = {"X-Api-Key", ""};
  out.can.chat = true;
  out.path = [](const Generate&, std::string_view) -> std::string { return "/chat"; };
  out.body = reka_body;
  out.response = reka_response;
  return out;
}

}  // namespace assay
