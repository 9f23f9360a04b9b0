// A Model answers requests. Back ends (openai, anthropic, llama, replay, baseline) and decorators (journaled, retrying, limited,
// configured) are all Models; a judge is a Model in another role.
// Threading: every call is made on the event loop's thread; a back end that computes elsewhere resumes there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/async/async.h"
#include "model/request.h"

namespace assay {

/// What the journal keys of a model's answers start with. Two models with equal `text` share answers; anything that changes
/// numbers must be in it (interfaces: "Model identity"). Never a key, a port we chose, or credentials.
struct ModelIdentity {
  std::string text;   // canonical JSON of `facts`
  json::object facts;  // e.g. {"backend":"openai","base":"http://host/v1","model":"name","server":"..."}
  std::string label;   // what people call it: "gpt-4o", "tiny.gguf"
};
ModelIdentity make_identity(json::object facts, std::string label);

struct Capabilities {
  bool chat = false, completion = false, loglikelihood = false, logprobs = false, tools = false;
  bool rolling = false;             // log-likelihoods of whole texts
  bool recorded_by_origin = false;  // answers by Origin, not by content: never journaled (replay, baseline)
  std::size_t max_in_flight = 0;    // 0 = no wish of its own
};

/// The first prompt as the model will see it, for --dry-run and doctor.
struct Rendering {
  std::string text;
  std::vector<int> tokens;           // empty when the tokenizer is elsewhere
  std::vector<std::string> pieces;   // one a token
  std::string renderer;              // "server", "gguf chat template (jinja)", ...
  std::vector<std::string> warnings;  // e.g. a doubled BOS
};

class Model {
 public:
  virtual ~Model() = default;
  /// Loads or probes what identity needs; called once before the first answer(). Errors say what was tried and the cure.
  virtual Async<ModelIdentity> identify() = 0;
  virtual Async<Response> answer(Query query) = 0;
  virtual Capabilities capabilities() const = 0;
  virtual Result<Rendering> render(const Generate& request) const = 0;
  /// The most tokens of answer that what is sent for `request` allows, thoughts and all choices included; a back end may ask for more than the request does
  /// (thinking, ?extra=). Null: nothing names a limit. Decorators pass it on.
  virtual std::optional<std::int64_t> longest_answer(const Request& request) const;
  /// Departures from the official settings noticed so far ("temperature not accepted by o1"); shown in the Report.
  virtual std::vector<std::string> deviations() const { return {}; }
  /// Counters and settings worth keeping in the Report's manifest (limits' history, engine settings, renderer).
  virtual json::object facts() const { return {}; }
};

}  // namespace assay
