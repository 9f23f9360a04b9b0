#include "model/replay.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/hash.h"
#include "support/run_alone.h"
#include "support/shared_data.h"
#include "support/temporary_folder.h"

namespace assay {
namespace {

using test::run_alone;

class Replay : public testing::Test {
 protected:
  std::string write(const std::string& name, std::string_view content) {
    EXPECT_TRUE(write_file(folder.path() / name, content));
    return (folder.path() / name).string();
  }
  std::unique_ptr<Model> open(const std::string& path, std::string run = {}) {
    auto model = try_open(path, run);
    if (!model) {
      ADD_FAILURE() << to_string(model.error());
      return nullptr;
    }
    return std::move(*model);
  }
  Result<std::unique_ptr<Model>> try_open(const std::string& path, std::string run = {}) {
    ModelSpec spec;
    spec.backend = "replay";
    spec.name = path;
    spec.text = "replay:" + path;
    if (!run.empty()) spec.settings["run"] = run;
    return open_replay(spec);
  }
  static Result<Response> ask(Model& model, std::string sample, int iteration = 1, int ask = 0, std::string role = "model") {
    return run_alone(model.answer({Generate{}, {iteration, ask, 0}, {"eq-bench@2", "", std::move(sample), std::move(role), iteration, ask}}));
  }
  test::TemporaryFolder folder;
};

constexpr const char* kPublished = R"({"index_string": "1--v2--org/name", "model_path": "org/name",
  "raw_results": {"1": {"individual_scores": {}, "raw_inference": {"1": "Sad: 1", "2": "Sad: 2"}}, "2": {"raw_inference": {"1": "second"}}}})";

TEST_F(Replay, PublishedResults) {
  std::string path = write("run.json", kPublished);
  auto model = open(path);
  EXPECT_EQ(ask(*model, "1")->text, "Sad: 1");
  EXPECT_EQ(ask(*model, "2")->text, "Sad: 2");
  EXPECT_EQ(ask(*model, "1", 2)->text, "second");
  EXPECT_EQ(ask(*model, "1", 1, 2)->text, "Sad: 1");  // every ask of a sample gets its one recorded text
  auto absent = ask(*model, "3");
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().kind, ErrorKind::bad_request);  // that sample fails, the run goes on
  EXPECT_EQ(absent.error().message, "no recorded answer");
  EXPECT_FALSE(ask(*model, "2", 2));
  auto identity = run_alone(model->identify());
  EXPECT_EQ(identity->label, "org/name");
  EXPECT_EQ(identity->text, "{\"backend\":\"replay\",\"sha256\":\"" + sha256_hex(kPublished) + "\"}");
  EXPECT_TRUE(model->capabilities().recorded_by_origin);
}

constexpr const char* kTwoRuns = R"({"a--v2": {"run_metadata": {"model_path": "m-a"}, "iterations": {"1": {"raw_inference": {"1": "of a"}}}},
  "b--v2": {"run_metadata": {"model_path": ""}, "iterations": {"1": {"raw_inference": {"1": "of b"}}}}})";

TEST_F(Replay, SeveralRunsInOneFileAreAChoice) {
  std::string path = write("raw_results.json", kTwoRuns);
  auto refused = try_open(path);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::usage);
  EXPECT_NE(refused.error().hint.find("1  a--v2"), std::string::npos);
  EXPECT_NE(refused.error().hint.find("2  b--v2"), std::string::npos);
  EXPECT_EQ(ask(*open(path, "a--v2"), "1")->text, "of a");
  EXPECT_EQ(ask(*open(path, "2"), "1")->text, "of b");
  EXPECT_EQ(run_alone(open(path, "1")->identify())->label, "m-a");
  EXPECT_EQ(run_alone(open(path, "2")->identify())->label, "raw_results.json");
  EXPECT_NE(run_alone(open(path, "1")->identify())->text, run_alone(open(path, "2")->identify())->text);
  for (const char* run : {"c--v2", "0", "3", "-1"}) {
    auto unknown = try_open(path, run);
    ASSERT_FALSE(unknown) << run;
    EXPECT_EQ(unknown.error().kind, ErrorKind::usage);
    EXPECT_NE(unknown.error().hint.find("b--v2"), std::string::npos);
  }
}

