// Judgemark's figures against the original's, to 1e-8 relative.
#include "benchmark/judgemark/metrics.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/text.h"
#include "benchmark/story_score.h"
#include "support/shared_data.h"

namespace assay::judgemark {
namespace {

void expect_close(std::optional<double> value, const json::value& expected, const std::string& what) {
  if (expected.is_null()) {
    EXPECT_FALSE(value) << what;
    return;
  }
  ASSERT_TRUE(value) << what;
  const double wanted = as_number(expected).value();
  EXPECT_LE(std::fabs(*value - wanted), 1e-8 * std::fabs(wanted) + 1e-300) << what << ": " << *value << " instead of " << wanted;
}

std::vector<ModelItems> items_of(const json::value& scores, story::Negatives negatives) {
  std::vector<ModelItems> out;
  for (const auto& model : scores.as_object()) {
    ModelItems one;
    one.name = std::string(model.key());
    for (const auto& item : model.value().as_object()) {
      story::Scores values;
      for (const auto& member : item.value().as_object()) values.emplace_back(std::string(member.key()), as_number(member.value()).value());
      if (auto score = story::item_score(values, negatives)) one.items.push_back(*score);
    }
    out.push_back(std::move(one));
  }
  return out;
}

void expect_metrics(const Metrics& metrics, const json::value& expect, const std::string& what) {
  expect_close(metrics.mean_score, *find(expect, "mean_score"), what + " mean_score");
  expect_close(metrics.std_dev, *find(expect, "std_dev"), what + " std_dev");
  const json::object& models = find(expect, "model_scores")->as_object();
  ASSERT_EQ(metrics.models.size(), models.size());
  for (const ModelScore& model : metrics.models) EXPECT_EQ(model.score, as_number(models.at(model.name)).value()) << what << " " << model.name;
  const json::object& extended = find(expect, "extended_metrics")->as_object();
  ASSERT_EQ(metrics.extended.size(), extended.size()) << what;
  auto it = extended.begin();
  for (const auto& [name, value] : metrics.extended) {
    EXPECT_EQ(name, std::string(it->key())) << what;
    expect_close(value, extended.at(name), what + " " + name);
    ++it;
  }
}

TEST(Golden, Judgemark24) {
  ASSAY_NEED_SHARED("golden/eq-bench/judgemark.json");
  const json::value file = test::load_json(test::shared("golden/eq-bench/judgemark.json"));
  const json::array& cases = find(file, "cases")->as_array();
  EXPECT_EQ(cases.size(), 7u);
  for (const json::value& one : cases) {
    const std::string what = get_string(one, "name").value();
    const Metrics metrics = compute_metrics(items_of(*find(one, "scores"), story::Negatives::v2_4), official_references(Formula::v2_4), Formula::v2_4);
    const json::value& expect = *find(one, "expect");
    expect_metrics(metrics, expect, what);
    expect_close(metrics.anova_f, *find(expect, "anova_f"), what + " anova_f");
    expect_close(metrics.anova_p, *find(expect, "anova_p"), what + " anova_p");
    expect_close(metrics.avg_ci_range, *find(expect, "avg_ci_range"), what + " avg_ci_range");
    expect_close(metrics.overlapping_range, *find(expect, "overlapping_range"), what + " overlapping_range");
    const Bias bias = compute_bias(get_string(one, "judge_model").value(), metrics.models);
    expect_close(bias.self, *find(expect, "self_bias"), what + " self_bias");
    expect_close(bias.family, *find(expect, "family_bias"), what + " family_bias");
    EXPECT_EQ(metrics.judgemark, metrics.value("Judgemark"));
  }
}

TEST(Golden, Judgemark23) {
  ASSAY_NEED_SHARED("golden/eq-bench/judgemark_v2_3.json");
  const json::value file = test::load_json(test::shared("golden/eq-bench/judgemark_v2_3.json"));
  for (const json::value& one : find(file, "cases")->as_array())
    expect_metrics(compute_metrics(items_of(*find(one, "scores"), story::Negatives::v2_3), official_references(Formula::v2_3), Formula::v2_3),
                   *find(one, "expect"), get_string(one, "name").value());
}

/// The tables in the program are the original's.
TEST(Golden, TablesAreTheOriginals) {
  ASSAY_NEED_SHARED("upstream/eq-bench/constants.json");
  const json::value file = test::load_json(test::shared("upstream/eq-bench/constants.json"));
  const json::value& judgemark = *find(file, "judgemark");
  for (Formula formula : {Formula::v2_3, Formula::v2_4}) {
    const json::array& rows = find(judgemark, formula == Formula::v2_3 ? "other_benchmarks_v2_3" : "other_benchmarks_v2_4")->as_array();
    const auto& table = official_references(formula);
    ASSERT_EQ(table.size(), rows.size());
    for (std::size_t i = 0; i < rows.size(); ++i) {
      EXPECT_EQ(table[i].model, get_string(rows[i], "model"));
      EXPECT_EQ(table[i].arena_elo, get_number(rows[i], "arena_elo"));
      EXPECT_EQ(table[i].eq_bench, get_number(rows[i], "eq_bench"));
      EXPECT_EQ(table[i].magi, get_number(rows[i], "magi"));
    }
  }
  const json::object& judges = find(judgemark, "self_bias_judge_scores")->as_object();
  ASSERT_EQ(other_judges().size(), judges.size());
  for (const JudgeScores& judge : other_judges())
    for (const auto& [model, score] : judge.models) EXPECT_EQ(score, get_number(judges.at(judge.judge), model)) << judge.judge << " " << model;
  for (const auto& family : find(judgemark, "model_families")->as_object())
    EXPECT_EQ(family_of(std::string(family.key())), std::string(family.value().as_string()));
  const json::array& negative = find(file, "negative_criteria_substrings_v2_4")->as_array();
  EXPECT_EQ(negative.size(), 24u);
  for (std::size_t i = 0; i < negative.size(); ++i) {
    EXPECT_TRUE(story::is_negative(std::string(negative[i].as_string()), story::Negatives::v2_4));
    if (i >= 19) continue;
    EXPECT_TRUE(story::is_negative(std::string(negative[i].as_string()), story::Negatives::v2_3));
  }
}

ModelItems writer(std::string name, double mean, double spread = 0.5) {
  ModelItems out;
  out.name = std::move(name);
  for (int i = 0; i < 12; ++i) out.items.push_back(mean + (i % 2 ? spread : -spread));
  return out;
}

TEST(Metrics, AJudgeThatTellsNothingApartHasNoScore) {
  std::vector<Reference> known{{"a", 1000, 50, {}}, {"b", 1100, 60, {}}, {"c", 1200, 70, {}}};
  std::vector<ModelItems> same{writer("x/a", 5), writer("b", 5), writer("c", 5)};
  const Metrics metrics = compute_metrics(same, known, Formula::v2_4);
  EXPECT_FALSE(metrics.judgemark);
  EXPECT_FALSE(metrics.why_null.empty());
  EXPECT_EQ(metrics.value("range"), 0.0);
}

TEST(Metrics, AJudgeWithOneMarkForEveryStoryOfAModel) {
  std::vector<Reference> known{{"a", 1000, 50, {}}, {"b", 1100, 60, {}}, {"c", 1200, 70, {}}};
  const Metrics metrics = compute_metrics(std::vector<ModelItems>{writer("a", 3, 0), writer("b", 5, 0), writer("c", 7, 0)}, known, Formula::v2_4);
  EXPECT_FALSE(metrics.anova_f);  // infinite, which no report can hold; it counts as 1
  EXPECT_NEAR(*metrics.judgemark, 100.0, 1e-9);
  EXPECT_FALSE(metrics.avg_ci_range);
  EXPECT_EQ(metrics.overlapping_range, 0.0);
  // An interval without ends between two that overlap: scipy's comparisons with NaN count neither.
  const std::vector<ModelItems> between{writer("a", 5), writer("b", 5.25, 0), writer("c", 5.5)}, beside{writer("a", 5), writer("c", 5.5)};
  EXPECT_EQ(compute_metrics(between, known, Formula::v2_4).overlapping_range, 0.0);
  EXPECT_FALSE(compute_metrics(between, known, Formula::v2_4).avg_ci_range);
  EXPECT_GT(*compute_metrics(beside, known, Formula::v2_4).overlapping_range, 0.0);
}

TEST(Metrics, NamesAreJoinedByWhatFollowsTheSlash) {
  std::vector<Reference> known{{"a", 1000, 50, {}}, {"b", 1100, 60, {}}, {"c", {}, 70, {}}};
  std::vector<ModelItems> models{writer("x/y/a", 3), writer("b", 5), writer("c", 7)};
  const Metrics metrics = compute_metrics(models, known, Formula::v2_4);
  EXPECT_EQ(metrics.value("kendall_eq_bench"), 1.0);
  EXPECT_EQ(metrics.value("kendall_arena_elo"), 1.0);
  EXPECT_TRUE(metrics.judgemark);
  EXPECT_FALSE(compute_bias("a", metrics.models).self);
  EXPECT_EQ(normalized(7.5, 0, 15), 0.5);
  EXPECT_EQ(normalized(-1, 0, 15), 0.0);
}

TEST(Metrics, BiasOverSomeOfTheModelsIsKnownOfTheFirstJudgeAlone) {
  std::vector<ModelScore> some;
  for (const auto& [model, score] : other_judges().front().models)
    if (some.size() < 12) some.push_back({.name = model, .score = score});
  ASSERT_EQ(some[0].name, other_judges()[0].judge);
  EXPECT_TRUE(compute_bias(some[0].name, some).self);
  EXPECT_TRUE(compute_bias(some[0].name, some).family);
  EXPECT_FALSE(compute_bias("claude-3-opus-20240229", some).self);
  some.push_back({.name = "somebody", .score = 50});
  EXPECT_FALSE(compute_bias(some[0].name, some).self);
}

TEST(Metrics, FewStoriesCountAsZero) {
  std::vector<ModelItems> models{writer("a", 3), writer("b", 5)};
  models[1].items.resize(10);
  const Metrics metrics = compute_metrics(models, {}, Formula::v2_4);
  EXPECT_EQ(metrics.models[0].score, 30.0);
  EXPECT_EQ(metrics.models[1].score, 0.0);
  EXPECT_FALSE(metrics.models[1].counted);
  EXPECT_FALSE(metrics.judgemark);
}

}  // namespace
}  // namespace assay::judgemark
