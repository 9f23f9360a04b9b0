#include "benchmark/alpaca_eval/annotation_scores.h"

#include <cmath>

#include "base/text.h"
#include "benchmark/alpaca_eval/win_rate.h"
#include "support/shared_data.h"

namespace assay::alpaca_eval {
namespace {

TEST(AlpacaEvalAnnotations, LengthsAreCodePoints) {
  EXPECT_EQ(json_text_length("abc"), 3u);
  EXPECT_EQ(json_text_length("é😀x"), 3u);
  EXPECT_EQ(json_text_length(R"(\n\\\/\u00e9)"), 4u);
  EXPECT_EQ(json_text_length(R"(\ud83d\ude00)"), 1u);
  EXPECT_EQ(json_text_length(R"(\ud83dx\ude00\ud83d\ud83d)"), 5u);
  EXPECT_EQ(json_text_length(std::string(1000, 'x') + "é"), 1001u);
  for (const char* bad : {"\\", "\\q", "\\u12", "\\u12g4"}) EXPECT_FALSE(json_text_length(bad)) << bad;
}

TEST(AlpacaEvalAnnotations, TakesWhatItNeeds) {
  auto scores = read_annotation_scores(
      R"([{"output_1":"ab","generator_1":"r","output_2":"\u00e9","generator_2":"m","annotator":"j","preference":1.25,
    "raw_completion":{"a":[{"preference":3}]},"instruction":"i\n"},{"preference":null,"output_1":"x","output_2":"y","generator_1":"r","generator_2":"m","instruction":"k"}])",
      "f.json", true);
  ASSERT_TRUE(scores) << to_string(scores.error());
  EXPECT_EQ(scores->rows(), 2u);
  EXPECT_EQ(scores->preference[0], 1.25);
  EXPECT_TRUE(std::isnan(scores->preference[1]));
  EXPECT_EQ(scores->length_1, (std::vector<double>{2, 1}));
  EXPECT_EQ(scores->length_2, (std::vector<double>{1, 1}));
  EXPECT_EQ(scores->instructions, (std::vector<std::string>{"i\n", "k"}));
  EXPECT_EQ(scores->annotators, std::vector<std::string>{"j"});
  EXPECT_EQ(scores->missing_preferences, 1u);
  EXPECT_FALSE(scores->comparisons()->same_generator);
}

TEST(AlpacaEvalAnnotations, SeveralModelsAndMissingTextsAreSaid) {
  auto scores = read_annotation_scores(
      R"([{"output_1":"a","output_2":"b","generator_2":"m","preference":1},{"output_1":"a","output_2":"b","generator_2":"n","preference":1}])",
      "f");
  ASSERT_TRUE(scores);
  EXPECT_NE(scores->comparisons().error().message.find("2 models: m, n"), std::string::npos);
  scores = read_annotation_scores(R"([{"output_1":"a","output_2":null,"preference":1}])", "f");
  ASSERT_TRUE(scores);
  EXPECT_NE(scores->comparisons().error().message.find("1 of 1"), std::string::npos);
}

TEST(AlpacaEvalAnnotations, AnIndexColumnTakesThePlaceOfTheRow) {
  auto scores = read_annotation_scores(
      R"([{"index":7,"output_1":"a","output_2":"b","preference":1},{"index":3,"output_1":"a","output_2":"b","preference":2}])",
      "f");
  EXPECT_EQ(scores->comparisons()->difficulty_index, (std::vector<std::size_t>{7, 3}));
  scores = read_annotation_scores(
      R"([{"index":7,"output_1":"a","output_2":"b","preference":1},{"output_1":"a","output_2":"b","preference":2}])", "f");
  EXPECT_TRUE(scores->comparisons()->difficulty_index.empty());
}

TEST(AlpacaEvalAnnotations, FaultsNameTheRecord) {
  auto where = [](std::string text) {
    auto scores = read_annotation_scores(std::move(text), "f");
    return scores ? "none" : scores.error().where;
  };
  EXPECT_EQ(where(R"([{"preference":1},{"x":1}])"), "f: record 2");
  EXPECT_EQ(where(R"([{"preference":"1"}])"), "f: record 1");
  EXPECT_EQ(where(R"([{"preference":1},{"preference":1,"output_1":"\q"}])"), "f: record 2");
  EXPECT_EQ(where(R"({"preference":1})"), "f");
  EXPECT_EQ(where(R"([{"preference":1}] x)"), "f");
  EXPECT_EQ(where(R"([{"preference":1})"), "f");
  EXPECT_EQ(where(R"([{"preference":1},{"generator_2":5,"preference":1}])"), "f: record 2");
  EXPECT_EQ(where("[1]"), "f: record 1");
  EXPECT_NE(where(""), "none");
  EXPECT_NE(where("[{\"preference\":1,\"output_1\":\"\xff\"}]"), "none");
  EXPECT_EQ(where("[]"), "none");
}

TEST(AlpacaEvalAnnotations, PythonsNaNIsMissing) {
  auto scores = read_annotation_scores(R"([{"preference":NaN,"output_1":"NaN"},{"preference":2,"price":Infinity},{"preference":-Infinity}])", "f");
  ASSERT_TRUE(scores) << to_string(scores.error());
  EXPECT_EQ(scores->missing_preferences, 2u);
  EXPECT_EQ(scores->preference[1], 2);
  EXPECT_EQ(scores->length_1[0], 3);
  EXPECT_FALSE(read_annotation_scores("[{\"preference\":NaN]", "f"));
}

// The published files: the figures that the compact extracts hold.
TEST(AlpacaEvalAnnotations, PublishedFiles) {
  ASSAY_NEED_SHARED("upstream/alpaca-eval/annotations");
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::recursive_directory_iterator(test::shared("upstream/alpaca-eval/annotations"))) {
    if (entry.path().filename() != "annotations.json") continue;
    SCOPED_TRACE(entry.path().string());
    auto text = read_file(entry.path());
    ASSERT_TRUE(text);
    auto scores = read_annotation_scores(*text, "annotations.json", true);
    ASSERT_TRUE(scores) << to_string(scores.error());
    auto table = scores->comparisons();
    ASSERT_TRUE(table) << to_string(table.error());
    json::value full = parse_json(*text).value();
    ASSERT_EQ(full.as_array().size(), scores->rows());
    for (std::size_t i = 0; i < scores->rows(); ++i) {
      const json::value& record = full.as_array()[i];
      EXPECT_EQ(scores->length_1[i], count_code_points(get_string(record, "output_1").value()));
      EXPECT_EQ(scores->length_2[i], count_code_points(get_string(record, "output_2").value()));
      EXPECT_EQ(scores->instructions[i], get_string(record, "instruction").value());
    }
    std::filesystem::path compact =
        test::shared("upstream/alpaca-eval/compact/" + scores->generators_2[0] + "__" + scores->annotators[0] + ".json");
    if (!std::filesystem::exists(compact)) continue;
    json::value want = test::load_json(compact);
    for (std::size_t i = 0; i < scores->rows(); ++i)
      EXPECT_EQ(scores->length_2[i], as_number(find(want, "len_output_2")->as_array()[i]).value());
    EXPECT_NEAR(*win_rate(scores->preference)->win_rate,
                get_number(*find_path(want, {"upstream_run", "get_winrate"}), "win_rate").value(), 1e-9);
    ++files;
  }
  EXPECT_GE(files, 4u);
}

}  // namespace
}  // namespace assay::alpaca_eval
