#include "benchmark/alpaca_eval/annotation_results.h"

#include <algorithm>
#include <cmath>

#include "base/python_json.h"
#include "base/text.h"
#include "benchmark/alpaca_eval/seeded_draws.h"

namespace assay::alpaca_eval {
namespace {

using From = PlannedPair::From;

/// A completion as an object: what it is, or what its text says.
json::object object_of(const json::value& completion) {
  if (const json::object* object = completion.if_object()) return *object;
  if (const json::string* text = completion.if_string())
    if (auto value = read_python_json(std::string_view(text->data(), text->size())))
      if (json::value read = to_json(*value); read.is_object()) return read.get_object();
  return {};
}

/// What "M" and "m" stood for, by the ranks that the judge gave: the best one is the output that was preferred.
json::value referenced_models(const json::object& completion, std::optional<double> preference) {
  if (!preference || !completion.contains("concise_explanation")) return nullptr;
  const json::value* ordered = completion.if_contains("ordered_models");
  if (!ordered || !ordered->is_array()) return nullptr;
  const int best = static_cast<int>(*preference);
  std::optional<std::string> first, second;
  for (const json::value& one : ordered->get_array()) {
    auto model = get_string(one, "model");
    auto rank = get_number(one, "rank");
    if (!model || !rank) return nullptr;
    if (*rank == 1) first = *model;
    if (*rank == 2) second = *model;
  }
  json::object out;  // the winner goes first, wherever it stands in the list
  if (first) out[*first] = "output_" + std::to_string(best);
  if (second) out[*second] = "output_" + std::to_string(3 - best);
  return out;
}

/// A pair's result, while the table is put together.
struct Outcome {
  std::optional<double> preference;
  std::vector<std::optional<json::value>> kept;  // by kept column; those that a pair does not have stay empty
  bool unanswered = false;  // no completion came: it is asked for again the next time, so nothing is cached
};

/// A table for the whole call: pairs with their outcomes.
class Assembly {
 public:
  Assembly(const EvaluatorConfig& config, const AnnotationSettings& settings, const AnnotationPlan& plan, std::span<const JudgeCompletion> completions,
           std::string_view version)
      : config_(config), settings_(settings), plan_(plan), completions_(completions), version_(version) {
    for (const std::string& key : settings.other_output_keys_to_keep) add_kept(key);
    for (const AnnotatorConfig& annotator : config.annotators) {
      if (annotator.chain_of_thought) add_kept("concise_explanation"), add_kept("referenced_models");
      for (const std::string& key : annotator.json_keys_to_keep) add_kept(key);
    }
    outcomes_.resize(plan.pairs.size());
    for (Outcome& outcome : outcomes_) outcome.kept.resize(kept_.size());
  }

  void run(AnnotationCounts& counts) {
    for (std::size_t p = 0; p < plan_.pairs.size(); ++p) known_beforehand(p, counts);
    for (std::size_t i = 0; i < plan_.prompts.size(); ++i) judged(plan_.prompts[i], i < completions_.size() ? completions_[i] : JudgeCompletion{}, counts);
    for (std::size_t p = 0; p < plan_.pairs.size(); ++p)
      if (plan_.pairs[p].from == From::earlier) outcomes_[p] = outcomes_[plan_.pairs[p].earlier];
  }

  const Outcome& of_row(std::size_t row) const { return outcomes_[plan_.pair_of_row[row]]; }

  /// In the order of the chunks; failures as -1.
  void fill_cache(AnnotationCache& cache) const {
    std::vector<std::string> columns = settings_.primary_keys();
    columns.emplace_back("annotator");
    columns.emplace_back("preference");
    const std::vector<std::size_t> kept = used(cache);
    for (std::size_t k : kept) columns.push_back(kept_[k]);
    for (std::size_t p = 0; p < plan_.pairs.size(); ++p) {
      const PlannedPair& pair = plan_.pairs[p];
      if (pair.from == From::noise || outcomes_[p].unanswered) continue;
      if (!outcomes_[p].preference && !settings_.store_missing) continue;
      AnnotationCache::Row row;
      row.reserve(columns.size());
      for (std::string_view text : pair.keys) row.emplace_back(text);
      row.emplace_back(config_.annotators[pair.annotator].name);
      row.emplace_back(outcomes_[p].preference.value_or(-1));
      for (std::size_t k : kept) row.push_back(outcomes_[p].kept[k].value_or(nullptr));
      cache.put(columns, std::move(row));
    }
  }

