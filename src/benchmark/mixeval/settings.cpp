#include "benchmark/mixeval/settings.h"

#include <charconv>

#include "base/number.h"
#include "base/text.h"

namespace assay::mixeval {
namespace {

json::string text(std::string_view t) { return json::string(t.data(), t.size()); }

template <class Enum>
Result<Enum> choose(const std::string& key, const std::string& value, std::initializer_list<Enum> all) {
  std::vector<std::string> names;
  for (Enum one : all) {
    if (name(one) == value) return one;
    names.emplace_back(name(one));
  }
  return fail(ErrorKind::usage, "option " + key + " does not take \"" + shorten(value, 40) + "\"", {}, "it takes: " + join(names, ", "));
}

Result<bool> flag(const std::string& key, const std::string& value) {
  if (value == "true" || value == "1" || value == "yes") return true;
  if (value == "false" || value == "0" || value == "no") return false;
  return fail(ErrorKind::usage, "option " + key + " takes true or false, not \"" + shorten(value, 40) + "\"");
}

Result<int> whole(const std::string& key, const std::string& value) {
  int out = 0;
  auto parsed = std::from_chars(value.data(), value.data() + value.size(), out);
  if (parsed.ec != std::errc() || parsed.ptr != value.data() + value.size() || out < 1 || out > 1'000'000)
    return fail(ErrorKind::usage, "option " + key + " takes a number from 1 to 1000000, not \"" + shorten(value, 40) + "\"");
  return out;
}

template <class T, class U>
Result<void> put(T& place, Result<U> value) {
  if (!value) return std::unexpected(value.error());
  place = std::move(*value);
  return {};
}

int usual_tokens(Kind kind) { return kind == Kind::api ? 1536 : kind == Kind::chat ? 512 : 399; }

}  // namespace

std::string_view name(Parser parser) { return parser == Parser::model ? "model" : "rule"; }
std::string_view name(Kind kind) { return kind == Kind::api ? "api" : kind == Kind::chat ? "chat" : "base"; }
std::string_view name(Unparsed unparsed) {
  switch (unparsed) {
    case Unparsed::random: return "random";
    case Unparsed::zero: return "zero";
    case Unparsed::skip: return "skip";
    case Unparsed::error: return "error";
  }
  return "random";
}
std::string_view name(ScoreRule rule) { return rule == ScoreRule::current ? "current" : rule == ScoreRule::legacy ? "legacy" : "legacy-first"; }
std::string_view judge_role(Split split) { return split == Split::free_form ? "freeform" : "multichoice"; }

json::object Settings::manifest() const {
  json::object out{{"version", version},
          {"free_form_parser", text(name(free_form))},
          {"multi_choice_parser", text(name(multiple_choice))},
          {"kind", text(name(kind))},
          {"max_tokens", max_tokens ? json::value(*max_tokens) : json::value(nullptr)},
          {"system", system ? json::value(*system) : json::value(nullptr)},
          {"extract", extract},
          {"judge_temperature", judge_temperature ? json::value(*judge_temperature) : json::value(nullptr)},
          {"judge_max_tokens", judge_max_tokens},
          {"judge_rounds", 10},
          {"on_unparsed", text(name(unparsed))},
          {"score", text(name(score))},
          {"inference_only", inference_only},
          {"seed", 42}};
  if (!as.empty()) out["as"] = as;
  if (!sampling.empty()) out["sampling"] = sampling;
  if (shuffle_options) out["shuffle_options"] = *shuffle_options;
  if (turns) out["turns"] = to_json(*turns);
  return out;
}

std::vector<std::string> Settings::deviations() const {
  std::vector<std::string> out;
  if (free_form == Parser::rule) out.emplace_back("free-form answers are parsed by rule, not by a judge");
  if (multiple_choice == Parser::rule) out.emplace_back("multiple-choice answers are parsed by rule, not by a judge");
  auto limit = [](const std::optional<int>& tokens) { return tokens ? "up to " + std::to_string(*tokens) + " tokens" : std::string("any length"); };
  if (max_tokens != usual_tokens) out.push_back("answers of " + limit(max_tokens) + " instead of " + limit(usual_tokens));
  if (!absent_system.empty())
    out.push_back("the system message that the original sends to " + as + " is not here and was not sent: assay data import mixeval --from DIR, or assay data pull mixeval --files " + absent_system);
  if (usual_kind && kind != *usual_kind) out.push_back("asked as option kind=" + std::string(name(kind)) + "; the original asks " + as + " as " + std::string(name(*usual_kind)));
  if (system && system != usual_system) out.emplace_back("a system message that the original does not send");
  if (turns && (!usual_turns || to_json(*turns) != to_json(*usual_turns))) out.emplace_back("option turns: messages are written in another way than the original's");
  if (kind == Kind::base && !extract) out.emplace_back("a base model's output is judged whole, with whatever it goes on to write");
  if (score != ScoreRule::current) out.push_back("option score=" + std::string(name(score)) + " instead of current");
  if (shuffle_options) out.push_back("the options of multiple-choice entries are shuffled (seed " + std::to_string(*shuffle_options) + ")");
  if (judge_temperature) out.push_back("the judge's temperature is " + python_repr(*judge_temperature) + " instead of its default");
  if (judge_max_tokens != 999) out.push_back("verdicts of up to " + std::to_string(judge_max_tokens) + " tokens instead of 999");
  if (unparsed != Unparsed::random) out.push_back("option on_unparsed=" + std::string(name(unparsed)) + " instead of random");
  return out;
}

Result<Settings> make_settings(std::string_view benchmark, std::string_view version, const std::map<std::string, std::string>& options) {
  Settings out;
  out.hard = benchmark == "mixeval-hard";
  out.version = version;
  static const std::vector<std::string> keys{"parser", "free_form_parser", "multi_choice_parser", "kind", "as", "max_tokens", "system", "turns", "extract", "judge_temperature",
                                             "judge_max_tokens", "on_unparsed", "score", "inference_only", "shuffle_options"};
  std::optional<int> tokens;
  bool unlimited = false, own_turns = false;
  std::optional<bool> extract;
  auto parser = [&](const std::string& key, const std::string& value) { return choose(key, value, {Parser::model, Parser::rule}); };
  if (auto it = options.find("parser"); it != options.end()) {
    auto both = parser("parser", it->second);
    if (!both) return std::unexpected(both.error());
    out.free_form = out.multiple_choice = *both;
  }
  for (const auto& [key, value] : options) {
    Result<void> done;
    if (key == "parser") continue;
    if (key == "free_form_parser") done = put(out.free_form, parser(key, value));
    else if (key == "multi_choice_parser") done = put(out.multiple_choice, parser(key, value));
    else if (key == "kind") done = put(out.kind, choose(key, value, {Kind::api, Kind::chat, Kind::base}));
    else if (key == "as") out.as = value;
    else if (key == "max_tokens" && value == "none") unlimited = true;
    else if (key == "max_tokens") done = put(tokens, whole(key, value));
    else if (key == "system") out.system = value;
    else if (key == "turns" && value == "own") own_turns = true;  // the registered model's: prepare() has put them in its place
    else if (key == "turns") {
      auto parsed = parse_json(value, "option turns");
      auto turns = parsed ? read_turn_template(*parsed, "option turns") : Result<TurnTemplate>(std::unexpected(parsed.error()));
      if (!turns) return fail(ErrorKind::usage, turns.error().message, "option turns", R"(for example turns={"user": "USER: {} ", "assistant": "ASSISTANT: {}", "answer": "ASSISTANT:"})");
      out.turns = std::move(*turns);
    } else if (key == "extract") done = put(extract, flag(key, value));
    else if (key == "judge_temperature") {
      auto number = python_float(value);
      if (!number || !(*number >= 0 && *number <= 10)) return fail(ErrorKind::usage, "option judge_temperature takes a number from 0 to 10, not \"" + shorten(value, 40) + "\"");
      out.judge_temperature = number;
    } else if (key == "judge_max_tokens") done = put(out.judge_max_tokens, whole(key, value));
    else if (key == "on_unparsed") done = put(out.unparsed, choose(key, value, {Unparsed::random, Unparsed::zero, Unparsed::skip, Unparsed::error}));
    else if (key == "score") done = put(out.score, choose(key, value, {ScoreRule::current, ScoreRule::legacy, ScoreRule::legacy_first}));
    else if (key == "shuffle_options") done = put(out.shuffle_options, whole(key, value));
    else if (key == "inference_only") done = put(out.inference_only, flag(key, value));
    else {
      std::vector<std::string> near = did_you_mean(key, keys);
      return fail(ErrorKind::usage, std::string(benchmark) + " has no option \"" + shorten(key, 40) + "\"", {}, near.empty() ? "there are: " + join(keys, ", ") : "did you mean " + near.front() + "?");
    }
    if (!done) return std::unexpected(done.error());
  }
  out.usual_tokens = usual_tokens(out.kind);
  out.max_tokens = unlimited ? std::nullopt : std::optional(tokens.value_or(*out.usual_tokens));
  if (own_turns && out.as.empty()) return fail(ErrorKind::usage, "option turns=own is the chat format of a registered model: say which with option as=NAME");
  if (out.kind == Kind::base && out.system) return fail(ErrorKind::usage, "a base model reads no system message: leave option system out, or say kind=chat");
  if (out.turns && out.kind != Kind::chat) return fail(ErrorKind::usage, "option turns is for kind=chat");
  out.extract = extract.value_or(out.kind == Kind::base);
  return out;
}

}  // namespace assay::mixeval
