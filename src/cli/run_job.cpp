#include "cli/run_job.h"

#include "base/shell_words.h"
#include "base/text.h"
#include "cli/process_mark.h"
#include "cli/progress_display.h"
#include "cli/run_files.h"
#include "cli/task_abilities.h"
#include "model/model_spec.h"

namespace assay::cli {
namespace {

json::object but_for_the_server(json::object facts) {
  facts.erase("server");
  return facts;
}

/// Somebody else's program answers, and may say of itself what it is: an address, or a server that was launched.
bool is_endpoint(const json::object& facts) {
  const json::value* backend = facts.if_contains("backend");
  return facts.contains("base") || (backend && *backend == json::value("launch"));
}

/// An endpoint that says something else of itself than it did in the last run is another model until the user says otherwise:
/// its answers must not be mixed with the old ones silently (interfaces: "Model identity").
Result<void> check_identity(Journal& journal, const std::string& role, const Role& now) {
  if (!is_endpoint(now.identity.facts)) return {};
  auto rows = journal.runs(1000);
  if (!rows) return std::unexpected(rows.error());
  for (const RunRow& row : *rows) {
    auto plan = parse_json(row.plan, "the plan of run " + row.id);
    if (!plan) continue;
    const json::value* facts = find_path(*plan, {"roles", role, "identity"});
    if (!facts) continue;
    // Another address, name or setting (api, reasoning) is another model by the user's own word.
    if (!facts->is_object() || but_for_the_server(facts->get_object()) != but_for_the_server(now.identity.facts)) continue;
    if (write_json(*facts, JsonStyle::canonical) == now.identity.text) return {};
    const json::value *was = find(*facts, "server"), *is = now.identity.facts.if_contains("server");
    const std::string label = get_string(*find_path(*plan, {"roles", role}), "label").value_or("LABEL");
    return fail(ErrorKind::identity,
                "the endpoint is not the one that run " + row.id + " asked as its " + role + ": it said " + (was ? write_json(*was) : "nothing") + " of itself and says " +
                    (is ? write_json(*is) : "nothing") + " now",
                now.spec,
                "if it is the same model, say --model-id " + join_shell_words({(role == "model" && !contains(label, "=") ? "" : role + "=") + label}) +
                    " and its answers count; if it is another, a new label in its place");
  }
  return {};
}

/// The role in `[ROLE=]LABEL`: a bare label is the tested model's.
std::string role_of_label(const std::string& text) {
  const std::size_t equals = text.find('=');
  return equals == std::string::npos ? "model" : text.substr(0, equals);
}

/// What `--model-id [ROLE=]LABEL` says, by role.
Result<std::map<std::string, std::string>> labels_said(const RunJob& job) {
  std::map<std::string, std::string> out;
  for (const std::string& text : job.model_ids) {
    const std::string role = role_of_label(text);
    if (!job.specs.contains(role)) {
      std::vector<std::string> roles;
      roles.reserve(job.specs.size());
      for (const auto& [name, spec] : job.specs) roles.push_back(name);
      return fail(ErrorKind::usage, "this run has no role \"" + role + "\"", "--model-id " + text, "its roles: " + join(roles, ", ") + "; --model-id takes [ROLE=]LABEL");
    }
    out[role] = text.substr(text.find('=') + 1);
  }
  return out;
}

/// `--model-id` with the label that an earlier run of this spec had: the user says that it is that model still.
Result<std::optional<ModelIdentity>> identity_called(Journal& journal, const std::string& role, const std::string& spec, const std::string& label) {
  auto rows = journal.runs(1000);
  if (!rows) return std::unexpected(rows.error());
  for (const RunRow& row : *rows) {
    auto plan = parse_json(row.plan, "the plan of run " + row.id);
    const json::value* old = plan ? find_path(*plan, {"roles", role}) : nullptr;
    if (!old || get_string(*old, "spec") != spec || get_string(*old, "label") != label) continue;
    const json::value* facts = find(*old, "identity");
    if (facts && facts->is_object() && is_endpoint(facts->get_object())) return std::optional(make_identity(facts->get_object(), label));
  }
  return std::optional<ModelIdentity>();
}

/// harness-v1 lets a text begin with the end-of-text token where others let it begin with BOS. Of its tasks only texts have no context, and
/// only the engine in this process knows both tokens.
std::string with_its_start(const Selection& selection, const std::string& spec) {
  const PrepareSettings& settings = selection.settings;
  if (settings.ref.name != "harness-v1") return spec;
  const auto tasks = settings.options.find("tasks");
  if (!contains(settings.ref.variant, "json=") && (tasks == settings.options.end() || !contains(tasks->second, "json="))) return spec;
  auto parsed = parse_model_spec(spec);
  if (!parsed || parsed->backend != "gguf" || parsed->settings.contains("start")) return spec;
  return spec + (contains(spec, "?") ? "&" : "?") + "start=eos";
}

std::size_t sample_count(const Evaluation& evaluation) {
  std::size_t out = 0;
  for (std::size_t i = 0; i < evaluation.unit_count(); ++i) out += evaluation.samples_of(i).size();
  return out;
}

/// A limit or a list of samples that leaves nothing out makes no part. Task files of the user's own are not read twice to find out: nothing is official there.
bool is_part(const RunJob& job, const Evaluation& evaluation, const std::filesystem::path& home) {
  Selection whole = job.selection;
  if (!whole.settings.limit && whole.settings.samples.empty()) return false;
  if (!job.benchmark || job.benchmark->info().free_variant) return true;
  whole.settings.limit.reset();
  whole.settings.samples.clear();
  std::string edition;
  auto all = prepare(*job.benchmark, whole, home, edition);
  return !all || sample_count(**all) != sample_count(evaluation);
}

}  // namespace

Result<void> take_model_ids(const Arguments& arguments, const std::vector<std::string>& elsewhere, RunJob& job) {
  for (std::string text : arguments.all("model-id")) {
    const std::string role = role_of_label(text);
    if (job.specs.contains(role)) job.model_ids.push_back(std::move(text));
    else if (std::none_of(elsewhere.begin(), elsewhere.end(), [&](const std::string& one) { return role == one || role.starts_with(one + " "); }))
      return fail(ErrorKind::usage, "no model here has the role \"" + shorten(role, 60) + "\"", "--model-id " + text, "the roles: " + join(elsewhere, ", ") + "; --model-id takes [ROLE=]LABEL");
  }
  return {};
}

Async<RunJobResult> run_job(Session& session, RunJob job) {
  const Invocation& invocation = session.invocation();
  auto home = invocation.data_home();
  if (!home) co_return std::unexpected(home.error());
  RunPlan plan;
  if (job.evaluation) {
    plan.evaluation = std::move(job.evaluation);
    plan.edition = "official";
  } else {
    auto evaluation = prepare(*job.benchmark, job.selection, *home, plan.edition);
    if (!evaluation) co_return std::unexpected(evaluation.error());
    plan.evaluation = *evaluation;
  }
  plan.benchmark = job.selection.settings.ref.text();
  plan.policy = job.recorded ? Policy::recorded : Policy::live;
  plan.retry = job.recorded ? RetryWhat::none : job.retry;
  plan.scores = job.scores;
  plan.window = job.concurrency.value_or(0);
  plan.invocation = job.selection.to_json();
  if (is_part(job, *plan.evaluation, *home)) plan.deviates.emplace_back("a part of the samples only");

  std::vector<BuiltModel> built;  // owns the models while the run uses them
  const auto said = labels_said(job);
  if (!said) co_return std::unexpected(said.error());
  for (const auto& [role, named] : job.specs) {
    const std::string spec = with_its_start(job.selection, named);
    ModelOptions options;
    if (auto label = said->find(role); label != said->end()) options.model_id = label->second;
    options.concurrency = job.concurrency;
    options.policy = job.recorded ? JournalPolicy::recorded : JournalPolicy::live;
    options.retry_failed = job.retry != RetryWhat::none;
    options.baselines = plan.evaluation->baselines();
    if (auto known = job.known.find(role); known != job.known.end()) options.known_identity = known->second;
    if (!options.model_id.empty()) {
      auto called = identity_called(session.journal(), role, spec, options.model_id);
      if (!called) co_return std::unexpected(called.error());
      options.known_identity = std::move(*called);
    }
    auto one = co_await build_model(session, spec, std::move(options));
    if (!one) co_return std::unexpected(one.error());
    if (!job.recorded)
      if (auto same = check_identity(session.journal(), role, one->role); !same) co_return std::unexpected(same.error());
    built.push_back(std::move(*one));
    plan.roles[role] = built.back().role;
    if (auto label = job.labels.find(role); label != job.labels.end()) plan.roles[role].label = label->second;
  }
  if (const auto model = plan.roles.find("model"); model != plan.roles.end() && !job.recorded) {
    if (auto able = examine_template(*plan.evaluation, model->second); !able) co_return std::unexpected(able.error());
    auto examined = co_await examine_tasks(*plan.evaluation, model->second);
    if (!examined) co_return std::unexpected(examined.error());
    plan.refused = std::move(examined->refused);
    for (std::string& deviation : examined->deviates) plan.deviates.push_back(std::move(deviation));
    if (!plan.refused.empty() || !invocation.quiet()) invocation.err(examined->notice);
  }
  RunJobResult out;
  out.plan = plan;
  RunnerSeams seams{session.journal(), session.timer(), session.random(), session.stop(), ASSAY_VERSION, progress_display(invocation), process_mark()};
  auto result = co_await run(std::move(plan), std::move(seams));
  if (!result) co_return std::unexpected(result.error());
  out.result = std::move(*result);
  for (auto& [role, value] : out.plan.roles) value.model = nullptr;  // they end here
  if (job.out)
    if (auto written = write_run_files(*job.out, out.plan, out.result); !written) co_return std::unexpected(written.error());
  co_return out;
}

}  // namespace assay::cli