  /// Kept columns that some row has, or would have had if all had not failed.
  std::vector<std::size_t> used(const AnnotationCache& cache) const {
    std::vector<std::size_t> out;
    for (std::size_t k = 0; k < kept_.size(); ++k)
      if (cache.has_column(kept_[k]) || std::any_of(outcomes_.begin(), outcomes_.end(), [&](const Outcome& outcome) { return outcome.kept[k].has_value(); }))
        out.push_back(k);
    return out;
  }
  const std::string& column(std::size_t kept) const { return kept_[kept]; }

 private:
  void add_kept(const std::string& column) {
    if (std::find(kept_.begin(), kept_.end(), column) == kept_.end()) kept_.push_back(column);
  }

  void keep(Outcome& outcome, std::string_view column, json::value value) const {
    auto at = std::find(kept_.begin(), kept_.end(), column);
    if (at != kept_.end()) outcome.kept[static_cast<std::size_t>(at - kept_.begin())] = std::move(value);
  }
  void keep(Outcome& outcome, const json::object& columns) const {
    for (const auto& member : columns) keep(outcome, member.key(), member.value());
  }

  void known_beforehand(std::size_t p, AnnotationCounts& counts) {
    const PlannedPair& pair = plan_.pairs[p];
    Outcome& outcome = outcomes_[p];
    switch (pair.from) {
      case From::cache:
        ++counts.from_cache;
        outcome.preference = pair.preference;
        keep(outcome, pair.kept);
        break;
      case From::equal:
        ++counts.equal;
        outcome.preference = pair.preference;
        keep(outcome, pair.kept);
        break;
      case From::noise:
        ++counts.noise;
        outcome.preference = pair.preference;
        break;
      case From::stored: {
        ++counts.from_cache;
        const AnnotatorConfig& annotator = config_.annotators[pair.annotator];
        std::string why;
        const json::value& completion = pair.kept.at("preference_raw_completion");
        auto labels = read_labels(annotator, completion, why);
        bool switched = false;
        if (annotator.randomize_output_order) switched = is_switched_again(annotator, pair);
        PairJudgement judgement = judge_pair(annotator, labels.front(), switched, completion);
        outcome.preference = judgement.preference;
        if (judgement.preference) {
          keep(outcome, pair.kept);
          keep(outcome, judgement.columns);
        } else {
          ++counts.unparsed;
          if (counts.example.empty()) counts.example = why;
        }
        break;
      }
      case From::judge:
        ++counts.asked;
        break;
      case From::earlier:
        break;
    }
  }

  bool is_switched_again(const AnnotatorConfig& annotator, const PlannedPair& pair) const {
    const std::vector<std::string> keys = settings_.primary_keys();
    std::vector<std::string_view> values;
    for (const std::string& column : annotator.random_seed_columns) {
      auto it = std::find(keys.begin(), keys.end(), column);
      if (it != keys.end()) values.push_back(pair.keys[static_cast<std::size_t>(it - keys.begin())]);
    }
    return is_switched(values, annotator.seed.value_or(settings_.seed));
  }

