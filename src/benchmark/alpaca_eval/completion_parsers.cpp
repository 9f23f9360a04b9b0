#include "benchmark/alpaca_eval/completion_parsers.h"

#include <cmath>
#include <limits>
#include <string>

#include "base/number.h"
#include "base/python_json.h"
#include "base/python_literal.h"
#include "base/python_regex.h"
#include "base/text.h"
#include "benchmark/alpaca_eval/logprob_parser.h"

namespace assay::alpaca_eval {
namespace {

using Kind = PythonValue::Kind;
using Implementation = CompletionParser::Implementation;
using Made = Result<std::shared_ptr<const Implementation>>;

Labels no_label() {
  return {PythonValue::of(std::numeric_limits<double>::quiet_NaN())};
}

std::unexpected<Error> unreadable(std::string what) {
  return fail(ErrorKind::data, "the completion cannot be parsed: " + std::move(what));
}

Result<std::string_view> text_of(const PythonValue& completion) {
  if (completion.kind != Kind::text) return unreadable("it is no text");
  return completion.text;
}

// The arguments of a configuration, taken one by one; what is left over is an error.
class Arguments {
 public:
  Arguments(std::string_view parser, const PythonValue& dict) : parser_(parser), dict_(dict) {}
  const PythonValue* take(std::string_view name) {
    known_.emplace_back(name);
    return dict_.find(name);
  }
  std::unexpected<Error> wrong(std::string_view name, std::string_view want) const {
    return fail(ErrorKind::usage, std::string(parser_) + " wants " + std::string(want) + " as \"" + std::string(name) + "\"",
                "completion_parser_kwargs");
  }
  Result<void> end() const {
    for (std::size_t i = 0; i + 1 < dict_.items.size(); i += 2) {
      const PythonValue& key = dict_.items[i];
      bool known = false;
      for (const std::string& name : known_) known |= key.kind == Kind::text && key.text == name;
      if (known) continue;
      std::vector<std::string> nearest = did_you_mean(key.text, known_);
      return fail(ErrorKind::usage, std::string(parser_) + " has no argument \"" + shorten(key.text, 60) + "\"",
                  "completion_parser_kwargs", nearest.empty() ? "" : "did you mean " + nearest[0] + "?");
    }
    return {};
  }

 private:
  std::string_view parser_;
  const PythonValue& dict_;
  std::vector<std::string> known_;
};

// The earliest match of any pattern, again and again in what is left.
struct RegexParser final : Implementation {
  std::vector<std::pair<PythonValue, PythonRegex>> patterns;

  static Made make(Arguments& arguments) {
    const PythonValue* outputs = arguments.take("outputs_to_match");
    if (!outputs || outputs->kind != Kind::dict) return arguments.wrong("outputs_to_match", "labels with their patterns");
    auto parser = std::make_shared<RegexParser>();
    for (std::size_t i = 0; i + 1 < outputs->items.size(); i += 2) {
      if (outputs->items[i + 1].kind != Kind::text) return arguments.wrong("outputs_to_match", "patterns that are texts");
      auto regex = PythonRegex::compile(outputs->items[i + 1].text);
      if (!regex) return fail(regex.error());
      parser->patterns.emplace_back(outputs->items[i], *regex);
    }
    return parser;
  }
  Result<Labels> parse(const PythonValue& completion) const override {
    auto text = text_of(completion);
    if (!text) return fail(text.error());
    std::string_view rest = *text;
    Labels labels;
    while (true) {
      const PythonValue* label = nullptr;
      Match::Group best;
      for (const auto& [candidate, regex] : patterns) {
        auto match = regex.search(rest);
        if (!match) return fail(match.error());
        if (*match && (!label || (*match)->groups[0].begin < best.begin)) {
          label = &candidate;
          best = (*match)->groups[0];
        }
      }
      if (!label) return labels;
      if (best.end == 0) return unreadable("a pattern matches the empty text, which would go on for ever");
      labels.push_back(*label);
      rest.remove_prefix(best.end);
    }
  }
};

// Two scores on the first line.
struct LmsysParser final : Implementation {
  static Made make(Arguments&) { return std::make_shared<LmsysParser>(); }
  Result<Labels> parse(const PythonValue& completion) const override {
    if (completion.kind != Kind::text) return no_label();
    std::string_view line(completion.text);
    line = line.substr(0, line.find('\n'));
    std::vector<std::string> parts = split(replace_all(line, ",", " "), ' ');
    if (parts.size() != 2) return no_label();
    auto first = python_float(parts[0]), second = python_float(parts[1]);
    if (!first || !second) return no_label();
    return Labels{PythonValue::of(std::int64_t{*first > *second ? 1 : *first < *second ? 2 : 0})};
  }
};

// A list of {"model": ..., "rank": ...}; the rank of one model.
struct RankingParser final : Implementation {
  PythonValue model = PythonValue::of("model_1");

