// What the original's commands need of the machine and of judges, as parameters: everything else in these files is a function of tables.
#pragma once

#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "benchmark/alpaca_eval/annotation_results.h"
#include "benchmark/alpaca_eval/decoder.h"
#include "benchmark/alpaca_eval/run_settings.h"
#include "cli/compat/alpaca_flags.h"

namespace assay::compat {

struct AlpacaSurroundings {
  AlpacaVersion version;
  /// Folders like the original's package: evaluators_configs/, models_configs/, leaderboards/ below. Tried in this order.
  std::vector<std::filesystem::path> roots;
  std::filesystem::path weights;                  // where "auto" keeps fitted weights
  std::function<std::string()> now;               // "2024-01-02T03:04:05", local time
  std::string package_version = "alpaca_eval==0.6.6";  // of the column preference_version; "" = none
  std::string program_version{};  // Assay's, as pages name it
  std::function<void(std::string_view)> print, warn;   // standard output; a person's attention
  /// The version's reference outputs and length-control data.
  std::function<Result<alpaca_eval::Table>()> reference;
  std::function<alpaca_eval::LengthData()> length_data;
  /// Asks for every prompt; in the order of the plan. Errors end the command.
  std::function<Result<std::vector<alpaca_eval::JudgeCompletion>>(const alpaca_eval::EvaluatorConfig&, const alpaca_eval::AnnotationPlan&)> judge;
  /// The texts that a decoder's model answers to prompts; in their order.
  std::function<Result<std::vector<alpaca_eval::JudgeCompletion>>(std::string_view benchmark, const std::string& role, std::string_view function, const PythonValue& kwargs,
                                                                  const std::vector<std::string>& prompts)> generate;
};

/// A table as a flag names it: a path, a glob, a list of them, records written inline.
Result<alpaca_eval::Table> load_flag_table(const PythonValue& value, std::string_view flag);

/// evaluators_configs/NAME/configs.yaml below a root, or the path itself (a folder means its configs.yaml).
Result<std::filesystem::path> find_config(const AlpacaSurroundings& surroundings, std::string_view folder, const std::string& name, const std::optional<std::string>& base_dir);
struct FoundEvaluator {
  alpaca_eval::EvaluatorConfig config;
  std::filesystem::path file;
};
Result<FoundEvaluator> find_evaluator(const AlpacaSurroundings& surroundings, const std::string& name, const AnnotatorFlags& flags);

/// A table of comparisons, annotated; the cache is read before and written after, even when asking was cut short.
struct AnnotatedTable {
  alpaca_eval::Table table;
  alpaca_eval::AnnotationCounts counts;
};
Result<AnnotatedTable> annotate_table(const AlpacaSurroundings& surroundings, const FoundEvaluator& evaluator, const AnnotatorFlags& flags, alpaca_eval::Table table);

/// The folder of a name that a file gives, below the one it is put into: "org/model" is two deep, as in the original, but no name leads out.
std::filesystem::path folder_of_name(std::string_view name);
/// A plain name gets a folder of its own below an output path; a path does not.
bool is_plain_name(std::string_view annotators_config);

}  // namespace assay::compat
