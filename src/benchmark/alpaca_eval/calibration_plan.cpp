#include "benchmark/alpaca_eval/calibration_plan.h"

#include <algorithm>
#include <charconv>
#include <filesystem>

#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"
#include "benchmark/alpaca_eval/annotation_plan.h"
#include "benchmark/alpaca_eval/judge_decoder.h"
#include "benchmark/alpaca_eval/judging.h"
#include "benchmark/alpaca_eval/seeded_draws.h"

namespace assay::alpaca_eval {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMostFiles = 5000;
constexpr std::int64_t kOrderSeed = 0;  // of which output stands first: the seed that published annotations were made with

template <class T>
Result<void> whole(const std::string& key, const std::string& value, long long least, long long most, T& out) {
  long long number = 0;
  auto read = std::from_chars(value.data(), value.data() + value.size(), number);
  if (read.ec != std::errc() || read.ptr != value.data() + value.size() || number < least || number > most)
    return fail(ErrorKind::usage, "the option " + key + " takes a whole number from " + std::to_string(least) + " to " + std::to_string(most) + ", not \"" + shorten(value, 40) + "\"");
  out = static_cast<T>(number);
  return {};
}

/// One word, or a JSON array of them.
Result<std::vector<std::string>> words_of(const std::string& value) {
  if (!value.starts_with("[")) return std::vector<std::string>{value};
  auto list = parse_json(value, "the option against");
  if (!list) return std::unexpected(list.error());
  std::vector<std::string> out;
  if (const json::array* words = list->if_array())
    for (const json::value& word : *words) {
      if (!word.is_string()) return fail(ErrorKind::usage, "the option against takes a path, or a JSON array of paths");
      out.emplace_back(word.get_string());
    }
  if (out.empty()) return fail(ErrorKind::usage, "the option against names no file");
  return out;
}

/// What calibration reads of a table; the rest (raw completions above all) is let go.
Table slim(Table table) {
  Table out;
  std::vector<std::size_t> from;
  for (std::size_t c = 0; c < table.columns.size(); ++c)
    for (std::string_view wanted : {"instruction", "output_1", "output_2", "preference", "generator_1", "generator_2", "annotator", "dataset", "index"})
      if (table.columns[c] == wanted) {
        from.push_back(c);
        out.columns.push_back(table.columns[c]);
      }
  for (auto& row : table.rows) {
    std::vector<json::value>& slimmed = out.rows.emplace_back();
    for (std::size_t c : from) slimmed.push_back(std::move(row[c]));
  }
  return out;
}

/// A configuration that lies beside the user, laid out as in the original: FOLDER/NAME/configs.yaml, prompts relative to FOLDER.
Result<EvaluatorConfig> evaluator_file(const std::string& path, std::string& hash) {
  std::error_code code;
  const fs::path file = fs::is_directory(path, code) ? fs::path(path) / "configs.yaml" : fs::path(path);
  auto yaml = read_file(file, 16 << 20);
  if (!yaml) return std::unexpected(yaml.error());
  std::string all = *yaml;
  const fs::path root = file.parent_path().empty() ? fs::path("..") : file.parent_path() / "..";
  auto files = [&](std::string_view name) -> std::optional<std::string> {
    if (name.empty() || name.size() > 1000 || name.find_first_of(std::string_view("\n\0", 2)) != std::string_view::npos) return std::nullopt;
    for (const fs::path& place : {root / name, fs::path(name)})
      if (fs::is_regular_file(place, code))
        if (auto text = read_file(place, 16 << 20)) {
          all += *text;
          return valid_utf8(*text);
        }
    return std::nullopt;
  };
  auto config = read_evaluator_config(valid_utf8(*yaml), file.string(), files);
  if (!config) return config;
  config->name = file.parent_path().filename().string();
  hash = sha256_hex(all);
  return config;
}

/// Comparisons of one judge in the order drawn, as many to a prompt as it takes.
std::vector<JudgedUnit> pack(const EvaluatorConfig& evaluator, const CalibrationSet& drawn) {
  std::vector<JudgedUnit> out;
  std::vector<std::optional<std::size_t>> open(evaluator.annotators.size());
  for (std::size_t i = 0; i < drawn.comparisons.size(); ++i) {
    const std::size_t a = evaluator.annotators.size() == 1 ? 0 : pool_choice(drawn.comparisons[i].instruction, kOrderSeed, evaluator.annotators.size());
    if (!open[a]) {
      open[a] = out.size();
      out.emplace_back().annotator = a;
    }
    JudgedUnit& unit = out[*open[a]];
    unit.places.push_back(unit.samples.size());
    unit.samples.push_back(i);
    if (unit.samples.size() == evaluator.annotators[a].batch_size) open[a].reset();
  }
  return out;
}

/// Models of which nothing was drawn are left out, and the others numbered anew.
void keep_drawn_models(CalibrationSet& drawn, std::vector<bool>& same_generator) {
  std::vector<std::optional<std::size_t>> number(drawn.models.size());
  std::vector<std::string> models;
  for (OfficialJudgement& one : drawn.comparisons) {
    if (!number[one.model]) {
      number[one.model] = models.size();
      models.push_back(drawn.models[one.model]);
      same_generator.push_back(one.same_generator);
    }
    one.model = *number[one.model];
  }
  drawn.models = std::move(models);
}

}  // namespace

