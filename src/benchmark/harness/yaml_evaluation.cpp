// YAML tasks as an Evaluation: a unit is one document.
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <cmath>
#include <limits>
#include <unordered_map>

#include "base/python_dump.h"
#include "base/text.h"
#include "benchmark/harness/metrics.h"
#include "benchmark/harness/stored_number.h"
#include "benchmark/harness/yaml_loader.h"
#include "benchmark/harness/yaml_prepared.h"
#include "benchmark/harness/yaml_requests.h"
#include "benchmark/harness/yaml_run_files.h"
#include "benchmark/harness/yaml_summary.h"
#include "model/baseline.h"

namespace assay::harness {
namespace {

json::value number(double value) {
  return std::isfinite(value) ? json::value(value) : json::value(nullptr);
}

/// Answers that show what a score is worth.
class Guesses final : public BaselineAnswers {
 public:
  explicit Guesses(std::shared_ptr<const YamlPrepared> prepared) : prepared_(std::move(prepared)) {}

  Result<std::string> answer(Kind kind, const Origin& origin, const Request&, Random& random, double value) override {
    const TaskDocument* document = find(origin.sample);
    if (!document) return unknown(origin.sample);
    if (kind == Kind::constant) return python_str(PythonValue::of(value));
    if (kind == Kind::random && !document->choices.empty()) return document->choices[random.below(document->choices.size())];
    // Who must answer freely guesses what another document of the task would have been answered with.
    if (kind == Kind::random) {
      const YamlPlan& plan = prepared_->plan(units_.at(origin.sample));
      document = &plan.bare(random.below(plan.size()));
    }
    auto targets = text_targets(*document);
    if (!targets) return fail(targets.error());
    return targets->empty() ? std::string() : targets->front();
  }

  Result<std::vector<Loglikelihood>> loglikelihoods(Kind kind, const Origin& origin, const LoglikelihoodGroup& group,
                                                    Random& random, double) override {
    const TaskDocument* document = find(origin.sample);
    if (!document) return unknown(origin.sample);
    std::vector<Loglikelihood> out(group.items.size());
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i].tokens = 1;
      const PythonValue& gold = document->gold();
      const bool right = out.size() == 1 || (gold.kind == PythonValue::Kind::integer
                                                 ? gold.integer == static_cast<std::int64_t>(i)
                                                 : i < document->choices.size() && gold.text == document->choices[i]);
      // A code point of a long choice must not count less than one of a short one.
      out[i].sum = kind == Kind::random     ? -32 * random.unit()
                   : kind == Kind::constant ? -1
                   : right                  ? -1e-3
                                            : -1000 * (1 + static_cast<double>(group.items[i].continuation.size()));
      out[i].greedy = kind == Kind::reference && right;
    }
    return out;
  }

 private:
  static std::unexpected<Error> unknown(const std::string& sample) {
    return fail(ErrorKind::data, "no document \"" + sample + "\" to make a baseline answer for");
  }
  const TaskDocument* find(const std::string& sample) {
    if (units_.empty())
      for (std::size_t unit = 0; unit < prepared_->places.size(); ++unit) units_.emplace(prepared_->sample(unit), unit);
    auto it = units_.find(sample);
    return it == units_.end() ? nullptr : &prepared_->plan(it->second).bare(prepared_->places[it->second].document);
  }
  std::shared_ptr<const YamlPrepared> prepared_;
  std::unordered_map<std::string, std::size_t> units_;
};

json::object loglikelihood_evidence(const TaskDocument& document, std::span<const Loglikelihood> answers) {
  json::array rows;
  for (std::size_t i = 0; i < answers.size(); ++i) {
    json::object row{{"continuation", document.requests[i].continuation},
                     {"loglikelihood", stored_number(answers[i].sum)},
                     {"greedy", answers[i].greedy},
                     {"tokens", answers[i].tokens}};
    if (i >= document.choices.size() && !document.choices.empty()) row["without_context"] = true;
    if (answers[i].truncated) row["truncated"] = true;
    rows.push_back(std::move(row));
  }
  // What the model would have answered, by the sum alone; of a single continuation or text there is nothing to choose.
  json::object chosen;
  const std::size_t choices = document.choices.size();
  if (choices > 0 && answers.size() >= choices) {
    std::vector<double> sums;
    sums.reserve(choices);
    for (std::size_t i = 0; i < choices; ++i) sums.push_back(answers[i].sum);
    const std::size_t best = argmax(sums);
    chosen = {{"choice", document.choices[best]}, {"loglikelihood", stored_number(sums[best])}, {"by", "acc"}};
  } else if (answers.size() == 1) {
    constexpr std::size_t kShown = 1000;  // bytes; the text of a perplexity may be a book, and stands among the rows
    if (const std::size_t size = document.requests[0].continuation.size(); size > 0 && size <= kShown) chosen["continuation"] = document.requests[0].continuation;
    chosen["loglikelihood"] = stored_number(answers[0].sum);
  }
  json::object out{{"formula", json::object{{"rows", std::move(rows)}}}};
  if (!chosen.empty()) out["chosen"] = std::move(chosen);
  return out;
}

