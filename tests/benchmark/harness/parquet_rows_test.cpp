// Data sets of a hub, as they lie in its cache after a pull: Parquet, parts and configurations, columns that are no texts; by today's task
// files and by harness-v1.
#include <gtest/gtest.h>

#include "base/file.h"
#include "base/text.h"
#include "benchmark/harness/evaluated.h"
#include "benchmark/harness/harness_tasks.h"
#include "benchmark/harness/prepared.h"
#include "benchmark/harness/rows.h"
#include "benchmark/harness/yaml_data.h"
#include "dataset/parquet.h"
#include "model/http/curl_transport.h"
#include "model/hub/hub.h"
#include "support/duckdb.h"
#include "support/hub_stand_in.h"
#include "support/loop.h"
#include "support/temporary_folder.h"

namespace assay::harness {
namespace {

namespace fs = std::filesystem;
using assay::test::HubStandIn;
using test::evaluate_all;
using test::Kept;
using test::NoPack;

/// One file of a user's own for whatever is asked.
class OneFile final : public DataSource {
 public:
  explicit OneFile(fs::path file) : file_(std::move(file)) {}
  Result<DataFile> file(std::string_view name) override {
    auto content = read_file(file_);
    if (!content) return fail(content.error());
    return DataFile{.name = std::string(name), .content = std::move(*content), .sha256 = "", .edition = "custom", .path = file_.string()};
  }

