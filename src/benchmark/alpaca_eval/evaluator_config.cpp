#include "benchmark/alpaca_eval/evaluator_config.h"

#include <algorithm>

#include "base/python_yaml.h"
#include "base/text.h"
#include "benchmark/alpaca_eval/judge_prompt.h"

namespace assay::alpaca_eval {
namespace {

using Kind = PythonValue::Kind;

constexpr std::size_t kMostBatch = 1000;

std::vector<std::string> dict_keys(const PythonValue& dict) {
  std::vector<std::string> out;
  for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2)
    if (dict.items[i].kind == Kind::text) out.push_back(dict.items[i].text);
  return out;
}

/// The settings of one entry, with the command line's over them.
class Settings {
 public:
  Settings(const PythonValue& entry, const PythonValue& overrides, std::string where) : entry_(entry), overrides_(overrides), where_(std::move(where)) {}

  const PythonValue* get(std::string_view key) const {
    if (const PythonValue* value = overrides_.find(key)) return value;
    return entry_.find(key);
  }
  std::unexpected<Error> wrong(std::string_view key, std::string_view want) const {
    return fail(ErrorKind::usage, "\"" + std::string(key) + "\" of an annotator takes " + std::string(want), where_);
  }
  Result<void> text(std::string_view key, std::string& out) const {
    const PythonValue* value = get(key);
    if (!value) return {};
    if (value->kind != Kind::text) return wrong(key, "a text");
    out = value->text;
    return {};
  }
  Result<void> flag(std::string_view key, bool& out) const {
    const PythonValue* value = get(key);
    if (!value) return {};
    if (value->kind != Kind::boolean) return wrong(key, "true or false");
    out = value->integer != 0;
    return {};
  }
  Result<void> texts(std::string_view key, std::vector<std::string>& out) const {
    const PythonValue* value = get(key);
    if (!value) return {};
    if (value->kind == Kind::text) {
      out = {value->text};
      return {};
    }
    if (!value->is_sequence()) return wrong(key, "a list of names");
    out.clear();
    for (const PythonValue& item : value->items) {
      if (item.kind != Kind::text) return wrong(key, "a list of names");
      out.push_back(item.text);
    }
    return {};
  }
  const std::string& where() const { return where_; }

 private:
  const PythonValue& entry_;
  const PythonValue& overrides_;
  std::string where_;
};

Result<void> read_processors(const Settings& settings, AnnotatorConfig& out) {
  const PythonValue* processors = settings.get("processors_to_kwargs");
  if (!processors || processors->kind == Kind::none) return {};
  if (processors->kind != Kind::dict) return settings.wrong("processors_to_kwargs", "processors with their arguments");
  static const std::vector<std::string> known{"ChainOfThoughtProcessor", "JsonKeysToColumnProcessor", "PaddingForBatchesProcessor",
                                              "RandomSwitchTwoColumnsProcessor"};
  for (std::size_t i = 0; i + 1 < processors->items.size(); i += 2) {
    const std::string& name = processors->items[i].text;
    if (name == "ChainOfThoughtProcessor") {
      out.chain_of_thought = true;
    } else if (name == "JsonKeysToColumnProcessor" || name == "JsonKeysToColumn") {
      const PythonValue* keys = processors->items[i + 1].find("json_keys_to_keep");
      if (!keys || !keys->is_sequence()) return settings.wrong("processors_to_kwargs", "json_keys_to_keep, a list, for " + name);
      for (const PythonValue& key : keys->items) {
        if (key.kind != Kind::text) return settings.wrong("processors_to_kwargs", "names in json_keys_to_keep");
        out.json_keys_to_keep.push_back(key.text);
      }
    } else if (name == "PaddingForBatchesProcessor") {
      out.pads = true;
    } else {
      std::vector<std::string> near = did_you_mean(name, known);
      return fail(ErrorKind::usage, "there is no processor \"" + shorten(name, 60) + "\"", settings.where(),
                  near.empty() ? "there are: " + join(known, ", ") : "did you mean " + near.front() + "?");
    }
  }
  return {};
}

Result<AnnotatorConfig> read_annotator(const std::string& name, const Settings& settings, const PromptFiles& files) {
  std::string parser_name = "regex_parser";
  if (auto read = settings.text("fn_completion_parser", parser_name); !read) return std::unexpected(read.error());
  const PythonValue* parser_arguments = settings.get("completion_parser_kwargs");
  const PythonValue none;
  auto parser = CompletionParser::make(parser_name, parser_arguments ? *parser_arguments : none);
  if (!parser) {
    Error error = parser.error();
    error.where = settings.where();
    return std::unexpected(error);
  }
  AnnotatorConfig out{.name = name, .prompt_template = {}, .prompt_file = {}, .completions_kwargs = {}, .fn_completion_parser = parser_name, .parser = *parser, .seed = {}, .json_keys_to_keep = {}};
  out.completions_kwargs.kind = Kind::dict;
  if (parser_arguments) out.parser_arguments = *parser_arguments;

  const PythonValue* prompt = settings.get("prompt_template");
  if (!prompt || prompt->kind != Kind::text || prompt->text.empty())
    return fail(ErrorKind::usage, "an annotator needs a prompt_template", settings.where(), "a path to a text file, or the text");
  if (auto text = files(prompt->text)) {
    out.prompt_template = with_unix_lines(*text);
    out.prompt_file = prompt->text;
  } else if (prompt->text.find_first_of("{\n ") == std::string::npos) {
    return fail(ErrorKind::data, "the prompt file is not there: " + shorten(prompt->text, 200), settings.where(),
                "paths of prompts are relative to the folder that holds the configuration's folder");
  } else {
    out.prompt_template = prompt->text;
  }

  if (const PythonValue* decoder = settings.get("fn_completions"); decoder && decoder->kind == Kind::none) {
    out.fn_completions.clear();
  } else if (auto read = settings.text("fn_completions", out.fn_completions); !read) {
    return std::unexpected(read.error());
  }
  if (const PythonValue* arguments = settings.get("completions_kwargs"); arguments && arguments->kind != Kind::none) {
    if (arguments->kind != Kind::dict) return settings.wrong("completions_kwargs", "a mapping");
    out.completions_kwargs = *arguments;
  }
  std::string key = "completions";
  if (auto read = settings.text("completion_key", key); !read) return std::unexpected(read.error());
  if (key != "completions" && key != "completions_all") return settings.wrong("completion_key", "completions or completions_all");
  out.reads_choices = key == "completions_all";

  for (auto [name_of, flag] : {std::pair<std::string_view, bool*>{"is_randomize_output_order", &out.randomize_output_order},
                               {"is_shuffle", &out.shuffle},
                               {"is_add_default_processors", &out.pads}})
    if (auto read = settings.flag(name_of, *flag); !read) return std::unexpected(read.error());
  if (auto read = settings.texts("random_seed_column", out.random_seed_columns); !read) return std::unexpected(read.error());
  std::sort(out.random_seed_columns.begin(), out.random_seed_columns.end());
  if (const PythonValue* seed = settings.get("seed"); seed && seed->kind != Kind::none) {
    if (seed->kind != Kind::integer || !seed->text.empty()) return settings.wrong("seed", "a whole number");
    out.seed = seed->integer;
  }
  if (const PythonValue* batch = settings.get("batch_size")) {
    if (batch->kind != Kind::integer || batch->integer < 1 || batch->integer > static_cast<std::int64_t>(kMostBatch))
      return settings.wrong("batch_size", "a whole number from 1 to 1000");
    out.batch_size = static_cast<std::size_t>(batch->integer);
  }
  if (const PythonValue* packages = settings.get("packages_for_which_to_show_version"))
    out.shows_version = packages->kind != Kind::none && !packages->items.empty();
  for (auto [column, fixed] : {std::pair<std::string_view, std::string_view>{"annotation_column", "preference"},
                               {"completion_column", "preference_raw_completion"},
                               {"prfx_to_completion_cols", "preference_"}})
    if (const PythonValue* value = settings.get(column); value && !(value->kind == Kind::text && value->text == fixed))
      return fail(ErrorKind::unsupported, std::string(column) + " can only be " + std::string(fixed), settings.where(),
                  "the metrics and the files of AlpacaEval know these names alone");
  if (auto read = read_processors(settings, out); !read) return std::unexpected(read.error());
  return out;
}

}  // namespace

