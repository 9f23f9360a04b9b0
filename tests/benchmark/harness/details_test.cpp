// The leaderboard's details: what a run's rows hold, and scores that follow from files of them.
#include "benchmark/harness/details.h"

#include <gtest/gtest.h>

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cmath>

#include "base/file.h"
#include "base/text.h"
#include "benchmark/harness/evidence.h"
#include "benchmark/harness/rescore.h"
#include "dataset/parquet.h"
#include "support/duckdb.h"
#include "support/temporary_folder.h"

namespace assay::harness {
namespace {

class Texts final : public DataSource {
 public:
  std::map<std::string, std::string, std::less<>> texts{
      {"arc-challenge/test", R"({"id": "1", "question": "Warm?", "choices": {"text": ["sun", "the moon", "ice"], "label": ["A", "B", "C"]}, "answerKey": "A"}
{"id": "2", "question": "Naß?", "choices": {"text": ["Sand", "Wasser"], "label": ["A", "B"]}, "answerKey": "B"}
{"id": "3", "question": "Cold?", "choices": {"text": ["ice", "fire"], "label": ["A", "B"]}, "answerKey": "A"}
)"},
      {"truthfulqa/mc", R"([{"question": "Why?", "mc1_targets": {"a": 1, "b": 0}, "mc2_targets": {"a": 1, "c": 1, "b": 0}}])"},
      {"truthfulqa/prompt", "Q: x\nA: y\n"}};
  Texts() { texts["arc-challenge/train"] = texts["arc-challenge/test"]; }
  Result<DataFile> file(std::string_view name) override {
    auto it = texts.find(name);
    if (it == texts.end()) return fail(ErrorKind::data, "no file " + std::string(name));
    return DataFile{.name = it->first, .content = it->second, .sha256 = "", .edition = "custom"};
  }
};

/// Log-likelihoods that depend on the choice alone; of "fire" it is one that JSON does not have.
class Answered final : public UnitResults {
 public:
  explicit Answered(const Prepared& prepared) : prepared_(prepared) {}
  std::size_t size() const override { return prepared_.places.size(); }
  Result<void> for_each(const std::function<bool(std::size_t, const Unit&, const UnitResult&)>& visit) const override {
    for (std::size_t i = 0; i < size(); ++i) {
      const Document& document = prepared_.document(i);
      std::vector<Loglikelihood> answers;
      for (const std::string& choice : document.choices)
        answers.push_back({.sum = choice == "fire" ? -HUGE_VAL : -0.75 * static_cast<double>(choice.size() % 5) - 1, .greedy = false, .tokens = 2, .truncated = choice == "ice"});
      UnitResult unit;
      unit.samples.push_back(sample_result(prepared_.sample(i), prepared_.plan(i).task(), document, answers));
      auto stored = parse_json(write_json(to_json(unit)));
      if (!visit(i, {prepared_.sample(i), 1}, *unit_result_from_json(*stored))) break;
    }
    return {};
  }