 private:
  fs::path file_;
};

/// Finds " blue" the likeliest.
class LikesBlue final : public UnitContext {
 public:
  std::vector<std::string> prompts;
  Async<Response> ask(std::string_view, std::string_view, Request request) override {
    const auto& group = std::get<LoglikelihoodGroup>(request);
    prompts.push_back(group.shared_prefix + group.items.front().context);
    Response out;
    for (const auto& item : group.items) out.loglikelihoods.push_back({.sum = item.continuation == " blue" ? -1.0 : -5.0, .tokens = 1});
    co_return out;
  }
};

/// A file with a picture beside the question, as data sets with images have it.
void write_pictures(const fs::path& file, const std::string& rows) {
  const DuckDbFunctions& api = **duckdb_library();
  void *database = nullptr, *connection = nullptr;
  ASSERT_EQ(api.duckdb_open_ext(":memory:", &database, nullptr, nullptr), 0);
  ASSERT_EQ(api.duckdb_connect(database, &connection), 0);
  DuckDbResult result{};
  const std::string sql = "COPY (SELECT question, options, answer, {'bytes': '\\x89PNG\\x00\\xFF'::BLOB, 'path': 'a.png'} AS image, 'x\\xFE'::BLOB AS raw FROM (VALUES " +
                          rows + ") t(question, options, answer)) TO '" + file.string() + "' (FORMAT parquet)";
  ASSERT_EQ(api.duckdb_query(connection, sql.c_str(), &result), 0) << api.duckdb_result_error(&result);
  api.duckdb_destroy_result(&result);
  api.duckdb_disconnect(&connection);
  api.duckdb_close(&database);
}

TEST(ParquetRows, ATaskFileRunsOnAPulledDataSet) {
  ASSAY_NEED_DUCKDB();
  assay::test::TemporaryFolder folder;
  write_pictures(folder / "0.parquet", "('Sky?', ['red', 'blue'], 1)");
  write_pictures(folder / "1.parquet", "('Grass?', ['green', 'blue'], 0), ('Sea?', ['blue', 'pink'], 0)");
  HubStandIn hub;
  hub.behaviour.repository = "datasets/org/toy";
  hub.behaviour.files["main/test/0000.parquet"] = {*read_file(folder / "0.parquet"), true};
  hub.behaviour.files["main/test/0001.parquet"] = {*read_file(folder / "1.parquet")};
  hub.behaviour.files["other/test/0000.parquet"] = {"not wanted"};
  ASSERT_TRUE(write_file(folder / "tasks/colours.yaml",
                         "task: colours\ndataset_path: org/toy\ndataset_name: main\ntest_split: test\noutput_type: multiple_choice\n"
                         "doc_to_text: \"Q: {{question}}\\nA:\"\ndoc_to_choice: \"{{options}}\"\ndoc_to_target: answer\n"
                         "metric_list:\n  - metric: acc\n    aggregation: mean\n    higher_is_better: true\n"));
  PrepareSettings settings;
  settings.ref = {"harness", "", "colours"};
  settings.options = {{"folder", (folder / "tasks").string()}, {"rows", (folder / "hub").string()}};
  NoPack pack;
  auto absent = HarnessTasks().prepare(settings, pack);
  ASSERT_FALSE(absent);
  const std::string said = to_string(absent.error());
  const std::string command = "assay models pull datasets/org/toy@refs/convert/parquet --include 'main/*'";
  ASSERT_TRUE(contains(said, command)) << said;

  // What the message says to do.
  assay::test::Loop loop;
  auto transport = make_curl_transport(loop.executor());
  HubRequest request;
  request.address = parse_hub_address("datasets/org/toy@refs/convert/parquet").value();
  request.include = {"main/*"};
  HubOptions options;
  options.endpoint = hub.endpoint();
  options.cache = folder / "hub";
  options.transport = transport.get();
  auto pulled = loop.run(pull_from_hub(request, options));
  ASSERT_TRUE(pulled) << to_string(pulled.error());
  ASSERT_EQ(pulled->files.size(), 2u);

  auto evaluation = HarnessTasks().prepare(settings, pack);
  ASSERT_TRUE(evaluation) << to_string(evaluation.error());
  ASSERT_EQ((*evaluation)->unit_count(), 3u);
  LikesBlue model;
  Kept results(**evaluation);
  assay::test::Loop run;
  run.start(evaluate_all(**evaluation, model, results.units));
  run.finish();
  Report report;
  ASSERT_TRUE((*evaluation)->finish(results, report));
  EXPECT_EQ(model.prompts, (std::vector<std::string>{"Q: Sky?\nA:", "Q: Grass?\nA:", "Q: Sea?\nA:"}));
  ASSERT_FALSE(report.total.metrics.empty());
  EXPECT_NEAR(*report.total.metrics.front().value, 2.0 / 3, 1e-12);

  TaskConfig task;
  task.task = "colours";
  task.dataset_path = "org/toy";
  task.dataset_name = "main";
  auto rows = LocalRows({folder / "hub"}).rows(task, "test");
  ASSERT_TRUE(rows);
  EXPECT_EQ(get_string(rows->front(), "raw"), "x\\xFE");
  EXPECT_EQ(get_string(rows->front().at("image"), "path"), "a.png");
}

TEST(ParquetRows, HarnessV1ReadsThemWhereTheirPathIsKnown) {
  ASSAY_NEED_DUCKDB();
  assay::test::TemporaryFolder folder;
  const fs::path lines = folder / "arc.jsonl", file = folder / "arc.parquet";
  std::string text;
  std::vector<json::object> rows;
  for (const char* answer : {"A", "2", "C"}) {
    rows.push_back(parse_json(std::string(R"({"id": "x", "question": "Wieviel?\nÜ", "choices": {"text": ["1", " zwei", "3"], "label": ["A", "B", "C"]}, "answerKey": ")") +
                              answer + "\"}")
                       ->as_object());
    text += write_json(rows.back()) + "\n";
  }
  ASSERT_TRUE(write_file(lines, text));
  ASSERT_TRUE(write_parquet(file, rows));
  PrepareSettings settings;
  settings.ref = {"harness-v1", "", "arc_easy"};
  settings.options = {{"num_fewshot", "1"}};
  OneFile plain(lines), packed(file);
  auto a = prepare(settings, plain, false), b = prepare(settings, packed, false);
  ASSERT_TRUE(a) << to_string(a.error());
  ASSERT_TRUE(b) << to_string(b.error());
  ASSERT_EQ(b->tasks.front().plan.size(), 3u);
  EXPECT_EQ(requests_sha256(a->tasks.front().plan), requests_sha256(b->tasks.front().plan));

  ASSERT_TRUE(write_parquet(file, std::vector<json::object>{{{"text", "one two"}}, {{"text", "three"}}}));
  settings.ref.variant = "json=train:text:" + file.string();
  settings.options.clear();
  NoPack pack;
  auto texts = prepare(settings, pack, false);
  ASSERT_TRUE(texts) << to_string(texts.error());
  EXPECT_EQ(texts->places.size(), 2u);

  ASSERT_TRUE(write_file(file, "PAR1 and nothing that follows"));
  auto damaged = prepare(settings, pack, false);
  ASSERT_FALSE(damaged);
  EXPECT_EQ(damaged.error().kind, ErrorKind::data);
}

}  // namespace
}  // namespace assay::harness
