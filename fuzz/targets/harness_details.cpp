// Rows of the leaderboard's details, ours or others', and the names of their files.
#include <boost/json/object.hpp>

#include "benchmark/harness/details.h"
#include "fuzz.h"

namespace assay::fuzz {

void fuzz_one(std::string_view input) {
  const std::size_t end = std::min(input.find('\n'), input.size());
  const auto named = harness::details_key(input.substr(0, end));
  if (named) {
    REQUIRE(named->starts_with("harness|"));
    REQUIRE(harness::details_key(harness::details_file_name(*named, "t") + ".jsonl") == named);
  }
  auto row = parse_json(input.substr(std::min(end + 1, input.size())), "fuzz");
  if (!row || !row->is_object()) return;
  for (const std::string& key : {named.value_or("x"), std::string("harness|arc:challenge|25"), std::string("harness|truthfulqa:mc|0")}) {
    harness::DetailsReader reader(key);
    auto added = reader.add(row->get_object(), "fuzz");
    if (!added) REQUIRE(added.error().kind == ErrorKind::data);
    auto check = reader.finish();
    REQUIRE(check.has_value() == added.has_value());
    if (!check) continue;
    REQUIRE(check->rows == 1 && check->recomputed <= 1 && check->task.values.size() <= 2);
    for (const auto& [metric, rows] : check->different) REQUIRE(rows == 1 && check->recomputed == 1);
  }
}

}  // namespace assay::fuzz
