// A model file without a chat template is refused before anything is asked of it, with the cure; the cure works.
#include <gtest/gtest.h>

#include "base/file.h"
#include "base/text.h"
#include "cases/runner/process.h"
#include "support/gguf_fixtures.h"
#include "support/temporary_folder.h"

namespace assay {
namespace {

class WithoutTemplate : public testing::Test {
 protected:
  WithoutTemplate() { EXPECT_TRUE(write_file(folder_.path() / "plain.gguf", test::tiny_spm_model())); }

  cases::Outcome assay(std::vector<std::string> words) {
    cases::Command command;
    command.program = ASSAY_PROGRAM;
    command.arguments = std::move(words);
    command.environment = {"PATH=/usr/bin:/bin", "HOME=" + folder_.path().string(), "ASSAY_DATA=" + (folder_.path() / "data").string(), "LANG=C.UTF-8"};
    command.directory = folder_.path();
    command.timeout = 120;
    auto outcome = cases::run_command(command);
    EXPECT_TRUE(outcome) << to_string(outcome.error());
    return outcome ? *outcome : cases::Outcome{};
  }

  test::TemporaryFolder folder_;
};

TEST_F(WithoutTemplate, IsRefusedBeforeTheRun) {
  const auto outcome = assay({"run", "eq-bench", "--edition", "sample", "--limit", "2", "--model", "gguf:plain.gguf"});
  EXPECT_EQ(outcome.code, 3) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "has no chat template")) << outcome.err;
  EXPECT_TRUE(contains(outcome.err, "?template=chatml")) << outcome.err;
  const auto runs = assay({"list", "runs", "--json"});
  EXPECT_FALSE(contains(runs.out, "eq-bench@2")) << runs.out;
}

TEST_F(WithoutTemplate, RunsWithANamedOne) {
  const auto outcome = assay({"run", "eq-bench", "--edition", "sample", "--limit", "1", "--model", "gguf:plain.gguf?template=raw", "--json", "--quiet"});
  EXPECT_EQ(outcome.code, 1) << "random words: not parseable";
  EXPECT_TRUE(contains(outcome.out, "\"failed\": 0")) << outcome.out;
  EXPECT_TRUE(contains(outcome.out, "\"requests\": 3")) << outcome.out;
}

}  // namespace
}  // namespace assay
