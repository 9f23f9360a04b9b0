#include "benchmark/alpaca_eval/calibration_evaluation.h"

#include <algorithm>
#include <unordered_map>

#include "base/text.h"
#include "benchmark/alpaca_eval/annotation_plan.h"
#include "benchmark/alpaca_eval/annotation_results.h"
#include "benchmark/alpaca_eval/baselines.h"
#include "benchmark/alpaca_eval/calibration_page.h"
#include "benchmark/alpaca_eval/calibration_statistics.h"
#include "benchmark/alpaca_eval/prompt_evaluation.h"
#include "benchmark/alpaca_eval/seeded_draws.h"
#include "benchmark/unit_errors.h"

namespace assay::alpaca_eval {
namespace {

constexpr std::int64_t kOrderSeed = 0;
constexpr int kShown = 0, kSwapped = 1;  // asks; all further ones repeat kShown

/// Whether the judge sees the model's output first when the comparison is asked as a run asks it.
bool switched(const AnnotatorConfig& annotator, const OfficialJudgement& one) {
  if (!annotator.randomize_output_order) return false;
  std::vector<std::string_view> values;
  values.reserve(annotator.random_seed_columns.size());
  for (const std::string& column : annotator.random_seed_columns) values.emplace_back(column == "output_1" ? one.output_1 : column == "output_2" ? one.output_2 : one.instruction);
  return is_switched(values, annotator.seed.value_or(kOrderSeed));
}

/// Judges that need no model: the first place, chance, and the official one.
class Judges final : public BaselineAnswers {
 public:
  explicit Judges(std::shared_ptr<const CalibrationPlan> plan) : plan_(std::move(plan)) {
    for (const JudgedUnit& unit : plan_->units) by_sample_.emplace(plan_->drawn.comparisons[unit.samples.front()].id, &unit);
  }

  Result<std::string> answer(Kind kind, const Origin& origin, const Request&, Random& random, double value) override {
    auto it = by_sample_.find(origin.sample);
    if (it == by_sample_.end()) return fail(ErrorKind::data, "no comparison \"" + origin.sample + "\" to judge");
    const JudgedUnit& unit = *it->second;
    const AnnotatorConfig& annotator = plan_->evaluator->annotators[unit.annotator];
    std::vector<bool> second(annotator.batch_size);
    for (auto&& place : second) place = kind == Kind::random ? random.below(2) == 1 : value >= 2;
    if (kind == Kind::reference)
      for (std::size_t k = 0; k < unit.samples.size(); ++k) {
        const OfficialJudgement& one = plan_->drawn.comparisons[unit.samples[k]];
        const bool model_first = switched(annotator, one) != (origin.ask == kSwapped);
        // A tie has no word that every parser knows: chance.
        if (one.preference != 1.5) second[unit.places[k]] = (one.preference > 1.5) != model_first;
        else second[unit.places[k]] = random.below(2) == 1;
      }
    if (auto text = judgement_text(annotator, second)) return *text;
    return fail(ErrorKind::unsupported, "no baseline can judge for the evaluator " + plan_->evaluator->name + ": its answers are not read from a text", {},
                "choose another evaluator, or a model as the judge");
  }

 private:
  std::shared_ptr<const CalibrationPlan> plan_;
  std::unordered_map<std::string_view, const JudgedUnit*> by_sample_;
};

/// What came of one request.
struct Asked {
  std::string prompt, failure, problem;
  json::value raw;
  std::vector<bool> switched;                 // by place
  std::vector<std::optional<double>> labels;  // by place
  std::optional<double> seconds;
  double tokens = 0;
  bool cut = false;
};

class CalibrationEvaluation final : public Evaluation {
 public:
  explicit CalibrationEvaluation(CalibrationPlan plan) : plan_(std::make_shared<const CalibrationPlan>(std::move(plan))) {}

