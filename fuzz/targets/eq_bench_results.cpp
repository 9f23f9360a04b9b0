// The original tool's result files (benchmark/eq_bench/formats): read, written as raw_results.json and as a row, read back.
#include "benchmark/eq_bench/formats.h"
#include "benchmark/eq_bench/rescore.h"
#include "fuzz.h"

namespace assay::fuzz {

void fuzz_one(std::string_view input) {
  using namespace eq_bench;
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
