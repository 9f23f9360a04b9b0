// What models are asked and what they answer: the nouns shared by every back end, decorator and benchmark.
// Plain values, no behaviour beyond conversion to the canonical JSON that is journaled and hashed (docs/formats/journal.md).
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.h"
#include "base/error.h"
#include "base/hash.h"
#include "base/json.h"

namespace assay {

struct Message {
  std::string role;     // "system", "user", "assistant", "tool"
  std::string content;  // UTF-8
};

/// What is not set is not sent: the model's own default applies.
struct Sampling {
  std::optional<double> temperature;
  std::optional<double> top_p;
  std::optional<double> min_p;
  std::optional<int> top_k;
  std::optional<int> max_tokens;
  std::optional<std::int64_t> seed;
  std::vector<std::string> stop;
  std::optional<int> top_logprobs;  // 0 = only the chosen token's
};

/// Text from messages (rendered by the model's own chat template) or from a raw prompt; exactly one of the two is non-empty.
struct Generate {
  std::vector<Message> messages;
  std::string prompt;
  Sampling sampling;
  json::value tools;            // null or an array in OpenAI's form
  json::value tool_choice;      // null, string or object in OpenAI's form
  json::value response_format;  // null or object in OpenAI's form
  // How a raw prompt becomes tokens. Models in this process go by it; a server reads a text as it reads all texts.
  std::optional<bool> bos;  // whether BOS stands before it; unset = as the model's file asks
  bool cut_left = false;    // its beginning goes where it leaves no room for max_tokens
};

/// Log-likelihood of each continuation after shared_prefix + context. Answered and journaled all or nothing.
struct LoglikelihoodGroup {
  struct Item {
    std::string context, continuation;
  };
  std::string shared_prefix;
  std::vector<Item> items;
};

/// Log-likelihood of a whole text, in windows of the context length.
struct Rolling {
  std::string text;
};

using Request = std::variant<Generate, LoglikelihoodGroup, Rolling>;

/// Tells identical requests apart that must get separate answers. Set by benchmark and runner, never by transport.
struct Draw {
  int iteration = 1;  // the benchmark's own repetition, from 1
  int ask = 0;        // the how-many-th request of this unit to this role, from 0
  int epoch = 0;      // raised only by an explicit wish to ask again
  auto operator<=>(const Draw&) const = default;
};

/// Where a request comes from. Stored beside it, never hashed. `replay:` and `baseline:` answer by it.
struct Origin {
  std::string benchmark, task, sample, role;
  int iteration = 1;
  int ask = 0;
};

struct Query {
  Request request;
  Draw draw;
  Origin origin;
  /// An answer after this moment is not wanted: whoever works on the query gives up then, with `timeout`. Set by `retrying`.
  /// It moves by `queued`, the time that the query has waited for its turn in a line of ours: no server is late because of that.
  /// `limited` adds to it, and hands on the moved deadline; null where nobody wants to know.
  std::optional<Instant> deadline{};
  std::shared_ptr<Duration> queued{};
};

enum class Finish { stop, length, tool_calls, content_filter, error, unknown };
std::string_view name(Finish finish);
Finish finish_from(std::string_view name);

struct Usage {
  std::optional<std::int64_t> input_tokens, output_tokens, cached_tokens, reasoning_tokens;
};

struct TokenLogprob {
  std::string token;
  double logprob = 0;
  std::vector<std::pair<std::string, double>> top;  // alternatives, best first
};

struct Loglikelihood {
  double sum = 0;       // natural log
  bool greedy = false;  // every token was the arg-max
  int tokens = 0;       // of the continuation
  bool truncated = false;  // the context was cut on the left to fit
};

struct Response {
  std::string text;       // valid UTF-8; the answer proper
  std::string reasoning;  // thinking that the model gave apart from the answer; never scored
  bool truncated = false;  // the prompt was cut on the left to fit (Generate::cut_left)
  Finish finish = Finish::unknown;
  std::string finish_raw;  // the provider's own word
  json::value tool_calls;  // null or OpenAI's array
  std::vector<TokenLogprob> logprobs;
  std::vector<Loglikelihood> loglikelihoods;  // one an item of the group; one for Rolling
  Usage usage;
  double latency = 0;         // seconds of the successful attempt
  std::string model_reported;  // what the server called itself, system_fingerprint included
  std::vector<std::string> deviations;  // how the request that was sent departs from the one that was asked, in sentences (Model::deviations())
  std::string raw;             // the body as it came (valid UTF-8), empty in-process
  bool from_journal = false;   // not stored
  Key key;                     // under which it is journaled; set by `journaled`
};

json::value to_json(const Request& request);
Result<Request> request_from_json(const json::value& value);
json::value to_json(const Response& response);  // without from_journal and key
Result<Response> response_from_json(const json::value& value);
json::value to_json(const Origin& origin);
Origin origin_from_json(const json::value& value);
/// A failure as the journal keeps it: {"error":"timeout","message":...}. Unknown kinds come back as `internal`.
json::value to_json(const Error& error);
Error error_from_json(const json::value& value);

/// write_json(to_json(request), canonical), made without the value in between: it is needed for every request of a run.
std::string canonical_json(const Request& request);
/// {"ask":0,"epoch":0,"iteration":1}
std::string canonical_json(const Draw& draw);
/// write_json(to_json(origin), canonical), likewise.
std::string canonical_json(const Origin& origin);
/// write_json(to_json(response)), likewise.
std::string compact_json(const Response& response);
Result<Draw> draw_from_json(const json::value& value);

/// The key of an answer: hash of (identity, canonical request, draw). docs/formats/journal.md section "Keys".
Key request_key(std::string_view identity, const Request& request, const Draw& draw);
/// The same from the canonical texts.
Key request_key(std::string_view identity, std::string_view request, std::string_view draw);

}  // namespace assay
