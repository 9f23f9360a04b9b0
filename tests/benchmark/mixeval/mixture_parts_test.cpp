// What a mixture is made of and what is said about it: pool and queries, clusters, the map, runs of words, overlaps, stability, judged files.
#include <gtest/gtest.h>

#include <cmath>
#include <filesystem>
#include <set>

#include "base/file.h"
#include "benchmark/mixeval/dense_table.h"
#include "benchmark/mixeval/judged_scores.h"
#include "benchmark/mixeval/k_means.h"
#include "benchmark/mixeval/mixture_pool.h"
#include "benchmark/mixeval/plane_map.h"
#include "benchmark/mixeval/query_filter.h"
#include "benchmark/mixeval/version_gap.h"
#include "benchmark/mixeval/version_overlap.h"
#include "benchmark/mixeval/version_stability.h"
#include "support/shared_data.h"
#include "support/temporary_folder.h"

namespace assay::mixeval {
namespace {

TEST(MixturePool, OneFileMayHoldBothKinds) {
  PoolReader reader;
  const std::string text =
      "{\"id\": 7, \"problem_type\": \"free-form\", \"context\": null, \"prompt\": \"p\", \"target\": [\"t\"], \"benchmark_name\": \"B\"}\n"
      "{\"id\": \"x\", \"problem_type\": \"multiple-choice\", \"context\": null, \"prompt\": \"q\", \"options\": [\"a\", \"b\"], \"target\": [1], \"benchmark_name\": \"B\"}\n";
  ASSERT_TRUE(reader.add(text, "one"));
  ASSERT_TRUE(reader.add(text, "two"));
  const Pool& pool = reader.pool();
  ASSERT_EQ(pool.entries.size(), 2u);
  EXPECT_EQ(pool.merged, 2u);
  EXPECT_EQ(pool.ids, (std::vector<std::string>{"one:7", "one:x"}));
  EXPECT_EQ(pool.splits[0], Split::free_form);
  EXPECT_EQ(pool.splits[1], Split::multiple_choice);
  EXPECT_EQ(pool.entries[1].answer, 1u);
  EXPECT_FALSE(reader.add("{\"id\": 1, \"context\": null, \"prompt\": \"q\", \"options\": [\"a\"], \"target\": [3], \"benchmark_name\": \"B\"}", "three"));
}

TEST(MixturePool, QueriesComeFromLinesAndChats) {
  EXPECT_EQ(*read_queries(" a \n\nb\na\n", "q"), (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(*read_queries("{\"query\": \"a\"}\n{\"conversation\": [{\"role\": \"system\", \"content\": \"s\"}, {\"role\": \"user\", \"content\": \"b\"}]}\n"
                          "{\"conversations\": [{\"from\": \"human\", \"value\": \"c\"}, {\"from\": \"gpt\", \"value\": \"d\"}]}\n{\"messages\": [{\"role\": \"user\", \"content\": \"a\"}]}",
                          "q"),
            (std::vector<std::string>{"a", "b", "c"}));
  EXPECT_FALSE(read_queries("{\"text\": \"a\"}", "q"));
  EXPECT_FALSE(read_queries(" \n", "q"));
}

TEST(MixturePool, MatchTextsShowWhatTellsEntriesApart) {
  PoolReader reader;
  ASSERT_TRUE(reader.add(R"({"1": {"context": "c1", "prompt": "same", "target": ["t"], "benchmark_name": "A"}, "2": {"context": "c2", "prompt": "same", "target": ["t"], "benchmark_name": "A"},
                             "3": {"context": "c3", "prompt": "one", "target": ["t"], "benchmark_name": "B"}, "4": {"context": "c4", "prompt": "two", "target": ["t"], "benchmark_name": "B"},
                             "5": {"context": "c5", "prompt": "x", "target": ["t"], "benchmark_name": "SIQA"}, "6": {"context": "c6", "prompt": "y", "target": ["t"], "benchmark_name": "SIQA"}})",
                         "f"));
  EXPECT_EQ(match_texts(reader.pool()), (std::vector<std::string>{"c1\nsame", "c2\nsame", "one", "two", "c5\nx", "c6\ny"}));
  EXPECT_EQ(match_texts(reader.pool(), MatchText::prompt)[0], "same");
  EXPECT_EQ(match_texts(reader.pool(), MatchText::context_prompt)[2], "c3\none");
  EXPECT_NE(match_texts(reader.pool(), MatchText::formatted)[2].find("one"), std::string::npos);
}

std::unique_ptr<DenseTable> corners(std::size_t n) {
  auto table = DenseTable::create(n, 3, {});
  for (std::size_t i = 0; i < n; ++i) {
    std::vector<double> row(3, 0.01 * static_cast<double>(i % 5));
    row[i % 3] = 1;
    (*table)->set(i, row);
  }
  return std::move(*table);
}

TEST(KMeans, FindsTheCorners) {
  const auto table = corners(60);
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < 45; ++i) rows.push_back(i);
  const Clusters clusters = k_means(*table, rows, 3, 50, 1);
  ASSERT_EQ(clusters.centres.size(), 3u);
  for (std::size_t i = 3; i < rows.size(); ++i) EXPECT_EQ(clusters.of[i], clusters.of[i % 3]);
  EXPECT_EQ((std::set<std::size_t>(clusters.of.begin(), clusters.of.end()).size()), 3u);
  EXPECT_LE(clusters.rounds, 5u);
  const std::vector<std::size_t> others{45, 46, 47, 48};
  EXPECT_EQ(nearest_centres(*table, others, clusters.centres), (std::vector<std::size_t>{clusters.of[0], clusters.of[1], clusters.of[2], clusters.of[0]}));
  EXPECT_EQ(k_means(*table, rows, 3, 50, 1).of, clusters.of);
  EXPECT_EQ(shares(std::vector<std::size_t>{0, 1, 1, 1}, 3), (std::vector<double>{0.25, 0.75, 0}));
}

TEST(KMeans, CopiesAreNoFurtherClusters) {
  auto table = DenseTable::create(4, 2, {});
  for (std::size_t i = 0; i < 4; ++i) (*table)->set(i, std::vector<double>{1, i < 2 ? 0.0 : 1.0});
  const std::vector<std::size_t> rows{0, 1, 2, 3};
  const Clusters clusters = k_means(**table, rows, 4, 50, 3);
  EXPECT_EQ(clusters.centres.size(), 2u);
  EXPECT_EQ(clusters.of[0], clusters.of[1]);
  EXPECT_NE(clusters.of[0], clusters.of[2]);
}

TEST(PlaneMap, ShowsTheGreatestVariance) {
  // A long axis and a shorter one in four dimensions; the rest is alike.
  auto table = DenseTable::create(200, 4, {});
  for (std::size_t i = 0; i < 200; ++i) {
    const double t = static_cast<double>(i) / 199 * 2 - 1;
    (*table)->set(i, std::vector<double>{0.9 * t, 0.3 * std::cos(9 * t), 1, 0.001 * t});
  }
  std::vector<std::size_t> rows;
  for (std::size_t i = 0; i < 200; ++i) rows.push_back(i);
  const PlaneMap map = plane_map(**table, rows);
  EXPECT_GT(map.explained[0], 0.7);
  EXPECT_GT(map.explained[1], 0.02);
  EXPECT_LT(map.explained[0] + map.explained[1], 1 + 1e-9);
  EXPECT_GT(std::abs(map.places[0][0] - map.places[199][0]), 1);
  double product = 0;
  for (const auto& place : map.places) product += place[0] * place[1];
  EXPECT_NEAR(product / 200, 0, 1e-3);
  // One place for all, nothing to show.
  auto same = DenseTable::create(5, 2, {});
  for (std::size_t i = 0; i < 5; ++i) (*same)->set(i, std::vector<double>{1, 2});
  EXPECT_EQ(plane_map(**same, std::vector<std::size_t>{0, 1, 2}).explained[0], 0);
}

TEST(WordGrams, TakeThirteenWords) {
  WordGrams grams;
  grams.add("One two three, four five six seven EIGHT nine ten eleven twelve thirteen fourteen.");
  EXPECT_TRUE(grams.shares_with("zero two three four five six seven eight nine ten eleven twelve thirteen fourteen"));
  EXPECT_FALSE(grams.shares_with("two three four five six seven eight nine ten eleven twelve thirteen"));
  EXPECT_FALSE(grams.shares_with("two three four five six seven eight nine ten twelve eleven thirteen fourteen"));
}

TEST(VersionOverlap, Reference) {
  ASSAY_NEED_SHARED("golden/mixeval/data_stats.json");
  ASSAY_NEED_SHARED("upstream/mixeval/data");
  const json::value golden = test::load_json(test::shared("golden/mixeval/data_stats.json"));
  auto a = read_version(test::shared("upstream/mixeval/data/mixeval-2024-06-01")), b = read_version(test::shared("upstream/mixeval/data/mixeval-2024-08-11"));
  ASSERT_TRUE(a && b);
  EXPECT_EQ(a->name, "2024-06-01");
  std::size_t checked = 0;
  for (const json::value& item : golden.at("versions").as_array()) {
    const bool hard = *get_string(item, "benchmark") == "mixeval-hard";
    const json::array& splits = item.at("splits").as_array();
    const Overlap made = splits.size() == 2 ? version_overlap(*a, *b, hard) : split_overlap(*a, *b, hard, splits[0] == "free-form" ? Split::free_form : Split::multiple_choice);
    EXPECT_EQ(static_cast<std::int64_t>(made.distinct_a), *get_integer(item, "distinct_a"));
    EXPECT_EQ(static_cast<std::int64_t>(made.distinct_b), *get_integer(item, "distinct_b"));
    EXPECT_EQ(static_cast<std::int64_t>(made.common), *get_integer(item, "common"));
    EXPECT_EQ(made.unique_ratio(), *get_number(item, "unique_ratio"));
    ++checked;
  }
  EXPECT_EQ(checked, 6u);
}

Entry entry_of(const char* text, Split split = Split::free_form) { return std::move(read_entries(std::string("{\"1\": ") + text + "}", split, "e")->front()); }

TEST(VersionOverlap, KinshipHasDegrees) {
  KnownEntries known;
  known.add(Split::free_form, entry_of(R"({"context": null, "prompt": "Which river runs through Vienna, the old town on the hills and then into the sea?", "target": ["Danube"], "benchmark_name": "T"})"));
  auto of = [&](const char* text) { return known.of(Split::free_form, entry_of(text)); };
  EXPECT_EQ(of(R"({"context": null, "prompt": "Which river runs through Vienna, the old town on the hills and then into the sea?", "target": ["Danube"], "benchmark_name": "T"})"), Kinship::identical);
  EXPECT_EQ(of(R"({"context": null, "prompt": "which river runs through Vienna the old town on the hills and then into the sea", "target": ["Donau"], "benchmark_name": "U"})"), Kinship::same_text);
  EXPECT_EQ(of(R"({"context": null, "prompt": "Say which river runs through Vienna, the old town on the hills and then on", "target": ["Danube"], "benchmark_name": "T"})"), Kinship::long_run);
  EXPECT_EQ(of(R"({"context": null, "prompt": "Which river runs through Vienna?", "target": ["Danube"], "benchmark_name": "T"})"), Kinship::none);
}

TEST(VersionStability, MeansAndDeviations) {
  auto made = version_stability("model,v1,v2,v3\nA,1,2,3\nB,10,10,10\nC,1,,2\n", "s.csv");
  ASSERT_TRUE(made) << to_string(made.error());
  ASSERT_EQ(made->models.size(), 2u);
  EXPECT_EQ(made->left_out, 1u);
  EXPECT_EQ(made->models[0].mean, 2);
  EXPECT_NEAR(made->models[0].deviation, std::sqrt(2.0 / 3), 1e-12);
  EXPECT_NEAR(*made->models[0].deviation_n1, 1, 1e-12);
  EXPECT_NEAR(made->mean, 6, 1e-12);
  EXPECT_NEAR(*made->deviation_n1, 0.5, 1e-12);
  EXPECT_FALSE(version_stability("model,v1\nA,1\nA,2\n", "s"));
  EXPECT_FALSE(version_stability("model,v1\nA,x\n", "s"));
  EXPECT_FALSE(version_stability("model\nA\n", "s"));
  EXPECT_FALSE(version_stability("model,v1\nA,\n", "s"));
  // The published averages are those of the published rows.
  ASSAY_NEED_SHARED("golden/mixeval/data_stats.json");
  const json::value published = test::load_json(test::shared("golden/mixeval/data_stats.json")).at("published_stability");
  std::string csv = "model,mean\n";
  for (const auto& model : published.at("models").as_object()) csv += std::string(model.key()) + "," + write_json(model.value().as_array()[0]) + "\n";
  EXPECT_NEAR(version_stability(csv, "p")->mean, *get_number(published, "avg_mean"), 0.005);
}

TEST(JudgedScores, ComeFromTheFilesOfAFolder) {
  test::TemporaryFolder folder;
  const auto place = folder.path() / "model-a" / "mixeval" / "v";
  std::filesystem::create_directories(place);
  const std::string line = R"({"id": "0", "problem_type": "free-form", "context": null, "prompt": "p", "target": ["t"], "benchmark_name": "B", "response": "r", "judge_response": "[[0.5]]", "judge_score": 0.5})";
  ASSERT_TRUE(write_file(place / "judge_results_ff_model_judge_x.jsonl", line + "\n" + line + "\n"));
  auto scores = read_judged_scores((folder.path() / "model-a").string());
  ASSERT_TRUE(scores) << to_string(scores.error());
  EXPECT_EQ(scores->model, "model-a");
  const Entry same = entry_of(R"({"problem_type": "free-form", "context": null, "prompt": "p", "target": ["t"], "benchmark_name": "B"})");
  const Entry other = entry_of(R"({"problem_type": "free-form", "context": null, "prompt": "q", "target": ["t"], "benchmark_name": "B"})");
  EXPECT_EQ(*scores_of({*scores}, Split::free_form, {&same, &same}), (std::vector<std::vector<double>>{{0.5, 0.5}}));
  auto lacking = scores_of({*scores}, Split::free_form, {&same, &other});
  ASSERT_FALSE(lacking);
  EXPECT_NE(lacking.error().message.find("model-a lack 1 of 2"), std::string::npos) << lacking.error().message;
  EXPECT_EQ(read_judged_scores("name=" + (folder.path() / "model-a").string())->model, "name");
  ASSERT_TRUE(write_file(place / "judge_results_ff_model_judge_y.jsonl", line + "\n"));
  EXPECT_EQ(read_judged_scores((folder.path() / "model-a").string()).error().kind, ErrorKind::usage);
  EXPECT_EQ(read_judged_scores((folder.path() / "none").string()).error().kind, ErrorKind::not_found);
}

TEST(JudgedScores, WordsLikeInfinityInAPromptStay) {
  test::TemporaryFolder folder;
  const std::string line = R"({"id": "0", "context": null, "prompt": "Is Infinity a number, or NaN?", "options": ["a", "b"], "target": [0], "benchmark_name": "B", "response": "r", "parsed_result": "A", "eval_result": true})";
  ASSERT_TRUE(write_file(folder.path() / "judge_results_mp_rule.jsonl", line + "\n"));
  auto scores = read_judged_scores(folder.path().string());
  ASSERT_TRUE(scores) << to_string(scores.error());
  const Entry entry = entry_of(R"({"context": null, "prompt": "Is Infinity a number, or NaN?", "options": ["a", "b"], "target": [0], "benchmark_name": "B"})", Split::multiple_choice);
  EXPECT_EQ(*scores_of({*scores}, Split::multiple_choice, {&entry}), (std::vector<std::vector<double>>{{1}}));
}

TEST(VersionGap, IsTheExcessOverReferenceModels) {
  VersionFolder before, after;
  before.name = "old";
  after.name = "new";
  JudgedScores seen{"seen", {}}, fair{"fair", {}};
  auto add = [&](int i, bool in_old, bool in_new, double seen_score, double fair_score) {
    Entry entry = entry_of((R"({"context": null, "prompt": "p)" + std::to_string(i) + R"(", "target": ["t"], "benchmark_name": "B"})").c_str());
    seen.scores[0][identity(entry)] = seen_score;
    fair.scores[0][identity(entry)] = fair_score;
    if (in_old) before.mixeval[0].push_back(entry);
    if (in_new) after.mixeval[0].push_back(entry);
  };
  for (int i = 0; i < 40; ++i) add(i, true, false, i % 10 ? 1 : 0, i % 2);          // 0.9 and 0.5
  for (int i = 40; i < 80; ++i) add(i, false, true, i % 5 < 2, i % 5 < 2);           // 0.4 and 0.4
  for (int i = 80; i < 90; ++i) add(i, true, true, 1, 0);
  auto gap = version_gap(before, after, {seen}, {fair});
  ASSERT_TRUE(gap) << to_string(gap.error());
  EXPECT_EQ(gap->old_only, 40u);
  EXPECT_EQ(gap->new_only, 40u);
  EXPECT_EQ(gap->common, 10u);
  const ModelGap& one = gap->models.front();
  EXPECT_NEAR(one.gap, 0.5, 1e-12);
  EXPECT_NEAR(*gap->reference_gap, 0.1, 1e-12);
  EXPECT_NEAR(one.excess, 0.4, 1e-12);
  EXPECT_EQ(one.common, std::optional(1.0));
  EXPECT_NEAR(*one.unique, 0.65, 1e-12);
  ASSERT_TRUE(one.interval);
  EXPECT_GT(one.interval->low, 0.1);
  EXPECT_LT(one.interval->low, 0.4);
  EXPECT_GT(one.interval->high, 0.4);
  // A model against itself has no excess, and not by chance.
  auto none = version_gap(before, after, {fair}, {fair});
  EXPECT_EQ(none->models.front().interval->high, 0);
  // Entries that somebody was not judged on count for nobody.
  fair.scores[0].erase(fair.scores[0].begin());
  EXPECT_EQ(version_gap(before, after, {seen}, {fair})->left_out, 1u);
  fair.scores[0].clear();
  EXPECT_FALSE(version_gap(before, after, {seen}, {fair}));
}

TEST(QueryFilter, ReadsYesAndNo) {
  EXPECT_EQ(yes_or_no("Yes."), std::optional(true));
  EXPECT_EQ(yes_or_no("**No**, because yes would be wrong"), std::optional(false));
  EXPECT_EQ(yes_or_no("Certainly"), std::nullopt);
  EXPECT_EQ(yes_or_no("note: nothing"), std::nullopt);
}

}  // namespace
}  // namespace assay::mixeval
