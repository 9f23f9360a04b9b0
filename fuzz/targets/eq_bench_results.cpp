// The original tool's result files (benchmark/eq_bench/formats): read, written as raw_results.json and as a row, read back; and raw_results.json
// as the original's front end goes on with it (cli/compat/eq_bench_results).
#include "base/python_json.h"
#include "base/text.h"
#include "benchmark/eq_bench/formats.h"
#include "benchmark/eq_bench/rescore.h"
#include "cli/compat/eq_bench_results.h"
#include "fuzz.h"

namespace assay::fuzz {
namespace {

/// Every run of the file as if the front end had this one to go on with.
void go_on(std::string_view input) {
  auto results = compat::parse_raw_results(input, "raw_results.json");
  if (!results) {
    REQUIRE(results.error().kind == ErrorKind::data && is_valid_utf8(to_string(results.error())));
    return;
  }
  const json::object stored = *results;
  for (compat::BenchmarkType type : {compat::BenchmarkType::eq_bench, compat::BenchmarkType::creative_writing, compat::BenchmarkType::judgemark}) {
    compat::RunWish wish;
    wish.type = type;
    wish.row.run_id = "r";
    wish.row.n_iterations = 2;
    wish.version = input.size() % 2 ? "v1" : "v2";
    for (const auto& member : stored) {
      json::object all{{wish.index(), member.value()}};
      json::object& run = compat::open_run(all, wish);
      const json::object before = run;
      const std::string text = write_json(run);  // compared as text: what Python wrote may hold NaN
      (void)compat::already_completed(run);
      const std::size_t held = compat::held_answers(run, type, wish.row.n_iterations);
      compat::add_missing(run, before);
      REQUIRE(write_json(run) == text && compat::held_answers(run, type, wish.row.n_iterations) == held);
      auto figures = compat::compute_figures(run, wish, 171);
      if (!figures) {
        REQUIRE(is_valid_utf8(to_string(figures.error())));
        continue;
      }
      const std::string line = compat::csv_line(wish, "2024-01-01 00:00:00", *figures, std::nullopt);
      REQUIRE(line.ends_with("\n") && is_valid_utf8(line));
      REQUIRE(parse_python_document(write_json(run, JsonStyle::python), "run").has_value());
    }
  }
}

}  // namespace

void fuzz_one(std::string_view input) {
  using namespace eq_bench;
  go_on(input);
  auto runs = read_results(input, "raw_results.json");
  if (!runs) {
    REQUIRE(runs.error().kind == ErrorKind::data);
    return;
  }
  bool document = false;  // becomes a run of raw_results.json, which says less
  for (const StoredRun& run : *runs) {
    document = document || run.document;
    holds_revised(run);
    std::vector<IterationScore> scores;
    for (const StoredIteration& iteration : run.iterations)
      if (iteration.v2) scores.push_back(*iteration.v2);
    if (run.metadata.total_iterations > 0)
      csv_row(run.metadata, "2024-01-01 00:00:00", score_run(scores, static_cast<std::size_t>(run.metadata.total_iterations)));
  }
  std::string written = write_raw_results(*runs);
  auto again = read_results(written, "again");
  REQUIRE(again.has_value());
  REQUIRE(document || write_raw_results(*again) == written);
}

}  // namespace assay::fuzz
