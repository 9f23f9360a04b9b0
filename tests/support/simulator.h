// A provider on loopback that answers as it is told: OpenAI's chat/completions/models, Anthropic's messages, Google's
// generateContent and llama-server's completion, with every fault a network has. It runs on a thread of its own and is fast enough to be a bench's other side. docs/formats/simulator.md
// describes the dialogue file of the program `assay-simulator`, which is this class and a command line. Threading: all members
// may be called from any thread; a callback runs on the simulator's thread.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "support/provider_weather.h"
#include "support/simulator_echo.h"

namespace assay::test {

struct SimulatedReply {
  enum class Fault {
    none,
    reset,           // the connection is reset before a byte of the answer
    reset_inside,    // ... after half of the answer
    close_inside,    // closed in order after half of the answer
    hang,            // nothing, until the client goes away
    raw,             // `body` is written as it is, status line and all, and the connection closed
    truncated_json,  // a complete HTTP answer whose JSON ends in the middle
    invalid_utf8,    // bytes that are no text, inside the text
  };
  Fault fault = Fault::none;
  int status = 200;
  std::vector<std::pair<std::string, std::string>> headers;  // beside Content-Type and Content-Length, or in place of them
  std::string text;                                          // what the model says; wrapped in the dialect that was asked in
  std::string reasoning;                                     // "reasoning_content", a thinking block, or as the dialect has it
  std::string finish = "stop";                               // OpenAI's words
  json::value message;                                       // members merged into the message (tool_calls, refusal)
  json::value choice;                                        // members merged into the choice (logprobs)
  bool has_body = false;                                     // `body` is the answer as it is, not `text`
  std::string body;
  std::size_t generate_least = 0, generate_most = 0;  // bytes of nonsense in place of `text`, made from seed and prompt
  std::size_t repeat = 1;                             // `text` so many times
  std::chrono::microseconds delay{0};                 // before the first byte
  std::function<bool()> until{};                      // looked at after the delay, over and over: no byte before it says so
  std::size_t drip = 0;                               // bytes at a time, 0 = all at once
  std::chrono::microseconds drip_every{10'000};

  static SimulatedReply says(std::string text);
  static SimulatedReply answers(int status, std::string body, std::vector<std::pair<std::string, std::string>> headers = {});
  static SimulatedReply fails(Fault fault);
};

struct SimulatedRequest {
  std::string method, target;
  std::vector<std::pair<std::string, std::string>> headers;  // names lower-cased
  std::string body;
  std::string prompt;  // the last user message, or the prompt
  std::string header(std::string_view name) const;
  json::value json() const;    // of the body; null when it is none
  json::value record() const;  // {"method", "target", "headers", "prompt", "body"}: a line of the log
};

class Simulator {
 public:
  struct Options {
    std::uint16_t port = 0;            // 0 = any
    std::size_t keep_requests = 4096;  // recorded for assertions; older ones stay
    std::string models = R"({"object":"list","data":[{"id":"sim","object":"model","owned_by":"simulator"}]})";
    int models_status = 200;
    std::chrono::microseconds delay{0};  // before every answer, beside the reply's own
    /// Sees each request for an answer before it is answered; on the simulator's thread.
    std::function<void(const SimulatedRequest&)> observe{};
  };
  Simulator();
  explicit Simulator(Options options);
  ~Simulator();
  Simulator(const Simulator&) = delete;
  Simulator& operator=(const Simulator&) = delete;

  std::string root() const;  // "http://127.0.0.1:PORT"
  std::string url() const;   // root() + "/v1"

  /// Replies to prompts that hold `match` (the earliest rule wins), in order; the last one is repeated for ever.
  void on(std::string match, std::vector<SimulatedReply> replies);
  /// To prompts that no rule matches. Until set: "ok".
  void otherwise(SimulatedReply reply);
  void otherwise(std::function<SimulatedReply(const SimulatedRequest&)> callback);
  /// What GET .../models and other paths answer: 200 with Options::models, 404 unless set here by path ("/props").
  void serve(std::string path, SimulatedReply reply);

  /// Prompts of .../completions with `echo` come back with the log-probabilities of a small model, where no rule says otherwise than
  /// with text. Until called, `echo` is not looked at.
  void echo(EchoBehaviour behaviour);

  /// A member of a request's body that is refused with 400, in OpenAI's words; such a request reaches no rule.
  void refuse(std::string parameter);

  /// Limits on requests for answers. What is refused reaches no rule.
  void limit(ProviderLimits limits);
  /// Before every answer, beside the other delays; refusals come at once.
  void latency(ProviderLatency latency);
  /// That share of the admitted requests gets this reply and reaches no rule. Shares add up to at most 1.
  void accident(double share, SimulatedReply reply);
  /// Of latency, accidents and generated texts. Until set: 1.
  void seed(std::uint64_t seed);

  /// What happened in each tenth of a second since the first request for an answer.
  struct Load {
    std::size_t admitted = 0, refused = 0, accidents = 0;
    double tokens = 0;  // admitted: prompt / 4 + max_tokens
  };
  std::vector<Load> load() const;

  /// Asked for answers, not for models.
  std::size_t requests() const;
  /// ... whose prompt holds `part` (among the recorded ones).
  std::size_t requests(std::string_view part) const;
  std::vector<SimulatedRequest> recorded() const;
  std::size_t peak_in_flight() const;
  std::size_t connections() const;  // accepted since the start

  /// Waits until whatever clients that are gone have sent is read and counted: a killed client's requests wait in sockets, and on a
  /// busy machine longer than the client lives. Only where no client is left.
  void settle() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

/// Answers any EQ-Bench-like prompt with a parseable score per emotion, derived from the name; "no emotions found" otherwise.
std::string answer_emotions(std::string_view prompt);

/// Fills a simulator from the text of a dialogue file. Errors: data.
Result<void> load_dialogue(Simulator& simulator, std::string_view json_text);

}  // namespace assay::test
