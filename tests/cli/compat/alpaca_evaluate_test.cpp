// `evaluate` and `make_leaderboard` against what the original wrote and printed, with the same judge: every file, byte for byte.
#include "cli/compat/alpaca_analyze.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdio>

#include "base/file.h"
#include "base/number.h"
#include "base/text.h"
#include "benchmark/alpaca_eval/pandas_json.h"
#include "support/shared_data.h"
#include "support/temporary_folder.h"

namespace assay::compat {
namespace {

namespace fs = std::filesystem;
using namespace alpaca_eval;

/// A folder to work in for as long as a test lasts.
class WorkingFolder {
 public:
  WorkingFolder() : before_(fs::current_path()) { fs::current_path(folder_.path()); }
  ~WorkingFolder() { fs::current_path(before_); }

 private:
  test::TemporaryFolder folder_;
  fs::path before_;
};

AlpacaSurroundings surroundings_of(const json::value& requests, std::string& printed, std::size_t& asked) {
  AlpacaSurroundings out;
  out.roots = {test::shared("upstream/alpaca-eval")};
  out.weights = "weights";
  out.now = [] { return std::string("DATE"); };
  out.package_version = "";
  out.print = [&](std::string_view text) { printed += text; };
  out.warn = [](std::string_view) {};
  out.reference = [] { return Result<Table>(fail(ErrorKind::data, "not asked for")); };
  out.length_data = [] {
    LengthData data;
    data.gamed = std::make_shared<const GamedRows>(read_gamed_rows(read_file(test::shared("upstream/alpaca-eval/lc-reference/df_gamed_standin.csv")).value(), "gamed").value());
    return data;
  };
  auto said = std::make_shared<std::map<std::string, json::value>>();
  for (const json::value& request : requests.as_array()) (*said)[get_string(request, "prompt").value()] = *find(request, "completion");
  out.judge = [said, &asked](const EvaluatorConfig&, const AnnotationPlan& plan) -> Result<std::vector<JudgeCompletion>> {
    std::vector<JudgeCompletion> completions;
    for (const PlannedPrompt& prompt : plan.prompts) {
      ++asked;
      EXPECT_TRUE(said->contains(prompt.text)) << prompt.text.substr(0, 200);
      completions.push_back({(*said)[prompt.text], 0.01, 0.5, "DATE", ""});
    }
    return completions;
  };
  return out;
}

/// The original keeps the columns of completions in no particular order: ours are put into its order, then every byte must be the same.
void expect_same_annotations(const std::string& mine, const std::string& want, const std::string& what) {
  auto ours = parse_json(mine), theirs = parse_json(want);
  ASSERT_TRUE(ours && theirs) << what;
  ASSERT_EQ(ours->as_array().size(), theirs->as_array().size()) << what;
  std::vector<json::object> ordered;
  for (std::size_t i = 0; i < ours->as_array().size(); ++i) {
    const json::object& a = ours->as_array()[i].as_object();
    const json::object& b = theirs->as_array()[i].as_object();
    EXPECT_EQ(a.size(), b.size()) << what;
    json::object& row = ordered.emplace_back();
    auto it = a.begin();
    bool completions = false;
    for (const auto& member : b) {
      if (!completions) {
        EXPECT_EQ(it->key(), member.key()) << what;  // up to the preference the order is fixed
      }
      completions = completions || member.key() == "preference";
      if (it != a.end()) ++it;
      const json::value* cell = a.if_contains(member.key());
      ASSERT_NE(cell, nullptr) << what << ": no " << member.key();
      row[member.key()] = *cell;
    }
  }
  EXPECT_EQ(write_pandas_records(ordered), want) << what;
}

/// The table cell by cell, numbers to twelve digits: what goes through an exponential may differ in the last one, as the original's come from numpy's
/// own vector code.
void expect_same_board(const std::string& mine, const std::string& want, const std::string& what) {
  if (mine == want) return;
  std::vector<std::string> ours = split(mine, '\n'), theirs = split(want, '\n');
  ASSERT_EQ(ours.size(), theirs.size()) << what;
  for (std::size_t i = 0; i < ours.size(); ++i) {
    std::vector<std::string> a = split(ours[i], ','), b = split(theirs[i], ',');
    ASSERT_EQ(a.size(), b.size()) << what << " line " << i + 1;
    for (std::size_t c = 0; c < a.size(); ++c) {
      auto x = python_float(a[c]), y = python_float(b[c]);
      if (x && y) {
        EXPECT_NEAR(*x, *y, 1e-12 * std::max(1.0, std::abs(*y))) << what << " line " << i + 1 << " cell " << c + 1;
      } else {
        EXPECT_EQ(a[c], b[c]) << what << " line " << i + 1;
      }
    }
  }
}

FireValues values_of(const json::object& arguments) {
  FireValues out;
  for (const auto& member : arguments) out.set(std::string(member.key()), python_value(member.value()));
  out.set("caching_path", {});
  return out;
}

TEST(AlpacaEvaluate, EveryStepOfTheOriginal) {
  ASSAY_NEED_SHARED("golden/alpaca-eval/evaluate.json");
  json::value file = test::load_json(test::shared("golden/alpaca-eval/evaluate.json"));
  json::value outputs = test::load_json(test::shared("upstream/alpaca-eval/example/outputs.json"));
  json::value references = test::load_json(test::shared("upstream/alpaca-eval/references/alpaca_eval_gpt4_baseline.json"));
  outputs.as_array()[3].as_object()["output"] = references.as_array()[3].as_object()["output"];  // one output was the reference's
  WorkingFolder here;
  for (auto [name, table] : {std::pair{"model.json", &outputs}, std::pair{"ref.json", &references}}) {
    json::array slice(table->as_array().begin(), table->as_array().begin() + 12);
    ASSERT_TRUE(write_file(name, write_json(slice)));
  }
  const json::array& steps = find(file, "steps")->as_array();
  ASSERT_TRUE(write_file("results_pre.csv", get_string(*find(steps[0], "files"), "results_pre.csv").value()));
  ASSERT_TRUE(write_file("all.json", get_string(*find(steps.back(), "files"), "all.json").value()));
  const std::string nested = "weighted_alpaca_eval_gpt4_turbo/weighted_alpaca_eval_gpt4_turbo/";
  std::size_t compared = 0, boards = 0, exact = 0;
  for (const json::value& step : steps) {
    const std::string name = get_string(step, "name").value();
    SCOPED_TRACE(name);
    FireValues values = values_of(find(step, "args")->as_object());
    std::string printed;
    std::size_t asked = 0;
    AlpacaSurroundings surroundings = surroundings_of(*find(step, "requests"), printed, asked);
    Result<EvaluateResult> result = fail(ErrorKind::internal, "");
    if (name == "make_leaderboard") {
      auto flags = read_make_leaderboard_flags(values, {});
      ASSERT_TRUE(flags) << to_string(flags.error());
      result = make_leaderboard(*flags, surroundings);
    } else {
      auto flags = read_evaluate_flags(values, {});
      if (name == "bad_mode") {
        ASSERT_FALSE(flags);
        EXPECT_EQ("ValueError: " + flags.error().message, get_string(step, "error").value());
        continue;
      }
      ASSERT_TRUE(flags) << to_string(flags.error());
      result = evaluate(*flags, surroundings);
    }
    ASSERT_TRUE(result) << to_string(result.error());
    EXPECT_EQ(asked, find(step, "requests")->as_array().size());
    // The original's print of make_leaderboard fails; an empty line follows what it prints otherwise.
    if (name != "make_leaderboard") {
      EXPECT_EQ(std::string(rstrip(result->printed)), std::string(rstrip(get_string(step, "stdout").value())));
    }
    for (const auto& member : find(step, "files")->as_object()) {
      std::string path = member.key();
      const std::string want(member.value().as_string());
      // Recomputed metrics are written where the annotations came from, and not into a second folder of the same name below.
      if (path.starts_with(nested)) path = path.substr(nested.size() / 2);
      else if (path.starts_with("weighted_alpaca_eval_gpt4_turbo/") && name != "evaluate_weighted_preNone") continue;
      auto mine = read_file(path);
      ASSERT_TRUE(mine) << path;
      ++compared;
      if (path.ends_with("annotations.json")) {
        expect_same_annotations(*mine, want, path);
      } else if (path.ends_with(".csv")) {
        exact += *mine == want;
        ++boards;
        expect_same_board(*mine, want, path);
      }
    }
  }
  EXPECT_GT(compared, 40u);
  RecordProperty("boards", static_cast<int>(boards));
  RecordProperty("byte_equal_boards", static_cast<int>(exact));
  std::printf("%zu of %zu leaderboards byte for byte\n", exact, boards);
}

TEST(AlpacaEvaluate, ACacheSparesEveryRequest) {
  ASSAY_NEED_SHARED("golden/alpaca-eval/evaluate.json");
  json::value file = test::load_json(test::shared("golden/alpaca-eval/evaluate.json"));
  const json::value& step = find(file, "steps")->as_array().front();
  json::value outputs = test::load_json(test::shared("upstream/alpaca-eval/example/outputs.json"));
  json::value references = test::load_json(test::shared("upstream/alpaca-eval/references/alpaca_eval_gpt4_baseline.json"));
  outputs.as_array()[3].as_object()["output"] = references.as_array()[3].as_object()["output"];  // one output was the reference's
  WorkingFolder here;
  for (auto [name, table] : {std::pair{"model.json", &outputs}, std::pair{"ref.json", &references}}) {
    json::array slice(table->as_array().begin(), table->as_array().begin() + 12);
    ASSERT_TRUE(write_file(name, write_json(slice)));
  }
  FireValues values = values_of(find(step, "args")->as_object());
  values.set("caching_path", PythonValue::of("cache.json"));
  std::string printed;
  std::size_t asked = 0;
  AlpacaSurroundings surroundings = surroundings_of(*find(step, "requests"), printed, asked);
  auto flags = read_evaluate_flags(values, {});
  ASSERT_TRUE(flags);
  ASSERT_TRUE(evaluate(*flags, surroundings));
  EXPECT_EQ(asked, 11u);
  auto again = evaluate(*flags, surroundings);
  ASSERT_TRUE(again);
  EXPECT_EQ(asked, 11u);
  // The cache has ten decimals.
  const Cell* rate = again->board.find("example")->find("win_rate");
  ASSERT_NE(rate, nullptr);
  EXPECT_NEAR(std::get<double>(*rate), 49.96042051208327, 1e-8);
}

TEST(AlpacaEvaluate, WithoutLengthDataTheRawRateIsShown) {
  WorkingFolder here;
  ASSERT_TRUE(write_file("m.json", R"([{"instruction":"a","output":"x","generator":"me"},{"instruction":"b","output":"y","generator":"me"},{"instruction":"zz","output":"y","generator":"me"}])"));
  ASSERT_TRUE(write_file("r.json", R"([{"instruction":"b","output":"yy","generator":"ref"},{"instruction":"a","output":"xx","generator":"ref"}])"));
  ASSERT_TRUE(write_file("j/configs.yaml", "judge:\n  prompt_template: '{instruction} {output_1} {output_2}'\n  completion_parser_kwargs: {outputs_to_match: {1: a, 2: b}}\n"));
  FireValues values;
  values.set("model_outputs", PythonValue::of("m.json"));
  values.set("reference_outputs", PythonValue::of("r.json"));
  values.set("annotators_config", PythonValue::of("./j"));
  values.set("output_path", PythonValue::of("out"));
  std::string printed;
  std::size_t asked = 0;
  AlpacaSurroundings surroundings = surroundings_of(json::array(), printed, asked);
  std::vector<std::string> warnings;
  surroundings.warn = [&](std::string_view text) { warnings.emplace_back(text); };
  surroundings.length_data = [] {
    LengthData none;
    none.why = "not imported";
    return none;
  };
  surroundings.judge = [](const EvaluatorConfig&, const AnnotationPlan& plan) -> Result<std::vector<JudgeCompletion>> {
    return std::vector<JudgeCompletion>(plan.prompts.size(), {"a", {}, {}, "DATE", ""});
  };
  auto flags = read_evaluate_flags(values, {});
  ASSERT_TRUE(flags);
  auto result = evaluate(*flags, surroundings);
  ASSERT_TRUE(result) << to_string(result.error());
  EXPECT_TRUE(std::holds_alternative<double>(*result->board.find("me")->find("win_rate")));
  EXPECT_TRUE(contains(result->printed, "NaN"));
  EXPECT_TRUE(fs::exists("out/annotations.json"));  // a path of an evaluator gets no folder of its own
  EXPECT_TRUE(fs::exists("j/annotations_seed0_configs.json"));
  std::string all = join(warnings, "\n");
  EXPECT_TRUE(contains(all, "not imported"));
  EXPECT_TRUE(contains(all, "1 of 3 outputs of the model have no reference"));
}

/// One number of a row; NaN where it has none.
double number_of(const LeaderboardRow& row, std::string_view column) {
  const Cell* cell = row.find(column);
  if (!cell) return std::nan("");
  if (const auto* whole = std::get_if<std::int64_t>(cell)) return static_cast<double>(*whole);
  const auto* value = std::get_if<double>(cell);
  return value ? *value : std::nan("");
}

// Real annotations as the cache, so that nobody is asked: the leaderboard made of them has the published rows.
TEST(AlpacaEvaluate, MakeLeaderboardGivesThePublishedRows) {
  ASSAY_NEED_SHARED("upstream/alpaca-eval/annotations");
  WorkingFolder here;
  json::array all, cache;
  const std::vector<std::string> models{"FuseChat-Llama-3.2-1B-Instruct", "text_davinci_001"};
  for (const std::string& model : models) {
    json::value annotations = test::load_json(test::shared("upstream/alpaca-eval/annotations/" + model + "/weighted_alpaca_eval_gpt4_turbo/annotations.json"));
    for (json::value& row : annotations.as_array()) {
      all.push_back(json::object{{"instruction", *find(row, "instruction")}, {"output", *find(row, "output_2")}, {"generator", *find(row, "generator_2")}, {"dataset", *find(row, "dataset")}});
      cache.push_back(std::move(row));
    }
  }
  ASSERT_TRUE(write_file("all.json", write_json(all)));
  ASSERT_TRUE(write_file("cache.json", write_json(cache)));
  FireValues values;
  values.set("all_model_outputs", PythonValue::of("all.json"));
  values.set("reference_outputs", PythonValue::of(test::shared("upstream/alpaca-eval/references/alpaca_eval_gpt4_baseline.json").string()));
  values.set("leaderboard_path", PythonValue::of("board.csv"));
  values.set("caching_path", PythonValue::of("cache.json"));
  std::string printed;
  std::size_t asked = 0;
  AlpacaSurroundings surroundings = surroundings_of(json::array(), printed, asked);
  auto flags = read_make_leaderboard_flags(values, {});
  ASSERT_TRUE(flags) << to_string(flags.error());
  auto made = make_leaderboard(*flags, surroundings);
  ASSERT_TRUE(made) << to_string(made.error());
  EXPECT_EQ(asked, 0u);
  auto published = read_board(read_file(test::shared("upstream/alpaca-eval/leaderboards/data_AlpacaEval_2/weighted_alpaca_eval_gpt4_turbo_leaderboard.csv")).value(), "published");
  auto written = read_board(read_file("board.csv").value(), "board.csv");
  ASSERT_TRUE(published && written);
  double worst = 0, worst_controlled = 0;
  for (const std::string& model : models) {
    const LeaderboardRow *mine = written->find(model), *theirs = published->find(model);
    ASSERT_TRUE(mine && theirs) << model;
    for (const char* column : {"win_rate", "standard_error", "n_wins", "n_wins_base", "n_draws", "n_total", "discrete_win_rate", "avg_length"}) {
      // Lengths are those of all outputs, and two of this model's have no annotation.
      if (std::string_view(column) == "avg_length" && number_of(*theirs, "n_total") < 805) continue;
      EXPECT_NEAR(number_of(*mine, column), number_of(*theirs, column), 1e-9) << model << " " << column;
      worst = std::max(worst, std::abs(number_of(*mine, column) - number_of(*theirs, column)));
    }
    for (const char* column : {"length_controlled_winrate", "lc_standard_error"}) {
      if (std::isnan(number_of(*theirs, column))) continue;  // older rows lack the error
      EXPECT_NEAR(number_of(*mine, column), number_of(*theirs, column), 1e-7) << model << " " << column;
      worst_controlled = std::max(worst_controlled, std::abs(number_of(*mine, column) - number_of(*theirs, column)));
    }
  }
  EXPECT_TRUE(contains(made->printed, "FuseChat-Llama-3.2-1B-Instruct"));
  std::printf("          worst difference from the published rows: %.2g, length-controlled %.2g\n", worst, worst_controlled);
}

TEST(AlpacaAnalyze, CrossAnnotationsOfTheOriginal) {
  ASSAY_NEED_SHARED("golden/alpaca-eval/crossannotations.json");
  json::value file = test::load_json(test::shared("golden/alpaca-eval/crossannotations.json"));
  const json::array& want = find(file, "rows")->as_array();
  // People's judgements as they come out of the analyzer: with an index in every group.
  json::array gold;
  for (const json::value& row : want) {
    json::object one;
    for (const char* column : {"instruction", "output_1", "output_2", "annotator_index", "dataset", "datasplit", "time_per_example", "price_per_example", "index", "n_annotated"})
      one[column] = *find(row, column);
    one["preference"] = *find(row, "gold_preference");
    gold.push_back(std::move(one));
  }
  Table table = read_table(write_json(gold), ".json", "gold").value();
  WorkingFolder here;
  std::string printed;
  std::size_t asked = 0;
  AlpacaSurroundings surroundings = surroundings_of(json::array(), printed, asked);
  int seed = -1;
  surroundings.judge = [&](const EvaluatorConfig&, const AnnotationPlan& plan) -> Result<std::vector<JudgeCompletion>> {
    ++seed;
    std::vector<JudgeCompletion> completions;
    for (const PlannedPrompt& prompt : plan.prompts) {
      const auto& keys = plan.pairs[prompt.pairs[0]].keys;
      JudgeCompletion completion{"nothing that can be read", 0.01, 0.5, "DATE", ""};
      for (const json::value& row : want)
        if (get_integer(row, "index") == seed && get_string(row, "instruction") == keys[0] && get_string(row, "output_1") == keys[1] && get_string(row, "output_2") == keys[2])
          if (const json::value& raw = *find(row, "preference_raw_completion"); !raw.is_null()) completion.raw = raw;
      completions.push_back(std::move(completion));
    }
    return completions;
  };
  FireValues values;
  values.set("annotators_config", PythonValue::of("alpaca_eval_gpt4"));
  values.set("caching_path", {});
  auto flags = read_analyze_flags(values, {});
  ASSERT_TRUE(flags);
  auto evaluator = find_evaluator(surroundings, "alpaca_eval_gpt4", flags->annotator);
  ASSERT_TRUE(evaluator) << to_string(evaluator.error());
  auto made = cross_annotations(*flags, surroundings, *evaluator, table);
  ASSERT_TRUE(made) << to_string(made.error());
  EXPECT_EQ(seed, 3);
  auto records = made->records();
  ASSERT_EQ(records.size(), want.size());
  std::size_t judged = 0;
  for (std::size_t i = 0; i < records.size(); ++i) {
    const json::value row = records[i];
    for (const char* column : {"instruction", "index", "n_annotated", "annotator", "gold_preference", "preference_raw_completion", "datasplit"})
      EXPECT_EQ(write_json(*find(row, column)), write_json(*find(want[i], column))) << i << " " << column;
    EXPECT_EQ(get_number(row, "preference"), get_number(want[i], "preference")) << i;
    // The original takes the people's price here; the judge's own is what the column says.
    EXPECT_EQ(get_number(row, "price_per_example"), get_number(want[i], "preference_price_per_example")) << i;
    judged += get_number(row, "preference").has_value();
  }
  EXPECT_GT(judged, 20u);
}

TEST(FireWords, FormsOfFlags) {
  const FireFlags known{{"model_outputs", "name", "is_overwrite_leaderboard", "max_instances"}, {"--json", "--help"}, {"--store"}};
  auto words = [&](std::vector<std::string> in) { return join(fire_words(in, known), " "); };
  EXPECT_EQ(words({"--model_outputs", "a.json", "--name=x"}), "--model_outputs=a.json --name=x");
  EXPECT_EQ(words({"--model-outputs", "a.json"}), "--model_outputs=a.json");
  EXPECT_EQ(words({"--is_overwrite_leaderboard", "--json", "--store", "s.db"}), "--is_overwrite_leaderboard=True --json --store s.db");
  EXPECT_EQ(words({"--nois_overwrite_leaderboard"}), "--is_overwrite_leaderboard=False");
  EXPECT_EQ(words({"-n", "x", "--max_instances", "-1"}), "--name=x --max_instances=-1");
  EXPECT_EQ(words({"-m", "x"}), "--m=x");  // two flags begin so
  EXPECT_EQ(words({"evaluate", "--", "--help"}), "evaluate --help");
  EXPECT_EQ(words({"-h"}), "-h");
  EXPECT_EQ(words({"-n=x", "--name", "-5"}), "--name=x --name=-5");
}

TEST(FireWords, ALetterStandsForAFlagOfTheCommandItself) {
  FireFlags known{{"reference_outputs", "reference_model_configs", "random_seed_column"}, {}, {}};
  EXPECT_EQ(join(fire_words({"-r", "x"}, known), " "), "--r=x");
  known.letters = {"reference_outputs"};
  EXPECT_EQ(join(fire_words({"-r", "x"}, known), " "), "--reference_outputs=x");
  EXPECT_EQ(join(fire_words({"--random_seed_column", "x"}, known), " "), "--random_seed_column=x");
}

TEST(FireWords, Values) {
  EXPECT_EQ(fire_value("True"), PythonValue::of(true));
  EXPECT_EQ(fire_value("3").integer, 3);
  EXPECT_EQ(fire_value("None").kind, PythonValue::Kind::none);
  EXPECT_EQ(fire_value("results/a.json"), PythonValue::of("results/a.json"));
  EXPECT_EQ(write_json(to_json(fire_value("[gpt4, 'claude', 3]"))), R"(["gpt4","claude",3])");
  EXPECT_EQ(write_json(to_json(fire_value("{glm_name: length_controlled_minimal, 'save_weights_dir': None}"))), R"({"glm_name":"length_controlled_minimal","save_weights_dir":null})");
}

// As fire, which takes names with commas between them for a tuple.
TEST(FireWords, ListsNeedNoBrackets) {
  FireValues values;
  values.set("input_keys", fire_value("instruction,context"));
  values.set("output_keys", fire_value("output_1, 'output_2'"));
  values.set("name", fire_value("gpt4, new"));
  EXPECT_EQ(values.texts("input_keys", {}).value(), (std::vector<std::string>{"instruction", "context"}));
  EXPECT_EQ(values.texts("output_keys", {}).value(), (std::vector<std::string>{"output_1", "output_2"}));
  EXPECT_EQ(values.text("name", "").value(), "gpt4, new");  // a text is wanted there
}

TEST(AlpacaFlags, MistakesAreNamed) {
  FireValues values;
  values.set("model_output", PythonValue::of("x"));
  auto only = only_flags(values, {&evaluate_flags(), &annotator_flags()}, "evaluate");
  ASSERT_FALSE(only);
  EXPECT_TRUE(contains(to_string(only.error()), "--model_outputs"));
  FireValues metric;
  metric.set("fn_metric", PythonValue::of("get_win_rate"));
  auto read = read_evaluate_flags(metric, {});
  ASSERT_FALSE(read);
  EXPECT_TRUE(contains(to_string(read.error()), "get_winrate"));
  EXPECT_FALSE(alpaca_version("maybe"));
  EXPECT_FALSE(alpaca_version("False")->two);
  EXPECT_TRUE(alpaca_version(std::nullopt)->two);
}

}  // namespace
}  // namespace assay::compat