class YamlEvaluation final : public Evaluation {
 public:
  explicit YamlEvaluation(YamlPrepared prepared) : p_(std::make_shared<const YamlPrepared>(std::move(prepared))) {}

  std::size_t unit_count() const override { return p_->places.size(); }
  Unit unit(std::size_t ordinal) const override { return {p_->sample(ordinal), 1}; }
  std::vector<std::string> samples_of(std::size_t ordinal) const override { return {p_->sample(ordinal)}; }

  Async<UnitResult> evaluate(std::size_t ordinal, UnitContext& context) override {
    const YamlPlan& plan = p_->plan(ordinal);
    if (auto askable = p_->askable(plan.task()); !askable) co_return std::unexpected(askable.error());
    std::string sample = p_->sample(ordinal);
    Result<TaskDocument> document = plan.document(p_->places[ordinal].document);
    if (!document) co_return std::unexpected(document.error());
    std::vector<Request> requests = requests_of(plan.task(), *document);
    const bool texts = plan.task().output_type == OutputType::generate_until;
    const std::int64_t repeats = texts ? plan.task().repeats : 1;
    std::vector<Response> responses;
    for (const Request& request : requests) {
      for (std::int64_t i = 0; i < repeats; ++i) {
        Request one = request;
        Result<Response> response = co_await context.ask("model", sample, std::move(one));
        if (!response) co_return std::unexpected(response.error());
        responses.push_back(std::move(*response));
      }
    }
    Result<SampleResult> scored =
        texts ? of_texts(ordinal, *document, responses) : of_loglikelihoods(ordinal, *document, responses);
    if (!scored) co_return std::unexpected(scored.error());
    scored->sample = std::move(sample);
    UnitResult result;
    result.samples.push_back(std::move(*scored));
    co_return result;
  }

  Result<void> finish(const UnitResults& results, Report& report) const override {
    std::vector<TaskTally> tallies;
    for (const YamlTaskRun& task : p_->tasks) tallies.emplace_back(task.plan.task().task, task.scorer);
    std::vector<Counts> counts(p_->tasks.size());
    std::vector<std::size_t> truncated(p_->tasks.size());
    std::optional<Error> wrong;
    auto read = results.for_each([&](std::size_t ordinal, const Unit&, const UnitResult& result) {
      if (ordinal >= p_->places.size()) return false;
      const std::uint32_t task = p_->places[ordinal].task;
      for (const SampleResult& sample : result.samples) {
        counts[task].add(sample.outcome, sample.cut);
        if (sample.outcome != Outcome::scored) continue;
        if (sample.evidence.contains("truncated")) ++truncated[task];
        if (auto added = add(tallies[task], p_->tasks[task].scorer, sample); !added && !wrong) wrong = added.error();
      }
      return !wrong;
    });
    if (!read) return read;
    if (wrong) return fail(*wrong);
    summarize(tallies, counts, truncated, report);
    return {};
  }

  std::vector<KnownRequest> known_requests(std::size_t ordinal, std::vector<std::string>& pending) const override {
    std::vector<KnownRequest> out;
    if (auto askable = p_->askable(p_->plan(ordinal).task()); !askable) {
      pending.push_back(to_string(askable.error()));
      return out;
    }
    auto document = p_->plan(ordinal).document(p_->places[ordinal].document);
    if (!document) {
      pending.push_back(to_string(document.error()));
      return out;
    }
    const TaskConfig& task = p_->plan(ordinal).task();
    const std::int64_t repeats = task.output_type == OutputType::generate_until ? task.repeats : 1;
    for (const Request& request : requests_of(task, *document))
      for (std::int64_t i = 0; i < repeats; ++i) out.push_back({task.task, p_->sample(ordinal), "model", request});
    return out;
  }

  json::object manifest() const override { return p_->manifest(); }

  Result<std::vector<OutputFile>> original_files(const UnitResults& results, const Report& report) const override {
    RunFacts facts;
    facts.model = "assay";
    if (auto it = report.roles.find("model"); it != report.roles.end()) facts.model_args = it->second;
    auto files = harness_files(*this, results, std::move(facts), report.created, true);
    if (!files) return fail(files.error());
    files->samples.insert(files->samples.begin(),
                          OutputFile{"results.json", python_dumps(files->results, {.indent = 2, .ascii = false})});
    return std::move(files->samples);
  }

  const YamlPrepared& prepared() const { return *p_; }

