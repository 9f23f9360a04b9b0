#include "benchmark/alpaca_eval/win_rate.h"

#include <cmath>
#include <vector>

#include "support/shared_data.h"

namespace assay::alpaca_eval {
namespace {

TEST(AlpacaEvalWinRate, ZeroIsATieAndMissingDoesNotCount) {
  std::vector<double> preferences{0, 1, 2, 2, std::nan("")};
  auto rate = win_rate(preferences);
  ASSERT_TRUE(rate);
  EXPECT_EQ(rate->win_rate, 62.5);
  EXPECT_EQ(rate->n_draws, 1u);
  EXPECT_EQ(rate->n_total, 4u);
}

TEST(AlpacaEvalWinRate, NothingToCountIsNotANumber) {
  std::vector<double> missing{std::nan(""), std::nan("")};
  auto rate = win_rate(missing);
  ASSERT_TRUE(rate);
  EXPECT_FALSE(rate->win_rate);
  EXPECT_FALSE(rate->discrete_win_rate);
  EXPECT_FALSE(win_rate({}));
}

TEST(AlpacaEvalWinRate, Golden) {
  ASSAY_NEED_SHARED("golden/alpaca-eval/misc.json");
  json::value file = test::load_json(test::shared("golden/alpaca-eval/misc.json"));
  std::size_t seen = 0;
  for (const json::value& c : find(file, "winrate")->as_array()) {
    SCOPED_TRACE(write_json(c).substr(0, 200));
    ++seen;
    std::vector<double> preferences;
    for (const json::value& v : find(c, "preferences")->as_array())
      preferences.push_back(v.is_null() ? std::nan("") : as_number(v).value());
    const json::value& want = *find(c, "metrics");
    auto rate = win_rate(preferences);
    if (find(want, "error")) {
      EXPECT_FALSE(rate);
      continue;
    }
    ASSERT_TRUE(rate);
    auto close = [&](std::optional<double> mine, const char* key) {
      std::optional<double> theirs = get_number(want, key);
      EXPECT_EQ(mine.has_value(), theirs.has_value()) << key;
      if (mine && theirs) {
        EXPECT_NEAR(*mine, *theirs, 1e-9 * (1 + std::fabs(*theirs))) << key;
      }
    };
    close(rate->win_rate, "win_rate");
    close(rate->standard_error, "standard_error");
    close(rate->discrete_win_rate, "discrete_win_rate");
    close(static_cast<double>(rate->n_wins), "n_wins");
    close(static_cast<double>(rate->n_wins_base), "n_wins_base");
    close(static_cast<double>(rate->n_draws), "n_draws");
    close(static_cast<double>(rate->n_total), "n_total");
  }
  EXPECT_GE(seen, 22u);
}

TEST(AlpacaEvalWinRate, GoldenExtremeChanges) {
  ASSAY_NEED_SHARED("golden/alpaca-eval/misc.json");
  json::value file = test::load_json(test::shared("golden/alpaca-eval/misc.json"));
  std::size_t seen = 0;
  for (const json::value& c : find(file, "extreme_changes")->as_array()) {
    const json::value& kw = *find(c, "kw");
    EXPECT_EQ(is_extreme_change(get_number(c, "prev").value(), get_number(c, "new").value(),
                                get_bool(kw, "min_warn").value_or(true), get_bool(kw, "max_warn").value_or(true)),
              find(c, "result")->as_bool())
        << write_json(c);
    ++seen;
  }
  EXPECT_GE(seen, 72u);
}

}  // namespace
}  // namespace assay::alpaca_eval