  static Made make(Arguments& arguments) {
    auto parser = std::make_shared<RankingParser>();
    if (const PythonValue* name = arguments.take("model_1_name")) parser->model = *name;
    return parser;
  }
  Result<Labels> parse(const PythonValue& completion) const override {
    if (completion.kind != Kind::text) return rank_in(completion);
    auto value = read_python_literal(completion.text);
    return value ? rank_in(*value) : no_label();
  }
  Labels rank_in(const PythonValue& models) const {
    if (!models.is_sequence()) return no_label();
    const PythonValue* hit = nullptr;
    for (const PythonValue& entry : models.items) {  // all of them are looked at, also after a hit
      const PythonValue* name = entry.find("model");
      if (!name) return no_label();
      if (!hit && *name == model) hit = &entry;
    }
    const PythonValue* rank = hit ? hit->find("rank") : nullptr;
    if (!rank || !(*rank == PythonValue::of(std::int64_t{1}) || *rank == PythonValue::of(std::int64_t{2}))) return no_label();
    return Labels{*rank};
  }
};

// A text is walked through letter by letter, as any list is.
Labels characters_of(std::string_view text) {
  Labels characters;
  while (!text.empty()) {
    std::string character;
    append_utf8(character, next_code_point(text));
    characters.push_back(PythonValue::of(std::move(character)));
  }
  return characters;
}

// A member of a JSON object, or of each object of a list.
struct JsonParser final : Implementation {
  std::optional<std::string> key;

  static Made make(Arguments& arguments) {
    const PythonValue* key = arguments.take("annotation_key");
    if (!key || (key->kind != Kind::text && key->kind != Kind::none)) return arguments.wrong("annotation_key", "a text or null");
    auto parser = std::make_shared<JsonParser>();
    if (key->kind == Kind::text) parser->key = key->text;
    return parser;
  }
  Result<Labels> parse(const PythonValue& completion) const override {
    auto text = text_of(completion);
    if (!text) return fail(text.error());
    constexpr std::string_view kOpen = "```json", kClose = "```";
    if (std::size_t start = text->find(kOpen); start != std::string_view::npos) {
      start += kOpen.size();
      std::size_t end = text->find(kClose, start);
      if (end == std::string_view::npos) return unreadable("its JSON block has no end");
      *text = text->substr(start, end - start);
    }
    auto value = read_python_json(*text);
    if (!value) return fail(value.error());
    if (value->kind == Kind::text && (!key || value->text.empty())) return characters_of(value->text);
    if (value->kind != Kind::dict && value->kind != Kind::list) return unreadable("neither an object nor a list");
    if (!key) return value->kind == Kind::list ? value->items : Labels{*value};
    Labels labels;
    for (const PythonValue& object : value->kind == Kind::list ? value->items : Labels{*value}) {
      const PythonValue* member = object.find(*key);
      if (!member) return unreadable("\"" + *key + "\" is missing");
      labels.push_back(*member);
    }
    return labels;
  }
};

struct EvalParser final : Implementation {
  static Made make(Arguments&) { return std::make_shared<EvalParser>(); }
  Result<Labels> parse(const PythonValue& completion) const override {
    auto text = text_of(completion);
    if (!text) return fail(text.error());
    auto value = read_python_literal(*text);
    if (!value) return fail(value.error());
    return value->kind == Kind::list ? value->items : Labels{*value};
  }
};

struct ReplaceParser final : Implementation {
  PythonValue replacer;
  std::optional<PythonValue> otherwise;  // none: the completion itself

  static Made make(Arguments& arguments) {
    const PythonValue *replacer = arguments.take("replacer"), *otherwise = arguments.take("default_replacer");
    if (!replacer || replacer->kind != Kind::dict) return arguments.wrong("replacer", "completions with their labels");
    auto parser = std::make_shared<ReplaceParser>();
    parser->replacer = *replacer;
    if (otherwise && !(*otherwise == PythonValue::of("auto"))) parser->otherwise = *otherwise;
    return parser;
  }
  Result<Labels> parse(const PythonValue& completion) const override {
    if (!is_hashable(completion)) return unreadable("a list or object cannot be looked up");
    for (std::size_t i = 0; i + 1 < replacer.items.size(); i += 2) {
      if (replacer.items[i] == completion) return Labels{replacer.items[i + 1]};
    }
    return Labels{otherwise.value_or(completion)};
  }
};

struct LogprobParser final : Implementation {
  LogprobSettings settings;

