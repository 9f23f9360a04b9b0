// One row of [Benchmarks to run]: run_id, instruction_template, model_path, lora_path, quantization, n_iterations, inference_engine,
// ooba_params, downloader_filters - taken apart exactly as the original does, oddities included (docs/eq-bench.md names them). Pure:
// what it must know of the machine is a parameter.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/error.h"
#include "cli/compat/eq_bench_config.h"

namespace assay::compat {

struct BenchmarkRow {
  std::string run_id, instruction_template, model_path, lora_path;
  std::string quantization;  // "8bit", "4bit", "none", ""
  int n_iterations = 1;
  std::string inference_engine;
  std::string ooba_params;  // not trimmed: its blanks are part of the run index
  std::vector<std::string> include_patterns, exclude_patterns;
  int line = 0;

  /// The key of the run in raw_results.json. `version`: "v1" or "v2".
  std::string eq_bench_index(const std::string& version, const std::string& language) const;
  std::string creative_writing_index() const;
  std::string judgemark_index(const std::string& judge_model) const;
  /// `--include ["a"] --exclude ["b"]`
  std::string download_filters() const;
};

struct RowSurroundings {
  std::string working_directory;   // absolute
  std::string home;                // what "~" is
  std::string ooba_launch_script;  // absolute, "" = not configured
  bool launch_ooba = true;
  std::function<bool(const std::string& path)> exists;
  /// Whether instruction-templates/NAME.yaml is there, for the engines that render it here.
  std::function<bool(const std::string& name)> has_template;
};

/// Usage errors hold the original's words, `where`:line:column, and the row.
Result<BenchmarkRow> parse_benchmark_row(const ConfigRow& config, std::string_view where, const RowSurroundings& surroundings);

/// Every row that is no comment. The first error ends it, as in the original.
Result<std::vector<BenchmarkRow>> parse_benchmark_rows(const EqBenchConfig& config, std::string_view where, const RowSurroundings& surroundings);

/// os.path.abspath(os.path.expanduser(path)) of Python.
std::string absolute_path(std::string path, const RowSurroundings& surroundings);

}  // namespace assay::compat