  std::size_t unit_count() const override { return p().units.size(); }
  Unit unit(std::size_t ordinal) const override { return {comparison(ordinal, 0).id, 1}; }
  std::vector<std::string> samples_of(std::size_t ordinal) const override {
    std::vector<std::string> out;
    out.reserve(p().units[ordinal].samples.size());
    for (std::size_t k = 0; k < p().units[ordinal].samples.size(); ++k) out.push_back(comparison(ordinal, k).id);
    return out;
  }

  Async<UnitResult> evaluate(std::size_t ordinal, UnitContext& context) override {
    const JudgedUnit& unit = p().units[ordinal];
    const Decoder& decoder = p().decoders[unit.annotator];
    std::vector<Asked> all;
    for (int ask = 0; ask < p().asks(); ++ask) {
      Asked& one = all.emplace_back();
      Result<Generate> request = request_of(ordinal, ask, one);
      if (!request) co_return std::unexpected(request.error());
      Result<Response> response = co_await context.ask("model", comparison(ordinal, 0).id, Request(std::move(*request)));
      if (!response && ends_unit(response.error().kind)) co_return std::unexpected(response.error());
      if (response) {
        const AnnotatorConfig& config = annotator(unit);
        JudgeCompletion completion = completion_of(decoder, one.prompt, *response, config.reads_choices);
        one.labels = read_labels(config, completion.raw, one.problem);
        one.raw = std::move(completion.raw);
        one.seconds = response->latency;
        one.tokens = static_cast<double>(response->usage.input_tokens.value_or(0) + response->usage.output_tokens.value_or(0));
        one.cut = response->finish == Finish::length;
      } else {
        one.failure = to_string(response.error());
      }
    }
    UnitResult result;
    for (std::size_t k = 0; k < unit.samples.size(); ++k) result.samples.push_back(sample_result(ordinal, k, all));
    co_return result;
  }