  static Made make(Arguments& arguments) {
    auto parser = std::make_shared<LogprobParser>();
    const PythonValue *numerator = arguments.take("numerator_token"), *denominators = arguments.take("denominator_tokens"),
                      *binarize = arguments.take("is_binarize"), *index = arguments.take("log_prob_index");
    if (!numerator || numerator->kind != Kind::text) return arguments.wrong("numerator_token", "a text");
    if (!denominators || !denominators->is_sequence() || denominators->items.empty())
      return arguments.wrong("denominator_tokens", "a list of texts");
    parser->settings.numerator = numerator->text;
    for (const PythonValue& token : denominators->items) {
      if (token.kind != Kind::text) return arguments.wrong("denominator_tokens", "a list of texts");
      parser->settings.denominators.push_back(token.text);
    }
    if (binarize) {
      if (binarize->kind != Kind::boolean) return arguments.wrong("is_binarize", "true or false");
      parser->settings.binarize = binarize->integer != 0;
    }
    if (index && !(*index == PythonValue::of("batch"))) {
      if (index->kind != Kind::integer || !index->text.empty())
        return arguments.wrong("log_prob_index", "\"batch\" or a whole number");
      parser->settings.position = index->integer;
    }
    return parser;
  }
  Result<Labels> parse(const PythonValue& completion) const override {
    auto values = parse_logprobs(completion, settings);
    if (!values) return fail(values.error());
    Labels labels;
    for (double value : *values) {
      // The original's labels are whole numbers when it binarises.
      bool whole = settings.binarize && !std::isnan(value);
      labels.push_back(whole ? PythonValue::of(static_cast<std::int64_t>(value)) : PythonValue::of(value));
    }
    return labels;
  }
};

// Each parser on what the one before it gave.
struct PipelineParser final : Implementation {
  static constexpr std::size_t kMostParsers = 16;
  std::vector<CompletionParser> parsers;
  bool squeeze = true;

  static Made make(Arguments& arguments) {
    const PythonValue *steps = arguments.take("parsers_to_kwargs"), *squeeze = arguments.take("is_squeeze");
    if (!steps || steps->kind != Kind::dict || steps->items.empty() || steps->items.size() > 2 * kMostParsers)
      return arguments.wrong("parsers_to_kwargs", "parsers with their arguments");
    auto parser = std::make_shared<PipelineParser>();
    if (squeeze) {
      if (squeeze->kind != Kind::boolean) return arguments.wrong("is_squeeze", "true or false");
      parser->squeeze = squeeze->integer != 0;
    }
    for (std::size_t i = 0; i + 1 < steps->items.size(); i += 2) {
      if (steps->items[i].kind != Kind::text || steps->items[i].text.ends_with("pipeline_meta_parser"))
        return arguments.wrong("parsers_to_kwargs", "names of simple parsers");
      auto step = CompletionParser::make(steps->items[i].text, steps->items[i + 1]);
      if (!step) return fail(step.error());
      parser->parsers.push_back(*step);
    }
    return parser;
  }
  Result<Labels> parse(const PythonValue& completion) const override { return from(0, completion); }
  Result<Labels> from(std::size_t step, const PythonValue& completion) const {
    auto labels = parsers[step].parse(completion);
    if (!labels || step + 1 == parsers.size()) return labels;
    for (PythonValue& label : *labels) {
      auto inner = from(step + 1, label);
      if (!inner) return inner;
      label = squeeze && inner->size() == 1 ? (*inner)[0] : PythonValue::list_of(std::move(*inner));
    }
    return labels;
  }
};

struct Named {
  std::string_view name;
  Made (*make)(Arguments&);
};
constexpr Named kParsers[] = {
    {"regex_parser", RegexParser::make},     {"lmsys_parser", LmsysParser::make},
    {"ranking_parser", RankingParser::make}, {"json_parser", JsonParser::make},
    {"eval_parser", EvalParser::make},       {"replace_parser", ReplaceParser::make},
    {"logprob_parser", LogprobParser::make}, {"pipeline_meta_parser", PipelineParser::make},
};

}  // namespace

Result<CompletionParser> CompletionParser::make(std::string_view name, const PythonValue& arguments) {
  std::string_view bare = name.substr(name.rfind('.') + 1);  // npos + 1 is 0
  static const PythonValue kNone = [] {
    PythonValue dict;
    dict.kind = Kind::dict;
    return dict;
  }();
  if (arguments.kind != Kind::dict && arguments.kind != Kind::none)
    return fail(ErrorKind::usage, "the arguments of " + shorten(bare, 60) + " are no mapping", "completion_parser_kwargs");
  std::vector<std::string> names;
  for (const Named& parser : kParsers) {
    names.emplace_back(parser.name);
    if (bare != parser.name) continue;
    Arguments taken(parser.name, arguments.kind == Kind::dict ? arguments : kNone);
    auto made = parser.make(taken);
    if (!made) return fail(made.error());
    if (auto end = taken.end(); !end) return fail(end.error());
    return CompletionParser(std::move(*made));
  }
  std::vector<std::string> nearest = did_you_mean(bare, names);
  return fail(ErrorKind::usage, "there is no completion parser \"" + shorten(name, 60) + "\"", "fn_completion_parser",
              nearest.empty() ? "there are " + join(names, ", ") : "did you mean " + nearest[0] + "?");
}

Result<Labels> CompletionParser::parse(const PythonValue& completion) const {
  if (completion.kind == Kind::text && completion.text.empty()) return unreadable("it is empty");
  return implementation_->parse(completion);
}

std::optional<double> preference_of(const PythonValue& label) {
  if (!label.is_real() || !(label.real == 0 || (label.real >= 1 && label.real <= 2))) return std::nullopt;
  return label.real == 0 ? 1.5 : label.real;
}

}  // namespace assay::alpaca_eval
