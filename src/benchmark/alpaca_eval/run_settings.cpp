#include "benchmark/alpaca_eval/run_settings.h"

#include <algorithm>
#include <charconv>
#include <unordered_set>

#include "base/hash.h"
#include "base/number.h"
#include "base/text.h"
#include "benchmark/alpaca_eval/annotation_plan.h"
#include "benchmark/alpaca_eval/judge_decoder.h"
#include "benchmark/alpaca_eval/judging.h"
#include "benchmark/alpaca_eval/seeded_draws.h"

namespace assay::alpaca_eval {
namespace {

constexpr std::string_view kAnnotator2 = "weighted_alpaca_eval_gpt4_turbo", kAnnotator1 = "alpaca_eval_gpt4";

std::optional<std::int64_t> whole(std::string_view text) {
  std::int64_t value = 0;
  auto read = std::from_chars(text.data(), text.data() + text.size(), value);
  if (read.ec != std::errc() || read.ptr != text.data() + text.size()) return std::nullopt;
  return value;
}

std::unexpected<Error> wrong(const std::string& key, const std::string& value, std::string_view want) {
  return fail(ErrorKind::usage, "the option " + key + " takes " + std::string(want) + ", not \"" + shorten(value, 40) + "\"");
}

/// One prompt for every sample; or, for judges that compare several examples at once, shuffled and packed as the original packs them - chunk by chunk.
std::vector<JudgedUnit> pack_units(const EvaluatorConfig& evaluator, const Settings& settings, const std::vector<Reference>& samples) {
  constexpr std::size_t kChunk = 128;
  std::vector<JudgedUnit> out;
  for (std::size_t begin = 0; begin < samples.size(); begin += kChunk) {
    const std::size_t end = std::min(samples.size(), begin + kChunk);
    for (std::size_t a = 0; a < evaluator.annotators.size(); ++a) {
      const AnnotatorConfig& annotator = evaluator.annotators[a];
      std::vector<std::size_t> mine;
      for (std::size_t i = begin; i < end; ++i)
        if (evaluator.annotators.size() == 1 || pool_choice(samples[i].instruction, settings.seed, evaluator.annotators.size()) == a) mine.push_back(i);
      const std::size_t batch = annotator.batch_size;
      if (batch == 1) {
        for (std::size_t i : mine) out.push_back({a, {i}, {0}});
        continue;
      }
      const std::size_t padded = (mine.size() + batch - 1) / batch * batch;
      std::vector<std::size_t> order(padded);
      for (std::size_t i = 0; i < padded; ++i) order[i] = i;
      if (annotator.shuffle) order = shuffled_order(padded, static_cast<std::uint32_t>(annotator.seed.value_or(settings.seed)));
      for (std::size_t i = 0; i < padded; i += batch) {
        JudgedUnit unit;
        unit.annotator = a;
        for (std::size_t j = 0; j < batch; ++j)
          if (order[i + j] < mine.size()) {
            unit.samples.push_back(mine[order[i + j]]);
            unit.places.push_back(j);
          }
        if (!unit.samples.empty()) out.push_back(std::move(unit));
      }
    }
  }
  // In the order of the evaluation set where every prompt holds one sample.
  const bool single = std::all_of(out.begin(), out.end(), [](const JudgedUnit& unit) { return unit.samples.size() == 1; });
  if (single) std::sort(out.begin(), out.end(), [](const JudgedUnit& x, const JudgedUnit& y) { return x.samples[0] < y.samples[0]; });
  return out;
}

}  // namespace

std::vector<BenchmarkOption> option_table() {
  return {{"annotator", "NAME (weighted_alpaca_eval_gpt4_turbo; version 1: alpaca_eval_gpt4)", "the evaluator configuration: prompt, settings and parser of the judge"},
          {"lc", "length_controlled_v1|length_controlled_noreg|length_controlled_minimal", "the regression behind the length-controlled win rate"},
          {"temperature", "NUMBER (0.7)", "of the model's outputs"},
          {"max_tokens", "N (2048)", "of the model's outputs"},
          {"seed", "N (0)", "which output the judge sees first, and which judge of a pool is asked"},
          {"filling", "original|safe (original)", "original: an instruction that holds a placeholder of the prompt captures the next text, as in the original; safe: it does not"}};
}

Result<Settings> make_settings(std::string_view version, const std::map<std::string, std::string>& options) {
  Settings out;
  if (version == "1")
    out.version = 1;
  else if (version != "2")
    return fail(ErrorKind::usage, "alpaca-eval has versions 2 and 1, not \"" + std::string(version) + "\"");
  const std::string_view official = out.version == 2 ? kAnnotator2 : kAnnotator1;
  out.annotator = official;
  for (const auto& [key, value] : options) {
    if (key == "annotator") {
      out.annotator = value;
      if (value.empty() || value.find("..") != std::string::npos || value.find('/') != std::string::npos) return wrong(key, value, "the name of an evaluator configuration");
    } else if (key == "lc") {
      auto glm = glm_named(value);
      if (!glm) return std::unexpected(glm.error());
      out.glm = *glm;
    } else if (key == "temperature") {
      auto number = python_float(value);
      if (!number || !(*number >= 0 && *number <= 2)) return wrong(key, value, "a number from 0 to 2");
      out.temperature = *number;
    } else if (key == "max_tokens") {
      auto number = whole(value);
      if (!number || *number < 1 || *number > 1'000'000) return wrong(key, value, "a whole number from 1");
      out.max_tokens = static_cast<int>(*number);
    } else if (key == "seed") {
      auto number = whole(value);
      if (!number || *number < 0 || *number > 4'294'967'295) return wrong(key, value, "a whole number from 0");
      out.seed = *number;
    } else if (key == "filling") {
      if (value != "original" && value != "safe") return wrong(key, value, "original or safe");
      out.filling = value == "safe" ? Filling::safe : Filling::original;
    } else {
      std::vector<std::string> names;
      for (const BenchmarkOption& option : option_table()) names.push_back(option.key);
      std::vector<std::string> near = did_you_mean(key, names);
      return fail(ErrorKind::usage, "alpaca-eval has no option \"" + shorten(key, 60) + "\"", {},
                  near.empty() ? "there are: " + join(names, ", ") : "did you mean " + near.front() + "?");
    }
  }
  out.official_annotator = out.annotator == official;
  return out;
}

Result<std::vector<Reference>> read_references(std::string_view text, std::string_view where) {
  auto root = parse_json(text, where);
  if (!root) return std::unexpected(root.error());
  const json::array* list = root->if_array();
  if (!list) return fail(ErrorKind::data, "a references file is an array of objects", std::string(where));
  std::vector<Reference> out;
  std::unordered_set<std::string> seen;
  for (std::size_t i = 0; i < list->size(); ++i) {
    Reference one;
    auto instruction = get_string((*list)[i], "instruction"), output = get_string((*list)[i], "output");
    if (!instruction || !output)
      return fail(ErrorKind::data, std::string("record ") + std::to_string(i) + " has no " + (instruction ? "output" : "instruction"), std::string(where));
    one.id = std::to_string(i);
    one.index = i;
    one.instruction = std::move(*instruction);
    one.output = std::move(*output);
    one.generator = get_string((*list)[i], "generator").value_or("reference");
    one.dataset = get_string((*list)[i], "dataset").value_or("");
    out.push_back(std::move(one));
  }
  if (out.empty()) return fail(ErrorKind::data, "the references file is empty", std::string(where));
  return out;
}

LengthData length_data(DataSource& data) {
  LengthData out;
  out.file = kGamedRows;
  auto file = data.file(kGamedRows);
  if (!file) {
    out.why = "the rows that length control is fitted with are not here: " + file.error().message;
    if (std::string hint = file.error().hint.substr(0, file.error().hint.find('\n')); hint.starts_with("get ") || hint.starts_with("put ")) out.why += " (" + hint + ")";
    return out;
  }
  auto rows = read_gamed_rows(file->content, file->path.empty() ? file->name : file->path);
  if (!rows) {
    out.why = to_string(rows.error());
    return out;
  }
  out.sha256 = file->sha256.empty() ? sha256_hex(file->content) : file->sha256;
  out.gamed = std::make_shared<const GamedRows>(std::move(*rows));
  return out;
}

Result<EvaluatorConfig> load_evaluator(DataSource& data, std::string_view name, const PythonValue& overrides, std::string* hash) {
  const std::string role = std::string(kEvaluators) + std::string(name) + "/configs.yaml";
  auto file = data.file(role);
  if (!file) return std::unexpected(file.error());
  std::string all = file->content;
  std::optional<Error> missing;
  auto files = [&](std::string_view path) -> std::optional<std::string> {
    if (path.find('\n') != std::string_view::npos || path.size() > 300 || path.find("..") != std::string_view::npos || path.find('.') == std::string_view::npos) return std::nullopt;
    auto prompt = data.file(std::string(kEvaluators) + std::string(path));
    if (!prompt) {
      if (!missing) missing = prompt.error();
      return std::nullopt;
    }
    all += prompt->content;
    return prompt->content;
  };
  auto config = read_evaluator_config(file->content, file->path.empty() ? role : file->path, files, overrides);
  if (!config) return missing && config.error().kind == ErrorKind::data ? std::unexpected(*missing) : std::unexpected(config.error());
  config->name = name;
  if (hash) *hash = sha256_hex(all);
  return config;
}

json::object Prepared::manifest() const {
  json::object selection{{"iterations", iterations}, {"samples", selected->size()}};
  if (selected->size() != in_file) {
    json::array& ids = selection["ids"].emplace_array();
    for (const Reference& one : *selected) ids.emplace_back(one.id);
  }
  json::array judges;
  for (const Decoder& decoder : decoders) judges.emplace_back(decoder.model);
  return {{"benchmark", benchmark},
          {"version", settings.version},
          {"references", {{"file", file}, {"sha256", sha256}, {"edition", edition}, {"in_file", in_file}}},
          {"evaluator", {{"name", settings.annotator}, {"sha256", evaluator_sha256}, {"seed", settings.seed}, {"models", std::move(judges)},
                         {"filling", settings.filling == Filling::safe ? "safe" : "original"}}},
          {"length_control", {{"model", name(settings.glm)}, {"rows", length.file}, {"sha256", length.sha256}}},
          {"judging", {{"judge", judging_facts(*evaluator, decoders, settings.seed, settings.filling)}}},
          {"outputs", {{"temperature", settings.temperature}, {"max_tokens", settings.max_tokens}}},
          {"selection", std::move(selection)}};
}

Result<Prepared> prepare(const PrepareSettings& settings, DataSource& data) {
  auto made = make_settings(settings.ref.version, settings.options);
  if (!made) return std::unexpected(made.error());
  if (settings.iterations < 1) return fail(ErrorKind::usage, "the number of iterations must be at least 1");
  Prepared out;
  out.settings = std::move(*made);
  out.iterations = settings.iterations;
  out.benchmark = settings.ref.text();
  out.file = out.settings.version == 2 ? kReferences2 : kReferences1;
  auto file = data.file(out.file);
  if (!file) return std::unexpected(file.error());
  const std::string where = !file->path.empty() ? file->path : out.file;
  out.sha256 = file->sha256.empty() ? sha256_hex(file->content) : file->sha256;
  out.edition = file->edition;
  auto references = read_references(file->content, where);
  if (!references) return std::unexpected(references.error());
  out.in_file = references->size();
  if (settings.limit || !settings.samples.empty()) {
    std::unordered_set<std::string> wanted(settings.samples.begin(), settings.samples.end());
    std::vector<Reference> chosen;
    for (Reference& one : *references) {
      bool take = settings.samples.empty() || wanted.erase(one.id) > 0;
      if (take && (!settings.limit || chosen.size() < *settings.limit)) chosen.push_back(std::move(one));
    }
    if (!wanted.empty())
      return fail(ErrorKind::usage, out.benchmark + " has no sample \"" + shorten(*wanted.begin(), 40) + "\"", where,
                  "samples are the places in the evaluation set: 0 to " + std::to_string(out.in_file - 1));
    if (chosen.empty()) return fail(ErrorKind::usage, "the selection leaves no instruction");
    *references = std::move(chosen);
  }
  out.selected = std::make_shared<const std::vector<Reference>>(std::move(*references));

  PythonValue overrides;
  auto evaluator = load_evaluator(data, out.settings.annotator, overrides, &out.evaluator_sha256);
  if (!evaluator) return std::unexpected(evaluator.error());
  if (auto fits = check_prompts(*evaluator, AnnotationSettings{}); !fits) return std::unexpected(fits.error());
  out.evaluator = std::make_shared<const EvaluatorConfig>(std::move(*evaluator));
  for (const AnnotatorConfig& annotator : out.evaluator->annotators) {
    auto decoder = judge_decoder(annotator);  // --judge says who answers
    if (!decoder) return std::unexpected(decoder.error());
    out.decoders.push_back(std::move(*decoder));
  }
  out.units = pack_units(*out.evaluator, out.settings, *out.selected);
  out.length = length_data(data);
  return out;
}

}  // namespace assay::alpaca_eval