std::vector<BenchmarkOption> calibration_option_table() {
  return {{"against", "PATH, or a JSON array of them", "official annotations in AlpacaEval's layout: files, patterns with *, folders with annotations.json below"},
          {"evaluator", "NAME or PATH (weighted_alpaca_eval_gpt4_turbo)", "the evaluator configuration whose prompt, settings and parser the judge is used with"},
          {"instructions", "N (100)", "so many instructions are drawn, each with the comparisons of all models; 0: all"},
          {"repeat", "N (2)", "how often the same prompt is asked"},
          {"seed", "N (123)", "of the draw and of the intervals"},
          {"lc", "length_controlled_v1|length_controlled_noreg|length_controlled_minimal", "the regression behind the length-controlled win rate"},
          {"filling", "original|safe (original)", "as for alpaca-eval"}};
}

Result<CalibrationSettings> make_calibration_settings(const std::map<std::string, std::string>& options) {
  CalibrationSettings out;
  out.evaluator = "weighted_alpaca_eval_gpt4_turbo";
  for (const auto& [key, value] : options) {
    Result<void> read;
    if (key == "against") {
      auto words = words_of(value);
      if (!words) return std::unexpected(words.error());
      out.against = std::move(*words);
    } else if (key == "evaluator") {
      if (value.empty()) return fail(ErrorKind::usage, "the option evaluator takes a name or a path");
      out.evaluator = value;
    } else if (key == "instructions") {
      read = whole(key, value, 0, 1'000'000, out.instructions);
    } else if (key == "repeat") {
      read = whole(key, value, 1, 100, out.repeat);
    } else if (key == "seed") {
      read = whole(key, value, 0, 4'294'967'295LL, out.seed);
    } else if (key == "lc") {
      auto glm = glm_named(value);
      if (!glm) return std::unexpected(glm.error());
      out.glm = *glm;
    } else if (key == "filling") {
      if (value != "original" && value != "safe") read = fail(ErrorKind::usage, "the option filling takes original or safe, not \"" + shorten(value, 40) + "\"");
      out.filling = value == "safe" ? Filling::safe : Filling::original;
    } else {
      std::vector<std::string> names;
      for (const BenchmarkOption& option : calibration_option_table()) names.push_back(option.key);
      std::vector<std::string> near = did_you_mean(key, names);
      return fail(ErrorKind::usage, "judge-calibration has no option \"" + shorten(key, 60) + "\"", {}, near.empty() ? "there are: " + join(names, ", ") : "did you mean " + near.front() + "?");
    }
    if (!read) return std::unexpected(read.error());
  }
  if (out.against.empty())
    return fail(ErrorKind::usage, "there is nothing to hold the judge against", {}, "name annotations of an official judge: --against results/*/weighted_alpaca_eval_gpt4_turbo/annotations.json");
  return out;
}

Result<std::vector<std::string>> annotation_files(const std::vector<std::string>& words) {
  std::vector<std::string> out;
  std::error_code code;
  for (const std::string& word : words) {
    if (!fs::is_directory(word, code)) {
      out.push_back(word);
      continue;
    }
    const std::size_t before = out.size();
    for (fs::recursive_directory_iterator it(word, code), end; !code && it != end; it.increment(code))
      if (it->path().filename() == "annotations.json") {
        out.push_back(it->path().string());
        if (out.size() > kMostFiles) return fail(ErrorKind::usage, "more than " + std::to_string(kMostFiles) + " files of annotations", word);
      }
    if (code) return fail(ErrorKind::io, "cannot read the folder: " + code.message(), word);
    if (out.size() == before) return fail(ErrorKind::not_found, "there is no annotations.json below the folder", word);
    std::sort(out.begin() + static_cast<std::ptrdiff_t>(before), out.end());
  }
  std::vector<std::string> once;
  for (std::string& one : out)
    if (std::find(once.begin(), once.end(), one) == once.end()) once.push_back(std::move(one));
  return once;
}

json::object CalibrationPlan::manifest() const {
  json::array models(drawn.models.begin(), drawn.models.end()), evaluator_models;
  for (const Decoder& decoder : decoders) evaluator_models.emplace_back(decoder.model);
  return {{"benchmark", benchmark},
          {"against", {{"judge", drawn.judges.front()}, {"reference", drawn.references.front()}, {"files", files},
                       {"left_out", {{"no_preference", drawn.without_preference}, {"no_text", drawn.without_text}, {"equal_outputs", drawn.equal_outputs}, {"repeated", drawn.repeated}}}}},
          {"evaluator", {{"name", evaluator->name}, {"sha256", evaluator_sha256}, {"models", std::move(evaluator_models)}}},
          {"judging", {{"model", judging_facts(*evaluator, decoders, kOrderSeed, settings.filling)}}},
          {"length_control", {{"model", name(settings.glm)}, {"rows", length.file}, {"sha256", length.sha256}}},
          {"seed", settings.seed},
          {"selection", {{"instructions", settings.instructions == 0 ? drawn.instructions : std::min(settings.instructions, drawn.instructions)}, {"of_instructions", drawn.instructions},
                         {"comparisons", drawn.comparisons.size()}, {"of_comparisons", comparisons_in_set}, {"repeat", settings.repeat}, {"models", std::move(models)}}}};
}

Result<CalibrationPlan> prepare_calibration(const PrepareSettings& settings, DataSource& data) {
  auto made = make_calibration_settings(settings.options);
  if (!made) return std::unexpected(made.error());
  if (settings.iterations != 1) return fail(ErrorKind::usage, "a calibration asks as often as its option repeat says", {}, "leave --iterations out");
  if (settings.limit || !settings.samples.empty())
    return fail(ErrorKind::usage, "a calibration draws its comparisons", {}, "--option instructions=N says of how many instructions; leave --limit and --samples out");
  CalibrationPlan out;
  out.settings = std::move(*made);
  out.benchmark = settings.ref.text();
  auto files = annotation_files(out.settings.against);
  if (!files) return std::unexpected(files.error());
  std::vector<Table> tables;
  for (const std::string& file : *files) {
    auto table = load_table(std::span(&file, 1));
    if (!table) return std::unexpected(table.error());
    json::object described{{"file", file}, {"rows", table->rows.size()}};
    if (file.find('*') == std::string::npos) {
      auto sum = sha256_file(file);
      if (!sum) return std::unexpected(sum.error());
      described["sha256"] = *sum;
    }
    out.files.push_back(std::move(described));
    tables.push_back(slim(std::move(*table)));
  }
  auto set = read_calibration_set(tables, *files);
  if (!set) return std::unexpected(set.error());
  out.comparisons_in_set = set->comparisons.size();
  out.drawn = draw(*set, out.settings.instructions, out.settings.seed);
  keep_drawn_models(out.drawn, out.same_generator);

  const std::string& name = out.settings.evaluator;
  const bool is_path = name.find('/') != std::string::npos || name.ends_with(".yaml");
  auto evaluator = is_path ? evaluator_file(name, out.evaluator_sha256) : load_evaluator(data, name, PythonValue(), &out.evaluator_sha256);
  if (!evaluator) return std::unexpected(evaluator.error());
  if (auto fits = check_prompts(*evaluator, AnnotationSettings{}); !fits) return std::unexpected(fits.error());
  out.evaluator = std::make_shared<const EvaluatorConfig>(std::move(*evaluator));
  for (const AnnotatorConfig& annotator : out.evaluator->annotators) {
    auto decoder = judge_decoder(annotator);  // the role "model" says who answers
    if (!decoder) return std::unexpected(decoder.error());
    out.decoders.push_back(std::move(*decoder));
  }
  out.units = pack(*out.evaluator, out.drawn);
  out.length = length_data(data);
  return out;
}

}  // namespace assay::alpaca_eval
