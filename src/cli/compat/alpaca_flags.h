// The flags of the original's commands, as values. Pure.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "benchmark/alpaca_eval/annotation_plan.h"
#include "cli/compat/fire.h"

namespace assay::compat {

/// What differs between the two versions (IS_ALPACA_EVAL_2).
struct AlpacaVersion {
  bool two = true;
  std::string annotator() const { return two ? "weighted_alpaca_eval_gpt4_turbo" : "alpaca_eval_gpt4"; }
  std::string metric() const { return two ? "get_length_controlled_winrate" : "get_winrate"; }
  std::string sort_by() const { return two ? "length_controlled_winrate" : "win_rate"; }
  std::string benchmark() const { return two ? "alpaca-eval@2" : "alpaca-eval@1"; }
};
/// The value of IS_ALPACA_EVAL_2: a Python literal; nothing = True. `usage` error for what is neither true nor false.
Result<AlpacaVersion> alpaca_version(const std::optional<std::string>& variable);

/// How an annotator is set up: the flags that `evaluate` hands on to it.
struct AnnotatorFlags {
  alpaca_eval::AnnotationSettings settings;
  PythonValue overrides;                        // keys of a single annotator's configuration
  std::optional<std::string> caching_path;      // "auto", a path; nothing = no cache
  std::string cache_mark{};                     // of the file that "auto" names: another judge in the place of the configured one keeps its own
  std::optional<std::string> base_dir;
};

enum class WinMetric { plain, length_controlled };

struct EvaluateFlags {
  PythonValue model_outputs;      // None: only print
  PythonValue reference_outputs;  // None: the version's own
  std::shared_ptr<const alpaca_eval::Table> model_table, reference_table;  // where they are read already, in place of the two
  std::string annotators_config;
  std::optional<std::string> name;
  std::optional<std::string> output_path;  // "auto", a path; nothing = do not save
  PythonValue precomputed_leaderboard;     // "auto", a path or None
  bool overwrite = false, recompute_only = false, quiet = false;
  PythonValue mode_to_print;               // mode, list of names, None
  std::string current_mode = "community";
  WinMetric metric = WinMetric::length_controlled;
  std::string glm_name = "length_controlled_v1";
  std::optional<std::string> save_weights_dir = "auto";
  std::optional<std::string> baseline;     // metric_kwargs: predicted rate against another model
  bool add_glm_preference = true, warn_extreme = true;
  std::string sort_by;
  std::optional<bool> cache_leaderboard;
  std::optional<std::size_t> max_instances;
  std::vector<std::string> keys_to_merge;
  bool ordered = false;
  AnnotatorFlags annotator;
};

/// The flags that each command knows; the first ones are its positional arguments, in order.
const std::vector<std::string>& evaluate_flags();
const std::vector<std::string>& from_model_flags();
const std::vector<std::string>& make_leaderboard_flags();
const std::vector<std::string>& analyze_evaluators_flags();
/// Those of evaluate that go on to the annotator, and the keys of its configuration.
const std::vector<std::string>& annotator_flags();

/// `usage` errors: a flag of another command (with the nearest names), values that do not fit, kwargs that are not known.
Result<EvaluateFlags> read_evaluate_flags(const FireValues& values, const AlpacaVersion& version);
Result<AnnotatorFlags> read_annotator_flags(const FireValues& values);
Result<void> only_flags(const FireValues& values, const std::vector<const std::vector<std::string>*>& known, std::string_view command);

}  // namespace assay::compat
