#include "benchmark/alpaca_eval/prompt_evaluation.h"

#include "base/hash.h"
#include "benchmark/unit_errors.h"

namespace assay::alpaca_eval {
namespace {

class PromptEvaluation final : public Evaluation {
 public:
  explicit PromptEvaluation(PromptBatch batch) : batch_(std::move(batch)) {}

  std::size_t unit_count() const override { return batch_.prompts.size(); }
  Unit unit(std::size_t ordinal) const override { return {batch_.prompts[ordinal].sample, batch_.iteration}; }
  std::vector<std::string> samples_of(std::size_t ordinal) const override { return {batch_.prompts[ordinal].sample}; }

  Async<UnitResult> evaluate(std::size_t ordinal, UnitContext& context) override {
    const AskedPrompt& prompt = batch_.prompts[ordinal];
    const Decoder& decoder = batch_.decoders[prompt.decoder];
    UnitResult out;
    SampleResult& sample = out.samples.emplace_back();
    sample.sample = prompt.sample;
    JudgeCompletion completion;
    if (decoder.constant) {
      completion.raw = *decoder.constant;
      completion.price = 0;
      completion.time = 0;
    } else if (auto request = decoder.request(prompt.text); !request) {
      completion.raw = "";
      completion.failure = request.error().message;
    } else {
      Result<Response> response = co_await context.ask(batch_.roles[prompt.decoder], prompt.sample, Request(std::move(*request)));
      if (!response && ends_unit(response.error().kind)) co_return std::unexpected(response.error());
      if (response) {
        completion = completion_of(decoder, prompt.text, *response, batch_.whole_choices[prompt.decoder]);
        sample.cut = response->finish == Finish::length;
      } else {
        completion.raw = "";
        completion.failure = to_string(response.error());
      }
    }
    sample.outcome = completion.failure.empty() ? Outcome::scored : Outcome::failed;
    sample.reason = completion.failure;
    sample.evidence["completion"] = std::move(completion.raw);
    if (completion.price) sample.evidence["price"] = *completion.price;
    if (completion.time) sample.evidence["time"] = *completion.time;
    if (completion.asked) sample.evidence["asked"] = true;
    co_return out;
  }

  Result<void> finish(const UnitResults& results, Report& report) const override {
    if (report.total.name.empty()) report.total.name = batch_.benchmark;
    auto read = results.for_each_score([&](std::size_t, const Unit&, const UnitResult& unit) {
      for (const SampleResult& sample : unit.samples) report.total.counts.add(sample.outcome, sample.cut);
      return true;
    });
    if (!read) return read;
    Metric answered;
    answered.name = "answered";
    answered.value = static_cast<double>(report.total.counts.scored);
    report.total.metrics.push_back(std::move(answered));
    if (report.total.counts.failed + report.total.counts.missing > 0) report.status = "incomplete";
    return {};
  }

  std::vector<KnownRequest> known_requests(std::size_t ordinal, std::vector<std::string>&) const override {
    const AskedPrompt& prompt = batch_.prompts[ordinal];
    const Decoder& decoder = batch_.decoders[prompt.decoder];
    std::vector<KnownRequest> out;
    if (decoder.constant) return out;
    if (auto request = decoder.request(prompt.text)) out.push_back({"", prompt.sample, batch_.roles[prompt.decoder], Request(std::move(*request))});
    return out;
  }

  json::object manifest() const override {
    json::array decoders;
    for (std::size_t i = 0; i < batch_.decoders.size(); ++i)
      decoders.push_back(json::object{{"role", batch_.roles[i]}, {"function", batch_.decoders[i].function}, {"model", batch_.decoders[i].model}});
    json::object out{{"benchmark", batch_.benchmark}, {"prompts", {{"count", batch_.prompts.size()}, {"sha256", prompts_sum_}}}, {"decoders", std::move(decoders)}};
    if (!batch_.judging.empty()) out["judging"] = batch_.judging;
    return out;
  }

  Result<std::vector<OutputFile>> original_files(const UnitResults&, const Report&) const override { return std::vector<OutputFile>(); }

 private:
  static std::string sum_of(const std::vector<AskedPrompt>& prompts) {
    Sha256 all;
    for (const AskedPrompt& prompt : prompts) all.add(std::to_string(prompt.text.size()) + ":").add(prompt.text);
    return all.hex();
  }

  const PromptBatch batch_;
  const std::string prompts_sum_ = sum_of(batch_.prompts);  // once: the manifest is wanted several times
};

}  // namespace

JudgeCompletion completion_of(const Decoder& decoder, std::string_view prompt, const Response& response, bool whole_choice) {
  JudgeCompletion out;
  if (whole_choice)
    out.raw = completion_choice(response);
  else
    out.raw = completion_text(response);
  out.price = decoder.price(prompt, response);
  out.time = response.latency;
  out.asked = !response.from_journal;
  out.cut = response.finish == Finish::length;
  if (!whole_choice && !decoder.remove_ending.empty() && out.raw.is_string())
    if (std::string_view text = out.raw.get_string(); text.ends_with(decoder.remove_ending)) out.raw = json::value(text.substr(0, text.size() - decoder.remove_ending.size()));
  return out;
}

Result<std::shared_ptr<Evaluation>> make_prompt_evaluation(PromptBatch batch) {
  std::optional<Error> first;
  bool any = batch.prompts.empty();
  for (const AskedPrompt& prompt : batch.prompts) {
    const Decoder& decoder = batch.decoders[prompt.decoder];
    auto request = decoder.constant ? Result<Generate>(Generate{}) : decoder.request(prompt.text);
    any = any || request.has_value();
    if (!request && !first) first = request.error();
    if (any) break;
  }
  if (!any) return std::unexpected(*first);
  return std::make_shared<PromptEvaluation>(std::move(batch));
}

Result<std::vector<JudgeCompletion>> completions_of(const UnitResults& results, const std::string& date) {
  std::vector<JudgeCompletion> out(results.size());
  auto read = results.for_each_answer([&](std::size_t ordinal, const Unit&, const UnitResult& unit) {
    if (ordinal >= out.size() || unit.samples.empty()) return true;
    const SampleResult& sample = unit.samples.front();
    JudgeCompletion& completion = out[ordinal];
    const json::value* raw = sample.evidence.if_contains("completion");
    completion.raw = raw ? *raw : json::value("");
    auto number = [&](std::string_view name) {
      const json::value* value = sample.evidence.if_contains(name);
      return value ? as_number(*value) : std::nullopt;
    };
    completion.price = number("price");
    completion.time = number("time");
    const json::value* asked = sample.evidence.if_contains("asked");
    completion.asked = asked && asked->is_bool() && asked->get_bool();
    completion.date = date;
    if (sample.outcome != Outcome::scored) completion.failure = sample.reason.empty() ? "no answer" : sample.reason;
    return true;
  });
  if (!read) return std::unexpected(read.error());
  return out;
}

}  // namespace assay::alpaca_eval
