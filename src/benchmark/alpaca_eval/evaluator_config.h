// Evaluator configurations: who judges, with which prompt, how the answer is read. The original's `configs.yaml` as it is; several entries make a pool,
// of which each example draws one.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/python_value.h"
#include "benchmark/alpaca_eval/completion_parsers.h"

namespace assay::alpaca_eval {

/// One annotator of a pool.
struct AnnotatorConfig {
  std::string name;             // what the column `annotator` says
  std::string prompt_template;  // the text
  std::string prompt_file;      // as written; "" where the configuration holds the text itself
  std::string fn_completions = "openai_completions";
  PythonValue completions_kwargs;  // a dict
  std::string fn_completion_parser = "regex_parser";
  CompletionParser parser;
  bool reads_choices = false;  // completion_key is completions_all: the parser gets the server's whole choice, not its text
  bool randomize_output_order = true;
  std::vector<std::string> random_seed_columns{"instruction"};  // sorted
  bool shuffle = true;
  std::optional<std::int64_t> seed;  // else the run's
  std::size_t batch_size = 1;
  bool pads = true;                            // whether padding fills the last prompt
  bool chain_of_thought = false;               // concise_explanation and referenced_models become columns
  std::vector<std::string> json_keys_to_keep;  // members of the completion that become columns
  bool shows_version = true;
  PythonValue parser_arguments{};  // what `parser` was made with
};

struct EvaluatorConfig {
  std::string name;  // of the configuration; "" where it came without one
  std::vector<AnnotatorConfig> annotators;
  /// Index of the annotator with that name; nothing where there is none.
  std::optional<std::size_t> find(std::string_view annotator) const;
  /// `usage` error where random_seed_column names something other than these columns.
  Result<void> check_seed_columns(const std::vector<std::string>& known) const;
};

/// The text of a prompt file, by its path as written in the configuration; nothing where there is no such file.
using PromptFiles = std::function<std::optional<std::string>(std::string_view path)>;

/// `overrides`: keys of a single annotator that the command line gives; they win in every entry. Errors: `data` for what is no such configuration,
/// `usage` for unknown keys, parsers and processors (with the nearest names) and values that do not fit; the entry's name is in `where`.
Result<EvaluatorConfig> read_evaluator_config(std::string_view yaml, std::string_view where, const PromptFiles& files,
                                              const PythonValue& overrides = {});

/// The keys that an entry may have: what `overrides` may name.
const std::vector<std::string>& annotator_keys();

}  // namespace assay::alpaca_eval
