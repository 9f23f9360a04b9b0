// Published result files, the leaderboard's table of August 2023, and what November's application filtered and refused.
#include "benchmark/harness/board.h"

#include <gtest/gtest.h>

#include <cmath>

#include "base/number.h"
#include "base/text.h"
#include "benchmark/harness/board_models.h"
#include "benchmark/harness/rescore.h"
#include "golden.h"
#include "stats/pairwise_sum.h"
#include "support/temporary_folder.h"

namespace assay::harness {
namespace {

using namespace test;

constexpr const char* kApp = "leaderboard_app.json";
constexpr const char* kNovember = "leaderboard_app_nov2023.json";

std::vector<BoardFile> files_of_the_board() {
  std::vector<BoardFile> out;
  for (const json::value& file : golden(kApp).at("board").at("files").as_array())
    out.push_back({*get_string(file, "path"), write_json(file.at("content"))});
  return out;
}

void same_rows(const std::vector<BoardRow>& rows, const json::value& wanted, double tolerance) {
  ASSERT_EQ(rows.size(), wanted.as_array().size());
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const json::value& row = wanted.at(i);
    EXPECT_EQ(rows[i].key, get_string(row, "eval_name"));
    EXPECT_EQ(rows[i].model, get_string(row, "Model"));
    EXPECT_EQ(rows[i].sha, get_string(row, "Model sha"));
    EXPECT_EQ(rows[i].precision, get_string(row, "Precision"));
    EXPECT_NEAR(rows[i].average, *get_number(row, "Average ⬆️"), tolerance) << rows[i].key;
    for (std::size_t c = 0; c < 4; ++c) {
      auto value = get_number(row, kColumns[c].name);
      ASSERT_EQ(rows[i].columns[c].has_value(), value.has_value()) << rows[i].key << " " << kColumns[c].name;
      if (value) {
        EXPECT_NEAR(*rows[i].columns[c], *value, tolerance) << rows[i].key << " " << kColumns[c].name;
      }
    }
  }
}

TEST(Board, AugustTable) {
  ASSAY_NEED_SHARED("golden/open-llm-leaderboard/leaderboard_app.json");
  auto rows = board_rows(files_of_the_board(), BoardEra::august_2023);
  ASSERT_TRUE(rows) << to_string(rows.error());
  same_rows(*rows, golden(kApp).at("board").at("rows_before_rounding"), 1e-12);
  same_rows(board_table(*rows), golden(kApp).at("board").at("table"), 0);
}

TEST(Board, NovemberKeepsAFileWithOldMmluAndCountsNanAsNothing) {
  auto file = [](const char* sha, const char* more) {
    return std::string("{\"config_general\": {\"model_name\": \"o/m\", \"model_sha\": \"") + sha +
           "\", \"model_dtype\": \"8bit\"}, \"results\": {\"harness|arc:challenge|25\": {\"acc_norm\": 0.5}, "
           "\"harness|hendrycksTest-abstract_algebra|5\": {\"acc\": 0.25}, \"harness|hellaswag|10\": {\"acc_norm\": 0.75}" +
           more + "}, \"versions\": {\"harness|hendrycksTest-abstract_algebra|5\": 0}}";
  };
  std::vector<BoardFile> files{{"m/results_2.json", file("b", ", \"harness|truthfulqa:mc|0\": {\"mc2\": NaN}")}, {"m/results_1.json", file("a", "")}};
  EXPECT_TRUE(board_rows(files, BoardEra::august_2023)->empty());
  auto rows = board_rows(files, BoardEra::november_2023);
  ASSERT_TRUE(rows);
  ASSERT_EQ(rows->size(), 1u);  // revisions are one model
  EXPECT_EQ(rows->front().key, "o_m_8bit");
  EXPECT_EQ(rows->front().sha, "b");
  EXPECT_FALSE(rows->front().columns[2]);
  EXPECT_EQ(rows->front().columns[3], 0);
  EXPECT_EQ(rows->front().average, 125.0 / 7);
}

TEST(Board, FoldersWithOtherFilesAreNotRead) {
  assay::test::TemporaryFolder folder;
  auto put = [&](const char* path, const char* text) { ASSERT_TRUE(write_file(folder.path() / path, text)); };
  put("a/m/results_2.json", "2");
  put("a/m/results_1.json", "1");
  put("b/m/results_1.json", "3");
  put("b/m/notes.txt", "");
  auto files = board_files(folder.path());
  ASSERT_TRUE(files);
  std::string all;
  std::sort(files->begin(), files->end(), [](const auto& x, const auto& y) { return x.path < y.path; });
  for (const BoardFile& file : *files) all += file.content;
  EXPECT_EQ(all, "12");
  EXPECT_FALSE(board_files(folder.path() / "nothing"));
}

TEST(Board, SizesFromNames) {
  ASSAY_NEED_SHARED("golden/open-llm-leaderboard/leaderboard_app_nov2023.json");
  for (const json::value& one : golden(kApp).at("model_sizes").as_array())
    EXPECT_EQ(parameters_of(*get_string(one, "model"), get_number(one, "safetensors_total")), get_number(one, "params_b")) << write_json(one);
  for (const json::value& one : golden(kNovember).at("model_sizes").as_array())
    EXPECT_EQ(parameters_with_precision(*get_string(one, "model"), get_number(one, "safetensors_total"), *get_string(one, "precision")),
              get_number(one, "params_b"))
        << write_json(one);
  EXPECT_EQ(parameters_of("x/8x7b", {}), 7);
  EXPECT_EQ(parameters_of(std::string(2'000'000, '1'), {}), std::nullopt);  // in one walk
  EXPECT_EQ(parameters_of("x/10.5b", {}), 0.5);  // the pattern's trap
}

TEST(Board, Types) {
  ASSAY_NEED_SHARED("golden/open-llm-leaderboard/leaderboard_app.json");
  for (const json::value& one : golden(kApp).at("model_types").as_array()) {
    ModelType type = model_type(*get_string(one, "text"));
    EXPECT_EQ(type.name, get_string(one, "type")) << write_json(one);
    EXPECT_EQ(type.symbol, get_string(one, "symbol")) << write_json(one);
  }
}

TEST(Board, NovemberFilters) {
  ASSAY_NEED_SHARED("golden/open-llm-leaderboard/leaderboard_app_nov2023.json");
  std::vector<BoardEntry> rows;
  for (const json::value& row : golden(kNovember).at("rows").as_array())
    rows.push_back({*get_string(row, "T"), *get_string(row, "model_name_for_query"), *get_string(row, "Precision"), *get_string(row, "Model sha"),
                    *get_number(row, "#Params (B)"), *get_bool(row, "Available on the hub")});
  auto texts = [](const json::value& list) {
    std::vector<std::string> out;
    for (const json::value& one : list.as_array()) out.emplace_back(one.as_string());
    return out;
  };
  for (const json::value& query : golden(kNovember).at("queries").as_array()) {
    BoardFilter filter{texts(query.at("types")), texts(query.at("precisions")), texts(query.at("sizes")), *get_bool(query, "show_deleted"),
                       *get_string(query, "query")};
    std::vector<std::string> shown;
    for (std::size_t i : filter_board(rows, filter)) shown.push_back(rows[i].model);
    EXPECT_EQ(shown, texts(query.at("result"))) << filter.query;
  }
}

TEST(Board, NovemberHasSevenColumns) {
  std::vector<BoardFile> files{{"m/results_1.json",
                                "{\"config_general\": {\"model_name\": \"o/m\", \"model_dtype\": \"torch.float16\"}, \"results\": {\"harness|arc:challenge|25\": "
                                "{\"acc_norm\": 0.5}, \"harness|hellaswag|10\": {\"acc_norm\": 0.5}, \"harness|hendrycksTest-virology|5\": {\"acc\": 0.5}, "
                                "\"harness|truthfulqa:mc|0\": {\"mc2\": 0.5}, \"harness|winogrande|5\": {\"acc\": 0.5}, \"harness|gsm8k|5\": {\"acc\": 0.25}, "
                                "\"harness|drop|3\": {\"em\": 0.9, \"f1\": 0.125}}, \"versions\": {}}"}};
  auto rows = board_rows(files, BoardEra::november_2023);
  ASSERT_TRUE(rows);
  EXPECT_TRUE(rows->front().complete());
  EXPECT_EQ(rows->front().columns[6], 12.5);
  EXPECT_EQ(board_table(*rows).front().average, 41.07);
  EXPECT_EQ(board_rows(files, BoardEra::august_2023)->front().average, 50);
  EXPECT_EQ(board_baseline(BoardEra::november_2023).columns.size(), board_columns(BoardEra::november_2023).size());
  EXPECT_TRUE(board_baseline(BoardEra::august_2023).complete());
}

/// A model's file of August's four benchmarks.
BoardFile file_of(const std::string& model, const std::string& arc, const std::string& mc2, const std::vector<double>& subjects) {
  std::string text = R"({"config_general": {"model_name": "o/)" + model + R"(", "model_dtype": "torch.float16"}, "results": {"harness|arc:challenge|25": {"acc_norm": )" + arc +
                     R"(}, "harness|hellaswag|10": {"acc_norm": 0.5}, "harness|truthfulqa:mc|0": {"mc2": )" + mc2 + "}, \"harness|winogrande|5\": {\"acc\": 0.5}, \"harness|gsm8k|5\": {\"acc\": 0.25}, \"harness|drop|3\": {\"f1\": 0.125}";
  for (std::size_t i = 0; i < subjects.size(); ++i) text += ", \"harness|hendrycksTest-subject" + std::to_string(i) + "|5\": {\"acc\": " + python_repr(subjects[i]) + "}";
  return {model + "/results_1.json", text + "}, \"versions\": {}}"};
}

TEST(Board, WhatIsNoNumberIsNotRanked) {
  const std::vector<BoardFile> files{file_of("arc", "NaN", "0.5", {0.5}), file_of("truth", "0.5", "NaN", {0.5}), file_of("whole", "0.5", "0.5", {0.5})};
  auto names = [&](BoardEra era) {
    std::vector<std::string> out;
    auto rows = board_rows(files, era);
    for (const BoardRow& row : board_table(rows.value_or(std::vector<BoardRow>()))) out.push_back(row.model);
    return out;
  };
  EXPECT_EQ(names(BoardEra::august_2023), std::vector<std::string>{"o/whole"});
  // From November a NaN of TruthfulQA counts as 0; of the others none does.
  EXPECT_EQ(names(BoardEra::november_2023), (std::vector<std::string>{"o/whole", "o/truth"}));
}

TEST(Board, TheMeanOfManySubjectsIsNumpys) {
  std::vector<double> subjects;
  for (int i = 0; i < 57; ++i) subjects.push_back(0.1 + 0.013 * ((i * 37) % 57));
  double sum = 0;
  for (double one : subjects) sum += one;
  auto rows = board_rows({file_of("m", "0.5", "0.5", subjects)}, BoardEra::august_2023);
  ASSERT_TRUE(rows);
  EXPECT_EQ(rows->front().columns[2], pairwise_sum(subjects) / 57 * 100);
  EXPECT_NE(pairwise_sum(subjects), sum) << "values whose sum depends on the order";
}

TEST(Board, AugustFilters) {
  std::vector<BoardEntry> rows;
  const std::pair<const char*, double> models[] = {{"a/small", 0.35}, {"a/One", 1}, {"b/five", 5}, {"b/six", 6}, {"b/fiftyfive", 55}, {"c/unknown", 0}};
  for (const auto& [model, size] : models) rows.push_back({.symbol = std::string(model).starts_with("b/") ? "🟢" : "🔶", .model = model, .precision = "8bit", .sha = "", .parameters = size});
  auto shown = [&](const AugustFilter& filter) {
    std::string out;
    for (std::size_t i : filter_board(rows, filter)) out += std::to_string(i);
    return out;
  };
  EXPECT_EQ(shown({}), "012345");
  EXPECT_EQ(shown({.query = "O", .type = "", .size = ""}), "15");
  EXPECT_EQ(shown({.query = "nobody", .type = "", .size = ""}), "");
  EXPECT_EQ(shown({.query = "", .type = "🟢 pretrained", .size = ""}), "234");
  EXPECT_EQ(shown({.query = "", .type = "", .size = "< 1B"}), "01");
  EXPECT_EQ(shown({.query = "", .type = "", .size = "~3B"}), "12");
  EXPECT_EQ(shown({.query = "", .type = "", .size = "~7B"}), "3");
  EXPECT_EQ(shown({.query = "", .type = "", .size = "~35B"}), "4");
  EXPECT_EQ(shown({.query = "", .type = "", .size = "60B+"}), "4");
  EXPECT_EQ(shown({.query = "", .type = "", .size = "huge"}), "");
  // The search looks in the Type column where that is shown, and only there.
  EXPECT_EQ(shown({.query = "TUNED", .type = "", .size = ""}), "");
  EXPECT_EQ(shown({.query = "TUNED", .type = "", .size = "", .type_shown = true}), "015");
  EXPECT_EQ(shown({.query = "pretrained", .type = "", .size = "~7B", .type_shown = true}), "3");
  EXPECT_EQ(shown({.query = "b/", .type = "", .size = "", .type_shown = true}), "234");
  EXPECT_EQ(shown({.query = "🔶", .type = "", .size = "", .type_shown = true}), "") << "the symbol is a column of its own";
}

TEST(Board, TheNewestFinishedRequestNamesTheType) {
  BoardRequests requests;
  auto add = [&](const char* status, const char* time, const char* type, const char* precision = "float16") {
    requests.add(std::string("{\"model\": \"o/m\", \"precision\": \"") + precision + "\", \"status\": \"" + status + "\", \"submitted_time\": \"" + time +
                 "\", \"model_type\": \"" + type + "\"}");
  };
  EXPECT_EQ(requests.type("o/m", "torch.float16").symbol, "?");
  add("FINISHED", "2023-08-02T00:00:00Z", "pretrained");
  add("FINISHED_AND_MORE", "2023-08-03T00:00:00Z", "fine-tuned");
  add("FINISHED", "2023-08-01T00:00:00Z", "RL-tuned");
  add("FAILED", "2023-08-09T00:00:00Z", "RL-tuned");
  add("PENDING_NEW_EVAL", "2023-08-01T00:00:00Z", "instruction-tuned", "8bit");
  for (const char* other : {"", "[]", "{}", "{\"model\": 1}"}) requests.add(other);
  EXPECT_EQ(requests.type("o/m", "torch.float16").name, "FT");
  EXPECT_EQ(requests.type("o/m", "8bit").name, "IFT");
  EXPECT_EQ(requests.type("o/m", "4bit").name, "Unknown");
}

TEST(Board, SubmissionQuota) {
  ASSAY_NEED_SHARED("golden/open-llm-leaderboard/leaderboard_app_nov2023.json");
  for (const json::value& one : golden(kNovember).at("rate_limit").as_array()) {
    std::string model = *get_string(one, "submission");
    std::vector<double> ago;
    if (const json::value* earlier = find(one.at("earlier_submissions_days_ago"), model.substr(0, model.find('/'))))
      for (const json::value& days : earlier->as_array()) ago.push_back(*as_number(days));
    EXPECT_EQ(submission_refusal(model, ago, *get_number(one, "period_days"), static_cast<std::size_t>(*get_integer(one, "quota"))),
              get_string(one, "message"))
        << write_json(one);
  }
}

TEST(HarnessScore, ReportsFromResultFiles) {
  assay::test::TemporaryFolder folder;
  std::filesystem::path file = folder.path() / "results.json";
  ASSERT_TRUE(write_file(file,
                         "{\"results\": {\"all\": {\"acc\": 0.1}, \"harness|arc:challenge|25\": {\"acc\": 0.4, \"acc_stderr\": 0.01, \"acc_norm\": 0.5}, "
                         "\"harness|hellaswag|10\": {\"acc_norm\": 0.75}, \"harness|hendrycksTest-anatomy|5\": {\"acc\": 0.25}, "
                         "\"harness|hendrycksTest-virology|5\": {\"acc\": 0.75}, \"harness|truthfulqa:mc|0\": {\"mc1\": 0.3, \"mc2\": 0.4}}, \"versions\": {}, "
                         "\"config_general\": {\"model_name\": \"o/m\"}}"));
  Benchmark::ScoreRequest request;
  request.settings.ref = {"open-llm-leaderboard", "1", ""};
  request.path = file.string();
  auto reports = score_path(request, true);
  ASSERT_TRUE(reports) << to_string(reports.error());
  const Report& report = reports->front();
  EXPECT_EQ(report.status, "incomplete");  // two subjects are not MMLU
  EXPECT_TRUE(contains(report.reason, "2 of 57"));
  EXPECT_EQ(report.deviates.size(), 1u);
  EXPECT_EQ(report.roles.at("model"), "o/m");
  EXPECT_EQ(report.total.metrics.front().name, "average");
  EXPECT_DOUBLE_EQ(*report.total.metrics.front().value, (50 + 75 + 50 + 40) / 4.0);
  ASSERT_EQ(report.total.parts.size(), 4u);
  EXPECT_EQ(report.total.parts[0].metrics[0].name, "acc_norm");
  EXPECT_EQ(report.total.parts[0].metric("acc")->stderr_, 0.01);
  EXPECT_EQ(report.total.parts[3].parts.size(), 2u);

  ASSERT_TRUE(write_file(file, "{\"results\": {\"harness|arc:challenge|0\": {\"acc_norm\": 0.5}}, \"config_general\": {\"model_name\": \"x\"}}"));
  reports = score_path(request, true);
  ASSERT_TRUE(reports);
  ASSERT_EQ(reports->front().deviates.size(), 2u);
  EXPECT_EQ(reports->front().deviates[1], "arc_challenge: 0 examples instead of 25");

  ASSERT_TRUE(write_file(file, "{\"results\": {\"arc_challenge\": {\"acc_norm\": 0.5}}, \"versions\": {\"arc_challenge\": 0}, \"config\": {\"model\": \"hf\", "
                               "\"model_args\": \"pretrained=x\"}}"));
  reports = score_path(request, true);
  ASSERT_TRUE(reports);
  EXPECT_EQ(reports->front().status, "incomplete");
  EXPECT_TRUE(contains(reports->front().reason, "HellaSwag, MMLU, TruthfulQA"));
  EXPECT_EQ(*reports->front().total.metric("arc")->value, 50);

  ASSERT_TRUE(write_file(file, "{\"results\": {}, \"versions\": {\"hendrycksTest-abstract_algebra\": 0}, \"config\": {\"model_args\": \"x\"}}"));
  EXPECT_TRUE(contains(to_string(score_path(request, true).error()), "version 0"));
  for (const char* wrong : {"[]", "{}", "{\"config\": {\"model_args\": \"x\"}}", "{\"config\": {}, \"results\": {}}", "{"}) {
    ASSERT_TRUE(write_file(file, wrong));
    EXPECT_EQ(score_path(request, true).error().kind, ErrorKind::data) << wrong;
  }
}

}  // namespace
}  // namespace assay::harness
