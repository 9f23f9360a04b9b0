#include "benchmark/alpaca_eval/analyzer.h"

#include <cmath>

#include "support/shared_data.h"

namespace assay::alpaca_eval {
namespace {

Table table_of(const json::value& records) { return read_table(write_json(records), ".json", "golden").value(); }

void expect_value(const std::optional<double>& mine, const json::value* want, const std::string& what) {
  ASSERT_NE(want, nullptr) << what;
  if (want->is_null()) {
    EXPECT_FALSE(mine) << what;
  } else {
    ASSERT_TRUE(mine) << what;
    EXPECT_NEAR(*mine, *as_number(*want), 1e-9 * std::max(1.0, std::abs(*as_number(*want)))) << what;
  }
}

void expect_metrics(const EvaluatorMetrics& mine, const json::value& want, const std::string& what) {
  EXPECT_EQ(mine.size(), want.as_object().size()) << what;
  for (const auto& [column, value] : mine) expect_value(value, find(want, column), what + ": " + column);
}

void expect_agreement(const std::optional<Agreement>& mine, const json::value& want, const std::string& what) {
  ASSERT_TRUE(mine) << what;
  expect_value(mine->score, find(want, "score"), what + " score");
  expect_value(mine->error, find(want, "error"), what + " error");
  expect_value(mine->counts, find(want, "counts"), what + " counts");
  expect_value(mine->sem_samples, find(want, "sem_samples"), what + " sem_samples");
  expect_value(mine->sem_annotators, find(want, "sem_annotators"), what + " sem_annotators");
}

TEST(AlpacaEvalAnalyzer, Golden) {
  ASSAY_NEED_SHARED("golden/alpaca-eval/analyzer.json");
  json::value file = test::load_json(test::shared("golden/alpaca-eval/analyzer.json"));
  for (const json::value& c : find(file, "cases")->as_array()) {
    const std::string name = get_string(c, "name").value();
    const json::value& results = *find(c, "results");
    Analyzer analyzer(judgements_of(table_of(*find(c, "gold_crossannotations"))).value(), judgements_of(table_of(*find(c, "gold_annotations"))).value(),
                      static_cast<int>(get_integer(c, "n_annotators").value()), scoring_rule(get_string(c, "scoring_rule").value()).value());
    const auto& gold = analyzer.gold();
    EXPECT_EQ(gold.size(), static_cast<std::size_t>(get_integer(results, "n_gold_rows_kept").value())) << name;
    expect_agreement(analyzer.agreement(gold, gold, true, 1), *find_path(results, {"humans", "one_vs_rest"}), name + " humans");
    expect_agreement(analyzer.agreement(gold, gold, true, 1, 1), *find_path(results, {"humans", "one_vs_one"}), name + " humans, one against one");
    expect_metrics(analyzer.metrics(gold, true), *find_path(results, {"humans", "metrics"}), name + " humans");
    expect_metrics(analyzer.metrics(longest_evaluator(gold), false), *find_path(results, {"longest", "metrics"}), name + " longest");
    auto evaluator = judgements_of(table_of(*find_path(c, {"evaluators", "ev"}))).value();
    const json::value& want = *find_path(results, {"ev"});
    expect_agreement(analyzer.agreement(evaluator, gold, false, 1), *find(want, "human_agreement"), name + " evaluator");
    expect_metrics(analyzer.metrics(evaluator, false), *find(want, "metrics"), name + " evaluator");
  }
}

TEST(AlpacaEvalAnalyzer, JudgementsThatNameTheirGeneratorsAreAllTaken) {
  std::vector<Judgement> cross;
  for (int i = 0; i < 6; ++i) {
    Judgement& one = cross.emplace_back();
    one.instruction = std::to_string(i / 2), one.output_1 = "a", one.output_2 = "b", one.generator = i < 4 ? "g" : "h";
    one.preference = i < 2 ? 1 : 2;
  }
  Analyzer analyzer(cross, {}, 2);
  auto rates = analyzer.win_rates(analyzer.gold());
  ASSERT_EQ(rates.size(), 2u);
  EXPECT_EQ(rates[0].people, 50);
  EXPECT_EQ(rates[1].generator, "h");
  std::vector<Judgement> unsure = cross;
  for (Judgement& one : unsure) one.preference = 1.75;
  EXPECT_EQ(analyzer.win_rates(unsure)[0].evaluator, 75);
  EXPECT_EQ(Analyzer(cross, {}, 2, ScoringRule::zero_one).win_rates(unsure)[0].evaluator, 100) << "labels alone";
}

// Columns are judges, rows pairs; 0 = no label.
std::vector<Judgement> judged(const std::vector<std::vector<double>>& labels) {
  std::vector<Judgement> out;
  for (std::size_t judge = 0; judge < labels[0].size(); ++judge)
    for (std::size_t pair = 0; pair < labels.size(); ++pair) {
      Judgement& one = out.emplace_back();
      one.instruction = std::to_string(pair), one.output_1 = "a", one.output_2 = "b", one.index = static_cast<int>(judge), one.n_annotated = 3;
      if (labels[pair][judge] != 0) one.preference = labels[pair][judge];
    }
  return out;
}

TEST(AlpacaEvalAnalyzer, PairsThatLackLabels) {
  Analyzer analyzer(judged({{1, 1, 2}, {2, 2, 2}, {1, 2, 1}}), {}, 3);
  // Two labels a pair at most: choices are taken of the first two places, as in the original.
  const auto evaluator = judged({{1, 0, 2}, {2, 0, 0}, {0, 2, 1}});
  auto agreement = analyzer.agreement(evaluator, analyzer.gold(), false, 1);
  ASSERT_TRUE(agreement);
  EXPECT_DOUBLE_EQ(agreement->score, 0.5);
  EXPECT_EQ(agreement->counts, 3);
  EXPECT_FALSE(agreement->sem_samples);
  auto metrics = analyzer.metrics(evaluator, false);
  EXPECT_EQ(metrics[5].first, "Bias");
  EXPECT_NEAR(metrics[5].second.value(), 100.0 / 3, 1e-12);
  EXPECT_FALSE(metrics[6].second) << "no choice of one label leaves another that is there";
  // A pair without any label is no pair.
  EXPECT_EQ(analyzer.agreement(judged({{0, 0, 0}, {2, 2, 1}, {1, 2, 1}}), analyzer.gold(), false, 1)->counts, 2);
}

TEST(AlpacaEvalAnalyzer, Lists) {
  for (const char* yes : {"* a", "x\n - b", "1. one", "2) two", "a) x", "• y", "-\n\nz"}) EXPECT_TRUE(contains_list(yes)) << yes;
  for (const char* no : {"", "a", "a.b", "1.", "x - y", "it is 1. thing"}) EXPECT_FALSE(contains_list(no)) << no;
  ASSAY_NEED_SHARED("golden/alpaca-eval/misc.json");
  const json::value golden = test::load_json(test::shared("golden/alpaca-eval/misc.json"));
  std::size_t lists = 0;
  for (const json::value& one : golden.at("contains_list").as_array()) {
    const std::string text(one.at("text").as_string());
    EXPECT_EQ(contains_list(text), one.at("count").as_int64() > 0) << write_json(one);
    lists += contains_list(text);
  }
  EXPECT_EQ(lists, 8u);
}

}  // namespace
}  // namespace assay::alpaca_eval
