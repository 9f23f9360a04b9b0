// `analyze_eval_set` against the original's own tests: what it writes is read again and compared cell by cell.
#include "cli/compat/alpaca_eval_set.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "base/file.h"
#include "support/shared_data.h"
#include "support/temporary_folder.h"

namespace assay::compat {
namespace {

using namespace alpaca_eval;

BoardTable table_of(const std::filesystem::path& file) {
  auto text = read_file(file);
  EXPECT_TRUE(text) << file;
  auto table = read_board(text.value_or(""), file.string());
  EXPECT_TRUE(table) << file;
  return table ? *table : BoardTable{};
}

std::optional<double> cell(const LeaderboardRow& row, std::string_view column) {
  const Cell* cell = row.find(column);
  if (const auto* number = cell ? std::get_if<double>(cell) : nullptr) return *number;
  if (const auto* whole = cell ? std::get_if<std::int64_t>(cell) : nullptr) return static_cast<double>(*whole);
  return std::nullopt;
}

std::vector<std::string> names_of(const json::value& list) {
  std::vector<std::string> out;
  for (const json::value& name : list.as_array()) out.emplace_back(name.as_string());
  return out;
}

void expect_matrix(const BoardTable& mine, const std::vector<std::string>& models, const json::value& want, const std::string& what) {
  ASSERT_EQ(mine.rows.size(), models.size()) << what;
  for (std::size_t a = 0; a < models.size(); ++a) {
    EXPECT_EQ(mine.rows[a].name, models[a]) << what;
    for (std::size_t b = 0; b < models.size(); ++b) {
      const auto number = cell(mine.rows[a], models[b]);
      const json::value& expected = want.as_array()[a].as_array()[b];
      EXPECT_EQ(number.has_value(), !expected.is_null()) << what << " " << a << "," << b;
      if (number && !expected.is_null()) {
        EXPECT_NEAR(*number, *as_number(expected), 1e-9) << what << " " << a << "," << b;
      }
    }
  }
}

TEST(AlpacaEvalSet, GoldenThroughTheFiles) {
  ASSAY_NEED_SHARED("golden/alpaca-eval/ttests.json");
  json::value file = test::load_json(test::shared("golden/alpaca-eval/ttests.json"));
  std::size_t number = 0, subsamples = 0;
  for (const json::value& c : find(file, "cases")->as_array()) {
    const std::string what = "case " + std::to_string(number++);
    test::TemporaryFolder folder;
    const std::filesystem::path annotations = folder.path() / "in" / "model" / "annotations.json", out = folder.path() / "out";
    ASSERT_TRUE(write_file(annotations, write_json(*find(c, "rows"))));
    FireValues values;
    values.set("output_path", PythonValue::of(out.string()));
    values.set("is_original_recoding", PythonValue::of(true));
    auto flags = read_eval_set_flags(values, {(folder.path() / "in").string()});
    ASSERT_TRUE(flags);
    auto done = analyze_eval_set(*flags);
    ASSERT_TRUE(done) << to_string(done.error());
    const std::vector<std::string> models = names_of(*find(c, "order"));
    expect_matrix(table_of(out / "paired_pvalues.csv"), models, *find(c, "pvalues"), what);
    if (const json::value* needed = find(c, "min_samples")) expect_matrix(table_of(out / "samples_needed.csv"), models, *needed, what + " samples");
    for (const auto& member : find(c, "pvalues_by_n")->as_object()) {
      ++subsamples;
      EvalSetFlags some = *flags;
      some.settings.instructions = std::stoul(std::string(member.key()));
      some.output_path = (folder.path() / "some").string();
      ASSERT_TRUE(analyze_eval_set(some));
      expect_matrix(table_of(folder.path() / "some" / "paired_pvalues.csv"), models, member.value(), what + " n " + std::string(member.key()));
    }
    if (const json::value* aggregates = find(c, "aggregates")) {
      const BoardTable by_number = table_of(out / "pvalues_by_samples.csv");
      ASSERT_EQ(by_number.rows.size(), aggregates->as_object().size()) << what;
      for (const LeaderboardRow& row : by_number.rows) {
        const json::value* want = find(*aggregates, row.name);
        ASSERT_NE(want, nullptr) << what << " " << row.name;
        for (auto [column, key] : {std::pair("mean", "mean"), {"quantile_90", "q90"}, {"max", "max"}}) EXPECT_NEAR(cell(row, column).value(), get_number(*want, key).value(), 1e-9) << what << " " << column;
      }
    }
    const BoardTable datasets = table_of(out / "datasets.csv");
    const double n = static_cast<double>(get_integer(*find(c, "per_dataset"), "n").value());
    for (const auto& member : find_path(c, {"per_dataset", "order_and_p"})->as_object()) {
      const std::string name(member.key());
      expect_matrix(table_of(out / ("paired_pvalues_" + name + ".csv")), names_of(*find(member.value(), "order")), *find(member.value(), "p"), what + " " + name);
      auto row = std::find_if(datasets.rows.begin(), datasets.rows.end(), [&](const LeaderboardRow& one) { return one.name == name; });
      ASSERT_NE(row, datasets.rows.end()) << what << " " << name;
      EXPECT_EQ(cell(*row, "tested"), n) << what << " " << name;
    }
  }
  EXPECT_EQ(number, 5u);
  EXPECT_EQ(subsamples, 7u);
}

TEST(AlpacaEvalSet, CountsTheSeparatedPairs) {
  // b beats the reference always, a never; c is told apart from neither on four instructions alike.
  std::vector<ModelPreference> rows;
  for (int i = 0; i < 4; ++i) {
    const std::string instruction = "i" + std::to_string(i);
    rows.push_back({instruction, "x", "a", 1.0});
    rows.push_back({instruction, "x", "b", i == 0 ? 1.9 : 2.0});
    rows.push_back({instruction, "x", "c", i % 2 ? 2.0 : 1.0});
  }
  auto tables = eval_set_tables(rows, {});
  ASSERT_TRUE(tables);
  EXPECT_EQ(tables->pairs, 3u);
  EXPECT_EQ(tables->separated, 1u);
  EXPECT_EQ(tables->instructions, 4u);
  EXPECT_TRUE(tables->table("pvalues_by_samples")->rows.empty());
  EXPECT_NE(eval_set_text(*tables).find("1 of 3 pairs"), std::string::npos);
}

TEST(AlpacaEvalSet, Refuses) {
  EXPECT_FALSE(read_eval_set_flags({}, {}));
  std::vector<ModelPreference> one{{"i", "x", "a", 1.0}};
  EXPECT_FALSE(eval_set_tables(one, {}));
  Table table;
  table.columns = {"instruction", "preference"};
  EXPECT_FALSE(model_preferences(table, Recoding::none));
  EvalSetFlags flags;
  flags.annotations = {PythonValue::of("nowhere.json")};
  EXPECT_FALSE(analyze_eval_set(flags));
}

}  // namespace
}  // namespace assay::compat
