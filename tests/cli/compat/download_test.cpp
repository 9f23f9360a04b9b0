// A row's model comes from the hub before the run and goes after it with -d; the token reaches the hub and nothing else.
#include <gtest/gtest.h>

#include <filesystem>

#include "base/file.h"
#include "base/ports.h"
#include "base/text.h"
#include "cases/runner/process.h"
#include "support/hub_stand_in.h"
#include "support/temporary_folder.h"

namespace assay::compat {
namespace {

namespace fs = std::filesystem;

struct DownloadTest : testing::Test {
  test::TemporaryFolder folder;
  test::HubStandIn hub;

  DownloadTest() {
    hub.behaviour.token = "hf_secret_0815";
    hub.behaviour.files["config.json"] = {"{}"};
    hub.behaviour.files["m-Q4.gguf"] = {"pretended weights", true};
    hub.behaviour.files["m-Q8.gguf"] = {"more pretended weights", true};
  }


  void write_config(const std::string& row) {
    ASSERT_TRUE(write_file(folder / "config.cfg",
                           "[OpenAI]\n[Huggingface]\naccess_token = hf_secret_0815\ncache_dir = hub\n[Results upload]\n[Creative Writing Benchmark]\n[Options]\n"
                           "[Oobabooga config]\nooba_launch_script = " ASSAY_SIMULATOR "\n[Benchmarks to run]\n" + row + "\n"));
  }

  cases::Outcome eq_bench(std::vector<std::string> words) {
    cases::Command command;
    command.program = ASSAY_PROGRAM;
    command.arguments = {"eq-bench", "--edition", "sample"};
    command.arguments.insert(command.arguments.end(), words.begin(), words.end());
    command.environment = {"PATH=/usr/bin:/bin", "HOME=" + folder.path().string(), "ASSAY_DATA=" + (folder / "data-home").string(), "TZ=UTC", "LANG=C.UTF-8",
                           "HF_ENDPOINT=" + hub.endpoint()};
    command.directory = folder.path();
    command.timeout = 60;
    auto outcome = cases::run_command(command);
    EXPECT_TRUE(outcome) << to_string(outcome.error());
    return outcome ? *outcome : cases::Outcome{};
  }
};

TEST_F(DownloadTest, WhatTheFiltersLeaveIsFetchedLaunchedAndDeleted) {
  write_config("o, , org/model, , None, 1, ooba, --api-port " + std::to_string(free_loopback_port().value()) + " --emotion --say \"Running on local URL:  x\", --include [\"*Q4.gguf\"]");
  const auto first = eq_bench({"-f"});
  EXPECT_EQ(first.code, 0) << first.err;
  EXPECT_TRUE(contains(first.out, "Parseable: 24.0"));
  const fs::path snapshot = folder / "hub/models--org--model/snapshots" / test::HubStandIn::kCommit;
  EXPECT_EQ(read_file(snapshot / "m-Q4.gguf").value_or(""), "pretended weights");
  EXPECT_FALSE(fs::exists(snapshot / "m-Q8.gguf"));
  EXPECT_FALSE(fs::exists(snapshot / "config.json"));
  // The row's own words stand in the files, not where the model is now.
  EXPECT_TRUE(contains(read_file(folder / "raw_results.json").value_or(""), "{\"o--v2--en--org/model------none--ooba-- --api-port "));
  EXPECT_FALSE(contains(first.out + first.err + read_file(folder / "data-home/assay.db").value_or(""), "hf_secret"));
  const std::size_t asked = hub.seen().size();
  EXPECT_GT(asked, 0u);

  // Nothing is left to ask: nothing is fetched, and -d takes away what came.
  const auto second = eq_bench({"-d"});
  EXPECT_EQ(second.code, 0) << second.err;
  EXPECT_EQ(hub.seen().size(), asked);
  EXPECT_FALSE(fs::exists(snapshot / "m-Q4.gguf"));
  EXPECT_TRUE(contains(second.err, "deleted the downloads of org/model"));
}

TEST_F(DownloadTest, SeveralGgufFilesOrARefusedTokenFailThatRowAlone) {
  write_config("t, , org/model, , None, 1, transformers, ,");
  const auto several = eq_bench({"-r", "0"});
  EXPECT_EQ(several.code, 2);
  EXPECT_TRUE(contains(several.err, "org/model has 2 GGUF files: m-Q4.gguf, m-Q8.gguf")) << several.err;
  EXPECT_TRUE(contains(several.err, "--include"));
  EXPECT_TRUE(contains(read_file(folder / "benchmark_results.csv").value_or(""), ",FAILED,eq-bench,FAILED,1,transformers,,,org/model has 2 GGUF files"));

  {
    test::HubStandIn::Behaviour* behaviour = nullptr;
    auto lock = hub.lock(behaviour);
    behaviour->token = "another";
  }
  const auto refused = eq_bench({"-r", "0"});
  EXPECT_EQ(refused.code, 3);
  EXPECT_TRUE(contains(refused.err, "access_token in config.cfg")) << refused.err;
  EXPECT_FALSE(contains(refused.err, "hf_secret"));
}

}  // namespace
}  // namespace assay::compat
