// Tables of models and scores (leaderboard/score_table): whatever the file, columns stay within the models, and a model that has a value is found by
// its name.
#include "leaderboard/score_table.h"

#include <cmath>

#include "base/text.h"
#include "fuzz.h"
#include "leaderboard/correlations.h"

namespace assay::fuzz {

void fuzz_one(std::string_view input) {
  const std::uint8_t bits = take_byte(input);
  ScoreTable table;
  if (bits & 1) {
    const std::size_t half = input.size() / 2;
    if (auto names = table.add_names(input.substr(0, half), "names"); !names) REQUIRE(names.error().kind == ErrorKind::data);
    input.remove_prefix(half);
  }
  for (const char* where : {"a/one.csv", "a/two.csv"}) {
    auto added = table.add(input, where);
    if (!added) REQUIRE(added.error().kind == ErrorKind::data || added.error().kind == ErrorKind::usage);
  }
  for (const ScoreColumn& column : table.columns) {
    REQUIRE(column.values.size() <= table.models.size());
    REQUIRE(is_valid_utf8(column.name) && !column.name.empty());
    for (const auto& value : column.values) REQUIRE(!value || std::isfinite(*value));
    REQUIRE(table.column(column.name).has_value());
  }
  for (const std::string& model : table.models) {
    REQUIRE(is_valid_utf8(model));
    REQUIRE(table.model(model).has_value());
  }
  if (table.models.size() > 60 || table.columns.size() > 8) return;
  CorrelationOptions options;
  options.least = 3;
  options.replicates = 20;
  auto found = correlate(table, options);
  if (!found) {
    REQUIRE(found.error().kind == ErrorKind::usage);
    return;
  }
  for (const PairCorrelation& pair : found->pairs)
    for (const auto& value : {pair.spearman, pair.kendall_tau_b}) REQUIRE(!value || (*value >= -1 && *value <= 1));
}

}  // namespace assay::fuzz