  std::shared_ptr<BaselineAnswers> baselines() const override { return std::make_shared<Guesses>(p_); }

  std::vector<TaskNeed> needs() const override {
    std::vector<TaskNeed> out;
    for (const YamlTaskRun& run : p_->tasks) {
      const OutputType type = run.plan.task().output_type;
      out.push_back({run.plan.task().task, type == OutputType::generate_until          ? Need::text
                                           : type == OutputType::loglikelihood_rolling ? Need::rolling
                                                                                       : Need::loglikelihood});
      if (auto askable = p_->askable(run.plan.task()); !askable) out.back().blocked = askable.error();
    }
    return out;
  }
  std::size_t task_of(std::size_t ordinal) const override { return p_->places[ordinal].task; }

 private:
  /// Numbers go into `values`; what a metric keeps until all documents are there, into the evidence.
  SampleResult result_of(std::size_t ordinal, const std::vector<DocumentScores>& scores, json::object evidence) const {
    SampleResult out;
    out.outcome = Outcome::scored;
    const bool several = p_->tasks[p_->places[ordinal].task].scorer.filters().size() > 1;
    json::object kept, filtered;
    for (const DocumentScores& chain : scores) {
      json::object& metrics = kept[chain.filter].emplace_object();
      for (const auto& [metric, value] : chain.values) {
        metrics[metric] = to_json(value);
        if (const double* plain = std::get_if<double>(&value))
          out.values[several ? metric + "," + chain.filter : metric] = number(*plain);
      }
      if (chain.filtered.kind != PythonValue::Kind::none) filtered[chain.filter] = to_json(chain.filtered);
    }
    if (!filtered.empty()) evidence["filtered"] = std::move(filtered);
    evidence["metrics"] = std::move(kept);
    out.evidence = std::move(evidence);
    return out;
  }

  Result<SampleResult> of_texts(std::size_t ordinal, const TaskDocument& document, const std::vector<Response>& responses) const {
    const YamlTaskRun& run = p_->tasks[p_->places[ordinal].task];
    const std::vector<std::string> stops = until_of(run.plan.task().generation_kwargs);
    std::vector<std::string> answers;
    json::array asks;
    bool cut = false, truncated = false;
    for (const Response& response : responses) {
      truncated = truncated || response.truncated;
      answers.push_back(cut_at_stops(response.text, stops));
      cut = cut || response.finish == Finish::length;
      asks.push_back(json::object{{"text", answers.back()}, {"finish", json::string(name(response.finish))}});
    }
    json::object evidence{{"asks", std::move(asks)}, {"reference", python_str(document.target)}};
    if (truncated) evidence["truncated"] = true;
    std::vector<DocumentScores> scores;
    if (!p_->predict_only) {
      auto scored = run.scorer.score(document, answers);
      if (!scored) return fail(scored.error());
      scores = std::move(*scored);
    }
    SampleResult out = result_of(ordinal, scores, std::move(evidence));
    out.cut = cut;
    return out;
  }

  Result<SampleResult> of_loglikelihoods(std::size_t ordinal, const TaskDocument& document,
                                         const std::vector<Response>& responses) const {
    const YamlTaskRun& run = p_->tasks[p_->places[ordinal].task];
    std::vector<Loglikelihood> answers;
    for (const Response& response : responses)
      answers.insert(answers.end(), response.loglikelihoods.begin(), response.loglikelihoods.end());
    if (answers.size() != document.requests.size())
      return fail(ErrorKind::bad_response,
                  "the model gave " + std::to_string(answers.size()) + " log-likelihoods for " +
                      std::to_string(document.requests.size()) + " continuations",
                  p_->sample(ordinal), "these tasks need a model that scores given texts, such as gguf:FILE");
    json::object evidence = loglikelihood_evidence(document, answers);
    if (std::any_of(answers.begin(), answers.end(), [](const Loglikelihood& one) { return one.truncated; }))
      evidence["truncated"] = true;
    std::vector<DocumentScores> scores;
    if (!p_->predict_only) {
      auto scored = run.scorer.score(document, answers);
      if (!scored) return fail(scored.error());
      scores = std::move(*scored);
    }
    return result_of(ordinal, scores, std::move(evidence));
  }

  static Result<void> add(TaskTally& tally, const TaskScorer& scorer, const SampleResult& sample) {
    const json::value* metrics = sample.evidence.if_contains("metrics");
    if (!metrics || !metrics->is_object()) return {};
    for (const auto& [filter, values] : metrics->get_object()) {
      if (!values.is_object()) continue;
      for (const auto& [name, value] : values.get_object()) {
        const PlannedMetric* metric = scorer.metric(name);
        if (!metric) continue;
        auto read = metric_value(value, *metric);
        if (!read) return fail(read.error());
        tally.add(filter, name, std::move(*read));
      }
    }
    return {};
  }