// As docs/formats/journal.md, "Export".
std::string line(const std::string& sample, int ask, const std::string& text, const std::string& identity = R"({\"backend\":\"openai\",\"model\":\"tiny\"})",
                 const std::string& role = "model", const std::string& status = "answered") {
  std::string response = status == "answered" ? R"({"text":")" + text + R"(","finish":"length","usage":{"output_tokens":3},"latency":0.5,"raw":"{}"})"
                                              : R"({"error":")" + text + R"(","message":"it failed"})";
  return R"({"key":"07f1","identity":")" + identity + R"(","request":{"kind":"generate","messages":[]},"draw":{"ask":)" + std::to_string(ask) +
         R"(,"epoch":0,"iteration":1},"origin":{"ask":)" + std::to_string(ask) + R"(,"benchmark":"eq-bench@2","iteration":1,"role":")" + role +
         R"(","sample":")" + sample + R"(","task":""},"status":")" + status + R"(","response":)" + response + R"(,"created":1767225600000000})" + "\n";
}

TEST_F(Replay, JournalExport) {
  std::string path = write("export.jsonl", line("1", 0, "first") + line("1", 2, "third") + "\n" + line("2", 0, "x") + line("1", 0, "judged", "{}", "judge"));
  auto model = open(path);
  auto first = ask(*model, "1");
  ASSERT_TRUE(first);
  EXPECT_EQ(first->text, "first");
  EXPECT_EQ(first->finish, Finish::length);
  EXPECT_EQ(first->usage.output_tokens, 3);
  EXPECT_EQ(ask(*model, "1", 1, 1)->text, "first");  // the latest recorded ask before it
  EXPECT_EQ(ask(*model, "1", 1, 2)->text, "third");
  EXPECT_EQ(ask(*model, "1", 1, 9)->text, "third");
  EXPECT_EQ(ask(*model, "1", 1, 0, "judge")->text, "judged");
  EXPECT_FALSE(ask(*model, "2", 1, 0, "judge"));
  EXPECT_FALSE(ask(*model, "3"));
}

TEST_F(Replay, AnswersOfOtherBenchmarksAreNotTaken) {
  auto model = open(write("export.jsonl", line("1", 0, "first")));
  auto other = run_alone(model->answer({Generate{}, {}, {"creative-writing@2", "", "1", "model", 1, 0}}));
  EXPECT_FALSE(other);
}

TEST_F(Replay, AnExportOfOneLineOrUnderAnotherNameIsKnownByItsContent) {
  EXPECT_EQ(ask(*open(write("one.json", line("1", 0, "only"))), "1")->text, "only");
  EXPECT_EQ(ask(*open(write("x", line("1", 0, "a") + line("2", 0, "b"))), "2")->text, "b");
}

TEST_F(Replay, LaterLinesOfTheSameModelCountAndTwoModelsAreAChoice) {
  EXPECT_EQ(ask(*open(write("again.jsonl", line("1", 0, "old") + line("1", 0, "new"))), "1")->text, "new");
  std::string other = R"({\"backend\":\"openai\",\"model\":\"big\"})";
  std::string path = write("two.jsonl", line("1", 0, "of tiny") + line("1", 0, "of big", other));
  auto refused = try_open(path);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::usage);
  EXPECT_EQ(ask(*open(path, "1"), "1")->text, "of tiny");
  EXPECT_EQ(ask(*open(path, "2"), "1")->text, "of big");
  EXPECT_EQ(run_alone(open(path, "2")->identify())->label, "big");
}