 private:
  const Prepared& prepared_;
};

Prepared prepared_of(const std::string& tasks, const std::string& shots = "0") {
  Texts data;
  PrepareSettings settings;
  settings.ref = {"harness-v1", "", ""};
  settings.options = {{"tasks", tasks}, {"num_fewshot", shots}};
  auto out = prepare(settings, data, false);
  EXPECT_TRUE(out) << to_string(out.error());
  return std::move(*out);
}

std::string lines(const std::vector<json::object>& rows) {
  std::string out;
  for (const json::object& row : rows) out += write_json(row) + "\n";
  return out;
}

double value(const Part& part, std::string_view name) {
  const Metric* metric = part.metric(name);
  return metric && metric->value ? *metric->value : std::nan("");
}

TEST(Details, RowsInTheOrderAsked) {
  const Prepared prepared = prepared_of("arc_challenge", "2");
  auto details = details_of(prepared, Answered(prepared));
  ASSERT_TRUE(details) << to_string(details.error());
  ASSERT_EQ(details->size(), 1u);
  EXPECT_EQ(details->front().key, "harness|arc:challenge|2");
  const auto& rows = details->front().rows;
  ASSERT_EQ(rows.size(), 3u);
  for (std::size_t i = 0; i < rows.size(); ++i) {
    EXPECT_EQ(get_string(rows[i], "full_prompt"), prepared.plan(i).context(i));
    EXPECT_TRUE(get_string(rows[i], "full_prompt")->ends_with(*get_string(rows[i], "example")));
    EXPECT_EQ(get_integer(rows[i], "num_effective_few_shots"), 2);
    std::vector<std::string_view> names, first;
    for (const auto& member : rows[i]) names.push_back(member.key());
    for (const auto& member : rows[0]) first.push_back(member.key());
    EXPECT_EQ(names, first);
  }
  const auto warm = std::find_if(rows.begin(), rows.end(), [](const json::object& row) { return contains(*get_string(row, "example"), "Warm"); });
  ASSERT_NE(warm, rows.end());
  // sun: -3.25, the moon (8): -3.25, ice: -3.25: the first wins, by code point the longest does.
  EXPECT_EQ(write_json(warm->at("predictions")), "[-3.25,-3.25,-3.25]");
  EXPECT_EQ(write_json(warm->at("metrics")), R"({"acc":1.0,"acc_norm":0.0})");
  EXPECT_EQ(write_json(warm->at("choices")), R"(["sun","the moon","ice"])");
  EXPECT_EQ(get_string(*warm, "gold"), "sun");
  EXPECT_EQ(get_integer(*warm, "truncated"), 1);
  EXPECT_EQ(get_string(warm->at("hash"), "example")->size(), 16u);
}

TEST(Details, BothMetricsFollowFromTheFiles) {
  const Prepared prepared = prepared_of("arc_challenge,truthfulqa_mc");
  auto details = details_of(prepared, Answered(prepared));
  ASSERT_TRUE(details);
  ASSERT_EQ(details->size(), 2u);
  assay::test::TemporaryFolder folder;
  const std::filesystem::path place = folder / "details_org__model/2023-08-24T10:11:12";
  for (const TaskDetails& task : *details) ASSERT_TRUE(write_file(place / (details_file_name(task.key, "2023-08-24T10:11:12") + ".jsonl"), lines(task.rows)));
  Benchmark::ScoreRequest request;
  request.settings.ref = {"harness-v1", "", ""};
  request.path = place.string();
  auto reports = score_path(request, false);
  ASSERT_TRUE(reports) << to_string(reports.error());
  ASSERT_EQ(reports->size(), 1u);
  const Report& report = reports->front();
  EXPECT_EQ(report.roles.at("model"), "org/model");
  ASSERT_EQ(report.deviates.size(), 3u) << report.deviates.back();
  EXPECT_TRUE(contains(report.deviates[1], "1 of 3 rows do not have")) << report.deviates[1];  // fire
  EXPECT_EQ(report.deviates[2], "arc_challenge: 0 examples instead of 25");
  ASSERT_EQ(report.total.parts.size(), 2u);
  EXPECT_EQ(report.total.parts[0].name, "arc_challenge");
  EXPECT_EQ(report.total.parts[0].counts.scored, 3u);
  EXPECT_EQ(report.total.counts.scored, 4u);
  // Warm: right, wrong. Nass: Sand -4, Wasser -1.75: right both. Cold: fire is impossible: right both.
  EXPECT_DOUBLE_EQ(value(report.total.parts[0], "acc"), 1);
  EXPECT_DOUBLE_EQ(value(report.total.parts[0], "acc_norm"), 2.0 / 3);
  EXPECT_NEAR(*report.total.parts[0].metric("acc_norm")->stderr_, 1.0 / 3, 1e-12);
  EXPECT_DOUBLE_EQ(value(report.total.parts[1], "mc1"), 1);
  EXPECT_NEAR(value(report.total.parts[1], "mc2"), 2.0 / 3, 1e-12);
}

TEST(Details, WhatDoesNotAgreeIsCounted) {
  const Prepared prepared = prepared_of("arc_challenge");
  auto details = details_of(prepared, Answered(prepared));
  ASSERT_TRUE(details);
  auto rows = details->front().rows;
  rows[0]["acc"] = 0.0;
  rows[1]["acc"] = 0.0;
  rows[2].erase("predictions");
  rows[2]["acc"] = 1.0;
  for (std::size_t i : {0, 1})
    for (json::value& one : rows[i]["predictions"].as_array())
      if (one.is_null()) one = -1e9;
  assay::test::TemporaryFolder folder;
  const std::string file = (folder / (details_file_name("harness|arc:challenge|0", "t") + ".jsonl")).string();
  ASSERT_TRUE(write_file(file, lines(rows)));
  std::vector<std::string> notes;
  auto result = result_from_details(file, notes);
  ASSERT_TRUE(result) << to_string(result.error());
  ASSERT_TRUE(*result);
  ASSERT_EQ(notes.size(), 2u);
  EXPECT_TRUE(contains(notes[0], "2 of 3 rows have another acc")) << notes[0];
  EXPECT_TRUE(contains(notes[1], "1 of 3 rows do not have")) << notes[1];
  EXPECT_EQ((*result)->tasks.front().values.front(), (std::pair<std::string, double>("acc", 1)));
}

TEST(Details, RowsOfOthers) {
  DetailsReader reader("harness|arc:challenge|25");
  auto add = [&](std::string_view row) { return reader.add(parse_json(row)->as_object(), "x"); };
  EXPECT_TRUE(add(R"({"choices": ["a", "bbb"], "gold_index": [1], "predictions": [-1, -2], "metrics": {"acc": 0, "acc_norm": 1.0}, "input_tokens": [[1]]})"));
  EXPECT_TRUE(add(R"({"choices": ["", "b"], "gold_index": 1, "predictions": [null, -2], "metrics": {"acc": 0, "acc_norm": 0}})")) << "as it is";
  EXPECT_TRUE(add(R"({"acc": true, "acc_norm": 1})"));
  auto check = reader.finish();
  ASSERT_TRUE(check);
  EXPECT_EQ(check->rows, 3u);
  EXPECT_EQ(check->recomputed, 1u);
  EXPECT_TRUE(check->different.empty());
  EXPECT_DOUBLE_EQ(check->task.values[0].second, 1.0 / 3);
  for (const char* wrong : {"{}", R"({"choices": ["a"], "gold_index": 1, "predictions": [-1]})", R"({"choices": ["a"], "gold_index": 0, "predictions": ["x"]})"}) {
    auto refused = add(wrong);
    ASSERT_FALSE(refused) << wrong;
    EXPECT_EQ(refused.error().kind, ErrorKind::data);
  }
  EXPECT_FALSE(DetailsReader("harness|hellaswag|10").finish());
}

TEST(Details, Names) {
  EXPECT_EQ(details_file_name("harness|truthfulqa:mc|0", "2023-07-19T16:12:14.123456"), "details_harness|truthfulqa:mc|0_2023-07-19T16:12:14.123456");
  EXPECT_EQ(details_key("a/details_harness|hendrycksTest-us_foreign_policy|5_2023-07-19T16:12:14.parquet"), "harness|hendrycksTest-us_foreign_policy|5");
  for (const char* other : {"results_2023.json", "details_harness|x", "details_harness|x|", "details_org__model", ""}) EXPECT_FALSE(details_key(other)) << other;
}

TEST(Details, ParquetHoldsTheSame) {
  ASSAY_NEED_DUCKDB();
  const Prepared prepared = prepared_of("arc_challenge,truthfulqa_mc");
  auto details = details_of(prepared, Answered(prepared));
  ASSERT_TRUE(details);
  assay::test::TemporaryFolder folder;
  for (const TaskDetails& task : *details) {
    const std::string name = (folder / details_file_name(task.key, "t")).string();
    auto written = write_parquet(name + ".parquet", task.rows);
    ASSERT_TRUE(written) << to_string(written.error());
    ASSERT_TRUE(write_file(name + ".jsonl", lines(task.rows)));
    auto a = read_details(name + ".parquet", task.key), b = read_details(name + ".jsonl", task.key);
    ASSERT_TRUE(a) << to_string(a.error());
    ASSERT_TRUE(b) << to_string(b.error());
    EXPECT_EQ(a->task.values, b->task.values);
    EXPECT_EQ(a->recomputed, b->recomputed);
    EXPECT_TRUE(a->different.empty());
    auto rows = read_parquet(name + ".parquet");
    ASSERT_TRUE(rows);
    EXPECT_EQ(write_json(rows->front()), write_json(task.rows.front()));
  }
}

}  // namespace
}  // namespace assay::harness