  void judged(const PlannedPrompt& prompt, const JudgeCompletion& completion, AnnotationCounts& counts) {
    const AnnotatorConfig& annotator = config_.annotators[prompt.annotator];
    std::string why;
    auto labels = read_labels(annotator, completion.raw, why);
    const double n = static_cast<double>(annotator.batch_size);
    for (std::size_t j = 0; j < prompt.pairs.size(); ++j) {
      if (prompt.pairs[j] == PlannedPrompt::kPadding) continue;
      PairJudgement judgement = judge_pair(annotator, labels[j], prompt.switched[j], completion.raw);
      Outcome& outcome = outcomes_[prompt.pairs[j]];
      outcome.preference = judgement.preference;
      if (!judgement.preference) {
        outcome.unanswered = !completion.failure.empty();
        ++(outcome.unanswered ? counts.unanswered : counts.unparsed);
        if (counts.example.empty()) counts.example = completion.failure.empty() ? why : completion.failure;
        // The row loses its completion, but the columns are there all the same.
        for (const char* column : {"preference_price_per_example", "preference_time_per_example", "preference_raw_completion"}) keep(outcome, column, nullptr);
        if (!completion.date.empty()) keep(outcome, "preference_date", nullptr);
        if (annotator.shows_version && !version_.empty()) keep(outcome, "preference_version", nullptr);
        continue;
      }
      keep(outcome, "preference_price_per_example", completion.price ? json::value(*completion.price / n) : json::value(nullptr));
      keep(outcome, "preference_time_per_example", completion.time ? json::value(*completion.time / n) : json::value(nullptr));
      if (annotator.shows_version && !version_.empty()) keep(outcome, "preference_version", json::value(version_));
      if (!completion.date.empty()) keep(outcome, "preference_date", json::value(completion.date));
      keep(outcome, "preference_raw_completion", completion.raw);
      keep(outcome, judgement.columns);
    }
  }

  const EvaluatorConfig& config_;
  const AnnotationSettings& settings_;
  const AnnotationPlan& plan_;
  std::span<const JudgeCompletion> completions_;
  std::string_view version_;
  std::vector<Outcome> outcomes_;
  std::vector<std::string> kept_;
};

}  // namespace

PairJudgement judge_pair(const AnnotatorConfig& annotator, std::optional<double> label, bool switched, const json::value& completion) {
  PairJudgement out;
  if (!label) return out;
  out.preference = switched ? 3 - *label : *label;
  if (!annotator.chain_of_thought && annotator.json_keys_to_keep.empty()) return out;
  const json::object object = object_of(completion);
  if (annotator.chain_of_thought) {
    const json::value* explanation = object.if_contains("concise_explanation");
    out.columns["concise_explanation"] = explanation ? *explanation : json::value(nullptr);
    out.columns["referenced_models"] = referenced_models(object, out.preference);
  }
  for (const std::string& key : annotator.json_keys_to_keep) {
    const json::value* value = object.if_contains(key);
    out.columns[key] = value ? *value : json::value(nullptr);
  }
  return out;
}

Annotations annotate(const EvaluatorConfig& config, const AnnotationSettings& settings, Table table, const AnnotationPlan& plan,
                     std::span<const JudgeCompletion> completions, std::string_view version, AnnotationCache& cache) {
  Annotations out;
  Assembly assembly(config, settings, plan, completions, version);
  assembly.run(out.counts);
  const std::vector<std::size_t> used = assembly.used(cache);
  std::vector<std::string> kept;
  kept.reserve(used.size());
  for (std::size_t k : used) kept.push_back(assembly.column(k));
  assembly.fill_cache(cache);  // before the cells move, at which the plan looks

  std::vector<std::size_t> carried;
  for (std::size_t c = 0; c < table.columns.size(); ++c) {
    const std::string& column = table.columns[c];
    if (column == "annotator" || column == "preference" || std::find(kept.begin(), kept.end(), column) != kept.end()) continue;
    carried.push_back(c);
    out.table.columns.push_back(column);
  }
  out.table.columns.emplace_back("annotator");
  out.table.columns.emplace_back("preference");
  out.table.columns.insert(out.table.columns.end(), kept.begin(), kept.end());
  out.table.rows.reserve(table.rows.size());
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const auto& outcome = assembly.of_row(i);
    std::vector<json::value>& row = out.table.rows.emplace_back();
    row.reserve(out.table.columns.size());
    for (std::size_t c : carried) row.push_back(std::move(table.rows[i][c]));
    row.emplace_back(config.annotators[plan.pairs[plan.pair_of_row[i]].annotator].name);
    row.push_back(outcome.preference ? json::value(*outcome.preference) : json::value(nullptr));
    for (std::size_t k : used) row.push_back(outcome.kept[k].value_or(nullptr));
    ++(outcome.preference ? out.counts.annotated : out.counts.missing);
  }
  out.counts.rows = table.rows.size();
  return out;
}

}  // namespace assay::alpaca_eval
