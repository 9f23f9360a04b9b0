#include "cli/run_job.h"

#include "cli/progress_display.h"
#include "cli/run_files.h"

namespace assay::cli {

Async<RunJobResult> run_job(Session& session, RunJob job) {
  const Invocation& invocation = session.invocation();
  auto home = invocation.data_home();
  if (!home) co_return std::unexpected(home.error());
  RunPlan plan;
  auto evaluation = prepare(*job.benchmark, job.selection, *home, plan.edition);
  if (!evaluation) co_return std::unexpected(evaluation.error());
  plan.evaluation = *evaluation;
  plan.benchmark = job.selection.settings.ref.text();
  plan.policy = job.recorded ? Policy::recorded : Policy::live;
  plan.retry = job.recorded ? RetryWhat::none : job.retry;
  plan.window = job.concurrency.value_or(0);
  plan.invocation = job.selection.to_json();
  if (job.selection.settings.limit || !job.selection.settings.samples.empty()) plan.deviates.push_back("a part of the samples only");

  std::vector<BuiltModel> built;  // owns the models while the run uses them
  for (const auto& [role, spec] : job.specs) {
    ModelOptions options;
    if (role == "model") options.model_id = job.model_id;
    options.concurrency = job.concurrency;
    options.policy = job.recorded ? JournalPolicy::recorded : JournalPolicy::live;
    options.retry_failed = job.retry != RetryWhat::none;
    options.baselines = plan.evaluation->baselines();
    if (auto known = job.known.find(role); known != job.known.end()) options.known_identity = known->second;
    auto one = co_await build_model(session, spec, std::move(options));
    if (!one) co_return std::unexpected(one.error());
    built.push_back(std::move(*one));
    plan.roles[role] = built.back().role;
    if (auto label = job.labels.find(role); label != job.labels.end()) plan.roles[role].label = label->second;
  }
  RunJobResult out;
  out.plan = plan;
  RunnerSeams seams{session.journal(), session.timer(), session.random(), session.stop(), ASSAY_VERSION, progress_display(invocation)};
  auto result = co_await run(std::move(plan), std::move(seams));
  if (!result) co_return std::unexpected(result.error());
  out.result = std::move(*result);
  for (auto& [role, value] : out.plan.roles) value.model = nullptr;  // they end here
  if (job.out)
    if (auto written = write_run_files(*job.out, out.plan, out.result); !written) co_return std::unexpected(written.error());
  co_return out;
}

}  // namespace assay::cli
