// Stories and judgements for `baseline:` models, in either role.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "benchmark/story_prompt_set.h"
#include "benchmark/story_score.h"
#include "model/baseline.h"

namespace assay::creative_writing {

/// As "model": random words, one sentence again and again, the set's reference story. As "judge": a number for each criterion,
/// random, the constant, or the best there is (10, and 0 where lower is better). `criteria`: one list for each prompt.
std::shared_ptr<BaselineAnswers> make_baselines(std::shared_ptr<const std::vector<story::StoryPrompt>> prompts,
                                                std::vector<std::vector<std::string>> criteria, story::Negatives negatives);

}  // namespace assay::creative_writing
