// What a finished run of YAML tasks leaves in the harness's own forms: its results document, its samples, its tables.
#pragma once

#include <string>
#include <vector>

#include "benchmark/harness/yaml_results.h"
#include "run/evaluation.h"

namespace assay::harness {

struct HarnessFiles {
  json::object results;                         // python_dumps(.., {2, not ASCII}) of it is the file
  std::vector<Evaluation::OutputFile> samples;  // samples_TASK_TIME.jsonl
  std::string table, groups;                    // as printed; groups "" where there are none
};
/// `evaluation` must be one of make_yaml_evaluation(). Documents without an answer are left out. `time`: local, ISO 8601. Without
/// `samples` no sample lines are made and task_hashes is empty, as in the original. What `facts` says of limits, seeds and
/// prompts is filled in from the run.
Result<HarnessFiles> harness_files(const Evaluation& evaluation, const UnitResults& results, RunFacts facts,
                                   const std::string& time, bool samples);

}  // namespace assay::harness
