#include "cli/compat/alpaca_surroundings.h"

#include <algorithm>
#include <system_error>

#include "base/file.h"
#include "base/text.h"

namespace assay::compat {

namespace fs = std::filesystem;
using namespace alpaca_eval;
using Kind = PythonValue::Kind;

Result<Table> load_flag_table(const PythonValue& value, std::string_view flag) {
  if (value.kind == Kind::text) {
    const std::vector<std::string> paths{value.text};
    return load_table(paths);
  }
  if (value.is_sequence() && !value.items.empty() && value.items[0].kind == Kind::text) {
    std::vector<std::string> paths;
    for (const PythonValue& item : value.items) {
      if (item.kind != Kind::text) return fail(ErrorKind::usage, "--" + std::string(flag) + " is a list of paths and other things");
      paths.push_back(item.text);
    }
    return load_table(paths);
  }
  if (value.is_sequence()) return read_table(write_json(to_json(value)), ".json", "--" + std::string(flag));
  return fail(ErrorKind::usage, "--" + std::string(flag) + " takes a path, a glob, or a list of paths or records");
}

Result<fs::path> find_config(const AlpacaSurroundings& surroundings, std::string_view folder, const std::string& name, const std::optional<std::string>& base_dir) {
  std::error_code code;
  std::vector<fs::path> tried;
  auto look = [&](const fs::path& place) -> std::optional<fs::path> {
    fs::path file = fs::is_directory(place, code) ? place / "configs.yaml" : place;
    if (fs::is_regular_file(file, code)) return file;
    tried.push_back(place);
    return std::nullopt;
  };
  if (base_dir)
    if (auto found = look(fs::path(*base_dir) / name)) return *found;
  for (const fs::path& root : surroundings.roots)
    if (auto found = look(root / folder / name)) return *found;
  if (auto found = look(name)) return *found;
  std::vector<std::string> names;
  for (const fs::path& root : surroundings.roots)
    for (fs::directory_iterator it(root / folder, code), end; !code && it != end; it.increment(code)) names.push_back(it->path().filename().string());
  std::vector<std::string> near = did_you_mean(name, names);
  return fail(ErrorKind::data, "there is no configuration \"" + shorten(valid_utf8(name), 100) + "\"", std::string(folder),
              !near.empty() ? "did you mean " + join(near, ", ") + "?" : "get them with: assay data pull alpaca-eval --files alpaca-eval   (or assay data import alpaca-eval --from DIR), or name a file, or --base_dir");
}

Result<FoundEvaluator> find_evaluator(const AlpacaSurroundings& surroundings, const std::string& name, const AnnotatorFlags& flags) {
  auto file = find_config(surroundings, "evaluators_configs", name, flags.base_dir);
  if (!file) return std::unexpected(file.error());
  auto yaml = read_file(*file, 16 << 20);
  if (!yaml) return std::unexpected(yaml.error());
  const fs::path root = file->parent_path().empty() ? fs::path("..") : file->parent_path() / "..";
  auto files = [&](std::string_view path) -> std::optional<std::string> {
    if (path.empty() || path.size() > 1000 || path.find_first_of("\n\0") != std::string_view::npos) return std::nullopt;
    std::error_code code;
    std::vector<fs::path> places{root / path};
    for (const fs::path& one : surroundings.roots) places.push_back(one / "evaluators_configs" / path);
    places.emplace_back(path);
    for (const fs::path& place : places)
      if (fs::is_regular_file(place, code))
        if (auto text = read_file(place, 16 << 20)) return valid_utf8(*text);
    return std::nullopt;
  };
  auto config = read_evaluator_config(valid_utf8(*yaml), file->string(), files, flags.overrides);
  if (!config) return std::unexpected(config.error());
  config->name = name;
  return FoundEvaluator{std::move(*config), std::move(*file)};
}

std::filesystem::path folder_of_name(std::string_view name) {
  std::filesystem::path out;
  for (const std::string& part : split(name, '/'))
    if (!part.empty() && part != ".") out /= part == ".." ? "__" : part;
  return out.empty() ? "_" : out;
}

bool is_plain_name(std::string_view annotators_config) { return annotators_config.find('/') == std::string_view::npos; }

namespace {

/// A cache may hold the annotations of other judges: they stay, and count for nothing here.
void say_others(const AlpacaSurroundings& surroundings, const EvaluatorConfig& config, const AnnotationCache& cache, const fs::path& file) {
  std::size_t others = 0;
  std::vector<std::string> names;
  for (const auto& [name, count] : cache.annotators()) {
    if (std::any_of(config.annotators.begin(), config.annotators.end(), [&](const AnnotatorConfig& one) { return one.name == name; })) continue;
    others += count;
    names.push_back(shorten(name, 60));
  }
  if (others > 0)
    surroundings.warn(std::to_string(others) + " of the " + std::to_string(cache.size()) + " annotations in " + file.string() + " are of other judges and not used: " + shorten(join(names, ", "), 200));
}

}  // namespace

Result<AnnotatedTable> annotate_table(const AlpacaSurroundings& surroundings, const FoundEvaluator& evaluator, const AnnotatorFlags& flags, Table table) {
  const AnnotationSettings& settings = flags.settings;
  AnnotationCache cache(settings.all_keys());
  fs::path file;
  std::string known;  // what the file held
  if (flags.caching_path) {
    file = *flags.caching_path == "auto"
               ? evaluator.file.parent_path() / ("annotations_seed" + std::to_string(settings.seed) + "_" + evaluator.file.stem().string() + flags.cache_mark + ".json")
               : fs::path(*flags.caching_path);
    std::error_code code;
    if (fs::exists(file, code)) {
      auto text = read_file(file);
      if (!text) return std::unexpected(text.error());
      known = std::move(*text);
      auto read = is_valid_utf8(known) ? cache.read(known, file.string()) : cache.read(valid_utf8(known), file.string());
      if (!read) return std::unexpected(read.error());
      say_others(surroundings, evaluator.config, cache, file);
    }
  }
  for (const AnnotatorConfig& annotator : evaluator.config.annotators)
    if (settings.reapply_parsing && annotator.batch_size > 1)
      return fail(ErrorKind::usage, "--is_reapply_parsing works with one example a prompt, and " + annotator.name + " compares " + std::to_string(annotator.batch_size));
  auto plan = plan_annotations(evaluator.config, settings, table, cache);
  if (!plan) return std::unexpected(plan.error());
  if (plan->null_cells > 0)
    surroundings.warn(std::to_string(plan->null_cells) + " of the cells to compare are empty: the judge reads \"None\" there, as in the original");
  std::vector<JudgeCompletion> completions;
  if (!plan->prompts.empty()) {
    auto asked = surroundings.judge(evaluator.config, *plan);
    if (!asked) return std::unexpected(asked.error());
    completions = std::move(*asked);
  }
  const std::size_t before = cache.size();
  Annotations annotations = annotate(evaluator.config, settings, std::move(table), *plan, completions, surroundings.package_version, cache);
  if (flags.caching_path && (cache.size() != before || !plan->prompts.empty())) {
    std::error_code code;
    if (fs::exists(file, code))
      if (auto text = read_file(file); text && *text != known) {
        // Somebody else has added to the file meanwhile: theirs first, ours last.
        AnnotationCache merged(settings.all_keys());
        (void)merged.read(valid_utf8(*text), file.string());
        merged.put_all(std::move(cache));
        cache = std::move(merged);
      }
    if (auto written = write_file(file, cache.write()); !written)
      surroundings.warn("the cache of annotations cannot be written: " + to_string(written.error()) + " (--caching_path names another place; None does without)");
  }
  const AnnotationCounts& counts = annotations.counts;
  if (counts.unparsed > 0)
    surroundings.warn(std::to_string(counts.unparsed) + " judgements could not be read and are null" + (counts.example.empty() ? "" : ", e.g.: " + counts.example));
  if (counts.unanswered > 0)
    surroundings.warn(std::to_string(counts.unanswered) + " comparisons have no answer of the judge; the same command asks for them again" + (counts.example.empty() ? "" : ": " + counts.example));
  return AnnotatedTable{std::move(annotations.table), counts};
}

}  // namespace assay::compat
