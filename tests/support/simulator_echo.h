// Log-probabilities of a prompt, as completion servers echo them: a language model that is small enough to be checked by hand, behind
// POST .../completions with `echo`, and the ways in which real servers get it wrong. docs/formats/simulator.md, "Echo".
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace assay::test {

/// Its tokens are a few dozen words and single characters. What follows a token is drawn from a table made of hashes; where the last two
/// tokens have stood together before, four fifths go to what followed them then, so that a text is likelier the second time. After
/// every text the probabilities of all tokens sum to one.
class EchoModel {
 public:
  explicit EchoModel(std::uint64_t seed = 1);
  static constexpr int kBos = 0, kEnd = 1;

  std::vector<int> tokens(std::string_view text) const;  // longest words first; no BOS
  /// "<s>" of BOS; U+FFFD of a number that is no token.
  std::string piece(int token) const;
  /// BOS, the end, and every number that tokens() can give for ASCII text.
  std::vector<int> vocabulary() const;

  struct Scored {
    double logprob = 0;                        // of the token after all before it; of the first one 0, which means none
    std::vector<std::pair<int, double>> best;  // the `alternatives` likeliest tokens there, best first
  };
  /// One a token. `remembers`: false takes the table alone.
  std::vector<Scored> score(const std::vector<int>& tokens, std::size_t alternatives, bool remembers = true) const;

 private:
  std::size_t row(int token) const;  // of the table: all characters beyond ASCII share one
  double base(int before, int token) const;

  std::vector<std::string> words_;
  std::vector<std::vector<double>> table_;            // [before][after], probabilities
  std::vector<std::vector<std::size_t>> likeliest_;  // of each row, best first
};

/// How the server behaves. Faults are those seen of real ones.
struct EchoBehaviour {
  enum class Fault {
    none,
    ignored,    // answers as if `echo` were not there, without log-probabilities
    generated,  // returns the generated tokens alone
    refused,    // 400: not with this model
    constant,   // the same number for every token
    deaf,       // numbers that do not depend on what stands before
    fickle,     // other numbers for the same text
    positive,   // above zero
    short_list,  // one number less than tokens
    null,       // null for a token in the middle
    nan,        // NaN there, as programs write it that do not care for JSON
    no_offsets,  // without text_offset
    no_tops,     // top_logprobs is null, as of a server that was built without it
  };
  Fault fault = Fault::none;
  bool later = false;   // the first two requests are answered well, which may be somebody's check
  int bos = 0;          // special tokens put before a text
  bool hides_bos = false;  // ... and not shown among the tokens
  bool vllm = false;    // prompt_logprobs and prompt_token_ids beside, as vLLM has them
  std::uint64_t seed = 1;
};
/// "on", or names separated by commas: bos, two-bos, hidden-bos, vllm, later, and one fault (ignored, generated, refused, constant, deaf,
/// fickle, positive, short, null, nan, no-offsets, no-tops).
Result<EchoBehaviour> read_echo_behaviour(std::string_view text);

/// Asked with `echo: true`?
bool is_simulated_echo(std::string_view target, const json::value& body);

class EchoServer {
 public:
  explicit EchoServer(EchoBehaviour behaviour) : behaviour_(behaviour), model_(behaviour.seed) {}
  /// Status and body. Prompts are a text, texts, tokens, or lists of tokens; a body that is none of these is answered with 400. Empty: the
  /// echo is ignored, the usual answer fits.
  std::optional<std::pair<int, std::string>> answer(const json::value& body);
  const EchoModel& model() const { return model_; }

 private:
  json::object choice(std::size_t index, const json::value& prompt, const json::value& body, EchoBehaviour::Fault fault, std::int64_t& read, std::int64_t& made) const;

  EchoBehaviour behaviour_;
  EchoModel model_;
  std::uint64_t asked_ = 0;
};

}  // namespace assay::test
