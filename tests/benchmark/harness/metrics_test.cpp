// Scores, means, standard errors and the bootstrap against the original's functions; the response cache's keys.
#include "benchmark/harness/metrics.h"

#include <boost/json/array.hpp>

#include <cmath>
#include <cstdlib>
#include <limits>

#include "benchmark/harness/aggregate.h"
#include "base/python_dump.h"
#include "benchmark/harness/request_cache.h"
#include "benchmark/harness/results_file.h"
#include "benchmark/harness/summary.h"
#include "golden.h"

namespace assay::harness {
namespace {

using namespace test;

std::vector<double> numbers(const json::value& list) {
  std::vector<double> out;
  for (const json::value& item : list.as_array())
    out.push_back(item.is_string() ? std::strtod(item.as_string().c_str(), nullptr) : *as_number(item));  // "-inf", "nan"
  return out;
}

TEST(HarnessMetrics, MultipleChoice) {
  ASSAY_NEED_SHARED("golden/open-llm-leaderboard/metrics.json");
  for (const json::value& one : golden("metrics.json").at("multiple_choice").as_array()) {
    std::vector<std::string> choices;
    for (const json::value& choice : one.at("choices").as_array()) choices.emplace_back(choice.as_string());
    ChoiceScore score = score_choices(numbers(one.at("loglikelihoods")), choices, static_cast<std::size_t>(*get_integer(one, "gold")));
    EXPECT_EQ(score.acc, get_number(one, "acc") == 1.0) << write_json(one);
    EXPECT_EQ(score.acc_norm, get_number(one, "acc_norm") == 1.0) << write_json(one);
  }
}

TEST(HarnessMetrics, Truth) {
  ASSAY_NEED_SHARED("golden/open-llm-leaderboard/metrics.json");
  for (const json::value& one : golden("metrics.json").at("truthfulqa").as_array()) {
    auto labels = numbers(one.at("mc2_labels"));
    auto truths = static_cast<std::size_t>(std::find(labels.begin(), labels.end(), 0.0) - labels.begin());
    TruthScore score = score_truth(numbers(one.at("loglikelihoods")), static_cast<std::size_t>(*get_integer(one, "n_mc1_choices")), truths);
    EXPECT_EQ(score.mc1, get_number(one, "mc1") == 1.0) << write_json(one);
    EXPECT_NEAR(score.mc2, *get_number(one, "mc2"), 1e-12 * *get_number(one, "mc2")) << write_json(one);
  }
}

TEST(HarnessMetrics, Corners) {
  const double nan = std::numeric_limits<double>::quiet_NaN(), inf = std::numeric_limits<double>::infinity();
  EXPECT_EQ(argmax(std::vector{-3.0, -1.0, -1.0}), 1u);
  EXPECT_EQ(argmax(std::vector{-3.0, nan, -1.0, nan}), 1u);
  EXPECT_EQ(argmax(std::vector{-inf, -inf}), 0u);
  // An empty choice is minus infinity, unless its sum is zero: then it is NaN, which wins.
  EXPECT_FALSE(score_choices(std::vector{-1.0, -5.0}, std::vector<std::string>{"", "ab"}, 0).acc_norm);
  EXPECT_TRUE(score_choices(std::vector{0.0, -5.0}, std::vector<std::string>{"", "ab"}, 0).acc_norm);
  EXPECT_TRUE(std::isnan(score_truth(std::vector{-1.0, -2.0, -800.0, -900.0}, 2, 1).mc2));
}

TEST(HarnessAggregate, AsTheOriginal) {
  ASSAY_NEED_SHARED("golden/open-llm-leaderboard/metrics.json");
  for (const json::value& one : golden("metrics.json").at("aggregation").as_array()) {
    auto binary = numbers(one.at("binary")), floats = numbers(one.at("floats"));
    std::vector<Weighted> pairs;
    for (const json::value& pair : one.at("weighted_pairs").as_array()) pairs.emplace_back(*as_number(pair.at(0)), *as_number(pair.at(1)));
    auto same = [&](const char* name, double value) {
      double wanted = *get_number(one, name);
      EXPECT_NEAR(value, wanted, 1e-12 * std::fabs(wanted)) << name;
    };
    same("mean_binary", mean(binary));
    same("mean_stderr_binary", *mean_stderr(binary));
    same("sample_stddev_floats", *sample_stddev(floats));
    same("mean_floats", mean(floats));
    same("mean_stderr_floats", *mean_stderr(floats));
    same("median_floats", median_unsorted(floats));
    same("perplexity_floats", perplexity(floats));
    same("weighted_perplexity", weighted_perplexity(pairs));
    same("bits_per_byte", bits_per_byte(pairs));
    for (const auto& [key, value] : one.as_object()) {
      std::string name(key);
      if (!name.starts_with("bootstrap_stderr_")) continue;
      std::size_t at = name.find("_iters");
      ASSERT_NE(at, std::string::npos);
      std::size_t iterations = std::stoul(name.substr(at + 6));
      auto metric = name.find("perplexity") != std::string::npos ? perplexity : median_unsorted;
      for (unsigned threads : {1u, 3u}) same(name.c_str(), *bootstrap_stderr(floats, metric, iterations, threads));
    }
  }
}

TEST(HarnessAggregate, NothingToSay) {
  EXPECT_FALSE(mean_stderr(std::vector{1.0}));
  EXPECT_FALSE(bootstrap_stderr(std::vector<double>{}, perplexity, 1000));
  EXPECT_FALSE(bootstrap_stderr(std::vector{1.0, 2.0}, perplexity, 0));
}

TEST(HarnessResults, AMeanThatIsNanIsInTheFileAndTheTable) {
  Part part;
  part.name = "truthfulqa_mc";
  Metric mc1, mc2;
  mc1.name = "mc1", mc1.value = 0.25, mc1.stderr_ = 0.1;
  mc2.name = "mc2", mc2.why_null = kUnderflows;
  part.metrics = {mc1, mc2};
  const std::vector<TaskResult> results = task_results(part, nullptr);
  EXPECT_TRUE(python_dumps(results_document(results, {}).at("results"), {.indent = 0}).contains("\"mc2\": NaN,\n\"mc2_stderr\": NaN")) << python_dumps(results_document(results, {}).at("results"));
  EXPECT_TRUE(results_table(results).contains("|mc2   |nan")) << results_table(results);
}

TEST(HarnessCache, Keys) {
  ASSAY_NEED_SHARED("golden/open-llm-leaderboard/cache_keys.json");
  for (const json::value& one : golden("cache_keys.json").at("cases").as_array())
    EXPECT_EQ(cache_key(*get_string(one, "attr"), one.at("args").as_array()), get_string(one, "sha256")) << write_json(one);
  EXPECT_EQ(cache_file("hf-causal", "pretrained=a/b,revision=main"), "lm_cache/hf-causal_pretrained-a-b_revision-main.db");
}

}  // namespace
}  // namespace assay::harness
