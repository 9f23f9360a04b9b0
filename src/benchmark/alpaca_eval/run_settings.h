// AlpacaEval made ready for a run: evaluation set, evaluator, length-control data, selection.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "benchmark/alpaca_eval/decoder.h"
#include "benchmark/alpaca_eval/evaluator_config.h"
#include "benchmark/alpaca_eval/gamed_rows.h"
#include "benchmark/alpaca_eval/judge_prompt.h"
#include "benchmark/alpaca_eval/length_control.h"
#include "benchmark/benchmark.h"

namespace assay::alpaca_eval {

struct Settings {
  int version = 2;
  std::string annotator;  // name of the evaluator configuration
  bool official_annotator = true;
  std::int64_t seed = 0;
  Filling filling = Filling::original;
  Glm glm = Glm::v1;
  double temperature = 0.7;  // of the model's outputs
  int max_tokens = 2048;
};
/// The options that `assay run` takes. `usage` error for what does not fit, with the nearest names.
Result<Settings> make_settings(std::string_view version, const std::map<std::string, std::string>& options);
/// Their table, for `assay list benchmarks`.
std::vector<BenchmarkOption> option_table();

/// An instruction with the output that the model's is compared with.
struct Reference {
  std::string id;  // place in the evaluation set, from 0
  std::size_t index = 0;
  std::string instruction, output, generator, dataset;
};
/// The text of a references file: an array of objects with instruction, output and perhaps generator and dataset. `data` errors name the record.
Result<std::vector<Reference>> read_references(std::string_view text, std::string_view where);

/// What length control needs; nothing where it is not here, and then `why`.
struct LengthData {
  std::shared_ptr<const GamedRows> gamed;
  std::string why, file, sha256;
};
LengthData length_data(DataSource& data);

/// The requests of one prompt: which samples it compares.
struct JudgedUnit {
  std::size_t annotator = 0;
  std::vector<std::size_t> samples;  // of `selected`; fewer than batch_size where the dummy example fills up
  std::vector<std::size_t> places;   // where in the prompt each one stands
};

struct Prepared {
  Settings settings;
  std::shared_ptr<const std::vector<Reference>> selected;  // --limit, --samples
  std::size_t in_file = 0;
  std::shared_ptr<const EvaluatorConfig> evaluator;
  std::vector<Decoder> decoders;  // one an annotator
  std::vector<JudgedUnit> units;  // of one iteration
  LengthData length;
  int iterations = 1;
  std::string benchmark;  // "alpaca-eval@2"
  std::string file, sha256, edition, evaluator_sha256;
  json::object manifest() const;
};
/// Reads and checks the data, applies the selection, packs prompts. Errors: usage (options, unknown samples), data.
Result<Prepared> prepare(const PrepareSettings& settings, DataSource& data);

/// Names of the pack's files.
inline constexpr std::string_view kReferences2 = "references/gpt4_turbo", kReferences1 = "references/text_davinci_003", kGamedRows = "lc/gamed-rows",
                                  kDifficulties = "lc/instruction-difficulty", kEvaluators = "evaluators/";

/// The evaluator configuration of that name out of a pack. `hash`: gets the SHA-256 over its files.
Result<EvaluatorConfig> load_evaluator(DataSource& data, std::string_view name, const PythonValue& overrides, std::string* hash = nullptr);

}  // namespace assay::alpaca_eval