  Result<void> finish(const UnitResults& results, Report& report) const override {
    std::vector<JudgedComparison> judged;
    std::vector<Counts> counts(p().drawn.models.size());
    double read = 0, asked = 0, unanswered = 0, seconds = 0, timed = 0, tokens = 0;
    std::string unread;  // the first reason
    if (report.total.name.empty()) report.total.name = p().benchmark;
    auto walked = results.for_each_score([&](std::size_t ordinal, const Unit&, const UnitResult& result) {
      const JudgedUnit& unit = p().units[ordinal];
      for (std::size_t k = 0; k < unit.samples.size() && k < result.samples.size(); ++k) {
        const SampleResult& sample = result.samples[k];
        const OfficialJudgement& official = comparison(ordinal, k);
        const json::value values = sample.values;
        if (unread.empty() && !sample.reason.empty()) unread = sample.reason;
        report.total.counts.add(sample.outcome, sample.cut);
        counts[official.model].add(sample.outcome, sample.cut);
        JudgedComparison& one = judged.emplace_back();
        one.model = official.model;
        one.cluster = official.cluster;
        one.place = official.place;
        one.official = official.preference;
        one.length_1 = static_cast<double>(count_code_points(official.output_1));
        one.length_2 = static_cast<double>(count_code_points(official.output_2));
        one.model_first = switched(annotator(unit), official);
        one.shown = get_number(values, "preference");
        one.swapped = get_number(values, "swapped");
        for (int r = 2; r <= p().settings.repeat; ++r)
          if (auto repeat = get_number(values, "repeat_" + std::to_string(r)); repeat && one.shown) one.repeats.push_back(*repeat);
        read += get_number(values, "read").value_or(0);
        asked += get_number(values, "asked").value_or(0);
        unanswered += get_number(values, "unanswered").value_or(0);
        if (auto time = get_number(values, "seconds")) seconds += *time, timed += 1;
        tokens += get_number(values, "tokens").value_or(0);
      }
      return true;
    });
    if (!walked) return walked;
    CalibrationStatistics settings;
    settings.seed = p().settings.seed;
    settings.repeat = p().settings.repeat;
    settings.glm = p().settings.glm;
    calibrate(judged, p().drawn.models, p().same_generator, p().length, settings, report.total);
    for (std::size_t m = 0; m < counts.size(); ++m) report.total.parts[m].counts = counts[m];
    auto put = [&](std::string name, std::optional<double> value, std::string why) {
      Metric& metric = report.total.metrics.emplace_back();
      metric.name = std::move(name);
      metric.value = value;
      if (!value) metric.why_null = std::move(why);
    };
    const std::string unasked = "no answer came";
    put("readable", asked > 0 ? std::optional(100 * read / asked) : std::nullopt, unasked);
    put("seconds_per_judgement", timed > 0 ? std::optional(seconds / timed) : std::nullopt, unasked);
    put("tokens_per_judgement", asked > 0 ? std::optional(tokens / asked) : std::nullopt, unasked);
    const double fresh = static_cast<double>(report.usage.requests - std::min(report.usage.requests, report.usage.from_journal));
    put("usd_per_1000_prompts", report.usage.usd && fresh > 0 ? std::optional(1000 * *report.usage.usd / fresh) : std::nullopt,
        fresh > 0 ? "the judge's prices are not known" : "all answers came from the journal");
    report.roles["official judge"] = p().drawn.judges.front();
    report.roles["evaluator"] = p().evaluator->name;  // another prompt makes another judge: not on one board
    if (p().settings.filling == Filling::safe) report.deviates.emplace_back("prompts filled safely");
    if (p().settings.glm != Glm::v1) report.deviates.emplace_back(name(p().settings.glm));
    for (const Decoder& decoder : p().decoders)
      for (const std::string& one : decoder.deviates)
        if (std::find(report.deviates.begin(), report.deviates.end(), one) == report.deviates.end()) report.deviates.push_back(one);
    const std::size_t lost = report.total.counts.failed + report.total.counts.missing;
    if (lost > 0 || unanswered > 0) {
      report.status = "incomplete";
      report.reason = lost > 0 ? std::to_string(lost) + " of " + std::to_string(report.total.counts.total()) + " comparisons have no answer" : std::to_string(static_cast<long long>(unanswered)) + " further requests have no answer";
    }
    if (!report.total.metrics.front().value) {
      report.status = "failed";
      report.reason = "no judgement could be read" + (unread.empty() ? std::string() : ": " + shorten(unread, 300));
    }
    return {};
  }

  std::vector<KnownRequest> known_requests(std::size_t ordinal, std::vector<std::string>&) const override {
    std::vector<KnownRequest> out;
    for (int ask = 0; ask < p().asks(); ++ask) {
      Asked one;
      if (auto request = request_of(ordinal, ask, one)) out.push_back({"", comparison(ordinal, 0).id, "model", Request(std::move(*request))});
    }
    return out;
  }

  json::object manifest() const override { return p().manifest(); }

  Result<std::vector<OutputFile>> original_files(const UnitResults&, const Report& report) const override {
    std::vector<OutputFile> out;
    out.push_back({"calibration.html", calibration_page(report)});
    return out;
  }

  std::shared_ptr<BaselineAnswers> baselines() const override { return std::make_shared<Judges>(plan_); }

 private:
  const CalibrationPlan& p() const { return *plan_; }
  const OfficialJudgement& comparison(std::size_t ordinal, std::size_t k) const { return p().drawn.comparisons[p().units[ordinal].samples[k]]; }
  const AnnotatorConfig& annotator(const JudgedUnit& unit) const { return p().evaluator->annotators[unit.annotator]; }

