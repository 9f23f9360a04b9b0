#include "benchmark/harness/yaml_run_files.h"

#include <boost/json/object.hpp>

#include "base/number.h"
#include "base/text.h"
#include "benchmark/harness/yaml_prepared.h"

namespace assay::harness {
namespace {

using Scored = std::vector<DocumentScores>;

Result<Scored> score_again(const YamlTaskRun& run, const TaskDocument& document, const SampleResult& sample) {
  if (run.plan.task().output_type == OutputType::generate_until) {
    const std::vector<std::string> texts = texts_of(sample);
    return run.scorer.score(document, texts);
  }
  const std::vector<Loglikelihood> numbers = numbers_of(sample);
  return run.scorer.score(document, numbers);
}

}  // namespace

Result<HarnessFiles> harness_files(const Evaluation& evaluation, const UnitResults& results, RunFacts facts,
                                   const std::string& time, bool samples) {
  const YamlPrepared* prepared = prepared_of(evaluation);
  if (!prepared) return fail(ErrorKind::internal, "these results are of another benchmark");
  const std::size_t n = prepared->tasks.size();
  std::vector<TaskTally> tallies;
  tallies.reserve(n);
  for (const YamlTaskRun& run : prepared->tasks) tallies.emplace_back(run.plan.task().task, run.scorer);
  // Lines of one chain after another: the original's order.
  std::vector<std::vector<std::pair<std::string, std::string>>> lines(n);
  std::vector<std::vector<SampleHashes>> hashes(n);
  std::vector<std::size_t> answered(n);
  std::optional<Error> wrong;
  auto read = results.for_each([&](std::size_t ordinal, const Unit&, const UnitResult& result) {
    if (ordinal >= prepared->places.size()) return false;
    const YamlPrepared::Place place = prepared->places[ordinal];
    const YamlTaskRun& run = prepared->tasks[place.task];
    for (const SampleResult& sample : result.samples) {
      if (sample.outcome != Outcome::scored) continue;
      auto document = run.plan.document(place.document);
      if (!document) {
        wrong = document.error();
        return false;
      }
      auto scores = score_again(run, *document, sample);
      if (!scores) {
        wrong = scores.error();
        return false;
      }
      ++answered[place.task];
      if (!prepared->predict_only) tallies[place.task].add(*scores);
      if (!samples) continue;
      hashes[place.task].push_back(sample_hashes(run.plan.task(), *document));
      const std::vector<std::string> texts = texts_of(sample);
      const std::vector<Loglikelihood> numbers = numbers_of(sample);
      for (const DocumentScores& chain : *scores)
        lines[place.task].emplace_back(chain.filter, sample_line(run.plan.task(), *document, chain, texts, numbers));
    }
    return true;
  });
  if (!read) return fail(read.error());
  if (wrong) return fail(*wrong);

  HarnessFiles out;
  std::vector<TaskOutcome> outcomes;
  for (std::size_t i = 0; i < n; ++i) {
    const YamlPlan& plan = prepared->tasks[i].plan;
    TaskOutcome one;
    one.config = &plan.task();
    one.shots = plan.shots();
    one.original = plan.in_split();
    one.effective = answered[i];
    one.metrics = prepared->tasks[i].scorer.metrics();
    one.aggregate = tallies[i].finish(prepared->bootstrap);
    if (samples && answered[i] > 0) {
      SamplesHash all;
      std::string text;
      for (const std::string& filter : prepared->tasks[i].scorer.filters()) {
        for (const auto& [chain, line] : lines[i])
          if (chain == filter) text += line;
        for (const SampleHashes& sums : hashes[i]) all.add(sums);
      }
      one.samples_hash = all.hex();
      out.samples.push_back({samples_file_name(plan.task().task, time), std::move(text)});
    }
    outcomes.push_back(std::move(one));
  }
  auto option = [&](const char* key) { return get_string(json::value(prepared->settings), key); };
  if (auto limit = option("limit"); limit && facts.limit.is_null()) facts.limit = python_float(*limit).value_or(0);
  if (auto seed = option("fewshot_seed")) facts.fewshot_seed = static_cast<std::int64_t>(python_float(*seed).value_or(1234));
  if (auto kwargs = option("gen_kwargs"); kwargs && facts.gen_kwargs.is_null())
    if (auto parsed = parse_json(*kwargs)) facts.gen_kwargs = std::move(*parsed);
  if (auto text = option("chat_template"); text && !facts.chat_template) facts.chat_template = *text;
  if (!prepared->system_instruction.empty()) facts.system_instruction = prepared->system_instruction;
  facts.fewshot_as_multiturn = option("fewshot_as_multiturn").value_or(prepared->chat ? "true" : "false") == "true";
  facts.bootstrap_iterations = prepared->bootstrap;
  out.results = yaml_results_document(prepared->selection, outcomes, facts);
  out.table = yaml_results_table(out.results, prepared->selection);
  if (!prepared->selection.groups.empty()) out.groups = yaml_results_table(out.results, prepared->selection, "groups");
  return out;
}

}  // namespace assay::harness