TEST_F(Replay, RecordedFailuresStayFailuresOfTheirSample) {
  auto model = open(write("f.jsonl", line("1", 0, "quota", "{}", "model", "failed") + line("2", 0, "unsupported", "{}", "model", "failed")));
  auto quota = ask(*model, "1");
  ASSERT_FALSE(quota);
  EXPECT_EQ(quota.error().kind, ErrorKind::bad_request);  // once fatal, but not for this run
  EXPECT_NE(quota.error().message.find("quota"), std::string::npos);
  EXPECT_EQ(ask(*model, "2").error().kind, ErrorKind::unsupported);
}

TEST_F(Replay, AFolderIsReadInTheOrderOfNames) {
  write("d/b.json", R"({"raw_results": {"1": {"raw_inference": {"1": "one"}}}})");
  write("d/a.json", R"({"raw_results": {"1": {"raw_inference": {"2": "two"}}}})");
  write("d/notes.txt", "not read");
  auto model = open((folder.path() / "d").string());
  EXPECT_EQ(ask(*model, "1")->text, "one");
  EXPECT_EQ(ask(*model, "2")->text, "two");
  EXPECT_EQ(run_alone(model->identify())->label, "d");
}

TEST_F(Replay, BadFilesAreNamedWithTheLine) {
  auto error = [&](const std::string& path) {
    auto model = try_open(path);
    EXPECT_FALSE(model) << path;
    return model ? Error{} : model.error();
  };
  EXPECT_EQ(error((folder.path() / "absent").string()).kind, ErrorKind::not_found);
  EXPECT_EQ(error(write("e.json", "")).kind, ErrorKind::data);
  EXPECT_EQ(error(write("n.json", "{}")).kind, ErrorKind::data);
  EXPECT_EQ(error(write("l.json", "[1,2]")).kind, ErrorKind::data);
  EXPECT_EQ(error(write("b.json", std::string("\x00\xff\x01", 3))).kind, ErrorKind::data);
  EXPECT_EQ(error(write("i.json", R"({"raw_results": {"one": {"raw_inference": {}}}})")).kind, ErrorKind::data);
  EXPECT_EQ(error(write("t.json", R"({"raw_results": {"1": {"raw_inference": {"1": 5}}}})")).kind, ErrorKind::data);
  EXPECT_EQ(error(write("o.json", R"({"raw_results": []})")).kind, ErrorKind::data);
  EXPECT_EQ(error(write("empty.json", R"({"raw_results": {"1": {}}})")).message, "no recorded answers");
  Error second = error(write("cut.jsonl", line("1", 0, "x") + "{\"key\":"));
  EXPECT_NE(second.where.find("cut.jsonl:2"), std::string::npos) << second.where;
  EXPECT_NE(error(write("other.jsonl", line("1", 0, "x") + "{\"x\":1}\n")).where.find("other.jsonl:2"), std::string::npos);
  EXPECT_EQ(error(write("foreign.jsonl", "{\"x\":1}\n{\"x\":2}\n")).kind, ErrorKind::data);
  std::filesystem::create_directories(folder.path() / "nothing");
  EXPECT_EQ(error((folder.path() / "nothing").string()).kind, ErrorKind::data);
}

TEST_F(Replay, ThePublishedRunsCanBeRead) {
  ASSAY_NEED_SHARED("upstream/eq-bench/results");
  std::size_t files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(test::shared("upstream/eq-bench/results"))) {
    auto model = open(entry.path().string());
    ASSERT_TRUE(model);
    ++files;
    json::value document = test::load_json(entry.path());
    const json::value* texts = find_path(document, {"raw_results", "1", "raw_inference"});
    ASSERT_NE(texts, nullptr) << entry.path();
    ASSERT_GT(texts->get_object().size(), 100u);
    for (const auto& member : texts->get_object()) {
      auto answer = ask(*model, std::string(member.key()));
      ASSERT_TRUE(answer);
      ASSERT_EQ(answer->text, member.value().get_string());
    }
    EXPECT_EQ(run_alone(model->identify())->label, *get_string(document, "model_path"));
  }
  EXPECT_EQ(files, 8u);
}

}  // namespace
}  // namespace assay
