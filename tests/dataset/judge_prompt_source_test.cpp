// A judge's prompt taken out of a program, on a program of our own that is built as the original's is.
#include "dataset/judge_prompt_source.h"

#include <gtest/gtest.h>

#include "base/file.h"
#include "base/hash.h"
#include "dataset/pack.h"
#include "support/temporary_folder.h"

namespace assay {
namespace {

constexpr const char* kProgram = R"PY(import re
# judging_prompt = "not this one"
def ask(criteria_set, writing_prompt):
	writing_prompt = "Write well.\n\n" + writing_prompt
	criteria_str = '\n'.join(criteria_set)
	first = """
- Say it's "fine" first.
"""
	second = """
[Words]
"""
	if SKIP:
		first = ""
	if RELATIVE:
		scale = """From -10 to 10.		"""
		form = "Score [-10]"
	else:
		note = """
- A {note} in braces stays.
"""
		scale = f"""From 0 to 10.
{note}
- Whole range, {{braces}} too."""
		form = "[Score 0-10]"
	reference = f"""
[OTHER]
{reference_output}
"""
	judging_prompt = f"""
Judge this.
{writing_prompt}
{reference}
{test_model_response}
{scale}
{first}
{second}
Name: {form}

{prefix_text}

{criteria_str}
	"""
	return judging_prompt

"""
judging_prompt = a comment that is no assignment
"""
)PY";

constexpr const char* kPrompt =
    "\nJudge this.\n{writing_prompt}\n\n[OTHER]\n{reference_output}\n\n{test_model_response}\nFrom 0 to 10.\n\n- A {note} in braces "
    "stays.\n\n- Whole range, {braces} too.\n\n- Say it's \"fine\" first.\n\n\n[Words]\n\nName: [Score 0-10]\n\n{prefix_text}\n\n{criteria}\n\t";

TEST(JudgePromptSource, PutsThePiecesTogether) {
  EXPECT_EQ(judge_prompt_from_program(kProgram), kPrompt);
}

TEST(JudgePromptSource, WhatIsNotThereIsNotMadeUp) {
  EXPECT_FALSE(judge_prompt_from_program(""));
  EXPECT_FALSE(judge_prompt_from_program("x = 1"));
  EXPECT_FALSE(judge_prompt_from_program("judging_prompt = f\"\"\"{unknown}\"\"\""));
  EXPECT_FALSE(judge_prompt_from_program("judging_prompt = f\"\"\"{open\"\"\""));
  EXPECT_FALSE(judge_prompt_from_program("judging_prompt = f'''{judging_prompt}'''"));  // for ever
  EXPECT_EQ(judge_prompt_from_program("judging_prompt = f'''{writing_prompt"), std::nullopt);
}

TEST(JudgePromptSource, ImportTakesItFromAClone) {
  test::TemporaryFolder home, clone;
  Pack pack{.name = "demo", .title = "T", .licence = "MIT", .homepage = "https://example.org", .files = {}, .own = {}};
  PackFile file;
  file.name = "judge";
  file.path = "judge.txt";
  file.url = "https://example.org/lib/ask.py";
  file.extract = "judge-prompt";
  file.sha256 = sha256_hex(kPrompt);
  file.import_from = {"judge.txt", "lib/ask.py"};
  pack.files.push_back(file);
  ASSERT_TRUE(write_file(clone.path() / "lib/ask.py", kProgram));
  auto done = import_pack(pack, home.path(), clone.path());
  ASSERT_TRUE(done) << to_string(done.error());
  EXPECT_EQ(done->imported, std::vector<std::string>{"judge"});
  EXPECT_EQ(read_official_file(pack, "judge", home.path()).value(), kPrompt);

  // Another program: nothing is imported.
  test::TemporaryFolder other_home, other;
  ASSERT_TRUE(write_file(other.path() / "lib/ask.py", "judging_prompt = 'something else'"));
  EXPECT_FALSE(import_pack(pack, other_home.path(), other.path()));
}

}  // namespace
}  // namespace assay
