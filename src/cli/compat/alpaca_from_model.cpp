#include "cli/compat/alpaca_from_model.h"

#include <algorithm>
#include <deque>
#include <system_error>
#include <unordered_set>

#include "base/file.h"
#include "base/python_yaml.h"
#include "base/text.h"
#include "benchmark/alpaca_eval/judge_prompt.h"
#include "benchmark/alpaca_eval/model_facts.h"

namespace assay::compat {
namespace {

namespace fs = std::filesystem;
using namespace alpaca_eval;
using Kind = PythonValue::Kind;

/// dataset, instruction, output, generator: what an outputs file has.
Table with_columns(const Table& table, const std::vector<std::string>& wanted) {
  Table out;
  std::vector<std::size_t> from;
  for (const std::string& column : wanted)
    if (auto at = table.column(column)) {
      out.columns.push_back(column);
      from.push_back(*at);
    }
  for (const auto& row : table.rows) {
    auto& copy = out.rows.emplace_back();
    for (std::size_t c : from) copy.push_back(row[c]);
  }
  return out;
}

void set_column(Table& table, const std::string& column, std::size_t row, json::value value) {
  auto at = table.column(column);
  if (!at) {
    at = table.columns.size();
    table.columns.push_back(column);
    for (auto& one : table.rows) one.emplace_back(nullptr);
  }
  table.rows[row][*at] = std::move(value);
}

/// What a model answers to a data set, with the answers that `file` holds already.
Result<Table> outputs_of(const FromModelFlags& flags, const AlpacaSurroundings& surroundings, const ModelConfig& model, const std::string& role, const Table& dataset,
                         const std::optional<fs::path>& file) {
  Table held;
  std::error_code code;
  if (flags.load_outputs && file && fs::exists(*file, code)) {
    const std::vector<std::string> path{file->string()};
    auto loaded = load_table(path);
    if (!loaded) return loaded;
    held = std::move(*loaded);
    auto generator = held.column("generator");
    for (const auto& row : held.rows)
      if (!generator || !row[*generator].is_string() || std::string_view(row[*generator].get_string()) != model.name)
        return fail(ErrorKind::data, "the file holds outputs of another model than " + model.name, file->string(), "name another folder with --output_path, or remove it");
  }
  std::unordered_set<std::string> known;
  if (auto instruction = held.column("instruction"))
    for (const auto& row : held.rows)
      if (row[*instruction].is_string()) known.emplace(row[*instruction].get_string());
  Table wanted = with_columns(dataset, {"dataset", "instruction", "output", "generator"});
  auto instruction = wanted.column("instruction");
  if (!instruction) return fail(ErrorKind::data, "the evaluation set has no column \"instruction\"");
  auto is_known = [&](const auto& row) { return row[*instruction].is_string() && known.contains(std::string(row[*instruction].get_string())); };
  std::erase_if(wanted.rows, is_known);
  if (flags.max_instances && wanted.rows.size() > *flags.max_instances) wanted.rows.resize(*flags.max_instances);

  const std::size_t chunk = flags.chunk_size == 0 || flags.max_instances ? std::max<std::size_t>(1, wanted.rows.size()) : flags.chunk_size;
  for (std::size_t begin = 0; begin < wanted.rows.size(); begin += chunk) {
    Table part;
    part.columns = wanted.columns;
    part.rows.assign(wanted.rows.begin() + static_cast<std::ptrdiff_t>(begin),
                     wanted.rows.begin() + static_cast<std::ptrdiff_t>(std::min(wanted.rows.size(), begin + chunk)));
    std::erase_if(part.rows, is_known);  // what an earlier chunk has answered: the original reads its file again before each
    if (part.rows.empty()) continue;
    std::vector<PromptRow> rows;
    std::deque<std::string> texts;  // of the rows' cells
    for (const auto& row : part.rows) {
      PromptRow& values = rows.emplace_back();
      for (std::size_t c = 0; c < part.columns.size(); ++c) values.emplace_back(part.columns[c], texts.emplace_back(cell_text(row[c])));
    }
    auto prompts = make_prompts(model.prompt_template, rows, 1);
    if (!prompts) return std::unexpected(prompts.error());
    auto completions = surroundings.generate(surroundings.version.benchmark(), role, model.fn_completions, model.completions_kwargs, *prompts);
    if (!completions) return std::unexpected(completions.error());
    std::size_t failed = 0;
    std::string example;
    std::vector<bool> lost(part.rows.size());
    for (std::size_t i = 0; i < part.rows.size(); ++i) {
      const JudgeCompletion& completion = (*completions)[i];
      if (!completion.failure.empty()) {
        ++failed;
        lost[i] = true;
        if (example.empty()) example = completion.failure;
        continue;
      }
      std::string text = completion.raw.is_string() ? std::string(completion.raw.get_string()) : write_json(completion.raw);
      set_column(part, "output", i, json::value(flags.strip_output ? std::string(strip(text)) : text));
      set_column(part, "generator", i, json::value(model.name));
    }
    if (failed > 0) {
      surroundings.warn(std::to_string(failed) + " instructions have no answer of " + model.name + "; the same command asks for them again: " + example);
      std::size_t i = 0;
      std::erase_if(part.rows, [&](const auto&) { return lost[i++]; });
    }
    if (flags.load_outputs && file)
      for (const auto& row : part.rows)
        if (row[*instruction].is_string()) known.emplace(row[*instruction].get_string());
    held.append(std::move(part));
    if (file)
      if (auto written = write_file(*file, held.pandas_json()); !written) return std::unexpected(written.error());
  }
  return held;
}

}  // namespace

Result<ModelConfig> find_model(const AlpacaSurroundings& surroundings, const std::string& name, const std::optional<std::string>& base_dir) {
  auto file = find_config(surroundings, "models_configs", name, base_dir);
  auto facts = model_facts(name);
  if (!file && facts) return ModelConfig{facts->name, facts->prompt_template, facts->function, facts->arguments};
  if (!file) {
    Error error = file.error();
    std::vector<std::string> near = did_you_mean(name, models_with_facts());
    error.hint = !near.empty() ? "did you mean " + join(near, ", ") + "?"
                               : "get it with: assay data pull alpaca-eval --files models/" + shorten(name, 80) + "   (or assay data import alpaca-eval --from DIR), or name a file, or --base_dir";
    return fail(std::move(error));
  }
  auto text = read_file(*file, 16 << 20);
  if (!text) return std::unexpected(text.error());
  auto root = read_python_yaml(valid_utf8(*text), file->string());
  if (!root) return std::unexpected(root.error());
  if (root->kind != Kind::dict || root->items.size() < 2 || root->items[0].kind != Kind::text || root->items[1].kind != Kind::dict)
    return fail(ErrorKind::data, "a model configuration is a name with its settings", file->string());
  ModelConfig out;
  out.name = root->items[0].text;
  const PythonValue& entry = root->items[1];
  const PythonValue* prompt = entry.find("prompt_template");
  if (!prompt || prompt->kind != Kind::text) return fail(ErrorKind::data, "the model configuration has no prompt_template", file->string());
  std::vector<fs::path> places{file->parent_path() / ".." / prompt->text};
  for (const fs::path& one : surroundings.roots) places.push_back(one / "models_configs" / prompt->text);
  out.prompt_template = prompt->text;
  std::error_code code;
  for (const fs::path& place : places)
    if (prompt->text.size() < 1000 && prompt->text.find('\n') == std::string::npos && fs::is_regular_file(place, code)) {
      auto content = read_file(place, 16 << 20);
      if (!content) return std::unexpected(content.error());
      out.prompt_template = with_unix_lines(valid_utf8(*content));
      break;
    }
  if (out.prompt_template == prompt->text && facts && facts->name == out.name) out.prompt_template = facts->prompt_template;
  if (out.prompt_template == prompt->text && prompt->text.find_first_of("{\n ") == std::string::npos)
    return fail(ErrorKind::data, "the prompt file is not there: " + shorten(prompt->text, 200), file->string());
  if (const PythonValue* function = entry.find("fn_completions"); function && function->kind == Kind::text) out.fn_completions = function->text;
  if (const PythonValue* kwargs = entry.find("completions_kwargs"); kwargs && kwargs->kind == Kind::dict) out.completions_kwargs = *kwargs;
  return out;
}

Result<FromModelFlags> read_from_model_flags(const FireValues& values, const AlpacaVersion& version) {
  FromModelFlags out;
  FireValues rest = values;
  rest.set("output_path", PythonValue::of("auto"));
  auto evaluate = read_evaluate_flags(rest, version);
  if (!evaluate) return std::unexpected(evaluate.error());
  out.evaluate = std::move(*evaluate);
  out.max_instances = out.evaluate.max_instances;
  auto model = values.text_or_none("model_configs"), reference = values.text_or_none("reference_model_configs");
  if (!model) return std::unexpected(model.error());
  if (!reference) return std::unexpected(reference.error());
  if (!*model) return fail(ErrorKind::usage, "--model_configs is needed: a name below models_configs, or the path of a configuration");
  out.model_configs = **model;
  out.reference_model_configs = *reference;
  if (const PythonValue* dataset = values.get("evaluation_dataset")) out.evaluation_dataset = *dataset;
  if (values.has("output_path")) {
    auto path = values.text_or_none("output_path");
    if (!path) return std::unexpected(path.error());
    out.output_path = *path;
  }
  auto strip = values.flag("is_strip_output", true), load = values.flag("is_load_outputs", true);
  if (!strip) return std::unexpected(strip.error());
  if (!load) return std::unexpected(load.error());
  out.strip_output = *strip;
  out.load_outputs = *load;
  if (values.has("chunksize")) {
    auto chunk = values.whole_or_none("chunksize");
    if (!chunk) return std::unexpected(chunk.error());
    if (*chunk && **chunk < 1) return fail(ErrorKind::usage, "--chunksize takes a whole number from 1, or None");
    out.chunk_size = *chunk ? static_cast<std::size_t>(**chunk) : 0;
  }
  if (out.max_instances) out.chunk_size = 0;
  if (out.chunk_size > 0) out.load_outputs = true;
  return out;
}

Result<EvaluateResult> evaluate_from_model(const FromModelFlags& flags, const AlpacaSurroundings& surroundings) {
  auto model = find_model(surroundings, flags.model_configs, flags.evaluate.annotator.base_dir);
  if (!model) return std::unexpected(model.error());
  const bool own = flags.evaluation_dataset.kind != Kind::none;
  auto dataset = own ? load_flag_table(flags.evaluation_dataset, "evaluation_dataset") : surroundings.reference();
  if (!dataset) return std::unexpected(dataset.error());
  std::optional<fs::path> folder;
  if (flags.output_path) folder = *flags.output_path == "auto" ? fs::path("results") / model->name : fs::path(*flags.output_path);
  auto file = [&](const char* name) { return folder ? std::optional(*folder / name) : std::nullopt; };

  EvaluateFlags evaluation = flags.evaluate;
  auto outputs = outputs_of(flags, surroundings, *model, "model", *dataset, file("model_outputs.json"));
  if (!outputs) return std::unexpected(outputs.error());
  if (flags.reference_model_configs) {
    auto reference = find_model(surroundings, *flags.reference_model_configs, flags.evaluate.annotator.base_dir);
    if (!reference) return std::unexpected(reference.error());
    auto references = outputs_of(flags, surroundings, *reference, "reference", *dataset, file("reference_outputs.json"));
    if (!references) return std::unexpected(references.error());
    evaluation.reference_table = std::make_shared<const Table>(std::move(*references));
  } else {
    if (!dataset->column("output"))
      return fail(ErrorKind::data, "the evaluation set has no outputs to compare with", "", "name who makes them with --reference_model_configs");
    if (folder)
      if (auto written = write_file(*file("reference_outputs.json"), dataset->pandas_json()); !written) return std::unexpected(written.error());
    if (own) evaluation.reference_table = std::make_shared<const Table>(std::move(*dataset));
  }
  evaluation.model_table = std::make_shared<const Table>(std::move(*outputs));
  evaluation.output_path = folder ? std::optional(folder->string()) : std::nullopt;
  if (!evaluation.name) evaluation.name = model->name;
  evaluation.max_instances = flags.max_instances;
  return evaluate(evaluation, surroundings);
}

}  // namespace assay::compat
