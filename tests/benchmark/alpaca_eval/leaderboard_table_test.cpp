#include "benchmark/alpaca_eval/leaderboard_table.h"

#include "base/text.h"
#include "support/shared_data.h"

namespace assay::alpaca_eval {
namespace {

constexpr const char* kBoard = ",win_rate,n_total,mode,lc\nA,60.0,8,minimal,55.5\nB,20.25,8,verified,\nC,70.5,8,,80.0\n";

BoardTable board(std::string_view csv) {
  auto table = read_board(csv, "b.csv");
  if (!table) ADD_FAILURE() << to_string(table.error());
  return table.value_or(BoardTable{});
}

TEST(AlpacaEvalBoard, ReadsAndWrites) {
  BoardTable table = board(kBoard);
  EXPECT_EQ(table.write(), kBoard);
  EXPECT_EQ(std::get<std::int64_t>(*table.rows[0].find("n_total")), 8);
  EXPECT_TRUE(std::holds_alternative<std::monostate>(*table.rows[1].find("lc")));
  EXPECT_EQ(read_board(",a\nx,1,2\n", "b.csv").error().where, "b.csv:2");
  EXPECT_FALSE(read_board("", "b.csv"));
  EXPECT_EQ(read_board(",a\nx,1\ny,2\nx,3\n", "b.csv").error().message, "two rows have the name \"x\"");
  EXPECT_FALSE(read_board("name\n", "b.csv"));
  EXPECT_TRUE(board(",win_rate\n").rows.empty());
  EXPECT_TRUE(board(BoardTable{}.write()).rows.empty());
}

TEST(AlpacaEvalBoard, WholeNumbersWithGapsAreFloats) {
  BoardTable table = board(kBoard);
  LeaderboardRow fresh{"D", {}};
  fresh.set("win_rate", 1.5);
  table.rows.push_back(fresh);
  EXPECT_EQ(table.write(),
            ",win_rate,n_total,mode,lc\nA,60.0,8.0,minimal,55.5\nB,20.25,8.0,verified,\nC,70.5,8.0,,80.0\nD,1.5,,,\n");
}

TEST(AlpacaEvalBoard, SortsDescendingWithGapsLast) {
  BoardTable table = board(kBoard);
  ASSERT_TRUE(table.sort_by("lc"));
  EXPECT_EQ(table.rows[0].name + table.rows[1].name + table.rows[2].name, "CAB");
  auto unknown = table.sort_by("win_rat");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().hint, "did you mean win_rate?");
}

TEST(AlpacaEvalBoard, MetricsGoFirst) {
  BoardTable table;
  table.rows.push_back({"m", {{"mode", std::string("dev")}, {"standard_error", 1.0}, {"n", std::int64_t{1}}, {"win_rate", 2.0}}});
  table.metrics_first();
  EXPECT_EQ(table.columns(), (std::vector<std::string>{"win_rate", "standard_error", "mode", "n"}));
}

TEST(AlpacaEvalBoard, RowsWithoutModeAndTheCurrentOneAreShown) {
  BoardView view{"lc", BoardMode::minimal, std::nullopt, "B"};
  EXPECT_EQ(
      print_board(board(kBoard), view),
      "      lc  win_rate  n_total\nA  55.50     60.00        8\nB    NaN     20.25        8\nC  80.00     70.50        8\n");
  view.current.clear();
  EXPECT_EQ(print_board(board(kBoard), view).find("B "), std::string::npos);
  view.names = std::vector<std::string>{"nobody"};
  EXPECT_EQ(print_board(board(kBoard), view), "Empty DataFrame\nColumns: [lc, win_rate, n_total]\nIndex: []\n");
}

TEST(AlpacaEvalBoard, Modes) {
  EXPECT_EQ(board_mode("verified").value(), BoardMode::verified);
  EXPECT_FALSE(board_mode("foo"));
}

TEST(AlpacaEvalBoard, GoldenPrints) {
  ASSAY_NEED_SHARED("golden/alpaca-eval/misc.json");
  ASSAY_NEED_SHARED("upstream/alpaca-eval/leaderboards");
  json::value file = test::load_json(test::shared("golden/alpaca-eval/misc.json"));
  std::size_t seen = 0;
  for (const json::value& c : find(file, "print_leaderboard")->as_array()) {
    auto csv = read_file(test::shared("upstream/alpaca-eval/" + get_string(c, "csv").value()));
    ASSERT_TRUE(csv);
    BoardTable table = board(*csv);
    BoardView view;
    view.sort_by = get_string(c, "sort_by").value();
    ASSERT_TRUE(table.sort_by(view.sort_by));
    const json::value& mode = *find(c, "mode");
    view.mode.reset();
    if (mode.is_string()) view.mode = board_mode(mode.as_string()).value();
    if (mode.is_array()) {
      view.names.emplace();
      for (const json::value& name : mode.as_array()) view.names->emplace_back(name.as_string());
    }
    view.current = get_string(c, "current_name").value_or("");
    EXPECT_EQ(print_board(table, view), get_string(c, "printed").value());
    ++seen;
  }
  EXPECT_GE(seen, 4u);
}

TEST(AlpacaEvalBoard, EqualRowsAreSortedAsPandasDoes) {
  auto names = [](int n) {
    BoardTable table;
    for (int i = 0; i < n; ++i) table.rows.push_back({std::to_string(i), {{"x", i == 1 ? Cell() : Cell(50.0)}}});
    EXPECT_TRUE(table.sort_by("x"));
    std::string out;
    for (const LeaderboardRow& row : table.rows) out += row.name + " ";
    return out;
  };
  EXPECT_EQ(names(5), "0 2 3 4 1 ");  // few keep their order
  EXPECT_NE(names(40).substr(0, 8), "0 2 3 4 ");
}

// The published boards come back byte for byte, but for a last digit that the original, too, would change at the next writing.
TEST(AlpacaEvalBoard, PublishedFilesRoundTrip) {
  ASSAY_NEED_SHARED("upstream/alpaca-eval/leaderboards");
  std::size_t seen = 0, other = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(test::shared("upstream/alpaca-eval/leaderboards"))) {
    if (entry.path().extension() != ".csv") continue;
    auto csv = read_file(entry.path());
    ASSERT_TRUE(csv);
    const auto mine = split(board(*csv).write(), '\n'), theirs = split(*csv, '\n');
    ASSERT_EQ(mine.size(), theirs.size()) << entry.path();
    for (std::size_t i = 0; i < mine.size(); ++i) {
      if (mine[i] == theirs[i]) continue;
      ++other;
      const auto ours = split(mine[i], ','), fields = split(theirs[i], ',');
      ASSERT_EQ(ours.size(), fields.size()) << theirs[i];
      for (std::size_t c = 0; c < ours.size(); ++c) {
        if (ours[c] != fields[c]) {
          EXPECT_NEAR(std::stod(ours[c]), std::stod(fields[c]), 1e-13);
        }
      }
    }
    ++seen;
  }
  EXPECT_GE(seen, 8u);
  EXPECT_LE(other, 9u);
}

