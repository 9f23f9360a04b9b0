// Files of writing prompts, judge's prompts and the programs these are taken out of.
#include "base/text.h"
#include "benchmark/story_prompts.h"
#include "dataset/judge_prompt_source.h"
#include "fuzz.h"

namespace assay::fuzz {

void fuzz_one(std::string_view input) {
  using namespace story;
  if (auto prompts = read_prompt_set(input, "prompts.json"))
    for (const StoryPrompt& prompt : *prompts) {
      REQUIRE(!prompt.seeds.empty() && !prompt.criteria.empty());
      writing_prompt(prompt, 3);
      REQUIRE(asked_criteria(prompt, true).size() <= asked_criteria(prompt, false).size());
    }
  if (auto judge = JudgeTemplate::parse(std::string(input), "judge.txt"))
    REQUIRE(contains(judge->fill("w", "r", "{criteria}", {"c"}), "{criteria}"));
  if (auto prompt = judge_prompt_from_program(input)) REQUIRE(prompt->size() <= (std::size_t{1} << 22));
}

}  // namespace assay::fuzz
