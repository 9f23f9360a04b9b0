#include "benchmark/alpaca_eval/evaluation.h"

#include <algorithm>

#include "base/number.h"
#include "base/text.h"
#include "benchmark/alpaca_eval/annotation_plan.h"
#include "benchmark/alpaca_eval/annotation_results.h"
#include "benchmark/alpaca_eval/baselines.h"
#include "benchmark/alpaca_eval/pandas_json.h"
#include "benchmark/alpaca_eval/prompt_evaluation.h"
#include "benchmark/alpaca_eval/seeded_draws.h"
#include "benchmark/alpaca_eval/summary.h"
#include "benchmark/unit_errors.h"

namespace assay::alpaca_eval {
namespace {

/// What the model said to one instruction of a unit.
struct Output {
  std::optional<std::string> text;  // nothing: no answer came
  std::string problem;
  bool cut = false;
  json::object ask;  // for the evidence
};

class AlpacaEvaluation final : public Evaluation {
 public:
  explicit AlpacaEvaluation(Prepared prepared) : p_(std::move(prepared)) {}

  std::size_t unit_count() const override { return p_.units.size() * static_cast<std::size_t>(p_.iterations); }
  Unit unit(std::size_t ordinal) const override { return {sample(judged(ordinal).samples.front()).id, iteration(ordinal)}; }
  std::vector<std::string> samples_of(std::size_t ordinal) const override {
    std::vector<std::string> out;
    for (std::size_t i : judged(ordinal).samples) out.push_back(sample(i).id);
    return out;
  }

  Async<UnitResult> evaluate(std::size_t ordinal, UnitContext& context) override {
    const JudgedUnit& unit = judged(ordinal);
    std::vector<Output> outputs;
    for (std::size_t i : unit.samples) {
      Result<Response> response = co_await context.ask("model", sample(i).id, output_request(i));
      if (!response && ends_unit(response.error().kind)) co_return std::unexpected(response.error());
      Output& output = outputs.emplace_back();
      if (response) {
        output.text = std::string(strip(response->text));
        output.cut = response->finish == Finish::length;
        output.ask = {{"text", *output.text}, {"finish", name(response->finish)}, {"temperature", p_.settings.temperature}};
        if (!response->reasoning.empty()) output.ask["reasoning"] = response->reasoning;
      } else {
        output.problem = to_string(response.error());
        output.ask = {{"error", output.problem}};
      }
    }
    UnitResult result;
    const std::vector<bool> asked = asked_for(unit, outputs);
    JudgeCompletion completion;
    std::string prompt, problem;
    std::vector<bool> switched;
    std::vector<std::optional<double>> labels;
    if (std::find(asked.begin(), asked.end(), true) != asked.end()) {
      Result<std::string> made = judge_prompt(unit, outputs, asked, switched);
      if (!made) co_return std::unexpected(made.error());
      prompt = std::move(*made);
      const Decoder& decoder = p_.decoders[unit.annotator];
      Result<Generate> request = decoder.request(prompt);
      if (!request) co_return std::unexpected(request.error());
      Result<Response> response = co_await context.ask("judge", sample(unit.samples.front()).id, Request(std::move(*request)));
      if (!response && ends_unit(response.error().kind)) co_return std::unexpected(response.error());
      if (response) {
        completion = completion_of(decoder, prompt, *response, annotator(unit).reads_choices);
        labels = read_labels(annotator(unit), completion.raw, problem);
      } else {
        completion.failure = to_string(response.error());
        completion.raw = "";
      }
    }
    for (std::size_t k = 0; k < unit.samples.size(); ++k)
      result.samples.push_back(sample_result(unit, k, outputs[k], asked[k], prompt, completion, switched, labels, problem));
    co_return result;
  }

  Result<void> finish(const UnitResults& results, Report& report) const override {
    std::vector<std::vector<Row>> rows(static_cast<std::size_t>(p_.iterations));
    for (auto& one : rows) {
      one.resize(p_.selected->size());
      for (std::size_t i = 0; i < one.size(); ++i) one[i].index = sample(i).index, one[i].dataset = sample(i).dataset;
    }
    auto read = results.for_each_score([&](std::size_t ordinal, const Unit&, const UnitResult& result) {
      const JudgedUnit& unit = judged(ordinal);
      for (std::size_t k = 0; k < unit.samples.size() && k < result.samples.size(); ++k) {
        const SampleResult& one = result.samples[k];
        Row& row = rows[ordinal / p_.units.size()][unit.samples[k]];
        const json::value values = one.values;
        row.outcome = one.outcome;
        row.cut = one.cut;
        row.preference = get_number(values, "preference");
        row.length_1 = get_number(values, "length_1");
        row.length_2 = get_number(values, "length_2");
      }
      return true;
    });
    if (!read) return read;
    if (report.total.name.empty()) report.total.name = p_.benchmark;
    SummarySettings settings{p_.settings.version, p_.settings.glm, false};
    summarize(settings, p_.length, rows, report);
    note_departures(report);
    return {};
  }

