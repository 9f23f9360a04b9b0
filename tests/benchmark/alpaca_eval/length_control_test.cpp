#include "benchmark/alpaca_eval/length_control.h"

#include <algorithm>
#include <cmath>

#include "benchmark/alpaca_eval/win_rate.h"
#include "stats/group_folds.h"
#include "stats/logistic_cv.h"
#include "support/shared_data.h"

namespace assay::alpaca_eval {
namespace {

constexpr const char* kGamed = "upstream/alpaca-eval/lc-reference/df_gamed_standin.csv";
constexpr const char* kInternals = "golden/alpaca-eval/lc_internals.json";

std::vector<double> numbers(const json::value& list) {
  std::vector<double> result;
  for (const json::value& v : list.as_array()) result.push_back(v.is_null() ? std::nan("") : as_number(v).value());
  return result;
}

Comparisons comparisons_of(const json::value& c) {
  return {numbers(*find(c, "preference")), numbers(*find(c, "len_output_1")), numbers(*find(c, "len_output_2")), {}, false};
}

GamedRows gamed_rows() {
  auto text = read_file(test::shared(kGamed));
  if (!text) {
    ADD_FAILURE() << to_string(text.error());
    return {};
  }
  auto rows = read_gamed_rows(*text, kGamed);
  if (!rows) {
    ADD_FAILURE() << to_string(rows.error());
    return {};
  }
  return *rows;
}

// Twenty made-up instructions and comparisons.
GamedRows small_gamed() {
  GamedRows rows;
  for (int i = 0; i < 40; ++i) {
    rows.preference.push_back(i < 20 ? 0.6 : 0.4);
    rows.length_ratio.push_back(i < 20 ? -1.0 - 0.1 * i : 0.5 + 0.02 * i);
    rows.tanh_length.push_back(std::tanh(rows.length_ratio.back()));
    rows.difficulty.push_back(0.1 * (i % 20) - 1);
    if (i < 20) rows.difficulty_at.push_back(rows.difficulty.back());
  }
  return rows;
}
Comparisons small_table(std::size_t n = 20) {
  Comparisons table;
  for (std::size_t i = 0; i < n; ++i) {
    table.preference.push_back(i % 3 == 0 ? 1.9 : 1.2);
    table.length_1.push_back(100.0 + static_cast<double>(i * 7 % 11));
    table.length_2.push_back(90);
  }
  return table;
}

bool has_doubt(const LengthControl& fit, std::string_view word) {
  return std::any_of(fit.doubts.begin(), fit.doubts.end(),
                     [&](const std::string& s) { return s.find(word) != std::string::npos; });
}

TEST(AlpacaEvalLengthControl, NoLengthVariationIsSaid) {
  Comparisons table = small_table();
  table.length_1.assign(20, 100);
  auto fit = length_control(table, small_gamed());
  ASSERT_FALSE(fit);
  EXPECT_EQ(fit.error().kind, ErrorKind::data);
  EXPECT_NE(fit.error().message.find("length differences"), std::string::npos);
}

TEST(AlpacaEvalLengthControl, MoreRowsThanDifficultiesIsSaid) {
  auto fit = length_control(small_table(21), small_gamed());
  ASSERT_FALSE(fit);
  EXPECT_NE(fit.error().message.find("annotation 21"), std::string::npos);
}

TEST(AlpacaEvalLengthControl, NoPreferencesIsSaid) {
  Comparisons table = small_table();
  table.preference.assign(20, std::nan(""));
  auto fit = length_control(table, small_gamed());
  ASSERT_FALSE(fit);
  EXPECT_NE(fit.error().message.find("none of the 20"), std::string::npos);
}

TEST(AlpacaEvalLengthControl, GapsSeparationAndFewRowsAreDoubts) {
  Comparisons table = small_table(15);
  table.preference.assign(15, 2);
  auto fit = length_control(table, small_gamed());
  ASSERT_TRUE(fit) << to_string(fit.error());
  EXPECT_TRUE(std::isfinite(fit->win_rate));
  EXPECT_TRUE(has_doubt(*fit, "5 of 20 instructions are missing"));
  EXPECT_TRUE(has_doubt(*fit, "for the model"));
  EXPECT_TRUE(has_doubt(*fit, "only 15"));
}

TEST(AlpacaEvalLengthControl, RowsThatAreLeftOutAreNamed) {
  Comparisons table = small_table();
  table.preference[3] = 3;
  table.preference[7] = -1;
  table.preference[8] = 0;  // an older tie
  auto fit = length_control(table, small_gamed());
  ASSERT_TRUE(fit) << to_string(fit.error());
  EXPECT_TRUE(has_doubt(*fit, "2 preferences outside 1 to 2 were left out of the fit (rows 4, 8)"));
  EXPECT_EQ(row_numbers(std::vector<std::size_t>{1, 2, 3, 4, 5, 6, 7}), "1, 2, 3, 4, 5 and 2 more");
}

TEST(AlpacaEvalLengthControl, DifficultyCanGoByInstruction) {
  Comparisons by_place = small_table();
  for (std::size_t i = 0; i < 20; ++i) by_place.preference[i] = i < 10 ? 1.05 : 1.95;  // the model wins the difficult ones
  Comparisons by_instruction = by_place;
  for (std::size_t i = 0; i < 20; ++i) by_instruction.difficulty_index.push_back(19 - i);
  auto a = length_control(by_place, small_gamed()), b = length_control(by_instruction, small_gamed());
  ASSERT_TRUE(a && b);
  EXPECT_GT(a->weights[1], 0.1);
  EXPECT_LT(b->weights[1], -0.1);
}

TEST(AlpacaEvalLengthControl, TheReferenceItselfIsHalf) {
  Comparisons table = small_table();
  table.same_generator = true;
  table.preference[3] = std::nan("");
  auto fit = length_control(table, small_gamed());
  ASSERT_TRUE(fit);
  EXPECT_EQ(fit->win_rate, 50);
  EXPECT_EQ(fit->standard_error, 0);
  EXPECT_TRUE(std::isnan(fit->predictions[3]));
}

TEST(AlpacaEvalLengthControl, Names) {
  EXPECT_EQ(glm_named("length_controlled_v1").value(), Glm::v1);
  EXPECT_EQ(glm_named("length_controlled_minimal").value(), Glm::minimal);
  EXPECT_FALSE(glm_named("length_controlled_v2"));
}

TEST(AlpacaEvalGamedRows, ErrorsNameTheLine) {
  EXPECT_EQ(
      read_gamed_rows("preference,index,std_delta_len,instruction_difficulty\n0.5,0,1,2\n0.5,1,x,2\n", "f.csv").error().where,
      "f.csv:3");
  EXPECT_NE(read_gamed_rows("preference,index,std_delta_len\n", "f.csv").error().message.find("instruction_difficulty"),
            std::string::npos);
  EXPECT_FALSE(read_gamed_rows("preference,index,std_delta_len,instruction_difficulty\n1.5,0,1,2\n", "f.csv"));
  EXPECT_FALSE(read_gamed_rows("preference,index,std_delta_len,instruction_difficulty\n0.5,0,1\n", "f.csv"));
  EXPECT_FALSE(read_gamed_rows("", "f.csv"));
  auto rows = read_gamed_rows("index,std_delta_len,instruction_difficulty,preference\n0,1,2,0.25\n0,-1,3,1\n", "f.csv");
  ASSERT_TRUE(rows);
  EXPECT_EQ(rows->difficulty_at, std::vector<double>{2});
  EXPECT_EQ(rows->tanh_length[1], std::tanh(-1.0));
}

TEST(AlpacaEvalLcGolden, Folds) {
  ASSAY_NEED_SHARED(kInternals);
  json::value file = test::load_json(test::shared(kInternals));
  for (const auto& [n, folds] : find(file, "fold_of_group")->as_object()) {
    std::vector<std::size_t> mine = equal_group_folds(static_cast<std::size_t>(std::stoul(std::string(n))), 5);
    for (std::size_t i = 0; i < mine.size(); ++i)
      ASSERT_EQ(mine[i], folds.as_array()[i].to_number<std::size_t>()) << std::string_view(n) << " " << i;
  }
}

// Every fold and every strength: weights and scores of the whole path.
TEST(AlpacaEvalLcGolden, CrossValidationPath) {
  ASSAY_NEED_SHARED(kInternals);
  ASSAY_NEED_SHARED(kGamed);
  json::value file = test::load_json(test::shared(kInternals));
  const json::value& want = *find(file, "cv_path");
  const json::array& cases = find(file, "cases")->as_array();
  auto full = std::find_if(cases.begin(), cases.end(),
                           [](const json::value& c) { return get_string(c, "name") == "claude-2:alpha_full"; });
  ASSERT_NE(full, cases.end());
  Comparisons table = comparisons_of(*full);
  GamedRows gamed = gamed_rows();
  std::vector<double> length = gamed.tanh_length, difficulty = gamed.difficulty, model(1610, 0.0), labels = gamed.preference,
                      weights(1610, 0.1);
  double mean = 0, squares = 0;
  for (std::size_t i = 0; i < 805; ++i) mean += (table.length_1[i] - table.length_2[i]) / 805;
  for (std::size_t i = 0; i < 805; ++i) squares += std::pow(table.length_1[i] - table.length_2[i] - mean, 2);
  for (std::size_t i = 0; i < 805; ++i) {
    length.push_back(std::tanh((table.length_1[i] - table.length_2[i]) / std::sqrt(squares / 804)));
    difficulty.push_back(gamed.difficulty_at[i]);
    model.push_back(1);
    labels.push_back(table.preference[i] - 1);
    weights.push_back(1);
  }
  std::vector<std::span<const double>> columns{length, difficulty, model};
  LogisticCv cv = cross_validate(columns, labels, weights);
  double worst_score = 0, worst_weight = 0;
  for (std::size_t fold = 0; fold < 5; ++fold) {
    for (std::size_t k = 0; k < 10; ++k) {
      EXPECT_EQ(kLogisticStrengths[k], as_number(find(want, "Cs")->as_array()[k]).value());
      worst_score = std::max(
          worst_score, std::fabs(cv.scores[fold][k] - as_number(find(want, "scores")->as_array()[fold].as_array()[k]).value()));
      for (std::size_t j = 0; j < 3; ++j)
        worst_weight = std::max(
            worst_weight, std::fabs(cv.paths[fold][k].weights[j] -
                                    as_number(find(want, "coefs_paths")->as_array()[fold].as_array()[k].as_array()[j]).value()));
    }
  }
  EXPECT_LT(worst_score, 1e-12);
  EXPECT_LT(worst_weight, 1e-10);
  EXPECT_EQ(cv.strength, get_number(want, "C").value());
  EXPECT_EQ(cv.fit.iterations, get_integer(want, "n_iter").value());
  for (std::size_t j = 0; j < 3; ++j) EXPECT_NEAR(cv.fit.weights[j], as_number(find(want, "coef")->as_array()[j]).value(), 1e-11);
}

TEST(AlpacaEvalLcGolden, Cases) {
  ASSAY_NEED_SHARED(kInternals);
  ASSAY_NEED_SHARED(kGamed);
  json::value file = test::load_json(test::shared(kInternals));
  GamedRows gamed = gamed_rows();
  std::size_t seen = 0;
  double worst = 0;
  for (const json::value& c : find(file, "cases")->as_array()) {
    std::string what = get_string(c, "name").value();
    SCOPED_TRACE(what);
    ++seen;
    Comparisons table = comparisons_of(c);
    table.same_generator = get_string(c, "generator_1") == get_string(c, "generator_2");
    Glm glm = Glm::v1;
    if (auto name = get_string(*find(c, "kwargs"), "glm_name")) glm = glm_named(*name).value();
    auto fit = length_control(table, gamed, glm);
    const json::value& result = *find(c, "result");
    if (find(result, "error")) {
      EXPECT_FALSE(fit);
      continue;
    }
    ASSERT_TRUE(fit) << to_string(fit.error());
    const json::value& metrics = *find(result, "metrics");
    worst = std::max(worst, std::fabs(fit->win_rate - get_number(metrics, "length_controlled_winrate").value()));
    EXPECT_NEAR(fit->win_rate, get_number(metrics, "length_controlled_winrate").value(), 1e-8);
    EXPECT_NEAR(fit->standard_error.value(), get_number(metrics, "lc_standard_error").value(), 1e-8);
    std::vector<double> predictions = numbers(*find(result, "glm_preference"));
    ASSERT_EQ(predictions.size(), fit->predictions.size());
    for (std::size_t i = 0; i < predictions.size(); ++i) EXPECT_NEAR(predictions[i], fit->predictions[i], 1e-10);
    if (!find(result, "C")) continue;
    EXPECT_EQ(fit->strength, get_number(result, "C").value());
    EXPECT_EQ(fit->iterations, get_integer(result, "n_iter").value());
    std::vector<double> weights = numbers(*find(result, "coef")), scores = numbers(*find(result, "scores_mean"));
    ASSERT_EQ(weights.size(), fit->weights.size());
    for (std::size_t j = 0; j < weights.size(); ++j) {
      EXPECT_EQ(glm_columns(glm)[j], find(result, "columns")->as_array()[j].as_string());
      EXPECT_NEAR(weights[j], fit->weights[j], 1e-9);
    }
    for (std::size_t k = 0; k < scores.size(); ++k) EXPECT_NEAR(scores[k], fit->mean_scores[k], 1e-10);
  }
  EXPECT_GE(seen, 29u);
  EXPECT_LT(worst, 1e-8);
  std::printf("          worst difference of a length-controlled win rate: %.2g\n", worst);
}

// Every published model whose annotations are at hand.
TEST(AlpacaEvalParity, CompactFiles) {
  ASSAY_NEED_SHARED("upstream/alpaca-eval/compact");
  ASSAY_NEED_SHARED(kGamed);
  GamedRows gamed = gamed_rows();
  std::size_t files = 0, published_rates = 0;
  std::size_t published_controlled = 0;
  double worst_rate = 0, worst_lc = 0, worst_error = 0, worst_published = 0;
  for (const auto& entry : std::filesystem::directory_iterator(test::shared("upstream/alpaca-eval/compact"))) {
    json::value c = test::load_json(entry.path());
    SCOPED_TRACE(entry.path().filename().string());
    ++files;
    Comparisons table = comparisons_of(c);
    table.same_generator = find(c, "generator_1")->as_array()[0] == find(c, "generator_2")->as_array()[0];
    const json::value& run = *find(c, "upstream_run");
    auto rate = win_rate(table.preference);
    ASSERT_TRUE(rate);
    auto compare = [&](const json::value& row, double tolerance) {
      double difference = std::fabs(*rate->win_rate - get_number(row, "win_rate").value());
      difference = std::max(difference, std::fabs(*rate->standard_error - get_number(row, "standard_error").value()));
      EXPECT_EQ(rate->n_wins, get_number(row, "n_wins").value());
      EXPECT_EQ(rate->n_wins_base, get_number(row, "n_wins_base").value());
      EXPECT_EQ(rate->n_draws, get_number(row, "n_draws").value());
      EXPECT_EQ(rate->n_total, get_number(row, "n_total").value());
      if (auto discrete = get_number(row, "discrete_win_rate")) {
        difference = std::max(difference, std::fabs(*rate->discrete_win_rate - *discrete));
      }
      EXPECT_LT(difference, tolerance);
      return difference;
    };
    compare(*find(run, "get_winrate"), 1e-11);
    const json::value* published = find(c, "published");
    // One snapshot file belongs to another row than the one published under its name.
    if (published && entry.path().filename() != "Mistral-7B-Instruct-v0.2__alpaca_eval_gpt4_turbo_fn.json") {
      ++published_rates;
      worst_rate = std::max(worst_rate, compare(*published, 1e-9));
    }
    auto fit = length_control(table, gamed);
    ASSERT_TRUE(fit) << to_string(fit.error());
    double lc = get_number(run, "length_controlled_winrate").value();
    worst_lc = std::max(worst_lc, std::fabs(fit->win_rate - lc));
    EXPECT_NEAR(fit->win_rate, lc, 1e-7);
    worst_error = std::max(worst_error, std::fabs(*fit->standard_error - get_number(run, "lc_standard_error").value()));
    EXPECT_NEAR(*fit->standard_error, get_number(run, "lc_standard_error").value(), 1e-7);
    if (find(run, "C")) {
      EXPECT_EQ(fit->strength, get_number(run, "C").value());
      EXPECT_EQ(fit->iterations, get_number(run, "n_iter").value());
    }
    if (published) {
      if (auto value = get_number(*published, "length_controlled_winrate"); value && std::fabs(*value - lc) < 1e-7) {
        worst_published = std::max(worst_published, std::fabs(fit->win_rate - *value));
        EXPECT_NEAR(fit->win_rate, *value, 1e-7);
        ++published_controlled;
        if (auto error = get_number(*published, "lc_standard_error")) {
          worst_published = std::max(worst_published, std::fabs(*fit->standard_error - *error));
          EXPECT_NEAR(*fit->standard_error, *error, 1e-7);
        }
      }
    }
  }
  EXPECT_GE(files, 60u);
  EXPECT_GE(published_controlled, 20u);
  std::printf(
      "          %zu files; worst differences: win rate, its error, discrete rate %.2g of %zu published rows; length-controlled %.2g, its error %.2g; "
      "from %zu published ones %.2g\n",
      files, worst_rate, published_rates, worst_lc, worst_error, published_controlled, worst_published);
}

TEST(AlpacaEvalParity, PublishedWeights) {
  ASSAY_NEED_SHARED("upstream/alpaca-eval/lc-reference/published_C.json");
  json::value file = test::load_json(test::shared("upstream/alpaca-eval/lc-reference/published_C.json"));
  GamedRows gamed = gamed_rows();
  double worst = 0;
  std::size_t models = 0;
  for (const auto& [model, entry] : find(file, "models")->as_object()) {
    std::filesystem::path path =
        test::shared("upstream/alpaca-eval/compact/" + std::string(model) + "__weighted_alpaca_eval_gpt4_turbo.json");
    if (!std::filesystem::exists(path)) continue;
    auto weights = length_control_weights(comparisons_of(test::load_json(path)), gamed, get_number(entry, "C").value());
    ASSERT_TRUE(weights);
    std::vector<double> published = numbers(*find(entry, "published_weights"));
    for (std::size_t j = 0; j < 3; ++j) worst = std::max(worst, std::fabs((*weights)[j] - published[j]));
    ++models;
  }
  EXPECT_GE(models, 20u);
  EXPECT_LT(worst, 1e-9);
  std::printf("          %zu models; worst difference of a published weight: %.2g\n", models, worst);
}

}  // namespace
}  // namespace assay::alpaca_eval
