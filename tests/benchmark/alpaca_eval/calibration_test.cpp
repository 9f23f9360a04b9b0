// A judge against the official one: every number by hand, and what must be refused.
#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <cmath>
#include <set>

#include "benchmark/alpaca_eval/calibration_evaluation.h"
#include "benchmark/alpaca_eval/calibration_page.h"
#include "benchmark/alpaca_eval/calibration_set.h"
#include "benchmark/alpaca_eval/calibration_statistics.h"
#include "benchmark/alpaca_eval/judge_decoder.h"

namespace assay::alpaca_eval {
namespace {

JudgedComparison compared(std::size_t model, std::size_t cluster, double official, double shown, std::optional<double> swapped, std::vector<double> repeats, bool model_first, double length_1,
                          double length_2) {
  JudgedComparison out;
  out.model = model, out.cluster = out.place = cluster;
  out.official = official, out.shown = shown, out.swapped = swapped, out.repeats = std::move(repeats);
  out.model_first = model_first, out.length_1 = length_1, out.length_2 = length_2;
  return out;
}

/// Four instructions: the longer output wins every time in the order shown; two verdicts follow the place.
std::vector<JudgedComparison> four() {
  return {compared(0, 10, 2, 2, 2, {2}, false, 10, 20), compared(0, 11, 1, 2, 1, {1}, true, 10, 30), compared(0, 12, 1, 1, 1, {1}, false, 20, 10), compared(0, 13, 2, 1, 2, {1}, false, 30, 10)};
}

LengthData no_length() {
  LengthData out;
  out.why = "not here";
  return out;
}

Part calibrated(const std::vector<JudgedComparison>& comparisons, std::vector<std::string> models = {"m"}, const LengthData& length = no_length(), CalibrationStatistics settings = {}) {
  settings.repeat = 2;
  Part out;
  calibrate(comparisons, models, std::vector<bool>(models.size()), length, settings, out);
  return out;
}

std::optional<double> value(const Part& part, std::string_view name) {
  const Metric* metric = part.metric(name);
  EXPECT_NE(metric, nullptr) << name;
  if (metric && !metric->value) {
    EXPECT_FALSE(metric->why_null.empty()) << name;
  }
  return metric ? metric->value : std::nullopt;
}

TEST(Calibration, ByHand) {
  const Part total = calibrated(four());
  EXPECT_EQ(total.metrics.front().name, "agreement");
  EXPECT_EQ(value(total, "agreement"), 50);    // the first and the third
  EXPECT_EQ(value(total, "kappa"), 0);         // one of each of the four cells: as many as chance
  EXPECT_EQ(value(total, "first_place"), 75);  // 1/2, 1, 1/2, 1
  EXPECT_EQ(value(total, "inconsistent"), 50); // the second and the fourth
  EXPECT_EQ(value(total, "longer_wins"), 100);
  EXPECT_EQ(value(total, "longer_wins_official"), 50);
  EXPECT_FALSE(value(total, "length_slope"));  // length decides everything: the slope has no end
  EXPECT_LT(value(total, "length_slope_official").value(), 0);
  EXPECT_FALSE(value(total, "length_slope_difference"));
  EXPECT_EQ(value(total, "self_consistency"), 75);
  EXPECT_EQ(value(total, "win_rate_offset"), 0);
  EXPECT_FALSE(value(total, "length_controlled_offset"));
  EXPECT_EQ(total.metric("length_controlled_offset")->why_null, "not here");
  EXPECT_FALSE(value(total, "spearman"));
  const Metric& agreement = total.metrics.front();
  EXPECT_EQ(agreement.n, 4u);
  ASSERT_TRUE(agreement.ci_low && agreement.ci_high && agreement.stderr_);
  // The mean of four draws from two hits and two misses: standard deviation 25 points.
  EXPECT_NEAR(*agreement.stderr_, 25, 2);
  EXPECT_EQ(*agreement.ci_low, 0);
  EXPECT_EQ(*agreement.ci_high, 100);
  ASSERT_EQ(total.parts.size(), 1u);
  EXPECT_EQ(value(total.parts[0], "win_rate"), 50);
  EXPECT_EQ(value(total.parts[0], "win_rate_official"), 50);
}

TEST(Calibration, TiesSoftPreferencesAndSeveralModels) {
  auto rows = four();
  rows.push_back(compared(1, 10, 1.2, 1.5, 2, {1.5, 2}, false, 10, 10));  // a tie; equal lengths
  const Part total = calibrated(rows, {"m", "n"});
  EXPECT_DOUBLE_EQ(value(total, "agreement").value(), 40);  // 2 of 5: a tie agrees with a tie alone
  EXPECT_EQ(value(total.parts[1], "agreement"), 0);
  EXPECT_DOUBLE_EQ(value(total.parts[1], "win_rate").value(), 50);
  EXPECT_DOUBLE_EQ(value(total.parts[1], "win_rate_official").value(), 20);
  EXPECT_DOUBLE_EQ(value(total.parts[1], "win_rate_offset").value(), 30);
  EXPECT_DOUBLE_EQ(value(total, "win_rate_offset").value(), 15);  // mean of the models' 0 and 30
  // Reference first: tie = 1/2; then model first, model wins = 1: 3/4. With 3 of 4 before: (3 + 3/4) / 5.
  EXPECT_DOUBLE_EQ(value(total, "first_place").value(), 75);
  EXPECT_DOUBLE_EQ(value(total, "inconsistent").value(), 60);
  EXPECT_EQ(total.metric("longer_wins")->n, 4u);  // equal lengths prefer nothing
  // Three askings tie, tie, model: one of three pairs agrees.
  EXPECT_DOUBLE_EQ(value(total, "self_consistency").value(), 100 * (3 + 1.0 / 3) / 5);
}

TEST(Calibration, TheSlopeIsThatOfTwoPoints) {
  // Lengths differ by -10 and +10; the model wins 1 of 4 and 3 of 4. Standard deviation of (-10 x 4, +10 x 4) = sqrt(800 / 7).
  std::vector<JudgedComparison> rows;
  for (int i = 0; i < 8; ++i)
    rows.push_back(compared(0, static_cast<std::size_t>(i), i % 2 ? 2 : 1, i == 0 || (i > 3 && i < 7) ? 2 : 1, {}, {}, false, 20, i < 4 ? 10 : 30));
  const Part total = calibrated(rows);
  const double deviation = std::sqrt(800.0 / 7);
  EXPECT_NEAR(value(total, "length_slope").value(), 2 * std::log(3) * deviation / 20, 1e-9);
  EXPECT_NEAR(value(total, "length_slope_official").value(), 0, 1e-9);
  EXPECT_NEAR(value(total, "length_slope_difference").value(), 2 * std::log(3) * deviation / 20, 1e-9);
  EXPECT_FALSE(value(total, "first_place"));
  EXPECT_FALSE(value(total, "inconsistent"));
  EXPECT_FALSE(value(total, "self_consistency"));
}

TEST(Calibration, NothingReadIsNoNumber) {
  auto rows = four();
  for (JudgedComparison& row : rows) row.shown.reset(), row.repeats.clear();
  const Part total = calibrated(rows);
  for (const Metric& metric : total.metrics) EXPECT_FALSE(value(total, metric.name)) << metric.name;
  const Part none = calibrated({}, {});
  for (const Metric& metric : none.metrics) EXPECT_FALSE(value(none, metric.name)) << metric.name;
}

LengthData made_up_length(std::size_t instructions) {
  GamedRows rows;
  for (std::size_t i = 0; i < 2 * instructions; ++i) {
    const double t = static_cast<double>(i % instructions);
    rows.preference.push_back(i < instructions ? 0.6 : 0.4);
    rows.length_ratio.push_back(i < instructions ? -1.0 - 0.01 * t : 0.5 + 0.01 * t);
    rows.tanh_length.push_back(std::tanh(rows.length_ratio.back()));
    rows.difficulty.push_back(0.1 * std::fmod(t * 7, 20) - 1);
    if (i < instructions) rows.difficulty_at.push_back(rows.difficulty.back());
  }
  LengthData out;
  out.gamed = std::make_shared<const GamedRows>(std::move(rows));
  return out;
}

TEST(Calibration, TheOfficialJudgeHasNoOffset) {
  const LengthData length = made_up_length(60);
  std::vector<JudgedComparison> rows;
  Comparisons plain;
  for (std::size_t i = 0; i < 120; ++i) {
    const double preference = 1 + static_cast<double>(i * 37 % 100) / 100;
    rows.push_back(compared(i / 60, i % 60, preference, preference, {}, {preference}, false, 100 + static_cast<double>(i * 13 % 40), 100 + static_cast<double>(i * 29 % 50)));
    if (i >= 60) continue;
    plain.preference.push_back(preference);
    plain.length_1.push_back(rows.back().length_1);
    plain.length_2.push_back(rows.back().length_2);
    plain.difficulty_index.push_back(i);
  }
  const Part total = calibrated(rows, {"m", "n"}, length, {.lc_replicates = 20});
  for (const char* name : {"win_rate_offset", "length_controlled_offset"}) {
    const Metric* metric = total.metric(name);
    EXPECT_EQ(metric->value, 0) << name;
    ASSERT_TRUE(metric->ci_low) << name;
    EXPECT_EQ(*metric->ci_low, 0) << name;
    EXPECT_EQ(*metric->ci_high, 0) << name;
  }
  EXPECT_EQ(value(total, "agreement"), 100);
  EXPECT_EQ(value(total, "kappa"), 1);
  EXPECT_EQ(value(total, "length_slope"), value(total, "length_slope_official"));
  const Metric* controlled = total.parts[0].metric("length_controlled_winrate");
  EXPECT_EQ(controlled->value, length_control(plain, *length.gamed)->win_rate);
  EXPECT_TRUE(controlled->ci_low);
  EXPECT_LT(*controlled->ci_low, *controlled->ci_high);
}

Table annotations(const std::string& model, const std::string& judge, const std::vector<json::value>& preferences) {
  Table out;
  out.columns = {"instruction", "output_1", "generator_1", "output_2", "generator_2", "annotator", "preference"};
  for (std::size_t i = 0; i < preferences.size(); ++i)
    out.rows.push_back({json::value("say " + std::to_string(i)), "one", "ref", json::value("two" + std::to_string(i)), json::value(model), json::value(judge), preferences[i]});
  return out;
}

TEST(CalibrationSet, ReadsWhatIsOfUse) {
  Table first = annotations("m", "judge", {1, 1.5, 0, nullptr, 2, 3});
  first.rows[4][3] = "one";                // equal outputs
  first.rows.push_back(first.rows[0]);     // once more
  Table second = annotations("n", "judge", {2, 1});
  auto set = read_calibration_set({first, second}, {"a", "b"}).value();
  EXPECT_EQ(set.comparisons.size(), 5u);
  EXPECT_EQ(set.without_preference, 2u);
  EXPECT_EQ(set.equal_outputs, 1u);
  EXPECT_EQ(set.repeated, 1u);
  EXPECT_EQ(set.instructions, 3u);
  EXPECT_EQ(set.models, (std::vector<std::string>{"m", "n"}));
  EXPECT_EQ(set.comparisons[2].preference, 1.5);  // an older tie
  EXPECT_EQ(set.comparisons[3].id, "n/0");
  EXPECT_EQ(set.comparisons[3].cluster, 0u);
}

// A pattern names several models' files, which are then one table: places are those in each model's own.
TEST(CalibrationSet, PlacesAreThoseInAModelsOwnRows) {
  Table both = annotations("m", "judge", {1, nullptr, 2});
  for (auto& row : annotations("n", "judge", {2, 1}).rows) both.rows.push_back(row);
  both.rows[1][1] = nullptr;  // without a text it still has a place
  auto set = read_calibration_set({both}, {"a"}).value();
  std::vector<std::string> ids;
  for (const OfficialJudgement& one : set.comparisons) ids.push_back(one.id);
  EXPECT_EQ(ids, (std::vector<std::string>{"m/0", "m/2", "n/0", "n/1"}));
  EXPECT_EQ(set.comparisons[3].place, 1u);
}

TEST(CalibrationSet, RefusesWhatSaysNothing) {
  EXPECT_FALSE(read_calibration_set({}, {}));
  EXPECT_FALSE(read_calibration_set({annotations("m", "judge", {nullptr})}, {"a"}));
  auto two = read_calibration_set({annotations("m", "judge", {1}), annotations("n", "another", {1})}, {"a", "b"});
  ASSERT_FALSE(two);
  EXPECT_NE(two.error().message.find("2 judges"), std::string::npos);
  Table headless = annotations("m", "judge", {1});
  headless.columns[6] = "verdict";
  EXPECT_FALSE(read_calibration_set({headless}, {"a"}));
}

TEST(CalibrationSet, MoreDrawnInstructionsIncludeTheFewer) {
  std::vector<json::value> preferences(40, json::value(2));
  auto set = read_calibration_set({annotations("m", "judge", preferences), annotations("n", "judge", preferences)}, {"a", "b"}).value();
  auto few = draw(set, 5, 123), more = draw(set, 12, 123), other = draw(set, 5, 7);
  ASSERT_EQ(few.comparisons.size(), 10u);
  ASSERT_EQ(more.comparisons.size(), 24u);
  for (std::size_t i = 0; i < few.comparisons.size(); ++i) EXPECT_EQ(few.comparisons[i].id, more.comparisons[i].id);
  EXPECT_NE(few.comparisons[0].id, other.comparisons[0].id);
  EXPECT_EQ(draw(set, 0, 123).comparisons.size(), 80u);
  EXPECT_EQ(draw(set, 1000, 123).comparisons.size(), 80u);
}

TEST(CalibrationSettings, NameTheNearest) {
  EXPECT_FALSE(make_calibration_settings({}));
  auto wrong = make_calibration_settings({{"against", "a.json"}, {"repeats", "3"}});
  ASSERT_FALSE(wrong);
  EXPECT_NE(wrong.error().hint.find("repeat"), std::string::npos);
  EXPECT_FALSE(make_calibration_settings({{"against", "a.json"}, {"repeat", "0"}}));
  EXPECT_FALSE(make_calibration_settings({{"against", "[1]"}}));
  auto good = make_calibration_settings({{"against", R"(["a.json","b c.json"])"}, {"instructions", "0"}}).value();
  EXPECT_EQ(good.against, (std::vector<std::string>{"a.json", "b c.json"}));
  EXPECT_EQ(good.instructions, 0u);
}

TEST(JudgeDecoder, KeepsWhatItCanOfADecoderThatIsNoMore) {
  auto config = read_evaluator_config(
      "gone:\n  prompt_template: 'Compare {output_1} and {output_2}'\n  fn_completions: huggingface_local_completions\n"
      "  completions_kwargs: {model_name: some/model, max_new_tokens: 9, temperature: 0, adapters_name: lost}\n"
      "  completion_parser_kwargs: {outputs_to_match: {1: a, 2: b}}\n"
      "live:\n  prompt_template: 'Compare {output_1} and {output_2}'\n  completions_kwargs: {model_name: gpt-4, max_tokens: 3}\n"
      "  completion_parser_kwargs: {outputs_to_match: {1: a, 2: b}}\n"
      "wrong:\n  prompt_template: 'Compare {output_1} and {output_2}'\n  completions_kwargs: {model_name: gpt-4, max_tokns: 3}\n"
      "  completion_parser_kwargs: {outputs_to_match: {1: a, 2: b}}\n",
      "x", [](std::string_view) { return std::nullopt; });
  ASSERT_TRUE(config) << to_string(config.error());
  auto gone = judge_decoder(config->annotators[0]), live = judge_decoder(config->annotators[1]);
  ASSERT_TRUE(gone && live);
  EXPECT_EQ(gone->sampling.max_tokens, 9);
  EXPECT_EQ(gone->sampling.temperature, 0);
  EXPECT_EQ(gone->model, "some/model");
  EXPECT_EQ(gone->deviates.size(), 1u);
  EXPECT_EQ(gone->request("no ChatML").value().messages.size(), 1u);
  EXPECT_EQ(live->sampling.max_tokens, 3);
  EXPECT_TRUE(live->deviates.empty());
  EXPECT_FALSE(judge_decoder(config->annotators[2]));
}

TEST(CalibrationPage, EscapesForeignNames) {
  Report report;
  report.assay = "1";
  report.benchmark = "judge-calibration@1";
  report.roles = {{"model", "<script>j"}, {"official judge", "o&o"}};
  report.total = calibrated(four(), {"<b>m"});
  report.total.counts.scored = 4;
  const std::string page = calibration_page(report);
  EXPECT_EQ(page.find("<script>j"), std::string::npos);
  EXPECT_EQ(page.find("<b>m"), std::string::npos);
  EXPECT_NE(page.find("&lt;b&gt;m"), std::string::npos);
  EXPECT_NE(page.find("o&amp;o"), std::string::npos);
  EXPECT_NE(page.find("<svg"), std::string::npos);
}

}  // namespace
}  // namespace assay::alpaca_eval
