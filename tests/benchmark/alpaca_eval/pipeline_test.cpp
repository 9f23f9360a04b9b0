// The whole way from two tables of outputs to annotated comparisons and a cache file, against what the original program did with the same judge.
#include <fstream>

#include "base/file.h"
#include "benchmark/alpaca_eval/annotation_results.h"
#include "benchmark/alpaca_eval/seeded_draws.h"
#include "support/shared_data.h"

namespace assay::alpaca_eval {
namespace {

EvaluatorConfig shipped_config(const std::string& name) {
  const std::filesystem::path root = test::shared("upstream/alpaca-eval/evaluators_configs");
  auto files = [root](std::string_view path) -> std::optional<std::string> {
    auto text = read_file(root / path);
    if (!text) return std::nullopt;
    return *text;
  };
  auto config = read_evaluator_config(read_file(root / name / "configs.yaml").value(), name, files);
  EXPECT_TRUE(config) << (config ? "" : to_string(config.error()));
  return std::move(*config);
}

Table table_of(const json::value& records) { return read_table(write_json(records), ".json", "golden").value(); }

/// Equal but for the last digits of floats; 1 is 1.0.
bool same(const json::value& a, const json::value& b) {
  auto x = as_number(a), y = as_number(b);
  if (x && y) return std::abs(*x - *y) <= 1e-12 * std::max(1.0, std::abs(*x));
  if (a.is_object() && b.is_object()) {
    if (a.get_object().size() != b.get_object().size()) return false;
    for (const auto& member : a.get_object()) {
      const json::value* other = find(b, member.key());
      if (!other || !same(member.value(), *other)) return false;
    }
    return true;
  }
  if (a.is_array() && b.is_array()) {
    if (a.get_array().size() != b.get_array().size()) return false;
    for (std::size_t i = 0; i < a.get_array().size(); ++i)
      if (!same(a.get_array()[i], b.get_array()[i])) return false;
    return true;
  }
  return a == b;
}

void expect_rows(const std::vector<json::object>& mine, const json::array& want, const std::string& what) {
  ASSERT_EQ(mine.size(), want.size()) << what;
  for (std::size_t i = 0; i < mine.size(); ++i) {
    json::object row = mine[i];
    EXPECT_TRUE(row.contains("preference_version")) << what;
    row.erase("preference_version");
    row.erase("preference_date");
    EXPECT_TRUE(same(row, want[i])) << what << " row " << i << "\n mine " << write_json(row) << "\n want " << write_json(want[i]);
  }
}

AnnotationSettings settings_of(const json::object& kwargs) {
  AnnotationSettings out;
  for (const auto& member : kwargs) {
    if (member.key() == "seed")
      out.seed = member.value().get_int64();
    else if (member.key() == "p_label_flip")
      out.p_label_flip = member.value().get_double();
    else if (member.key() == "is_store_missing_annotations")
      out.store_missing = member.value().get_bool();
    else if (member.key() == "is_avoid_reannotations")
      out.avoid_reannotations = member.value().get_bool();
    else
      ADD_FAILURE() << "unknown argument " << member.key();
  }
  return out;
}

struct Call {
  AnnotationPlan plan;
  Annotations result;
};

/// One call as the original makes it: the cache is what a file holds, and the judge says what it said there.
Call call(const EvaluatorConfig& config, const AnnotationSettings& settings, const Table& merged, const json::value& golden, std::string& cache_file) {
  AnnotationCache cache(settings.all_keys());
  if (!cache_file.empty()) {
    EXPECT_TRUE(cache.read(cache_file, "cache"));
  }
  Call out;
  out.plan = plan_annotations(config, settings, merged, cache).value();
  std::map<std::string, json::value> said;
  for (const json::value& request : find(golden, "requests")->as_array()) said[get_string(request, "prompt").value()] = *find(request, "completion");
  std::vector<JudgeCompletion> completions;
  for (const PlannedPrompt& prompt : out.plan.prompts) completions.push_back({said[prompt.text], 0.01, 0.5, "2024-01-02T03:04:05", ""});
  out.result = annotate(config, settings, merged, out.plan, completions, "alpaca_eval==0.6.6", cache);
  cache_file = cache.write();
  return out;
}

void expect_requests(const AnnotationPlan& plan, const json::array& requests, const std::string& what) {
  ASSERT_EQ(plan.prompts.size(), requests.size()) << what;
  for (std::size_t i = 0; i < requests.size(); ++i) EXPECT_EQ(plan.prompts[i].text, get_string(requests[i], "prompt").value()) << what << " prompt " << i;
}

class AlpacaEvalPipeline : public testing::TestWithParam<const char*> {};

TEST_P(AlpacaEvalPipeline, Golden) {
  ASSAY_NEED_SHARED("golden/alpaca-eval/pipeline.json");
  json::value file = test::load_json(test::shared("golden/alpaca-eval/pipeline.json"));
  const json::value& c = *find_path(file, {"cases", GetParam()});
  EvaluatorConfig config = shipped_config(get_string(c, "config").value());
  const std::vector<std::string> keys{"instruction"};
  const bool ordered = find_path(c, {"call_kwargs", "is_ordered"}) != nullptr;
  Table merged = merge_tables(table_of(*find(c, "outputs_1")), table_of(*find(c, "outputs_2")), keys, ordered).value().table;
  std::string cache_file;
  for (const json::value& golden : find(c, "calls")->as_array()) {
    const json::value* kwargs = find(golden, "kwargs") ? find(golden, "kwargs") : find(c, "kwargs");
    AnnotationSettings settings = settings_of(kwargs->as_object());
    Call made = call(config, settings, merged, golden, cache_file);
    expect_requests(made.plan, find(golden, "requests")->as_array(), GetParam());
    expect_rows(made.result.table.records(), find(golden, "annotated")->as_array(), "annotated");
    auto cached = read_table(cache_file, ".json", "cache").value();
    expect_rows(cached.records(), find(golden, "cache")->as_array(), "cache");
  }
}

INSTANTIATE_TEST_SUITE_P(Cases, AlpacaEvalPipeline,
                         testing::Values("weighted_logprob", "ranking_shuffled_merge", "batch5_padding", "pool", "cot", "missing_and_duplicates",
                                         "is_ordered", "no_cache_reuse", "seed3"),
                         [](const auto& info) { return std::string(info.param); });

TEST(AlpacaEvalPipelineDefects, ATieOfTheLmsysParserIsATie) {
  ASSAY_NEED_SHARED("golden/alpaca-eval/pipeline.json");
  json::value file = test::load_json(test::shared("golden/alpaca-eval/pipeline.json"));
  const json::value& c = *find_path(file, {"cases", "lmsys_norandom"});
  EvaluatorConfig config = shipped_config("lmsys_gpt4");
  const std::vector<std::string> keys{"instruction"};
  Table merged = merge_tables(table_of(*find(c, "outputs_1")), table_of(*find(c, "outputs_2")), keys).value().table;
  const json::value& golden = find(c, "calls")->as_array().front();
  std::string cache_file;
  Call made = call(config, {}, merged, golden, cache_file);
  expect_requests(made.plan, find(golden, "requests")->as_array(), "lmsys");
  std::map<std::string, std::string> said;
  for (const json::value& request : find(golden, "requests")->as_array())
    said[get_string(request, "prompt").value()] = get_string(request, "completion").value();
  std::size_t ties = 0;
  auto preference = made.result.table.column("preference").value();
  for (std::size_t i = 0; i < made.plan.prompts.size(); ++i) {
    const std::string& words = said[made.plan.prompts[i].text];
    if (words.substr(0, 3) != "5 5" && words.substr(0, 3) != "7 7") continue;
    ++ties;
    for (std::size_t row = 0; row < made.plan.pair_of_row.size(); ++row)
      if (made.plan.pair_of_row[row] == made.plan.prompts[i].pairs[0]) {
        EXPECT_EQ(made.result.table.rows[row][preference], 1.5);
      }
  }
  EXPECT_GT(ties, 0u);
}

TEST(AlpacaEvalPipelineDefects, NoisyLabelsAreReturnedAndNotCached) {
  ASSAY_NEED_SHARED("golden/alpaca-eval/pipeline.json");
  json::value file = test::load_json(test::shared("golden/alpaca-eval/pipeline.json"));
  const json::value& c = *find_path(file, {"cases", "label_flip_warm_cache"});
  EvaluatorConfig config = shipped_config("alpaca_eval_gpt4");
  const std::vector<std::string> keys{"instruction"};
  Table merged = merge_tables(table_of(*find(c, "outputs_1")), table_of(*find(c, "outputs_2")), keys).value().table;
  std::string cache_file;
  const json::array& calls = find(c, "calls")->as_array();
  Call plain = call(config, {}, merged, calls[0], cache_file);
  expect_rows(plain.result.table.records(), find(calls[0], "annotated")->as_array(), "plain");
  AnnotationSettings noisy;
  noisy.p_label_flip = 0.25;
  const std::string before = cache_file;
  Call flipped = call(config, noisy, merged, calls[1], cache_file);
  EXPECT_EQ(cache_file.size(), before.size());
  const json::array& want = find(calls[1], "annotated")->as_array();
  auto preference = flipped.result.table.column("preference").value(), instruction = merged.column("instruction").value();
  std::size_t drawn = 0;
  for (std::size_t i = 0; i < want.size(); ++i) {
    const PlannedPair& pair = flipped.plan.pairs[flipped.plan.pair_of_row[i]];
    auto label = noisy_label(merged.rows[i][instruction].get_string(), 0, 0.25);
    const json::value& mine = flipped.result.table.rows[i][preference];
    if (label && pair.from == PlannedPair::From::noise) {
      ++drawn;
      EXPECT_EQ(mine, static_cast<double>(*label));
      EXPECT_TRUE(find(want[i], "preference")->is_null());  // the original loses them
    } else if (!label) {
      EXPECT_TRUE(same(mine, *find(want[i], "preference"))) << i;
    }
  }
  EXPECT_GT(drawn, 0u);
}

TEST(AlpacaEvalPipeline, FailuresThatAreNotStoredAreAskedAgain) {
  auto files = [](std::string_view) { return std::optional<std::string>(); };
  EvaluatorConfig config =
      read_evaluator_config("j:\n  prompt_template: '{instruction} {output_1} {output_2}'\n  completion_parser_kwargs:\n    outputs_to_match: {1: a, 2: b}\n", "test", files).value();
  Table table = read_table(R"([{"instruction":"x","output_1":"1","output_2":"2"}])", ".json", "t").value();
  for (bool store : {true, false}) {
    AnnotationSettings settings;
    settings.store_missing = store;
    AnnotationCache cache(settings.all_keys());
    auto plan = plan_annotations(config, settings, table, cache).value();
    std::vector<JudgeCompletion> completions{{"nothing of use", {}, {}, "", ""}};
    auto result = annotate(config, settings, table, plan, completions, "", cache);
    EXPECT_EQ(result.counts.unparsed, 1u);
    EXPECT_EQ(result.counts.missing, 1u);
    EXPECT_FALSE(result.counts.example.empty());
    EXPECT_EQ(plan_annotations(config, settings, table, cache)->prompts.size(), store ? 0u : 1u);
  }
}

TEST(AlpacaEvalPipeline, StoredCompletionsAreParsedAgain) {
  auto files = [](std::string_view) { return std::optional<std::string>(); };
  auto config = [&](const char* first, const char* second) {
    return read_evaluator_config("j:\n  prompt_template: '{instruction} {output_1} {output_2}'\n  completion_parser_kwargs:\n    outputs_to_match: {1: " +
                                     std::string(first) + ", 2: " + second + "}\n", "test", files).value();
  };
  Table table = read_table(R"([{"instruction":"x","output_1":"1","output_2":"2"},{"instruction":"y","output_1":"1","output_2":"2"}])", ".json", "t").value();
  AnnotationSettings settings;
  AnnotationCache cache(settings.all_keys());
  EvaluatorConfig ab = config("a", "b"), ba = config("b", "a");
  auto plan = plan_annotations(ab, settings, table, cache).value();
  std::vector<JudgeCompletion> completions(2, {"a", 0.5, {}, "", ""});
  auto first = annotate(ab, settings, table, plan, completions, "", cache);
  settings.reapply_parsing = true;
  auto again = plan_annotations(ba, settings, table, cache).value();
  EXPECT_TRUE(again.prompts.empty());
  auto second = annotate(ba, settings, table, again, {}, "", cache);
  auto preference = first.table.column("preference").value();
  for (std::size_t i = 0; i < 2; ++i)
    EXPECT_EQ(first.table.rows[i][preference].get_double() + second.table.rows[i][preference].get_double(), 3.0);
}

TEST(AlpacaEvalPipeline, LaterChunksTakeWhatEarlierOnesAsk) {
  auto files = [](std::string_view) { return std::optional<std::string>(); };
  EvaluatorConfig config =
      read_evaluator_config("j:\n  prompt_template: '{instruction} {output_1} {output_2}'\n  completion_parser_kwargs:\n    outputs_to_match: {1: a, 2: b}\n", "test", files).value();
  Table table = read_table(R"([{"instruction":"x","output_1":"1","output_2":"2"},{"instruction":"y","output_1":"1","output_2":"2"},{"instruction":"x","output_1":"1","output_2":"2"}])", ".json", "t").value();
  AnnotationSettings settings;
  settings.chunk_size = 1;
  AnnotationCache cache(settings.all_keys());
  auto plan = plan_annotations(config, settings, table, cache).value();
  EXPECT_EQ(plan.chunks, 3u);
  EXPECT_EQ(plan.prompts.size(), 2u);
  std::vector<JudgeCompletion> completions(2, {"a", 0.5, {}, "", ""});
  auto result = annotate(config, settings, table, plan, completions, "", cache);
  EXPECT_EQ(result.table.rows[0], result.table.rows[2]);
  EXPECT_EQ(result.counts.annotated, 3u);
}

TEST(AlpacaEvalPipeline, TheWinnerIsNamedFirst) {
  auto files = [](std::string_view) { return std::optional<std::string>(); };
  EvaluatorConfig config = read_evaluator_config("j:\n  prompt_template: '{instruction} {output_1} {output_2}'\n  fn_completion_parser: eval_parser\n"
                                                 "  processors_to_kwargs: {ChainOfThoughtProcessor: {}}\n", "test", files).value();
  const json::value completion = R"({"concise_explanation": "c", "ordered_models": [{"model": "M", "rank": 2}, {"model": "m", "rank": 1}]})";
  auto judged = judge_pair(config.annotators[0], 2, true, completion);
  EXPECT_EQ(judged.preference, 1.0);
  EXPECT_EQ(write_json(judged.columns["referenced_models"]), R"({"m":"output_1","M":"output_2"})");
}

TEST(AlpacaEvalConfig, AllShippedOnesAreRead) {
  ASSAY_NEED_SHARED("upstream/alpaca-eval/evaluators_configs");
  std::size_t read = 0;
  for (const auto& folder : std::filesystem::directory_iterator(test::shared("upstream/alpaca-eval/evaluators_configs"))) {
    if (!std::filesystem::exists(folder.path() / "configs.yaml")) continue;
    EvaluatorConfig config = shipped_config(folder.path().filename().string());
    EXPECT_FALSE(config.annotators.empty());
    ++read;
  }
  EXPECT_EQ(read, 44u);
  EvaluatorConfig farm = shipped_config("alpaca_farm");
  EXPECT_EQ(farm.annotators.size(), 13u);
  EXPECT_EQ(farm.annotators[0].batch_size, 4u);
  // No dot: a text in YAML 1.1.
  EXPECT_EQ(shipped_config("alpaca_eval_llama3_70b_fn").annotators[0].completions_kwargs.find("price_per_token")->kind, PythonValue::Kind::text);
}

TEST(AlpacaEvalConfig, LinesOfPromptFilesEndAsPythonReadsThem) {
  auto files = [](std::string_view) { return std::optional<std::string>("a\r\nb\rc\n"); };
  EXPECT_EQ(read_evaluator_config("j:\n  prompt_template: j/p.txt\n  completion_parser_kwargs:\n    outputs_to_match: {1: a}\n", "test", files)->annotators[0].prompt_template, "a\nb\nc\n");
}

TEST(AlpacaEvalConfig, WhatDoesNotFitIsNamed) {
  auto files = [](std::string_view) { return std::optional<std::string>(); };
  auto message = [&](const std::string& yaml) {
    auto config = read_evaluator_config(yaml, "my.yaml", files);
    return config ? std::string("read") : to_string(config.error());
  };
  EXPECT_NE(message("a:\n  prompt_template: 'x {y}'\n  fn_completion_parser: regexp_parser\n").find("regex_parser"), std::string::npos);
  EXPECT_NE(message("a:\n  prompt_template: 'x {y}'\n  batchsize: 2\n").find("batch_size"), std::string::npos);
  EXPECT_NE(message("a:\n  prompt_template: no/such.txt\n  completion_parser_kwargs: {outputs_to_match: {1: a}}\n").find("no/such.txt"), std::string::npos);
  EXPECT_NE(message("- a\n").find("mapping"), std::string::npos);
  EXPECT_NE(message("a: [\n").find("my.yaml:"), std::string::npos);
}

}  // namespace
}  // namespace assay::alpaca_eval