  std::vector<KnownRequest> known_requests(std::size_t ordinal, std::vector<std::string>& pending) const override {
    std::vector<KnownRequest> out;
    const JudgedUnit& unit = judged(ordinal);
    out.reserve(unit.samples.size());
    for (std::size_t i : unit.samples) out.push_back({"", sample(i).id, "model", output_request(i)});
    pending.push_back("judge of sample " + sample(unit.samples.front()).id + (unit.samples.size() > 1 ? " and others" : ""));
    return out;
  }

  json::object manifest() const override { return p_.manifest(); }

  Result<std::vector<OutputFile>> original_files(const UnitResults& results, const Report& report) const override {
    auto label = report.roles.find("model");
    const std::string generator = label == report.roles.end() ? "model" : label->second;
    std::vector<json::object> outputs(p_.selected->size()), annotations(p_.selected->size());
    auto read = results.for_each_answer([&](std::size_t ordinal, const Unit& unit, const UnitResult& result) {
      if (unit.iteration != 1) return true;
      const JudgedUnit& where = judged(ordinal);
      for (std::size_t k = 0; k < where.samples.size() && k < result.samples.size(); ++k) {
        const Reference& reference = sample(where.samples[k]);
        const json::value values = result.samples[k].values, evidence = result.samples[k].evidence;
        const json::value* asks = find(evidence, "asks");
        const json::value* text = asks && asks->is_array() && !asks->get_array().empty() ? find(asks->get_array()[0], "text") : nullptr;
        json::value output = text ? *text : json::value(nullptr);
        outputs[where.samples[k]] = {{"dataset", reference.dataset}, {"instruction", reference.instruction}, {"output", output}, {"generator", generator}};
        const json::value* preference = find(values, "preference");
        const json::value* raw = find(evidence, "completion");
        annotations[where.samples[k]] = {{"dataset", reference.dataset},
                                         {"instruction", reference.instruction},
                                         {"output_1", reference.output},
                                         {"generator_1", reference.generator},
                                         {"output_2", std::move(output)},
                                         {"generator_2", generator},
                                         {"annotator", annotator(where).name},
                                         {"preference", preference && preference->is_number() ? json::value(*as_number(*preference)) : json::value(nullptr)},
                                         {"preference_raw_completion", raw ? *raw : json::value(nullptr)}};
      }
      return true;
    });
    if (!read) return std::unexpected(read.error());
    std::vector<OutputFile> out;
    out.push_back({"model_outputs.json", write_pandas_records(outputs)});
    out.push_back({"annotations.json", write_pandas_records(annotations)});
    return out;
  }

  std::shared_ptr<BaselineAnswers> baselines() const override { return make_baselines(p_.selected, p_.evaluator); }

 private:
  const JudgedUnit& judged(std::size_t ordinal) const { return p_.units[ordinal % p_.units.size()]; }
  int iteration(std::size_t ordinal) const { return static_cast<int>(ordinal / p_.units.size()) + 1; }
  const Reference& sample(std::size_t i) const { return (*p_.selected)[i]; }
  const AnnotatorConfig& annotator(const JudgedUnit& unit) const { return p_.evaluator->annotators[unit.annotator]; }

  Request output_request(std::size_t i) const {
    Generate out;
    Message& message = out.messages.emplace_back();
    message.role = "user";
    message.content = sample(i).instruction;
    out.sampling.temperature = p_.settings.temperature;
    out.sampling.max_tokens = p_.settings.max_tokens;
    return out;
  }

  /// Equal outputs are a tie without asking, and what did not come cannot be judged.
  std::vector<bool> asked_for(const JudgedUnit& unit, const std::vector<Output>& outputs) const {
    std::vector<bool> out;
    out.reserve(outputs.size());
    for (std::size_t k = 0; k < outputs.size(); ++k) out.push_back(outputs[k].text && *outputs[k].text != sample(unit.samples[k]).output);
    return out;
  }

  /// The prompt, with the dummy example where a place has nothing to compare. `switched`: by place.
  Result<std::string> judge_prompt(const JudgedUnit& unit, const std::vector<Output>& outputs, const std::vector<bool>& asked, std::vector<bool>& switched) const {
    const AnnotatorConfig& config = annotator(unit);
    const AnnotationSettings settings{};
    std::vector<PromptRow> rows(config.batch_size, padding_row(settings));
    switched.assign(config.batch_size, false);
    for (std::size_t k = 0; k < unit.samples.size(); ++k) {
      if (!asked[k]) continue;
      PlannedPair pair;
      pair.keys = {sample(unit.samples[k]).instruction, sample(unit.samples[k]).output, *outputs[k].text};
      bool change = false;
      if (config.randomize_output_order) {
        std::vector<std::string_view> values;
        values.reserve(config.random_seed_columns.size());
        for (const std::string& column : config.random_seed_columns)
          values.emplace_back(column == "output_1" ? pair.keys[1] : column == "output_2" ? pair.keys[2] : pair.keys[0]);
        change = is_switched(values, config.seed.value_or(p_.settings.seed));
      }
      switched[unit.places[k]] = change;
      rows[unit.places[k]] = prompt_row(settings, pair, config.name, change);
    }
    auto prompts = make_prompts(config.prompt_template, rows, config.batch_size, p_.settings.filling);
    if (!prompts) return std::unexpected(prompts.error());
    return std::move(prompts->front());
  }

