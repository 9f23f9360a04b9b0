// What options decide of a MixEval run, apart from the data.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/json.h"
#include "benchmark/mixeval/entry.h"
#include "benchmark/mixeval/score.h"
#include "benchmark/mixeval/turn_template.h"

namespace assay::mixeval {

enum class Parser { model, rule };
/// How a model is asked: `api` and `chat` with messages, `base` with raw text behind five examples.
enum class Kind { api, chat, base };
/// What counts for an answer that no verdict could be had for.
enum class Unparsed {
  random,  // as the original: a random score or option
  zero,    // nothing
  skip,    // it is left out
  error,   // the run has failed
};
std::string_view name(Parser parser);
std::string_view name(Kind kind);
std::string_view name(Unparsed unparsed);
std::string_view name(ScoreRule rule);

struct Settings {
  bool hard = false;
  std::string version;
  Parser free_form = Parser::model, multiple_choice = Parser::model;
  Kind kind = Kind::api;
  std::optional<int> max_tokens = 1536;      // api 1536, chat 512, base 399; none: no limit is sent
  std::optional<int> usual_tokens = 1536;    // of the kind, or of the registered model
  std::optional<std::string> system;         // of the tested model
  std::optional<std::string> usual_system;   // that the original sends to the model named by `as`
  std::optional<Kind> usual_kind;            // of that model
  std::optional<TurnTemplate> usual_turns;   // its class's
  std::string as;                            // asked as the original asks the model of this registered name; "" = none in particular
  std::string absent_system;                 // where the pack has that model's system message, when it is not here and none is sent
  json::object sampling;                     // temperature, top_p, top_k: what that model's class sets
  std::optional<TurnTemplate> turns;         // chat: messages become raw text in this way, not in the model's own
  bool extract = false;                      // base models' output is cut before it is judged
  std::optional<double> judge_temperature;   // none: the provider's default, as in the original
  int judge_max_tokens = 999;
  Unparsed unparsed = Unparsed::random;
  ScoreRule score = ScoreRule::current;
  bool inference_only = false;
  std::optional<std::int64_t> shuffle_options;  // seed; none: as the data have them

  Parser parser(Split split) const { return split == Split::free_form ? free_form : multiple_choice; }
  bool wants_judge(Split split) const { return !inference_only && parser(split) == Parser::model; }
  json::object manifest() const;
  /// One sentence for each departure from what published scores were made with.
  std::vector<std::string> deviations() const;
};

/// "freeform", "multichoice": the roles of the judges.
std::string_view judge_role(Split split);

/// `benchmark`: "mixeval" or "mixeval-hard". `usage` error with the nearest option, or what a value may be.
Result<Settings> make_settings(std::string_view benchmark, std::string_view version, const std::map<std::string, std::string>& options);

}  // namespace assay::mixeval
