#include "cli/alpaca_eval_ask.h"

#include <algorithm>
#include <limits>

#include "base/text.h"
#include "benchmark/alpaca_eval/judge_decoder.h"
#include "benchmark/alpaca_eval/judge_prompt.h"
#include "benchmark/alpaca_eval/judging.h"
#include "benchmark/alpaca_eval/prompt_evaluation.h"
#include "cli/alpaca_eval_places.h"
#include "cli/run_job.h"

namespace assay::compat {
namespace {

using namespace alpaca_eval;
using cli::Invocation;
using cli::Session;

/// `--judge SPEC` for all, `--judge ANNOTATOR=SPEC` for one.
Result<std::optional<std::string>> replacement(const Invocation& invocation, std::string_view option, const std::string& annotator) {
  std::optional<std::string> out;
  for (const std::string& text : invocation.arguments.all(option)) {
    const std::size_t equals = text.find('=');
    const std::string name = text.substr(0, equals);
    const bool named = equals != std::string::npos && name.find_first_of(":/?#") == std::string::npos;
    if (!named && !out) out = text;
    if (named && name == annotator) out = text.substr(equals + 1);
  }
  return out;
}

Result<RetryWhat> retry_of(const Invocation& invocation) {
  const std::string text = invocation.arguments.get("retry").value_or("failed");
  if (text == "failed") return RetryWhat::failed;
  if (text == "everything") return RetryWhat::everything;
  if (text == "none") return RetryWhat::none;
  return fail(ErrorKind::usage, "--retry takes failed, everything or none, not \"" + shorten(text, 40) + "\"");
}

/// What the prompts' template gives a system message beside its text; "" where there is nothing.
std::string unsent_member(const PromptBatch& batch, std::size_t decoder) {
  if (!batch.decoders[decoder].chat) return "";
  for (const AskedPrompt& prompt : batch.prompts) {
    if (prompt.decoder != decoder) continue;
    auto messages = read_chat_ml(prompt.text);
    if (!messages) return "";
    for (const ChatMlMessage& message : *messages)
      if (!message.extras.empty()) return message.extras.front().first;
    return "";  // all are made of one template
  }
  return "";
}

Result<std::vector<JudgeCompletion>> ask(Session& session, PromptBatch batch, std::string variant, const std::string& date) {
  const Invocation& invocation = session.invocation();
  auto concurrency = invocation.arguments.integer("concurrency", 1);
  if (!concurrency) return std::unexpected(concurrency.error());
  auto retry = retry_of(invocation);
  if (!retry) return std::unexpected(retry.error());
  cli::RunJob job;
  for (std::size_t i = 0; i < batch.decoders.size(); ++i) {
    bool used = false;
    for (const AskedPrompt& prompt : batch.prompts) used = used || prompt.decoder == i;
    if (used && !batch.decoders[i].constant) job.specs[batch.roles[i]] = batch.decoders[i].spec;
    if (!used) continue;
    for (const std::string& one : batch.decoders[i].deviates) invocation.say("warning: " + one);
    if (const std::string extra = unsent_member(batch, i); !extra.empty())
      invocation.err("assay: warning: \"" + shorten(extra, 40) + "\" behind the role of a system message is not sent\n");
  }
  if (auto taken = cli::take_model_ids(invocation.arguments, {"model", "judge"}, job); !taken) return std::unexpected(taken.error());
  job.selection.settings.ref = {"alpaca-eval", batch.benchmark.substr(batch.benchmark.find('@') + 1), std::move(variant)};
  job.selection.edition = "auto";
  job.retry = *retry;
  if (*concurrency) job.concurrency = static_cast<std::size_t>(**concurrency);
  auto evaluation = make_prompt_evaluation(std::move(batch));
  if (!evaluation) return std::unexpected(evaluation.error());
  job.evaluation = *evaluation;
  const Instant begin = session.timer().clock().now();
  auto done = session.complete(cli::run_job(session, std::move(job)));
  const double seconds = std::chrono::duration<double>(session.timer().clock().now() - begin).count();
  if (!done) return std::unexpected(done.error());
  if (done->result.stopped) {
    Error error = *done->result.stopped;
    if (error.kind == ErrorKind::cancelled) error.hint = "what was answered is kept: the same command goes on";
    return std::unexpected(error);
  }
  auto completions = completions_of(*done->result.results, date);
  if (!completions) return completions;
  // As the original reckons: what the asking took, in equal parts to all that were asked. What the journal answered keeps the time it took then.
  std::size_t asked = 0;
  for (const JudgeCompletion& one : *completions) asked += one.asked;
  for (JudgeCompletion& one : *completions)
    if (one.asked) one.time = seconds / static_cast<double>(asked);
  return completions;
}

}  // namespace

Result<std::vector<JudgeCompletion>> ask_judges(Session& session, const std::string& benchmark, const EvaluatorConfig& config, const AnnotationPlan& plan, const std::string& date) {
  const Invocation& invocation = session.invocation();
  PromptBatch batch;
  batch.benchmark = benchmark;
  // Seeds are as good as judges of their own (analyze_evaluators measures how they differ), though many of their prompts are the same.
  batch.iteration = static_cast<int>(std::clamp<std::int64_t>(plan.seed + 1, 1, std::numeric_limits<int>::max()));
  std::vector<bool> used(config.annotators.size());
  for (const PlannedPrompt& prompt : plan.prompts) used[prompt.annotator] = true;
  for (std::size_t i = 0; i < config.annotators.size(); ++i) {
    const AnnotatorConfig& annotator = config.annotators[i];
    auto other = replacement(invocation, "judge", annotator.name);
    if (!other) return std::unexpected(other.error());
    auto decoder = make_decoder(annotator.fn_completions, annotator.completions_kwargs, annotator.name, decoder_places(invocation));
    if (!decoder && *other && decoder.error().kind == ErrorKind::unsupported) decoder = judge_decoder(annotator);
    if (!decoder && used[i]) return std::unexpected(decoder.error());
    Decoder one = decoder ? std::move(*decoder) : Decoder{};
    if (*other) answer_with(one, **other);
    batch.decoders.push_back(std::move(one));
    batch.roles.push_back(config.annotators.size() == 1 ? "judge" : "judge " + annotator.name);
    batch.whole_choices.push_back(annotator.reads_choices);
  }
  for (std::size_t i = 0; i < plan.prompts.size(); ++i)
    batch.prompts.push_back({std::to_string(i), plan.prompts[i].annotator, plan.prompts[i].text});
  for (std::size_t i = 0; i < config.annotators.size(); ++i)
    if (used[i]) batch.judging[batch.roles[i]] = judging_facts(config, batch.decoders, plan.seed, plan.filling, std::span(&i, 1));
  return ask(session, std::move(batch), "annotations", date);
}

Result<std::vector<JudgeCompletion>> ask_model(Session& session, const std::string& benchmark, const std::string& role, std::string_view function, const PythonValue& kwargs,
                                               const std::vector<std::string>& prompts, const std::string& date) {
  const Invocation& invocation = session.invocation();
  auto other = role == "model" ? replacement(invocation, "model", "") : Result<std::optional<std::string>>(std::nullopt);
  if (!other) return std::unexpected(other.error());
  auto decoder = make_decoder(function, kwargs, role, decoder_places(invocation));
  if (!decoder) return std::unexpected(decoder.error());
  if (*other) answer_with(*decoder, **other);
  PromptBatch batch;
  batch.benchmark = benchmark;
  batch.decoders.push_back(std::move(*decoder));
  batch.roles.push_back(role);
  batch.whole_choices.push_back(false);
  for (std::size_t i = 0; i < prompts.size(); ++i) batch.prompts.push_back({std::to_string(i), 0, prompts[i]});
  return ask(session, std::move(batch), "outputs", date);
}

}  // namespace assay::compat
