// config.cfg of EQ-Bench as a value: what the original program reads, under the names it has there. Pure.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/secret.h"

namespace assay::compat {

/// A row of [Benchmarks to run] before it is taken apart.
struct ConfigRow {
  std::string text;  // up to the first '=', as the original sees it
  int line = 0, column = 0;
  bool cut = false;  // the line goes on behind an '='
};

struct EqBenchConfig {
  // [OpenAI]
  Secret api_key;
  std::string openai_compatible_url;
  // [Huggingface]
  Secret access_token;
  std::string cache_dir;
  // [Results upload]
  std::string google_spreadsheet_url;
  // [Creative Writing Benchmark]
  std::string judge_model_api, judge_model;
  Secret judge_model_api_key;
  // [Options]
  bool trust_remote_code = false;
  // [Oobabooga config]
  std::string ooba_launch_script, ooba_params_global;  // the script as written: '~' and relative paths are the caller's business
  bool automatically_launch_ooba = true;
  int ooba_request_timeout = 300;  // seconds
  // [Benchmarks to run]
  std::vector<ConfigRow> rows;

  /// Keys that nobody reads, in words for a warning: a misspelt one would otherwise be ignored.
  std::vector<std::string> warnings;
};

/// Usage errors name the place: what read_ini refuses, a section that is missing, a value that is neither true nor false or no number.
Result<EqBenchConfig> read_eq_bench_config(std::string_view text, std::string_view where);

}  // namespace assay::compat
