#include "cli/benchmarks.h"

#include "base/text.h"
#include "benchmark/alpaca_eval/alpaca_eval.h"
#include "benchmark/alpaca_eval/judge_calibration.h"
#include "benchmark/creative_writing/creative_writing.h"
#include "benchmark/eq_bench/eq_bench.h"
#include "benchmark/harness/harness_tasks.h"
#include "benchmark/harness/harness_v1.h"
#include "benchmark/harness/open_llm_leaderboard.h"
#include "benchmark/judgemark/judgemark.h"
#include "benchmark/mixeval/mixeval.h"
#include "benchmark/pack_data.h"
#include "packs/embedded.h"

namespace assay::cli {

const BenchmarkRegistry& benchmark_registry() {
  static const BenchmarkRegistry registry = [] {
    BenchmarkRegistry r;
    r.add(std::make_unique<EqBench>());
    r.add(std::make_unique<CreativeWriting>());
    r.add(std::make_unique<Judgemark>());
    r.add(std::make_unique<Mixeval>(false, mixeval_models));
    r.add(std::make_unique<Mixeval>(true, mixeval_models));
    r.add(std::make_unique<AlpacaEval>());
    r.add(std::make_unique<JudgeCalibration>());
    r.add(std::make_unique<OpenLlmLeaderboard>());
    r.add(std::make_unique<HarnessV1>());
    r.add(std::make_unique<HarnessTasks>());
    return r;
  }();
  return registry;
}

const PackStore& pack_store() {
  // The descriptions are part of the program and tested: one that does not load is a bug.
  static const PackStore store = PackStore::on_demand(embedded_packs());
  return store;
}

const mixeval::ModelRegistry& mixeval_models() {
  static const mixeval::ModelRegistry models = [] {
    mixeval::ModelRegistry out;
    out.add(pack_store().find("mixeval").value()->own_file("sample", "models")->content, "models.json", true).value();
    return out;
  }();
  return models;
}

json::object Selection::to_json() const {
  json::object out{{"edition", edition}, {"iterations", settings.iterations}};
  if (settings.limit) out["limit"] = *settings.limit;
  if (!settings.samples.empty()) out["samples"] = json::array(settings.samples.begin(), settings.samples.end());
  json::object options;
  for (const auto& [key, value] : settings.options) options[key] = value;
  if (!options.empty()) out["options"] = std::move(options);
  return out;
}

Result<Selection> Selection::from_json(const BenchmarkRef& ref, const json::value& value) {
  Selection out;
  out.settings.ref = ref;
  out.edition = get_string(value, "edition").value_or("auto");
  out.settings.iterations = static_cast<int>(get_integer(value, "iterations").value_or(1));
  if (auto limit = get_integer(value, "limit")) out.settings.limit = static_cast<std::size_t>(*limit);
  if (const json::value* samples = find(value, "samples"); samples && samples->is_array())
    for (const json::value& sample : samples->get_array())
      if (sample.is_string()) out.settings.samples.emplace_back(sample.get_string());
  if (const json::value* options = find(value, "options"); options && options->is_object())
    for (const auto& member : options->get_object())
      if (member.value().is_string()) out.settings.options[std::string(member.key())] = std::string(member.value().get_string());
  return out;
}

Result<Selection> selection_of(const Invocation& invocation, const BenchmarkRef& ref) {
  Selection out;
  out.settings.ref = ref;
  const Arguments& arguments = invocation.arguments;
  auto iterations = arguments.integer("iterations", 1);
  if (!iterations) return std::unexpected(iterations.error());
  if (*iterations) {
    if (**iterations > 1'000'000) return fail(ErrorKind::usage, "--iterations takes at most 1000000");
    out.settings.iterations = static_cast<int>(**iterations);
  }
  auto limit = arguments.integer("limit", 1);
  if (!limit) return std::unexpected(limit.error());
  if (*limit) out.settings.limit = static_cast<std::size_t>(**limit);
  for (const std::string& list : arguments.all("samples"))
    for (const std::string& id : split(list, ','))
      if (!strip(id).empty()) out.settings.samples.emplace_back(strip(id));
  for (const std::string& option : arguments.all("option")) {
    std::size_t equals = option.find('=');
    if (equals == std::string::npos || equals == 0)
      return fail(ErrorKind::usage, "--option takes KEY=VALUE, not \"" + option + "\"", "", "assay list benchmarks --json shows the keys");
    out.settings.options[option.substr(0, equals)] = option.substr(equals + 1);
  }
  out.edition = arguments.get("edition").value_or("auto");
  return out;
}

Result<std::shared_ptr<Evaluation>> prepare(const Benchmark& benchmark, const Selection& selection, const std::filesystem::path& data_home,
                                            std::string& edition) {
  auto pack = pack_store().find(benchmark.info().pack);
  if (!pack) return std::unexpected(pack.error());
  PackData data(**pack, selection.edition, data_home);
  auto evaluation = benchmark.prepare(selection.settings, data);
  // Task files and data of one's own are no edition of a pack.
  if (evaluation) edition = benchmark.info().free_variant ? "custom" : data.edition();
  return evaluation;
}

Result<std::vector<Report>> score_file(const Benchmark& benchmark, const Selection& selection, const std::filesystem::path& data_home,
                                       const std::string& path, bool reparse, std::vector<std::vector<ScoredSample>>* samples) {
  auto pack = pack_store().find(benchmark.info().pack);
  if (!pack) return std::unexpected(pack.error());
  PackData data(**pack, selection.edition, data_home);
  Benchmark::ScoreRequest request;
  request.settings = selection.settings;
  request.path = path;
  request.reparse = reparse;
  request.samples = samples;
  auto reports = benchmark.score_file(request, data);
  if (reports)
    for (Report& report : *reports)
      if (!benchmark.info().free_variant) report.edition = data.edition();
  return reports;
}

std::vector<OptionSpec> selection_options() {
  return {
      {"--limit", "N", "the first N samples only (no official score, unless these are all)"},
      {"--samples", "ID,..", "these samples only", true},
      {"--iterations", "N", "ask everything N times"},
      {"--edition", "NAME", "official (default), sample (the project's own small set), or a file or folder of yours"},
      {"--option", "KEY=VALUE", "a setting of the benchmark: assay list benchmarks", true},
  };
}

}  // namespace assay::cli
