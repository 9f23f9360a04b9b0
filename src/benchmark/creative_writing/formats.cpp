#include "benchmark/creative_writing/formats.h"

#include <algorithm>

#include "base/text.h"

namespace assay::creative_writing {
namespace {

constexpr std::string_view kType = "creative-writing";

RunMetadata read_metadata(const json::value& m) {
  RunMetadata out;
  auto text = [&](std::string_view key) { return get_string(m, key).value_or(""); };
  out.run_id = text("run_id");
  out.total_iterations = static_cast<int>(std::clamp<std::int64_t>(get_integer(m, "total_iterations").value_or(0), 0, 1'000'000));
  out.inference_engine = text("inference_engine");
  out.ooba_params = text("ooba_params");
  out.include_patterns = story::strings_of(m, "include_patterns");
  out.exclude_patterns = story::strings_of(m, "exclude_patterns");
  out.instruction_template = text("instruction_template");
  out.model_path = text("model_path");
  out.lora_path = text("lora_path");
  out.judge_model = text("judge_model");
  out.quantization = text("bitsandbytes_quant");
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
          {"model_path", m.model_path},
          {"lora_path", m.lora_path},
          {"judge_model", m.judge_model},
          {"bitsandbytes_quant", m.quantization}};
}

Result<void> read_iterations(const json::value& value, StoredRun& run, std::string_view where) {
  auto read = story::read_iterations(value, where, [&](std::string_view name, const json::value& content) -> Result<void> {
    auto iteration = iteration_from_json(name, content, where);
    if (!iteration) return std::unexpected(iteration.error());
    run.iterations.push_back(std::move(*iteration));
    return {};
  });
  if (!read) return read;
  if (run.metadata.total_iterations == 0)
    run.metadata.total_iterations = static_cast<int>(std::max<std::size_t>(1, run.iterations.size()));
  return {};
}

}  // namespace

std::string run_index(const RunMetadata& run) {
  return join({run.run_id, std::string(kType), run.model_path, run.lora_path, run.instruction_template, run.quantization,
               run.inference_engine, run.ooba_params, story::filters_text(run.include_patterns, run.exclude_patterns)},
              "--");
}

story::RunScore score_run(const StoredRun& run, story::Negatives negatives) {
  std::vector<story::IterationScore> iterations;
  for (const StoredIteration& iteration : run.iterations) {
    std::vector<double> items;
    for (const StoredItem& item : iteration.items)
      if (item.scores)
        if (auto score = story::item_score(*item.scores, negatives)) items.push_back(*score);
    iterations.push_back(story::score_iteration(items));
  }
  return story::score_run(iterations);
}

json::object to_json(const StoredIteration& iteration) {
  return story::to_json(iteration.items);
}

json::object to_json(const StoredRun& run) {
  json::object iterations;
  for (const StoredIteration& iteration : run.iterations) iterations[iteration.name] = to_json(iteration);
  return {{"run_metadata", metadata_json(run.metadata)}, {"iterations", std::move(iterations)}};
}

Result<StoredIteration> iteration_from_json(std::string_view name, const json::value& value, std::string_view where) {
  auto items = story::items_from_json(value, std::string(where) + ": iteration " + shorten(name, 20));
  if (!items) return std::unexpected(items.error());
  return StoredIteration{std::string(name), std::move(*items)};
}

Result<StoredRun> run_from_json(std::string_view index, const json::value& value, std::string_view where) {
  StoredRun run;
  run.index = std::string(index);
  if (!value.is_object()) return fail(ErrorKind::data, "run \"" + shorten(index, 60) + "\" is not an object", std::string(where));
  if (const json::value* metadata = find(value, "run_metadata")) run.metadata = read_metadata(*metadata);
  const json::value* iterations = find(value, "iterations");
  const json::object none;
  if (auto read = read_iterations(iterations ? *iterations : json::value(none), run, where); !read)
    return std::unexpected(read.error());
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
      text, where, kType, "docs/formats/creative-writing.md",
      [&](const json::value& root, const json::value& results) -> Result<void> {
        StoredRun run;
        run.document = true;
        run.index = get_string(root, "index_string").value_or("");
        run.metadata = read_metadata(root);
        run.published_score = get_number(root, "benchmark_score");
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

}  // namespace assay::creative_writing