// The boards that the original wrote and printed in its own run.
TEST(AlpacaEvalBoard, GoldenRun) {
  ASSAY_NEED_SHARED("golden/alpaca-eval/evaluate.json");
  json::value golden = test::load_json(test::shared("golden/alpaca-eval/evaluate.json"));
  const json::array& steps = find(golden, "steps")->as_array();
  std::size_t seen = 0;
  for (const json::value& step : steps) {
    for (const auto& [path, content] : find(step, "files")->as_object()) {
      if (!std::string_view(path).ends_with(".csv")) continue;
      EXPECT_EQ(board(std::string_view(content.as_string())).write(), std::string_view(content.as_string()));
      ++seen;
    }
  }
  EXPECT_GT(seen, 10u);
  BoardTable after = board(std::string_view(find(*find(steps[2], "files"), "results_pre.csv")->as_string()));
  ASSERT_TRUE(after.sort_by("length_controlled_winrate"));
  EXPECT_EQ(print_board(after, {"length_controlled_winrate", BoardMode::verified, std::nullopt, "mymodel"}),
            get_string(steps[2], "stdout").value());
  EXPECT_EQ(print_board(after, {"length_controlled_winrate", BoardMode::community, std::nullopt, "mymodel"}),
            get_string(steps[3], "stdout").value());
}

}  // namespace
}  // namespace assay::alpaca_eval
