// From judges' completions to annotated comparisons: labels are parsed and un-switched, equal rows get the same, the cache grows.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <vector>

#include "benchmark/alpaca_eval/annotation_plan.h"
#include "benchmark/alpaca_eval/judge_completion.h"

namespace assay::alpaca_eval {

struct AnnotationCounts {
  std::size_t rows = 0, annotated = 0, missing = 0;  // of the table
  std::size_t asked = 0, from_cache = 0, equal = 0, noise = 0;  // pairs
  std::size_t unparsed = 0;                          // asked pairs whose completion was not understood
  std::size_t unanswered = 0;                        // asked pairs without any completion
  std::string example;                               // why the first unparsed one was not
};

struct Annotations {
  Table table;  // the comparisons, then annotator, preference, and what is kept of the completions
  AnnotationCounts counts;
};

/// `completions`: one for each prompt of the plan, in its order. `version`: of the column preference_version; "" = none. New rows are put into the
/// cache, but for noise and for pairs without any completion. `plan`: of this table, or of the one it was moved from.
Annotations annotate(const EvaluatorConfig& config, const AnnotationSettings& settings, Table table, const AnnotationPlan& plan,
                     std::span<const JudgeCompletion> completions, std::string_view version, AnnotationCache& cache);

/// What a judgement of one pair is, after the outputs were put back: its preference and the columns of processors.
struct PairJudgement {
  std::optional<double> preference;
  json::object columns;
};
PairJudgement judge_pair(const AnnotatorConfig& annotator, std::optional<double> label, bool switched, const json::value& completion);

}  // namespace assay::alpaca_eval
