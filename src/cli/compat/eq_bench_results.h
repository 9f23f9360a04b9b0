// The original's two files as values: raw_results.json (all runs, resumed from) and lines of benchmark_results.csv. Pure; the names
// of members and their order are those of the original's release 2.4.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/json.h"
#include "cli/compat/benchmark_row.h"

namespace assay::compat {

enum class BenchmarkType { eq_bench, creative_writing, judgemark };
std::string_view name(BenchmarkType type);
std::optional<BenchmarkType> benchmark_type(std::string_view text);

/// A row with one benchmark: what the original calls a run.
struct RunWish {
  BenchmarkType type = BenchmarkType::eq_bench;
  BenchmarkRow row;
  std::string version = "v2", language = "en";  // eq-bench
  std::string judge_model;                      // creative-writing, judgemark

  std::string index() const;  // its key in raw_results.json
  json::object metadata() const;
  std::string language_suffix() const { return language == "en" ? "" : "_" + language; }
};

/// The whole file; nothing where `text` is empty. `data` error naming line and column: a damaged file is never written over.
Result<json::object> parse_raw_results(std::string_view text, std::string_view where);

/// The run's member, made where it is not there; total_iterations is the row's, every iteration up to it is there.
json::object& open_run(json::object& results, const RunWish& wish);
/// The original calls a run complete that holds benchmark_results in iteration 1: only eq-bench v1 ever does.
bool already_completed(const json::object& run);

/// Adds what `fresh` holds and `run` lacks, member by member; what is there stays as it is and where it is.
void add_missing(json::object& run, const json::object& fresh);
/// How many answers (of eq-bench: questions; else items with scores) the first `n` iterations hold.
std::size_t held_answers(const json::object& run, BenchmarkType type, int n);

/// The official figures of a run's member, computed in file order and written into it where the original does so.
struct RunFigures {
  std::optional<double> score;      // rounded to 2 decimals; judgemark has none
  std::optional<double> parseable;  // eq-bench
  bool whole = false;               // creative-writing without a counted iteration: the original's integer 0, written without a point
  std::string failure;              // the 83 % rule
};
Result<RunFigures> compute_figures(json::object& run, const RunWish& wish, std::size_t questions);

/// One row: 14 values, nothing quoted. `failed`: its error text, newlines become blanks.
std::string csv_line(const RunWish& wish, std::string_view completed, const RunFigures& figures, const std::optional<std::string>& failed);
/// The same values as JSON texts and numbers, for a sheet.
json::array csv_values(const RunWish& wish, std::string_view completed, const RunFigures& figures, const std::optional<std::string>& failed);

}  // namespace assay::compat
