// Task files: includes, groups, tags, overrides, refusals, the index over folders, and what is said of files that are wrong.
#include <fstream>

#include "base/text.h"
#include "benchmark/harness/yaml_functions.h"
#include "benchmark/harness/yaml_golden.h"
#include "benchmark/harness/yaml_index.h"
#include "benchmark/harness/yaml_select.h"

namespace assay::harness::test {
namespace {

namespace fs = std::filesystem;

class YamlLoading : public ::testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::temp_directory_path() / ("assay-yaml-" + std::to_string(::getpid()) + "-" +
                                           ::testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(folder_);
    fs::create_directories(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }
  std::string put(const std::string& name, const std::string& text) {
    ASSERT_OR_DIE(write_file(folder_ / name, text));
    return (folder_ / name).string();
  }
  static void ASSERT_OR_DIE(const Result<void>& done) { ASSERT_TRUE(done) << to_string(done.error()); }
  TaskIndex index(const fs::path& cache = {}) {
    auto built = TaskIndex::build({folder_ / "tasks"}, cache, 2);
    EXPECT_TRUE(built) << (built ? "" : to_string(built.error()));
    return built ? std::move(*built) : TaskIndex();
  }
  Result<TaskSelection> select(const std::vector<std::string>& wanted, PythonValue metadata = {}) {
    index_ = index();
    return TaskSelector(index_, files_, std::move(metadata)).select(wanted);
  }
  fs::path folder_;
  TaskIndex index_;
  YamlFiles files_;
};

constexpr const char* kBase =
    "dataset_path: toy\ntest_split: test\noutput_type: multiple_choice\ndoc_to_text: \"{{q}}\"\ndoc_to_choice: [a, "
    "b]\ndoc_to_target: gold\n"
    "metadata:\n  version: 2\n";

TEST_F(YamlLoading, IncludesComeInOrderAndTheFileItselfWins) {
  put("a.yaml", "task: a\ndescription: from a\nnum_fewshot: 1\ntask_list: [x]\ndoc_to_text: a\n");
  put("b.yaml", "task: b\ndescription: from b\nnum_fewshot: 2\n");
  const std::string both = put("c.yaml", "include: [a.yaml, b.yaml]\nnum_fewshot: 3\n");
  YamlFiles files;
  std::vector<fs::path> used;
  auto merged = files.merged(both, &used);
  ASSERT_TRUE(merged) << to_string(merged.error());
  EXPECT_EQ(to_json(*merged), (json::object{{"task", "b"}, {"description", "from b"}, {"num_fewshot", 3}, {"doc_to_text", "a"}}));
  EXPECT_EQ(used.size(), 3u);
}

TEST_F(YamlLoading, AFileThatIncludesItselfIsAnError) {
  put("a.yaml", "include: b.yaml\n");
  const std::string b = put("b.yaml", "include: a.yaml\n");
  YamlFiles files;
  auto merged = files.merged(b);
  ASSERT_FALSE(merged);
  EXPECT_TRUE(contains(merged.error().message, "includes itself")) << to_string(merged.error());
  auto missing = files.merged(put("c.yaml", "include: none.yaml\n"));
  ASSERT_FALSE(missing);
  EXPECT_TRUE(contains(to_string(missing.error()), "c.yaml")) << to_string(missing.error());
}

TEST_F(YamlLoading, FunctionsKeepTheFileThatNamedThem) {
  put("hellaswag/base.yaml",
      std::string(kBase) + "process_docs: !function utils.process_docs\ndoc_to_decontamination_query: q\n");
  const std::string own =
      put("other/own.yaml", "include: ../hellaswag/base.yaml\ntask: own\nprocess_results: !function utils.mine\n");
  YamlFiles files;
  auto config = read_task_config(*files.merged(own), own);
  ASSERT_TRUE(config) << to_string(config.error());
  EXPECT_EQ(config->process_docs->name, "utils.process_docs");
  EXPECT_EQ(function_key(*config->process_docs), "hellaswag/utils.process_docs");
  EXPECT_EQ(*config->raw.find("process_docs"), python_value(json::object{{"!function", "utils.process_docs"}}));
  ASSERT_EQ(config->refusals.size(), 1u);
  EXPECT_TRUE(config->refusals[0].starts_with("process_results needs the Python function utils.mine of ")) << config->refusals[0];
  GivenRows rows;
  auto plan = YamlPlan::make(*config, rows, {});
  ASSERT_FALSE(plan);
  EXPECT_EQ(plan.error().kind, ErrorKind::unsupported);
  EXPECT_TRUE(contains(plan.error().message, "utils.mine"));
}

TEST_F(YamlLoading, FieldsAreCheckedByName) {
  auto message = [](const std::string& more) {
    auto config = read_task_config(*read_task_yaml("task: t\n" + std::string(kBase) + more, "t.yaml"), "t.yaml");
    return config ? std::string("fine") : to_string(config.error());
  };
  EXPECT_EQ(message(""), "fine");
  EXPECT_TRUE(contains(message("doc_to_txt: x\n"), "did you mean doc_to_text")) << message("doc_to_txt: x\n");
  EXPECT_TRUE(contains(message("output_type: generate\n"), "output_type"));
  EXPECT_TRUE(contains(message("num_fewshot: many\n"), "num_fewshot must be a whole number"));
  EXPECT_TRUE(contains(message("repeats: 0\n"), "repeats"));
  EXPECT_TRUE(contains(message("metric_list: acc\n"), "metric_list"));
  EXPECT_TRUE(contains(message("filter_list:\n  - name: x\n"), "filter_list"));
  EXPECT_TRUE(contains(message("fewshot_config: {sampler: best}\n"), "sampler"));
  EXPECT_TRUE(contains(message("dataset_kwargs: 3\n"), "dataset_kwargs must be a mapping"));
  EXPECT_FALSE(read_task_yaml("- a\n", "t.yaml"));
  EXPECT_FALSE(read_task_yaml("a: !other b\n", "t.yaml"));
}

TEST_F(YamlLoading, DefaultsAreTheHarnesss) {
  auto config = read_task_config(
      *read_task_yaml("task: t\ndoc_to_text: q\ndoc_to_target: a\ntest_split: test\nfewshot_delimiter: \"\\n#\\n\"\n", "t.yaml"),
      "t.yaml");
  ASSERT_TRUE(config) << to_string(config.error());
  EXPECT_EQ(config->output_type, OutputType::generate_until);
  EXPECT_EQ(config->target_delimiter, " ");
  EXPECT_EQ(config->task_alias, "t");
  EXPECT_EQ(config->repeats, 1);
  EXPECT_EQ(write_json(to_json(config->generation_kwargs)),
            R"({"temperature":0.0,"do_sample":false,"max_gen_toks":256,"until":["\n#\n"]})");
  auto given = read_task_config(
      *read_task_yaml("task: t\ndoc_to_target: a\ngeneration_kwargs: {temperature: 1, top_p: 0.5}\n", "t.yaml"), "t.yaml");
  EXPECT_EQ(write_json(to_json(given->generation_kwargs)), R"({"temperature":1.0,"top_p":0.5,"until":["\n\n"]})");
}

TEST_F(YamlLoading, TheIndexFindsTasksGroupsTagsAndWhyNot) {
  put("tasks/a/one.yaml", "include: base\ntask: one\ntag: [easy, toys]\n");
  put("tasks/a/base", kBase);
  put("tasks/a/two.yaml", "include: base\ntask: two\ntag: toys\nprocess_docs: !function utils.f\n");
  put("tasks/a/three.yaml", "include: base\ntask: three\ndoc_to_text: \"{{q\"\n");
  put("tasks/a/four.yaml", "include: base\ntask: four\nmetric_list: [{metric: vibes}]\n");
  put("tasks/b/group.yaml", "group: all\ntask: [one, toys]\n");
  put("tasks/b/class.yaml", "task: old\nclass: !function task.Old\n");
  put("tasks/b/kindless.yaml", "dataset_path: x\n");
  put("tasks/b/broken.yaml", "a: [b\n");
  put("tasks/b/__pycache__/hidden.yaml", "task: hidden\n");
  put("tasks/z/one.yaml", "include: ../a/base\ntask: one\n");
  const TaskIndex found = index();
  EXPECT_EQ(found.names(), (std::vector<std::string>{"all", "easy", "four", "old", "one", "three", "toys", "two"}));
  EXPECT_EQ(found.tagged("toys"), (std::vector<std::string>{"one", "two"}));
  EXPECT_TRUE(found.find("one")->path.ends_with("a/one.yaml"));
  ASSERT_EQ(found.warnings().size(), 1u);
  EXPECT_TRUE(contains(found.warnings()[0], "one is named twice"));
  EXPECT_TRUE(found.find("one")->refusals.empty());
  EXPECT_TRUE(contains(found.find("two")->refusals.at(0), "utils.f"));
  EXPECT_TRUE(contains(found.find("three")->refusals.at(0), "doc_to_text")) << found.find("three")->refusals.at(0);
  EXPECT_TRUE(contains(found.find("old")->refusals.at(0), "task.Old"));
  EXPECT_TRUE(contains(found.find("four")->refusals.at(0), "vibes"));
  EXPECT_EQ(std::count_if(found.files().begin(), found.files().end(),
                          [](const IndexedFile& f) { return f.kind == IndexedFile::Kind::broken; }),
            1);
}

TEST_F(YamlLoading, TheCacheIsBelievedForWhatDidNotChange) {
  put("tasks/base", kBase);
  put("tasks/one.yaml", "include: base\ntask: one\n");
  put("tasks/two.yaml", "task: two\n" + std::string(kBase));
  const fs::path cache = folder_ / "cache.json";
  EXPECT_EQ(index(cache).files_read(), 2u);
  EXPECT_EQ(index(cache).files_read(), 0u);
  put("tasks/base", std::string(kBase) + "tag: new\n");  // one.yaml changes with what it includes
  TaskIndex again = index(cache);
  EXPECT_EQ(again.files_read(), 1u);
  EXPECT_EQ(again.tagged("new"), std::vector<std::string>{"one"});
  ASSERT_OR_DIE(write_file(cache, "{\"version\": 2, \"files\": [{}, 3]}"));
  EXPECT_EQ(index(cache).files_read(), 2u);
  fs::remove(folder_ / "tasks/two.yaml");
  EXPECT_EQ(index(cache).names(), (std::vector<std::string>{"new", "one"}));
}

TEST_F(YamlLoading, GroupsOverrideTheirMembers) {
  put("tasks/base", kBase);
  put("tasks/one.yaml", "include: base\ntask: one\n");
  put("tasks/two.yaml", "include: base\ntask: two\ntag: toys\n");
  put("tasks/inner.yaml", "group: inner\ntask: [two]\nnum_fewshot: 4\n");
  put("tasks/outer.yaml",
      "group: outer\ngroup_alias: Out\ntask:\n  - {task: one, num_fewshot: 7}\n  - {group: inner, description: said}\n"
      "  - {group: fresh, task: [{task: three, dataset_path: p, doc_to_target: a, test_split: t}]}\n"
      "target_delimiter: \"_\"\naggregate_metric_list:\n  - {metric: acc, weight_by_size: false, filter_list: none}\nmetadata: "
      "{version: 9}\n");
  auto chosen = select({"outer"}, python_value(json::object{{"extra", 5}}));
  ASSERT_TRUE(chosen) << to_string(chosen.error());
  EXPECT_EQ(chosen->top, std::vector<std::string>{"outer"});
  EXPECT_EQ(chosen->leaves("outer"), (std::vector<std::string>{"one", "two", "outer::fresh::three"}));
  const TaskGroup& outer = *chosen->group("outer");
  EXPECT_EQ(outer.alias, "Out");
  EXPECT_EQ(outer.members, (std::vector<std::string>{"one", "inner", "outer::fresh"}));
  EXPECT_FALSE(outer.aggregates.at(0).weight_by_size);
  EXPECT_EQ(outer.aggregates.at(0).filters, std::vector<std::string>{"none"});
  EXPECT_EQ(outer.version.integer, 9);
  EXPECT_EQ(chosen->task("one")->num_fewshot, 7);
  EXPECT_EQ(chosen->task("one")->target_delimiter, "_");
  EXPECT_EQ(chosen->task("one")->metadata.find("extra")->integer, 5);
  EXPECT_EQ(chosen->task("one")->version.integer, 2);
  EXPECT_EQ(chosen->task("two")->num_fewshot, 4);
  EXPECT_EQ(chosen->task("two")->description.value.text, "said");
  EXPECT_EQ(chosen->task("outer::fresh::three")->task_alias, "three");
}

TEST_F(YamlLoading, NamesPatternsTagsFilesAndFolders) {
  put("tasks/base", kBase);
  for (const char* name : {"one", "two", "three"})
    put("tasks/" + std::string(name) + ".yaml", "include: base\ntag: toys\ntask: " + std::string(name) + "\n");
  auto names = [&](const std::vector<std::string>& wanted) {
    auto chosen = select(wanted);
    return chosen ? join(chosen->top, " ") : to_string(chosen.error());
  };
  EXPECT_EQ(names({"two", "one"}), "two one");
  EXPECT_EQ(names({"toys"}), "one three two");
  EXPECT_EQ(names({"t[hw]*"}), "three two");
  EXPECT_EQ(names({(folder_ / "tasks/two.yaml").string()}), "two");
  EXPECT_EQ(names({(folder_ / "tasks").string()}), "one three two");
  EXPECT_TRUE(contains(names({"thre"}), "did you mean three")) << names({"thre"});
  EXPECT_TRUE(contains(names({"one", "toys"}), "is in one and in toys")) << names({"one", "toys"});
  put("tasks/all.yaml", "group: all\ntask: [nothing]\n");
  EXPECT_TRUE(contains(names({"all"}), "which does not exist"));
  put("tasks/all.yaml", "group: all\ntask: [all]\n");
  files_ = YamlFiles();  // it keeps what it read
  EXPECT_TRUE(contains(names({"all"}), "hold each other"));
}

TEST_F(YamlLoading, RealTaskFilesMakeTheMmluGroup) {
  ASSAY_NEED_SHARED("upstream/open-llm-leaderboard/tasks_head");
  auto built = TaskIndex::build({tasks_folder()});
  ASSERT_TRUE(built) << to_string(built.error());
  for (const IndexedFile& file : built->files())
    EXPECT_TRUE(file.refusals.empty()) << file.path << ": " << join(file.refusals, "; ");
  auto chosen = TaskSelector(*built, files_).select({"mmlu"});
  ASSERT_TRUE(chosen) << to_string(chosen.error());
  EXPECT_EQ(chosen->tasks.size(), 57u);
  EXPECT_EQ(chosen->group("mmlu")->members,
            (std::vector<std::string>{"mmlu_stem", "mmlu_other", "mmlu_social_sciences", "mmlu_humanities"}));
  EXPECT_EQ(chosen->group("mmlu_stem")->alias, "stem");
  EXPECT_EQ(chosen->leaves("mmlu_stem").size(), 19u);
  EXPECT_TRUE(chosen->group("mmlu")->aggregates.at(0).weight_by_size);
}

TEST(YamlFunctions, EqualsOfTheHarnesssOwn) {
  auto of = [](const std::string& folder, const std::string& function, const char* row) {
    RowFunction made = find_row_function({function, "x/" + folder + "/task.yaml"});
    if (!made) return std::string("none");
    auto value = made(parse_json(row)->get_object());
    return value ? write_json(to_json(*value)) : value.error().message;
  };
  const char* gap = R"({"sentence": "Ann beat Bo since _ was fast .", "option1": "Ann", "option2": "Bo", "answer": "2"})";
  EXPECT_EQ(of("winogrande", "preprocess_winogrande.doc_to_text", gap), "1");
  EXPECT_EQ(of("winogrande", "preprocess_winogrande.doc_to_target", gap), "\"was fast .\"");
  EXPECT_EQ(of("winogrande", "preprocess_winogrande.doc_to_choice", gap), R"(["Ann beat Bo since Ann","Ann beat Bo since Bo"])");
  EXPECT_EQ(of("winogrande", "preprocess_winogrande.doc_to_target", R"({"sentence": "none"})"), "the sentence has no \"_\"");
  const char* options =
      R"({"question": "Q?", "options": ["one", "two"], "cot_content": "A: Let's think step by step. So.", "category": "law"})";
  EXPECT_EQ(of("leaderboard/mmlu_pro", "utils.doc_to_text", options), R"("Q?\nA. one\nB. two\nAnswer:")");
  EXPECT_EQ(of("leaderboard/mmlu_pro", "utils.doc_to_choice", options), R"(["A","B"])");
  EXPECT_EQ(of("tasks/mmlu_pro", "utils.doc_to_text", options),
            R"("Question:\nQ?\nOptions:\nA. one\nB. two\nAnswer: Let's think step by step.")");
  EXPECT_EQ(of("tasks/mmlu_pro", "utils.fewshot_to_text", options),
            R"("Question:\nQ?\nOptions:\nA. one\nB. two\nAnswer: Let's think step by step. So.\n\n")");
  EXPECT_EQ(of("other/mmlu_pro", "utils.doc_to_text", options),
            "none");  // two folders are called so, and which is meant cannot be told
  const char* story = R"({"narrative": "N.", "question": "Who?", "choices": "['Ann', \"Bo's\"]"})";
  EXPECT_EQ(of("leaderboard/musr", "utils.doc_to_text", story), R"("N.\n\nWho?\n\n1 - Ann\n2 - Bo's\n\nAnswer:")");
  EXPECT_EQ(of("leaderboard/musr", "utils.doc_to_choice", story), R"(["Ann","Bo's"])");
  const char* cause = R"({"premise": " Es regnet. ", "question": "cause", "choice1": "Àb.", "choice2": "Cd.", "label": 0})";
  EXPECT_EQ(of("tasks/xcopa", "utils.doc_to_text_it", cause), "\"Es regnet perché\"");
  EXPECT_EQ(of("tasks/xcopa", "utils.doc_to_target", cause), "\"àb.\"");
  EXPECT_EQ(of("tasks/xcopa", "utils.doc_to_choice", cause), R"(["àb.","cd."])");
  RowsFunction law = find_rows_function({"utils.process_law", "a/tasks/mmlu_pro/law.yaml"});
  ASSERT_NE(law, nullptr);
  EXPECT_EQ(law({*parse_json(options), *parse_json(R"({"category": "math"})")})->size(), 1u);
  EXPECT_EQ(find_rows_function({"utils.process_docs", "a/leaderboard/gpqa/x.yaml"}), nullptr);
}

TEST(YamlData, TablesTextAndJson) {
  auto rows = [](const std::string& file, const std::string& text, const TableOptions& options = {}) {
    auto read = read_rows(text, file, options);
    return read ? write_json(json::array(read->begin(), read->end())) : to_string(read.error());
  };
  EXPECT_EQ(rows("a.csv", "q,n,x\nwhat,1,0.5\n\"a,b\",-2,3\n"), R"([{"q":"what","n":1,"x":0.5},{"q":"a,b","n":-2,"x":3.0}])");
  EXPECT_EQ(rows("a.csv", "q,n\nNA,1\n,x\n"), R"([{"q":"NA","n":"1"},{"q":"","n":"x"}])");
  EXPECT_EQ(rows("a.tsv", "1\t2\n", {.delimiter = '\t', .columns = {"a", "b"}, .header_row = false, .text_only = true}),
            R"([{"a":"1","b":"2"}])");
  EXPECT_EQ(rows("a.txt", "one\r\n\ntwo\n"), R"([{"text":"one"},{"text":""},{"text":"two"}])");
  EXPECT_EQ(rows("a.json", "{\"data\": [{\"a\": 1}]}", {.field = "data"}), R"([{"a":1}])");
  EXPECT_EQ(rows("a.json", "[{\"a\": 1}]"), R"([{"a":1}])");
  EXPECT_TRUE(contains(rows("a.csv", "a,b\n1\n"), "row 2 has 1 fields, not 2"));
  EXPECT_TRUE(contains(rows("a.parquet", "PAR1..."), "Parquet"));
  EXPECT_TRUE(contains(rows("a.arrow", "x"), "not read here"));
}

TEST_F(YamlLoading, LocalRowsLookWhereTheHubPutsThem) {
  put("data/org/toy/main/test.jsonl", "{\"q\": 1}\n");
  put("data/org/toy/main/train-00001-of-00002.jsonl", "{\"q\": 3}\n");
  put("data/org/toy/main/train-00000-of-00002.jsonl", "{\"q\": 2}\n");
  put("data/org/toy/dev.csv", "q\n4\n");
  put("tasks/own.csv", "q\n5\n");
  TaskConfig task;
  task.task = "t";
  task.dataset_path = "org/toy";
  task.dataset_name = "main";
  task.file = (folder_ / "tasks/t.yaml").string();
  LocalRows source({folder_ / "data"});
  auto rows = [&](const std::string& split) {
    auto read = source.rows(task, split);
    return read ? write_json(json::array(read->begin(), read->end())) : to_string(read.error());
  };
  EXPECT_EQ(rows("test"), R"([{"q":1}])");
  EXPECT_EQ(source.files().size(), 1u);
  EXPECT_EQ(rows("train"), R"([{"q":2},{"q":3}])");
  EXPECT_EQ(rows("dev"), R"([{"q":4}])");
  EXPECT_TRUE(contains(rows("validation"), "FOLDER/org/toy/main/validation.jsonl")) << rows("validation");
  put("cache/datasets--org--other/refs/main", "b1\n");
  put("cache/datasets--org--other/snapshots/a0/main/test-00000-of-00001.jsonl", "{\"q\": 6}\n");
  put("cache/datasets--org--other/snapshots/b1/main/test/0001.jsonl", "{\"q\": 8}\n");
  put("cache/datasets--org--other/snapshots/b1/main/test/0000.jsonl", "{\"q\": 7}\n");
  source = LocalRows({folder_ / "data", folder_ / "cache"});
  task.dataset_path = "org/other";
  EXPECT_EQ(rows("test"), R"([{"q":7},{"q":8}])");
  EXPECT_TRUE(contains(rows("dev"), "assay models pull datasets/org/other@refs/convert/parquet --include 'main/*'")) << rows("dev");
  put("cache/datasets--org--other/refs/refs/convert/parquet", "a0");
  put("cache/datasets--org--other/snapshots/90/main/train/0000.jsonl", "{\"q\": 0}\n");
  put("cache/datasets--org--other/snapshots/a0/main/train/0000.jsonl", "{\"q\": 9}\n");
  EXPECT_EQ(rows("train"), R"([{"q":9}])") << "the hub's conversion goes before other commits";
  put("cache/datasets--org--one/snapshots/c2/default/test/0000.jsonl", "{\"q\": 10}\n");
  task.dataset_path = "org/one";
  task.dataset_name = "";
  EXPECT_EQ(rows("test"), R"([{"q":10}])");
  EXPECT_FALSE(contains(rows("dev"), "--include"));
  task.dataset_path = "csv";
  task.dataset_kwargs = python_value(json::object{{"data_files", json::object{{"test", "own.csv"}}}});
  EXPECT_EQ(rows("test"), R"([{"q":5}])");
  EXPECT_TRUE(contains(rows("train"), "names no file for split train"));
}

}  // namespace
}  // namespace assay::harness::test
