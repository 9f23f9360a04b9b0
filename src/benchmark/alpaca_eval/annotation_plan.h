// Which comparisons a judge is asked for and how: chunks, duplicates, the cache, label noise, equal outputs, pools, output order, padding, shuffling and
// packing of several examples into a prompt, all with the original's seeds. Pure and sequential; the prompts may then be asked in any order.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <limits>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "benchmark/alpaca_eval/annotation_cache.h"
#include "benchmark/alpaca_eval/evaluator_config.h"
#include "benchmark/alpaca_eval/judge_prompt.h"
#include "benchmark/alpaca_eval/table.h"

namespace assay::alpaca_eval {

struct AnnotationSettings {
  std::int64_t seed = 0;
  bool avoid_reannotations = true;   // take what the cache has
  bool store_missing = true;         // failures are cached as -1 and not asked again
  bool reapply_parsing = false;      // parse stored completions again instead of taking their preference
  double p_label_flip = 0;           // probability of each of the two wrong labels
  std::vector<std::string> input_keys{"instruction"};
  std::vector<std::string> other_input_keys_to_keep{};
  /// Columns of completions that are kept, beside those of the processors.
  std::vector<std::string> other_output_keys_to_keep{"preference_price_per_example", "preference_time_per_example", "preference_version", "preference_date", "preference_raw_completion"};
  std::size_t chunk_size = 128;      // 0 = all at once
  Filling filling = Filling::original;

  /// instruction, output_1, output_2: what tells examples apart.
  std::vector<std::string> primary_keys() const;
  /// The primary keys and `annotator`: the cache's.
  std::vector<std::string> all_keys() const;
};

/// An example to be annotated; equal rows of a chunk are one.
struct PlannedPair {
  enum class From {
    judge,    // asked
    cache,    // known, or known to have failed
    equal,    // the outputs are the same text: half a point each
    noise,    // a label drawn by p_label_flip; never cached
    stored,   // a completion of the cache is parsed again
    earlier,  // an earlier chunk asks for it
  };
  From from = From::judge;
  std::vector<std::string_view> keys;  // texts of the primary keys: of the table's cells, or of the plan's `texts`
  std::size_t chunk = 0, annotator = 0;
  std::optional<double> preference;    // of cache, equal and noise
  json::object kept;                   // the cache's other columns
  std::size_t earlier = 0;             // index of the pair
};

/// One request to a judge.
struct PlannedPrompt {
  static constexpr std::size_t kPadding = std::numeric_limits<std::size_t>::max();
  std::size_t annotator = 0, chunk = 0;
  std::vector<std::size_t> pairs;  // batch_size of them; kPadding stands for the dummy example
  std::vector<bool> switched;      // whether the judge sees output_2 first
  std::string text;
};

/// Looks into the table that it was made of, which outlives it and whose cells stay where they are.
struct AnnotationPlan {
  std::vector<PlannedPair> pairs;
  std::vector<PlannedPrompt> prompts;     // in the original's order
  std::vector<std::size_t> pair_of_row;   // for every row of the table
  std::size_t chunks = 0;
  std::size_t null_cells = 0;             // key cells without a value: the judge reads "None"
  std::int64_t seed = 0;                  // of the settings
  Filling filling = Filling::original;
  std::shared_ptr<std::deque<std::string>> texts;  // of cells that are no texts
};

/// `data` error for a table that lacks a key; `usage` errors of templates that do not fit.
Result<AnnotationPlan> plan_annotations(const EvaluatorConfig& config, const AnnotationSettings& settings, const Table& table, const AnnotationCache& cache);

/// `usage` error for prompt templates and seed columns that do not fit, which is better said before a model was paid for its outputs.
Result<void> check_prompts(const EvaluatorConfig& config, const AnnotationSettings& settings);

/// The values that a prompt's placeholders get, for one example. The row looks into all three.
PromptRow prompt_row(const AnnotationSettings& settings, const PlannedPair& pair, std::string_view annotator, bool switched);
/// The dummy example that fills a prompt.
PromptRow padding_row(const AnnotationSettings& settings);

}  // namespace assay::alpaca_eval
