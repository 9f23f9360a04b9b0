// The tasks of harness-v1 as an Evaluation: a unit is one document, asked as one group of log-likelihoods.
#include <boost/json/array.hpp>

#include "base/number.h"
#include "base/python_dump.h"
#include "base/text.h"
#include "benchmark/harness/baselines.h"
#include "benchmark/harness/evidence.h"
#include "benchmark/harness/prepared.h"
#include "benchmark/harness/results_file.h"
#include "benchmark/harness/summary.h"

namespace assay::harness {
namespace {

class HarnessEvaluation final : public Evaluation {
 public:
  explicit HarnessEvaluation(Prepared prepared) : p_(std::make_shared<const Prepared>(std::move(prepared))) {}

  std::size_t unit_count() const override { return p_->places.size(); }
  Unit unit(std::size_t ordinal) const override { return {p_->sample(ordinal), 1}; }
  std::vector<std::string> samples_of(std::size_t ordinal) const override { return {p_->sample(ordinal)}; }

  Async<UnitResult> evaluate(std::size_t ordinal, UnitContext& context) override {
    std::string sample = p_->sample(ordinal);
    Request request = asked(ordinal);
    Result<Response> response = co_await context.ask("model", sample, std::move(request));
    if (!response) co_return std::unexpected(response.error());
    const Document& document = p_->document(ordinal);
    const std::size_t wanted = std::max<std::size_t>(1, document.choices.size());
    if (response->loglikelihoods.size() != wanted)
      co_return fail(ErrorKind::bad_response,
                     "the model gave " + std::to_string(response->loglikelihoods.size()) + " log-likelihoods for " + std::to_string(wanted) +
                         (document.choices.empty() ? " text" : " choices"),
                     sample, "these tasks need a model that scores given texts, such as gguf:FILE");
    UnitResult result;
    result.samples.push_back(sample_result(std::move(sample), p_->plan(ordinal).task(), document, response->loglikelihoods));
    co_return result;
  }

  Result<void> finish(const UnitResults& results, Report& report) const override {
    std::vector<V1Tally> tallies(p_->tasks.size());
    auto read = results.for_each_score([&](std::size_t ordinal, const Unit&, const UnitResult& result) {
      if (ordinal >= p_->places.size()) return false;
      V1Tally& tally = tallies[p_->places[ordinal].task];
      for (const SampleResult& sample : result.samples) tally.add(p_->plan(ordinal).task(), sample);
      return true;
    });
    if (!read) return read;
    summarize(*p_, tallies, report);
    return {};
  }

  std::vector<KnownRequest> known_requests(std::size_t ordinal, std::vector<std::string>&) const override {
    KnownRequest known;
    known.task = p_->plan(ordinal).task().name;
    known.sample = p_->sample(ordinal);
    known.role = "model";
    known.request = asked(ordinal);
    std::vector<KnownRequest> out;
    out.push_back(std::move(known));
    return out;
  }

  json::object manifest() const override { return p_->manifest(); }

  Result<std::vector<OutputFile>> original_files(const UnitResults& results, const Report& report) const override {
    std::vector<json::array> listings(p_->tasks.size());
    const std::vector<TaskResult> tasks = task_results(report.total, p_->tasks.size() == 1 ? &p_->tasks.front().plan.task() : nullptr);
    ResultConfig config;
    config.model = "assay";
    if (auto it = report.roles.find("model"); it != report.roles.end()) config.model_args = it->second;
    config.num_fewshot = *p_->settings.if_contains("num_fewshot");
    config.limit = *p_->settings.if_contains("limit");
    config.descriptions = p_->settings.if_contains("description_dict")->get_object();
    config.no_cache = true;
    std::vector<OutputFile> out;
    out.push_back({"results.json", python_dumps(results_document(tasks, config))});
    if (!p_->settings.contains("write_out")) return out;
    auto read = results.for_each([&](std::size_t ordinal, const Unit&, const UnitResult& result) {
      if (ordinal >= p_->places.size()) return false;
      const Prepared::Place place = p_->places[ordinal];
      for (const SampleResult& sample : result.samples)
        if (sample.outcome == Outcome::scored)
          listings[place.task].push_back(write_out_entry(p_->tasks[place.task].plan, place.document, loglikelihoods_of(sample)));
      return true;
    });
    if (!read) return fail(read.error());
    for (std::size_t i = 0; i < listings.size(); ++i)
      out.push_back({replace_all(p_->tasks[i].plan.task().name, "/", "_") + "_write_out_info.json", write_out_file(listings[i])});
    return out;
  }

  std::shared_ptr<BaselineAnswers> baselines() const override { return make_baselines(p_); }

  std::vector<TaskNeed> needs() const override {
    std::vector<TaskNeed> out;
    for (const PreparedTask& task : p_->tasks)
      out.push_back({task.plan.task().name, task.plan.task().family == TaskInfo::Family::text ? Need::rolling : Need::loglikelihood});
    return out;
  }
  std::size_t task_of(std::size_t ordinal) const override { return p_->places[ordinal].task; }

  const Prepared& prepared() const { return *p_; }

 private:
  Request asked(std::size_t ordinal) const { return p_->plan(ordinal).asked(p_->places[ordinal].document); }

  std::shared_ptr<const Prepared> p_;
};

}  // namespace

std::shared_ptr<Evaluation> make_evaluation(Prepared prepared) {
  return std::make_shared<HarnessEvaluation>(std::move(prepared));
}

const Prepared* pinned_prepared_of(const Evaluation& evaluation) {
  const auto* own = dynamic_cast<const HarnessEvaluation*>(&evaluation);
  return own ? &own->prepared() : nullptr;
}

}  // namespace assay::harness