const std::vector<std::string>& annotator_keys() {
  static const std::vector<std::string> keys{
      "prompt_template", "fn_completion_parser", "completion_parser_kwargs", "fn_completions", "completions_kwargs", "completion_key",
      "is_randomize_output_order", "random_seed_column", "is_shuffle", "seed", "batch_size", "processors_to_kwargs", "is_add_default_processors",
      "annotation_column", "completion_column", "prfx_to_completion_cols", "packages_for_which_to_show_version", "pretty_name", "link"};
  return keys;
}

std::optional<std::size_t> EvaluatorConfig::find(std::string_view annotator) const {
  for (std::size_t i = 0; i < annotators.size(); ++i)
    if (annotators[i].name == annotator) return i;
  return std::nullopt;
}

Result<void> EvaluatorConfig::check_seed_columns(const std::vector<std::string>& known) const {
  for (const AnnotatorConfig& annotator : annotators) {
    if (!annotator.randomize_output_order) continue;
    for (const std::string& column : annotator.random_seed_columns)
      if (std::find(known.begin(), known.end(), column) == known.end())
        return fail(ErrorKind::usage, "random_seed_column names \"" + shorten(column, 60) + "\", which is no key", annotator.name, "keys are: " + join(known, ", "));
  }
  return {};
}

Result<EvaluatorConfig> read_evaluator_config(std::string_view yaml, std::string_view where, const PromptFiles& files, const PythonValue& overrides) {
  auto root = read_python_yaml(yaml, where);
  if (!root) return std::unexpected(root.error());
  if (root->kind != Kind::dict || root->items.empty())
    return fail(ErrorKind::data, "an evaluator configuration is a mapping from annotators to their settings", std::string(where));
  EvaluatorConfig out;
  for (std::size_t i = 0; i + 1 < root->items.size(); i += 2) {
    if (root->items[i].kind != Kind::text || root->items[i].text.empty())
      return fail(ErrorKind::data, "the name of an annotator is no text", std::string(where));
    const std::string& name = root->items[i].text;
    const PythonValue& entry = root->items[i + 1];
    std::string place = std::string(where) + (where.empty() ? "" : ": ") + shorten(name, 100);
    if (entry.kind != Kind::dict) return fail(ErrorKind::data, "the settings of an annotator are no mapping", place);
    for (const PythonValue* dict : {&entry, &overrides})
      for (const std::string& key : dict_keys(*dict)) {
        const auto& known = annotator_keys();
        if (std::find(known.begin(), known.end(), key) != known.end()) continue;
        std::vector<std::string> near = did_you_mean(key, known);
        return fail(ErrorKind::usage, "an annotator has no setting \"" + shorten(key, 60) + "\"", place,
                    near.empty() ? "there are: " + join(known, ", ") : "did you mean " + near.front() + "?");
      }
    auto annotator = read_annotator(name, Settings(entry, overrides, place), files);
    if (!annotator) return std::unexpected(annotator.error());
    out.annotators.push_back(std::move(*annotator));
  }
  return out;
}

}  // namespace assay::alpaca_eval
