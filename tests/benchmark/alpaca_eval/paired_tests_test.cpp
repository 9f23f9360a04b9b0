#include "benchmark/alpaca_eval/paired_tests.h"

#include <cmath>

#include "support/shared_data.h"

namespace assay::alpaca_eval {
namespace {

void expect_values(const PValues& mine, const json::value& want, const std::string& what) {
  ASSERT_EQ(mine.size(), want.as_array().size()) << what;
  for (std::size_t a = 0; a < mine.size(); ++a)
    for (std::size_t b = 0; b < mine.size(); ++b) {
      const json::value& cell = want.as_array()[a].as_array()[b];
      EXPECT_EQ(mine[a][b].has_value(), !cell.is_null()) << what << " " << a << "," << b;
      if (mine[a][b] && !cell.is_null()) {
        EXPECT_NEAR(*mine[a][b], *as_number(cell), 1e-9) << what << " " << a << "," << b;
      }
    }
}

void expect_order(const std::vector<std::string>& mine, const json::value& want, const std::string& what) {
  EXPECT_EQ(write_json(json::array(mine.begin(), mine.end())), write_json(want)) << what;
}

TEST(AlpacaEvalPairedTests, Golden) {
  ASSAY_NEED_SHARED("golden/alpaca-eval/ttests.json");
  json::value file = test::load_json(test::shared("golden/alpaca-eval/ttests.json"));
  std::size_t number = 0;
  for (const json::value& c : find(file, "cases")->as_array()) {
    const std::string what = "case " + std::to_string(number++);
    std::vector<ModelPreference> rows;
    for (const json::value& row : find(c, "rows")->as_array())
      rows.push_back({get_string(row, "instruction").value(), get_string(row, "dataset").value(), get_string(row, "generator_2").value(), get_number(row, "preference")});
    PreferenceTable table = preference_table(rows, Recoding::original).value();
    expect_order(table.models, *find(c, "order"), what);
    expect_values(paired_tests(table), *find(c, "pvalues"), what);
    for (const auto& member : find(c, "pvalues_by_n")->as_object())
      expect_values(paired_tests(table, std::stoul(std::string(member.key()))), member.value(), what + " n " + std::string(member.key()));
    if (const json::value* needed = find(c, "min_samples")) {
      auto mine = samples_needed(table);
      for (std::size_t a = 0; a < mine.size(); ++a)
        for (std::size_t b = 0; b < mine.size(); ++b) {
          const json::value& cell = needed->as_array()[a].as_array()[b];
          EXPECT_EQ(mine[a][b].has_value(), !cell.is_null()) << what;
          if (mine[a][b] && !cell.is_null()) {
            EXPECT_EQ(static_cast<double>(*mine[a][b]), *as_number(cell)) << what;
          }
        }
    }
    if (const json::value* aggregates = find(c, "aggregates"))
      for (const auto& member : aggregates->as_object()) {
        auto mine = summary(paired_tests(table, std::stoul(std::string(member.key()))));
        ASSERT_TRUE(mine) << what;
        EXPECT_NEAR(mine->mean, get_number(member.value(), "mean").value(), 1e-9) << what;
        EXPECT_NEAR(mine->quantile_90, get_number(member.value(), "q90").value(), 1e-9) << what;
        EXPECT_NEAR(mine->max, get_number(member.value(), "max").value(), 1e-9) << what;
      }
    std::size_t n = 0;
    auto datasets = tests_by_dataset(rows, Recoding::original, n).value();
    EXPECT_EQ(n, static_cast<std::size_t>(get_integer(*find(c, "per_dataset"), "n").value())) << what;
    for (const DatasetTests& one : datasets) {
      const json::value* want = find_path(c, {"per_dataset", "order_and_p", one.dataset});
      ASSERT_NE(want, nullptr) << what << " " << one.dataset;
      expect_order(one.table.models, *find(*want, "order"), what + " " + one.dataset);
      expect_values(one.values, *find(*want, "p"), what + " " + one.dataset);
    }
  }
}

TEST(AlpacaEvalPairedTests, DuplicatesAreAnError) {
  std::vector<ModelPreference> rows{{"a", "d", "m", 1.0}, {"a", "d", "m", 2.0}};
  EXPECT_FALSE(preference_table(rows));
  EXPECT_FALSE(preference_table({}));
}

}  // namespace
}  // namespace assay::alpaca_eval
