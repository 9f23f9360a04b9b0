// The Open LLM Leaderboard's pack: its sums are those of the files that its vectors were made from, and every task's files are named.
#include <gtest/gtest.h>

#include <set>

#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"
#include "dataset/pack.h"
#include "packs/embedded.h"
#include "support/shared_data.h"
#include "support/temporary_folder.h"

namespace assay {
namespace {

const Pack& leaderboard() {
  static const PackStore store = PackStore::load(embedded_packs()).value();
  return **store.find("open-llm-leaderboard");
}

TEST(LeaderboardPack, NamesEveryFile) {
  std::set<std::string> tests, devs;
  for (const PackFile& file : leaderboard().files) {
    if (file.name.starts_with("mmlu/test/")) tests.insert(file.name.substr(10));
    if (file.name.starts_with("mmlu/dev/")) devs.insert(file.name.substr(9));
    EXPECT_FALSE(file.import_from.empty());
  }
  EXPECT_EQ(tests.size(), 57u);
  EXPECT_EQ(tests, devs);
  for (const char* name : {"arc-challenge/train", "arc-challenge/test", "hellaswag/train", "hellaswag/validation", "truthfulqa/mc", "truthfulqa/prompt"}) {
    ASSERT_TRUE(leaderboard().file(name)) << name;
    EXPECT_FALSE(leaderboard().file(name)->optional) << name;
    EXPECT_TRUE(leaderboard().own_file("sample", name)) << name;
  }
  for (const char* name : {"arc-easy/train", "arc-easy/test", "hellaswag/stand-in"}) EXPECT_TRUE(leaderboard().file(name)->optional) << name;
}

TEST(LeaderboardPack, ImportsWhatIsThere) {
  ASSAY_NEED_SHARED("upstream/open-llm-leaderboard/mmlu");
  test::TemporaryFolder home;
  auto done = import_pack(leaderboard(), home.path(), test::shared("upstream/open-llm-leaderboard"));
  ASSERT_TRUE(done) << to_string(done.error());
  EXPECT_EQ(done->imported.size(), 121u);
  EXPECT_EQ(done->missing, (std::vector<std::string>{"hellaswag/train", "hellaswag/validation"}));
  EXPECT_TRUE(done->rejected.empty());
  EXPECT_TRUE(read_official_file(leaderboard(), "truthfulqa/prompt", home.path()).value_or("").ends_with("Spain."));
}

TEST(LeaderboardPack, TakesTheSixExamplesOutOfAProgram) {
  ASSAY_NEED_SHARED("upstream/open-llm-leaderboard/texts/truthfulqa_qa_prompt.txt");
  auto prompt = read_file(test::shared("upstream/open-llm-leaderboard/texts/truthfulqa_qa_prompt.txt"));
  ASSERT_TRUE(prompt);
  // As the original program writes it: one literal a line, in brackets.
  std::string program = "PROMPT = (\n";
  for (std::string_view line : split_lines(*prompt)) program += "    \"" + std::string(line) + "\\n\"\n";
  program = program.substr(0, program.size() - 4) + "\"\n)\n";
  PackFile file = *leaderboard().file("truthfulqa/prompt");
  EXPECT_EQ(extracted(file, program), *prompt);
}

}  // namespace
}  // namespace assay