  SampleResult sample_result(const JudgedUnit& unit, std::size_t k, const Output& output, bool asked, const std::string& prompt, const JudgeCompletion& completion,
                             const std::vector<bool>& switched, const std::vector<std::optional<double>>& labels, const std::string& problem) const {
    const Reference& reference = sample(unit.samples[k]);
    SampleResult out;
    out.sample = reference.id;
    out.cut = output.cut;
    out.evidence = {{"prompt", reference.instruction}, {"reference", reference.output}};
    json::array asks;
    asks.emplace_back(output.ask);
    if (!output.text) {
      out.outcome = Outcome::failed;
      out.reason = output.problem;
      out.evidence["asks"] = std::move(asks);
      return out;
    }
    // The score comes first: pages chart a sample's first number.
    auto scored = [&](double preference) {
      out.outcome = Outcome::scored;
      out.values["preference"] = preference;
    };
    auto measure = [&] {
      out.values["length_1"] = count_code_points(reference.output);
      out.values["length_2"] = count_code_points(*output.text);
    };
    if (!asked) {
      out.evidence["asks"] = std::move(asks);
      scored(1.5);
      measure();
      out.evidence["formula"] = {{"text", "the output is the reference's: half a point each, without asking the judge"}};
      return out;
    }
    json::object ask{{"role", "judge"}, {"prompt", prompt}};
    if (!completion.failure.empty()) {
      out.outcome = Outcome::failed;
      out.reason = "the judge: " + completion.failure;
      ask["error"] = completion.failure;
      asks.emplace_back(std::move(ask));
      out.evidence["asks"] = std::move(asks);
      measure();
      return out;
    }
    const std::size_t place = unit.places[k];
    PairJudgement judgement = judge_pair(annotator(unit), labels[place], switched[place], completion.raw);
    const json::value* text = completion.raw.is_object() ? completion.raw.get_object().if_contains("text") : &completion.raw;
    ask["text"] = text ? *text : json::value("");
    ask["first_shown"] = switched[place] ? "the model's output" : "the reference's output";
    if (judgement.preference) {
      scored(*judgement.preference);
      ask["accepted"] = true;
      ask["label"] = *labels[place];
    } else {
      out.outcome = completion.cut ? Outcome::truncated : Outcome::unparseable;
      out.cut = false;  // which counts scores
      out.reason = problem.empty() ? "the judge's answer holds no preference" : problem;
    }
    measure();
    asks.emplace_back(std::move(ask));
    out.evidence["asks"] = std::move(asks);
    out.evidence["completion"] = completion.raw;
    for (auto& member : judgement.columns) out.evidence[member.key()] = std::move(member.value());
    return out;
  }

  void note_departures(Report& report) const {
    auto add = [&](std::string what) {
      if (std::find(report.deviates.begin(), report.deviates.end(), what) == report.deviates.end()) report.deviates.push_back(std::move(what));
    };
    if (!p_.settings.official_annotator) add("the evaluator " + p_.settings.annotator);
    if (p_.settings.filling == Filling::safe) add("prompts filled safely");
    if (p_.settings.seed != 0) add("seed " + std::to_string(p_.settings.seed));
    if (p_.settings.glm != Glm::v1) add(std::string(name(p_.settings.glm)));
    const Settings usual{};
    if (p_.settings.temperature != usual.temperature) add("option temperature=" + python_repr(p_.settings.temperature) + " instead of " + python_repr(usual.temperature));
    if (p_.settings.max_tokens != usual.max_tokens) add("option max_tokens=" + std::to_string(p_.settings.max_tokens) + " instead of " + std::to_string(usual.max_tokens));
    note_missing_headline(p_.settings.version, report);
    for (const Decoder& decoder : p_.decoders)
      for (const std::string& one : decoder.deviates) add(one);
    auto judge = report.roles.find("judge");
    if (judge == report.roles.end()) return;
    const bool official = std::any_of(p_.decoders.begin(), p_.decoders.end(), [&](const Decoder& decoder) { return judge->second == decoder.model; });
    if (!official) add("the judge is " + judge->second + " instead of " + p_.decoders.front().model);
  }

  const Prepared p_;
};

}  // namespace

std::shared_ptr<Evaluation> make_evaluation(Prepared prepared) { return std::make_shared<AlpacaEvaluation>(std::move(prepared)); }

}  // namespace assay::alpaca_eval
