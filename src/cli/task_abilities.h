// Before a run starts: which of its tasks the model can do. Log-likelihoods that a server echoes are looked at with a question of known
// outcome, which is journaled like any other, so that a run that the journal answers asks nobody.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "base/async/async.h"
#include "run/run_plan.h"

namespace assay::cli {

/// `maybe`: a server has to be asked.
enum class Ability { yes, no, maybe };
/// By what the model says of itself alone, one for each of the evaluation's needs(). `endpoint`: somebody else's program answers.
std::vector<Ability> task_abilities(const std::vector<TaskNeed>& needs, const Capabilities& can, bool endpoint);
/// "log-likelihoods", ...: what such tasks need, for people.
std::string_view need_name(Need need);

struct AbilityReport {
  std::map<std::size_t, Error> refused;  // RunPlan::refused
  std::vector<std::string> deviates;     // RunPlan::deviates: a server's BOS, also where the journal answers
  std::string notice;                    // what to tell before the run, "" = nothing worth it; lines, each ended
};
/// A model that only continues text, as a GGUF file without a chat template, cannot be sent messages: the error that each sample would end
/// with, as `refused`, where the first sample sends some.
Result<void> examine_template(const Evaluation& evaluation, const Role& model);

/// Asks where it must. Error `refused` when the model can do none of the tasks; other errors (auth, network, cancelled ...) are those of the
/// question itself.
Async<AbilityReport> examine_tasks(const Evaluation& evaluation, const Role& model);

}  // namespace assay::cli
