#include "benchmark/judgemark/formats.h"

#include <algorithm>

#include "base/text.h"

namespace assay::judgemark {
namespace {

constexpr std::string_view kType = "judgemark";

RunMetadata read_metadata(const json::value& m) {
  RunMetadata out;
  auto text = [&](std::string_view key) { return get_string(m, key).value_or(""); };
  out.run_id = text("run_id");
  out.total_iterations = static_cast<int>(std::clamp<std::int64_t>(get_integer(m, "total_iterations").value_or(1), 0, 1'000'000));
  out.inference_engine = text("inference_engine");
  out.ooba_params = text("ooba_params");
  out.include_patterns = story::strings_of(m, "include_patterns");
  out.exclude_patterns = story::strings_of(m, "exclude_patterns");
  out.judge_model = text("judge_model");
  return out;
}

json::object metadata_json(const RunMetadata& m) {
  return {{"run_id", m.run_id},
          {"benchmark_type", json::string_view(kType.data(), kType.size())},
          {"total_iterations", m.total_iterations},
          {"inference_engine", m.inference_engine},
          {"ooba_params", m.ooba_params},
          {"include_patterns", story::array_of(m.include_patterns)},
          {"exclude_patterns", story::array_of(m.exclude_patterns)},
          {"judge_model", m.judge_model}};
}

std::optional<StoredResults> read_results_of(const json::value& value) {
  const json::value* models = find(value, "model_scores");
  if (!models || !models->is_object()) return std::nullopt;
  StoredResults out;
  out.mean_score = get_number(value, "mean_score").value_or(0);
  out.std_dev = get_number(value, "std_dev").value_or(0);
  for (const auto& member : models->get_object())
    if (auto number = as_number(member.value())) out.model_scores.emplace_back(std::string(member.key()), *number);
  if (const json::value* metrics = find(value, "extended_metrics"); metrics && metrics->is_object())
    for (const auto& member : metrics->get_object())
      out.extended_metrics.emplace_back(std::string(member.key()), as_number(member.value()));
  return out;
}

Result<void> read_iterations(const json::value& value, StoredRun& run, std::string_view where) {
  return story::read_iterations(value, where, [&](std::string_view name, const json::value& content) -> Result<void> {
    auto iteration = iteration_from_json(name, content, where);
    if (!iteration) return std::unexpected(iteration.error());
    run.iterations.push_back(std::move(*iteration));
    return {};
  });
}

}  // namespace

std::string run_index(const RunMetadata& run) {
  return join({run.run_id, std::string(kType), run.judge_model}, "--");
}

json::object to_json(const StoredIteration& iteration) {
  json::object models;
  for (const StoredModel& model : iteration.models) models[model.name] = story::to_json(model.items);
  return {{"judgemark_results", std::move(models)}};
}

json::object to_json(const StoredResults& results) {
  json::object models, metrics;
  for (const auto& [name, score] : results.model_scores) models[name] = score;
  for (const auto& [name, value] : results.extended_metrics) metrics[name] = value ? json::value(*value) : json::value(nullptr);
  return {{"mean_score", results.mean_score},
          {"std_dev", results.std_dev},
          {"model_scores", std::move(models)},
          {"extended_metrics", std::move(metrics)}};
}

json::object to_json(const StoredRun& run) {
  json::object iterations;
  for (const StoredIteration& iteration : run.iterations) iterations[iteration.name] = to_json(iteration);
  json::object out{{"run_metadata", metadata_json(run.metadata)}, {"iterations", std::move(iterations)}};
  if (run.results) out["judgemark_results"] = to_json(*run.results);
  return out;
}

Result<StoredIteration> iteration_from_json(std::string_view name, const json::value& value, std::string_view where) {
  const std::string place = std::string(where) + ": iteration " + shorten(name, 20);
  if (!value.is_object()) return fail(ErrorKind::data, "the iteration is not an object", place);
  StoredIteration out;
  out.name = std::string(name);
  const json::value* models = find(value, "judgemark_results");
  if (!models || models->is_null()) return out;
  if (!models->is_object()) return fail(ErrorKind::data, "judgemark_results is not an object", place);
  for (const auto& member : models->get_object()) {
    auto items = story::items_from_json(member.value(), place + ": " + shorten(std::string_view(member.key()), 60));
    if (!items) return std::unexpected(items.error());
    out.models.push_back({std::string(member.key()), std::move(*items)});
  }
  return out;
}

Result<StoredRun> run_from_json(std::string_view index, const json::value& value, std::string_view where) {
  StoredRun run;
  run.index = std::string(index);
  if (!value.is_object()) return fail(ErrorKind::data, "run \"" + shorten(index, 60) + "\" is not an object", std::string(where));
  if (const json::value* metadata = find(value, "run_metadata")) run.metadata = read_metadata(*metadata);
  if (const json::value* results = find(value, "judgemark_results")) run.results = read_results_of(*results);
  if (const json::value* iterations = find(value, "iterations"))
    if (auto read = read_iterations(*iterations, run, where); !read) return std::unexpected(read.error());
  return run;
}

std::string write_raw_results(std::span<const StoredRun> runs, const json::object& others) {
  json::object out = others;
  for (const StoredRun& run : runs) out[run.index.empty() ? run_index(run.metadata) : run.index] = to_json(run);
  return write_json(out, JsonStyle::python);
}

Result<std::vector<StoredRun>> read_results(std::string_view text, std::string_view where) {
  std::vector<StoredRun> out;
  auto read = story::read_result_file(
      text, where, kType, "docs/formats/judgemark.md",
      [&](const json::value& root, const json::value& results) -> Result<void> {
        StoredRun run;
        run.document = true;
        run.index = get_string(root, "index_string").value_or("");
        run.metadata = read_metadata(root);
        run.completed = get_integer(root, "run_completed");
        if (auto iterations = read_iterations(results, run, where); !iterations) return iterations;
        out.push_back(std::move(run));
        return {};
      },
      [&](std::string_view index, const json::value& value) -> Result<void> {
        auto run = run_from_json(index, value, where);
        if (!run) return std::unexpected(run.error());
        out.push_back(std::move(*run));
        return {};
      });
  if (!read) return std::unexpected(read.error());
  return out;
}

}  // namespace assay::judgemark