  /// Fills `one`'s prompt and order. A configured seed of the sampler grows by one with each repeat: another draw, and still the same in every run.
  Result<Generate> request_of(std::size_t ordinal, int ask, Asked& one) const {
    const JudgedUnit& unit = p().units[ordinal];
    const AnnotatorConfig& config = annotator(unit);
    const AnnotationSettings settings{};
    std::vector<PromptRow> rows(config.batch_size, padding_row(settings));
    one.switched.assign(config.batch_size, false);
    for (std::size_t k = 0; k < unit.samples.size(); ++k) {
      const OfficialJudgement& official = comparison(ordinal, k);
      PlannedPair pair;
      pair.keys = {official.instruction, official.output_1, official.output_2};
      const bool change = switched(config, official) != (ask == kSwapped);
      one.switched[unit.places[k]] = change;
      rows[unit.places[k]] = prompt_row(settings, pair, config.name, change);
    }
    auto prompts = make_prompts(config.prompt_template, rows, config.batch_size, p().settings.filling);
    if (!prompts) return std::unexpected(prompts.error());
    one.prompt = std::move(prompts->front());
    auto request = p().decoders[unit.annotator].request(one.prompt);
    if (request && request->sampling.seed && ask > kSwapped) *request->sampling.seed += ask - kSwapped;
    return request;
  }

  SampleResult sample_result(std::size_t ordinal, std::size_t k, const std::vector<Asked>& all) const {
    const JudgedUnit& unit = p().units[ordinal];
    const AnnotatorConfig& config = annotator(unit);
    const OfficialJudgement& official = comparison(ordinal, k);
    const std::size_t place = unit.places[k];
    SampleResult out;
    out.sample = official.id;
    out.evidence = {{"prompt", all.front().prompt}, {"reference", {{"official preference", official.preference}, {"official judge", p().drawn.judges.front()}, {"model", p().drawn.models[official.model]}}}};
    json::array asks;
    double read = 0, answered = 0, seconds = 0, tokens = 0;
    for (std::size_t ask = 0; ask < all.size(); ++ask) {
      const Asked& one = all[ask];
      json::object shown;
      if (static_cast<int>(ask) == kSwapped) shown["prompt"] = one.prompt;
      shown["first_shown"] = one.switched[place] ? "the model's output" : "the reference's output";
      if (!one.failure.empty()) {
        shown["error"] = one.failure;
        asks.emplace_back(std::move(shown));
        continue;
      }
      ++answered;
      seconds += one.seconds.value_or(0);
      // A prompt of several comparisons costs each of them its share.
      tokens += one.tokens / static_cast<double>(unit.samples.size());
      const PairJudgement judgement = judge_pair(config, one.labels[place], one.switched[place], one.raw);
      const json::value* text = one.raw.is_object() ? one.raw.get_object().if_contains("text") : &one.raw;
      shown["text"] = text ? *text : json::value("");
      if (judgement.preference) {
        ++read;
        shown["preference"] = *judgement.preference;
        const std::string name = ask == kShown ? "preference" : ask == kSwapped ? "swapped" : "repeat_" + std::to_string(ask);
        out.values[name] = *judgement.preference;
      }
      if (ask == kShown) {
        out.cut = one.cut;
        out.outcome = judgement.preference ? Outcome::scored : one.cut ? Outcome::truncated : Outcome::unparseable;
        if (judgement.preference) shown["accepted"] = true;
        else out.reason = one.problem.empty() ? "the judge's answer holds no preference" : one.problem;
      }
      asks.emplace_back(std::move(shown));
    }
    if (!all.front().failure.empty()) {
      out.outcome = Outcome::failed;
      out.reason = all.front().failure;
      out.values = {};
    }
    if (out.outcome != Outcome::scored) out.cut = false;
    out.values["official"] = official.preference;
    out.values["asked"] = all.size();
    out.values["read"] = read;
    if (answered > 0) out.values["seconds"] = seconds / answered;
    out.values["tokens"] = tokens;
    if (answered < static_cast<double>(all.size())) out.values["unanswered"] = static_cast<double>(all.size()) - answered;
    out.evidence["asks"] = std::move(asks);
    return out;
  }

  std::shared_ptr<const CalibrationPlan> plan_;
};

}  // namespace

std::shared_ptr<Evaluation> make_calibration(CalibrationPlan plan) { return std::make_shared<CalibrationEvaluation>(std::move(plan)); }

}  // namespace assay::alpaca_eval
