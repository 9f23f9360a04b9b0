// Result files of Creative Writing and Judgemark (formats): read, written as raw_results.json, read back the same.
#include "benchmark/creative_writing/formats.h"
#include "benchmark/judgemark/formats.h"
#include "benchmark/judgemark/test_set.h"
#include "fuzz.h"

namespace assay::fuzz {
namespace {

template <class Read, class Write>
void there_and_back(std::string_view input, Read read, Write write) {
  auto runs = read(input);
  if (!runs) {
    REQUIRE(runs.error().kind == ErrorKind::data);
    return;
  }
  for (auto& run : *runs) run.document = false;
  const std::string written = write(*runs);
  auto again = read(written);
  REQUIRE(again.has_value());
  REQUIRE(write(*again) == written);
}

}  // namespace

void fuzz_one(std::string_view input) {
  there_and_back(
      input, [](std::string_view text) { return creative_writing::read_results(text, "f"); },
      [](const auto& runs) { return creative_writing::write_raw_results(runs); });
  there_and_back(
      input, [](std::string_view text) { return judgemark::read_results(text, "f"); },
      [](const auto& runs) { return judgemark::write_raw_results(runs); });
  if (auto runs = creative_writing::read_results(input, "f"))
    for (const auto& run : *runs) creative_writing::score_run(run);
  (void)judgemark::read_test_set(input, "f");
  (void)judgemark::read_references(input, "f");
}

}  // namespace assay::fuzz
