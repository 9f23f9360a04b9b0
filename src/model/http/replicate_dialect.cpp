#include "model/http/replicate_dialect.h"

#include <cmath>

#include "base/text.h"
#include "model/reasoning.h"
#include "model/token_count.h"

namespace assay {
namespace {

bool is_plain(std::string_view text) {
  return !text.empty() && text.size() <= 200 && std::all_of(text.begin(), text.end(), [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_' || c == '.';
  });
}

/// Pieces joined, blanks at the ends gone, as AlpacaEval's program reads it.
Result<std::string> output_text(const json::value* output) {
  if (!output || output->is_null()) return std::string();
  if (output->is_string()) return std::string(strip(std::string_view(output->get_string())));
  const json::array* pieces = output->if_array();
  if (!pieces) return fail(ErrorKind::bad_response, "the prediction's \"output\" is no text");
  std::string out;
  for (const json::value& piece : *pieces) {
    if (!piece.is_string()) return fail(ErrorKind::bad_response, "the prediction's \"output\" is no text");
    out += std::string_view(piece.get_string());
  }
  return std::string(strip(out));
}

/// Another prediction is paid for like this one, and ends as this one did unless it was the machine that failed.
bool may_pass(std::string_view why) {
  const std::string said = lower(why);
  return std::ranges::any_of(std::initializer_list<std::string_view>{"timeout", "timed out", "cuda", "out of memory", "interrupted", "internal", "unavailable", "please retry", "try again"},
                             [&](std::string_view words) { return contains(said, words); });
}

}  // namespace

Result<ReplicateName> replicate_name(std::string_view model) {
  ReplicateName out;
  std::size_t slash = model.find('/'), colon = model.find(':');
  out.owner = model.substr(0, slash);
  if (slash != std::string_view::npos) out.name = model.substr(slash + 1, colon == std::string_view::npos ? colon : colon - slash - 1);
  if (colon != std::string_view::npos) out.version = model.substr(colon + 1);
  if (!is_plain(out.owner) || !is_plain(out.name) || (colon != std::string_view::npos && !is_plain(out.version)))
    return fail(ErrorKind::usage, "\"" + shorten(model, 80) + "\" is not a model of Replicate", {}, "Write replicate:OWNER/NAME or replicate:OWNER/NAME:VERSION.");
  return out;
}

std::string replicate_path(const ReplicateName& name) {
  return name.version.empty() ? "/models/" + name.owner + "/" + name.name + "/predictions" : "/predictions";
}

Result<HostedBody> replicate_body(const Generate& request, const ReplicateName& name, const std::set<std::string>& refused) {
  if (!(request.tools.is_null() && request.response_format.is_null()))
    return fail(ErrorKind::unsupported, "Replicate's models have no tools and no response_format");
  if (request.sampling.top_logprobs) return fail(ErrorKind::unsupported, "Replicate's models give no log-probabilities");
  HostedBody out;
  if (!name.version.empty()) out.json["version"] = name.version;
  json::object& input = out.json["input"].emplace_object();
  SplitMessages split = split_messages(request.messages);
  std::string prompt = request.prompt;
  for (const Message& message : split.turns) prompt += (prompt.empty() ? "" : "\n\n") + message.content;
  if (split.turns.size() > 1) out.deviations.emplace_back("messages joined into one prompt for Replicate");
  input["prompt"] = prompt;
  if (!split.system.empty()) input["system_prompt"] = split.system;
  HostedWriter writer(out, input, refused);
  const Sampling& sampling = request.sampling;
  if (sampling.max_tokens) input["max_tokens"] = *sampling.max_tokens;
  writer.optional("temperature", "temperature", sampling.temperature);
  writer.optional("top_p", "top_p", sampling.top_p);
  writer.optional("top_k", "top_k", sampling.top_k);
  writer.optional("min_p", "min_p", sampling.min_p);
  writer.optional("seed", "seed", sampling.seed);
  if (!sampling.stop.empty()) writer.set("stop", "stop_sequences", json::value(std::string_view(join(sampling.stop, ","))));
  return out;
}

Result<ReplicatePrediction> replicate_prediction(const json::value& body) {
  ReplicatePrediction out;
  out.id = get_string(body, "id").value_or("");
  if (!std::all_of(out.id.begin(), out.id.end(), [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9'); }) ||
      out.id.empty() || out.id.size() > 128)
    return fail(ErrorKind::bad_response, "the prediction has no \"id\"");
  std::string status = get_string(body, "status").value_or("");
  if (status == "starting" || status == "processing" || status == "queued") return out;
  if (status == "failed" || status == "canceled" || status == "aborted") {
    std::string why = hosted_text(find(body, "error"));
    const ErrorKind kind = status == "failed" && may_pass(why) ? ErrorKind::server : ErrorKind::bad_request;
    return fail(kind, "the prediction " + out.id + " has ended as \"" + status + "\"" + (why.empty() ? "" : ": " + shorten(why, 300)));
  }
  if (status != "succeeded") return fail(ErrorKind::bad_response, "the prediction's \"status\" is unknown");
  Result<std::string> text = output_text(find(body, "output"));
  if (!text) return std::unexpected(text.error());
  Response& response = out.response.emplace();
  response.text = std::move(*text);
  take_thinking_apart(response);
  response.finish = Finish::stop;
  response.finish_raw = status;
  response.model_reported = hosted_text(find(body, "version"));
  if (const json::value* metrics = find(body, "metrics")) {
    response.usage.input_tokens = token_count(*metrics, "input_token_count");
    response.usage.output_tokens = token_count(*metrics, "output_token_count");
  }
  return out;
}

}  // namespace assay
