// Finished and failed runs of `assay eq-bench` reach Firestore and the sheet; when those are away, nothing is lost but the copy.
#include <gtest/gtest.h>

#include <atomic>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "cases/runner/process.h"
#include "support/http_stand_in.h"
#include "support/rsa_key.h"
#include "support/simulator.h"
#include "support/temporary_folder.h"

namespace assay::compat {
namespace {

using test::StandInReply;
using test::StandInRequest;

TEST(Upload, EveryRunIsSentAndAFailureIsAWarning) {
  test::TemporaryFolder folder;
  test::Simulator simulator;
  simulator.otherwise([](const test::SimulatedRequest& request) { return test::SimulatedReply::says(test::answer_emotions(request.prompt)); });
  std::atomic<bool> away = false;
  test::HttpStandIn google([&](const StandInRequest& request) {
    if (away) return StandInReply{.status = 503};
    if (request.target == "/token") return StandInReply{.body = R"({"access_token":"ya29.secret","expires_in":3599,"token_type":"Bearer"})"};
    if (request.target.starts_with("/v1/projects/")) return StandInReply{.body = R"({"name":"projects/p/databases/(default)/documents/benchmark_results/abc"})"};
    if (request.method == "GET") return StandInReply{.body = R"({"sheets":[{"properties":{"sheetId":0,"title":"Runs","index":0}}]})"};
    return StandInReply{.body = R"({"updates":{"updatedRange":"'Runs'!A1:N1","updatedRows":1}})"};
  });
  const std::string credentials =
      write_json(json::object{{"type", "service_account"}, {"project_id", "p"}, {"private_key_id", "k"}, {"private_key", test::RsaKey().pem()}, {"client_email", "r@p.example"}, {"token_uri", google.root() + "/token"}});
  ASSERT_TRUE(write_file(folder / "firebase_creds.json", credentials));
  ASSERT_TRUE(write_file(folder / "google_creds.json", credentials));
  ASSERT_TRUE(write_file(folder / "config.cfg",
                         "[OpenAI]\nopenai_compatible_url = " + simulator.url() +
                             "\n[Huggingface]\n[Results upload]\ngoogle_spreadsheet_url = https://docs.google.com/spreadsheets/d/1aB-_9/edit#gid=0\n"
                             "[Creative Writing Benchmark]\n[Options]\n[Oobabooga config]\n[Benchmarks to run]\nr, , m, , None, 1, openai, ,\nlost, , m, /lora, None, 1, transformers, ,\n"));
  auto eq_bench = [&] {
    cases::Command command;
    command.program = ASSAY_PROGRAM;
    command.arguments = {"eq-bench", "--edition", "sample", "--server", "firestore=" + google.root(), "--server", "sheets=" + google.root()};
    command.environment = {"PATH=/usr/bin:/bin", "HOME=" + folder.path().string(), "ASSAY_DATA=" + (folder / "data-home").string(), "TZ=UTC"};
    command.directory = folder.path();
    command.timeout = 60;
    return cases::run_command(command).value();
  };
  const auto first = eq_bench();
  EXPECT_EQ(first.code, 2) << first.err;  // the second row cannot be run
  EXPECT_FALSE(contains(first.err, "warning")) << first.err;
  std::vector<json::value> documents, rows;
  for (const StandInRequest& request : google.seen()) {
    if (request.method != "POST" || request.target == "/token") continue;
    (request.target.starts_with("/v1/projects/p/databases/(default)/documents/benchmark_results") ? documents : rows).push_back(parse_json(request.body).value_or(nullptr));
  }
  ASSERT_EQ(documents.size(), 2u);
  ASSERT_EQ(rows.size(), 2u);
  EXPECT_EQ(documents[0].at("fields").at("run_id").at("stringValue").as_string(), "r");
  EXPECT_TRUE(documents[0].at("fields").at("benchmark_success").at("booleanValue").as_bool());
  EXPECT_EQ(documents[0].at("fields").at("index_string").at("stringValue").as_string(), "r--v2--en--m------none--openai----");
  EXPECT_FALSE(documents[1].at("fields").at("benchmark_success").at("booleanValue").as_bool());
  EXPECT_TRUE(contains(std::string_view(documents[1].at("fields").at("errors").at("stringValue").as_string()), "LoRA"));
  const json::array& row = rows[0].at("values").at(0).as_array();
  ASSERT_EQ(row.size(), 14u);
  EXPECT_EQ(row[7].as_string(), "eq-bench_v2");
  EXPECT_EQ(rows[1].at("values").at(0).as_array()[6].as_string(), "FAILED");

  away = true;
  const auto second = eq_bench();
  EXPECT_EQ(second.code, 2);
  EXPECT_TRUE(contains(second.err, "warning: "));
  EXPECT_FALSE(contains(second.err, "PRIVATE KEY"));
  EXPECT_EQ(split_lines(read_file(folder / "benchmark_results.csv").value_or("")).size(), 5u);
}

}  // namespace
}  // namespace assay::compat
