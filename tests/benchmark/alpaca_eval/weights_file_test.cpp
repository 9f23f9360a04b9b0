#include "benchmark/alpaca_eval/weights_file.h"

#include <cmath>

#include "base/text.h"
#include "support/shared_data.h"

namespace assay::alpaca_eval {
namespace {

constexpr const char* kHeader = ",np.tanh(std_delta_len),instruction_difficulty,not_gamed_baseline.astype(float)\n";

TEST(AlpacaEvalWeights, AModelIsReplacedAtTheEnd) {
  auto file = read_weights_file(std::string(kHeader) + "a,1,2,3\nb,-0.5,0,1e-3\na,4,5,6\n", "w.csv");
  ASSERT_TRUE(file);
  EXPECT_EQ(file->find("a")->weights[0], 4);
  EXPECT_EQ(file->find("c"), nullptr);
  file->put({"b", {1, 2, 0.25}});
  file->put({"x,y", {0, 0, 0}});
  EXPECT_EQ(file->write(), std::string(kHeader) +
                               "a,1.0000000000000000,2.0000000000000000,3.0000000000000000\na,4.0000000000000000,5."
                               "0000000000000000,6.0000000000000000\n"
                               "b,1.0000000000000000,2.0000000000000000,0.2500000000000000\n\"x,y\",0.0000000000000000,0."
                               "0000000000000000,0.0000000000000000\n");
}

TEST(AlpacaEvalWeights, ZerosOfABaselineAloneAreWhole) {
  auto file = read_weights_file(std::string(kHeader) + "b,0,0,0\n", "w.csv").value();
  EXPECT_EQ(file.write(), std::string(kHeader) + "b,0,0,0\n");
  file.put({"m", {0, 1, 2}});
  EXPECT_EQ(file.write(), std::string(kHeader) + "b,0.0000000000000000,0.0000000000000000,0.0000000000000000\nm,0.0000000000000000,1.0000000000000000,2.0000000000000000\n");
}

TEST(AlpacaEvalWeights, ErrorsNameTheLine) {
  EXPECT_EQ(read_weights_file(std::string(kHeader) + "a,1,2,3\nb,1,2\n", "w.csv").error().where, "w.csv:3");
  EXPECT_EQ(read_weights_file(std::string(kHeader) + "a,1,2,nan\n", "w.csv").error().where, "w.csv:2");
  EXPECT_FALSE(read_weights_file("model,x\n", "w.csv"));
  EXPECT_FALSE(read_weights_file("", "w.csv"));
}

TEST(AlpacaEvalWeights, PredictionsAreSymmetric) {
  auto file = read_weights_file(std::string(kHeader) + "a,1,0.5,1\nb,-0.5,0.1,-1\n", "w.csv");
  std::vector<double> difficulties{-1, 0, 2};
  double ab = predicted_win_rate(*file, difficulties, "a", "b").value(),
         ba = predicted_win_rate(*file, difficulties, "b", "a").value();
  EXPECT_NEAR(ab + ba, 1, 1e-15);
  EXPECT_GT(ab, 0.8);
  auto unknown = predicted_win_rate(*file, difficulties, "a", "bb");
  ASSERT_FALSE(unknown);
  EXPECT_EQ(unknown.error().hint, "did you mean b?");
}

TEST(AlpacaEvalWeights, GoldenPredictions) {
  ASSAY_NEED_SHARED("golden/alpaca-eval/misc.json");
  ASSAY_NEED_SHARED("upstream/alpaca-eval/weights");
  auto csv = read_file(test::shared(
      "upstream/alpaca-eval/weights/weighted_alpaca_eval_gpt4_turbo/length_controlled_v1/baseline_gpt4_1106_preview.csv"));
  auto difficulty_csv = read_file(test::shared("upstream/alpaca-eval/lc-reference/instruction_difficulty_recovered.csv"));
  ASSERT_TRUE(csv && difficulty_csv);
  auto file = read_weights_file(*csv, "weights");
  auto difficulties = read_difficulties(*difficulty_csv, "difficulties");
  ASSERT_TRUE(file && difficulties);
  EXPECT_EQ(difficulties->size(), 805u);
  // As often as these were written and read again, all but those written last stay what they are.
  const auto mine = split(file->write(), '\n'), theirs = split(*csv, '\n');
  ASSERT_EQ(mine.size(), theirs.size());
  std::size_t other = 0;
  for (std::size_t i = 0; i < mine.size(); ++i) other += mine[i] != theirs[i];
  EXPECT_LE(other, 3u);
  json::value golden = test::load_json(test::shared("golden/alpaca-eval/misc.json"));
  std::size_t seen = 0;
  for (const json::value& c : find(golden, "predict_winrate")->as_array()) {
    auto rate = predicted_win_rate(*file, *difficulties, get_string(c, "model").value(), get_string(c, "baseline").value());
    ASSERT_TRUE(rate);
    EXPECT_NEAR(*rate, get_number(c, "winrate").value(), 1e-12) << write_json(c);
    ++seen;
  }
  EXPECT_GE(seen, 25u);
}

}  // namespace
}  // namespace assay::alpaca_eval
