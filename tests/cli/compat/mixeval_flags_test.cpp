// The flags of MixEval's programs as argparse reads them, and what the status file keeps of them.
#include "cli/compat/mixeval_flags.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace assay::compat {
namespace {

std::string translated(const std::string& words) { return join(translate_mixeval(split(words, ' ')), " "); }

TEST(MixevalFlags, TheBeginningOfAFlagIsTheFlag) {
  EXPECT_EQ(translated("evaluate --bench mixeval --vers=v --inf --batch_size 4"), "evaluate --benchmark mixeval --version=v --inference_only --batch_size 4");
  EXPECT_EQ(translated("compute_metrics --model_r dir --models a b --free_form rule"), "compute_metrics --model_response_dir dir --models_to_eval=a --models_to_eval=b --free_form_parser rule");
  EXPECT_EQ(translated("check_eval_complete --n_closefreeform 3 --base none"), "check_eval_complete --n_closefreeform 3 --base_models_to_check=none");
  // Two flags begin so, no flag of this program does, or it is one of ours.
  EXPECT_EQ(translated("evaluate --m x --n_close 3 --model x --judge y --data z -- w"), "evaluate --m x --n_close 3 --model x --judge y --data z -- w");
}

TEST(MixevalFlags, TheLastListOfAFlagCountsAndNoListIsEmpty) {
  EXPECT_EQ(translated("compute_metrics --models_to_eval a b --verbose --models_to_eval c"), "compute_metrics --verbose --models_to_eval=c");
  EXPECT_EQ(translated("compute_metrics --models_to_eval=a --models_to_eval=b"), "compute_metrics --models_to_eval=b");
  EXPECT_EQ(translated("compute_metrics --models_to_eval --verbose"), "compute_metrics --models_to_eval --verbose");
}

TEST(MixevalFlags, TheStatusFileKeepsJudgesAsTheyWereGiven) {
  MixevalFlags flags;
  flags.judge_model_id = "some/judge";
  const json::object args = status_args(flags, mixeval::Split::free_form);
  EXPECT_EQ(args.at("judge_model_id"), json::value("some/judge"));
  EXPECT_EQ(args.at("freeform_judge"), json::value("gpt-3.5-turbo-0125"));
  EXPECT_EQ(args.at("multichoice_judge"), json::value("gpt-3.5-turbo-0125"));
  EXPECT_EQ(flags.judge_name(mixeval::Split::free_form), "some/judge");
}

}  // namespace
}  // namespace assay::compat