  static void add_counts(Counts& to, const Counts& from) {
    to.scored += from.scored;
    to.unparseable += from.unparseable;
    to.truncated += from.truncated;
    to.failed += from.failed;
    to.missing += from.missing;
    to.scored_cut += from.scored_cut;
  }

  void summarize(const std::vector<TaskTally>& tallies, const std::vector<Counts>& counts,
                 const std::vector<std::size_t>& truncated, Report& report) const {
    std::vector<TaskAggregate> aggregates;
    aggregates.reserve(tallies.size());
    for (const TaskTally& tally : tallies) aggregates.push_back(p_->predict_only ? TaskAggregate{} : tally.finish(p_->bootstrap));
    Part& total = report.total;
    if (total.name.empty()) total.name = p_->benchmark;
    std::vector<Part> parts;
    for (const std::string& name : p_->selection.top)
      if (auto part = part_of(name, aggregates, counts, truncated)) parts.push_back(std::move(*part));
    for (const Counts& one : counts) add_counts(total.counts, one);
    if (parts.size() == 1) {
      total.metrics = std::move(parts.front().metrics);
      total.parts = std::move(parts.front().parts);
    } else {
      total.parts = std::move(parts);
    }
    for (const std::string& text : p_->deviates)
      if (std::find(report.deviates.begin(), report.deviates.end(), text) == report.deviates.end())
        report.deviates.push_back(text);
    const Counts& all = total.counts;
    const std::size_t absent = all.failed + all.missing + (p_->places.size() - std::min(p_->places.size(), all.total()));
    if (absent == 0) {
      report.status = "complete";
      return;
    }
    report.status = all.scored == 0 ? "failed" : "incomplete";
    report.reason = std::to_string(absent) + " of " + std::to_string(p_->places.size()) + " documents have no answer (" +
                    std::to_string(all.failed) + " failed, " + std::to_string(all.missing) + " missing)";
  }

  std::optional<Part> part_of(const std::string& name, const std::vector<TaskAggregate>& aggregates,
                              const std::vector<Counts>& counts, const std::vector<std::size_t>& truncated) const {
    Part out;
    out.name = name;
    for (std::size_t i = 0; i < p_->tasks.size(); ++i) {
      if (p_->tasks[i].plan.task().task != name) continue;
      out.metrics = report_metrics(aggregates[i].values);
      out.counts = counts[i];
      if (truncated[i]) {
        Metric cut;
        cut.name = "truncated";
        cut.value = static_cast<double>(truncated[i]);
        out.metrics.push_back(std::move(cut));
      }
      return out;
    }
    const TaskGroup* group = p_->selection.group(name);
    if (!group) return std::nullopt;
    for (const std::string& member : group->members)
      if (auto part = part_of(member, aggregates, counts, truncated)) {
        add_counts(out.counts, part->counts);
        out.parts.push_back(std::move(*part));
      }
    std::vector<const TaskAggregate*> leaves;
    for (const std::string& leaf : p_->selection.leaves(name))
      for (std::size_t i = 0; i < p_->tasks.size(); ++i)
        if (p_->tasks[i].plan.task().task == leaf) leaves.push_back(&aggregates[i]);
    out.metrics = report_metrics(aggregate_group(*group, leaves).values);
    return out;
  }

  std::shared_ptr<const YamlPrepared> p_;
};

}  // namespace

const YamlPrepared* prepared_of(const Evaluation& evaluation) {
  const auto* ours = dynamic_cast<const YamlEvaluation*>(&evaluation);
  return ours ? &ours->prepared() : nullptr;
}

std::vector<std::string> texts_of(const SampleResult& sample) {
  std::vector<std::string> out;
  if (const json::value* asks = sample.evidence.if_contains("asks"); asks && asks->is_array())
    for (const json::value& ask : asks->get_array()) out.push_back(get_string(ask, "text").value_or(""));
  return out;
}

std::vector<Loglikelihood> numbers_of(const SampleResult& sample) {
  std::vector<Loglikelihood> out;
  const json::value* formula = sample.evidence.if_contains("formula");
  const json::value* rows = formula ? find(*formula, "rows") : nullptr;
  if (!rows || !rows->is_array()) return out;
  for (const json::value& row : rows->get_array()) {
    Loglikelihood one;
    one.sum = stored_loglikelihood(row);
    one.greedy = get_bool(row, "greedy").value_or(false);
    one.tokens = static_cast<int>(get_integer(row, "tokens").value_or(0));
    out.push_back(one);
  }
  return out;
}

std::shared_ptr<Evaluation> make_yaml_evaluation(YamlPrepared prepared) {
  return std::make_shared<YamlEvaluation>(std::move(prepared));
}

}  // namespace assay::harness
