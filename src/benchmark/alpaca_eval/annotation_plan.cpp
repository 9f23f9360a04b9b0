#include "benchmark/alpaca_eval/annotation_plan.h"

#include <algorithm>
#include <unordered_map>

#include "base/text.h"
#include "benchmark/alpaca_eval/seeded_draws.h"

namespace assay::alpaca_eval {
namespace {

using From = PlannedPair::From;

/// Pairs with equal keys, and of one annotator where that counts.
class KnownPairs {
 public:
  KnownPairs(const std::vector<PlannedPair>& pairs, bool by_annotator) : pairs_(pairs), by_annotator_(by_annotator) {}
  /// The one that was added first. `hash`: of the keys.
  std::optional<std::size_t> find(const PlannedPair& pair, std::size_t hash) const {
    auto [it, end] = by_hash_.equal_range(hash);
    for (; it != end; ++it) {
      const PlannedPair& other = pairs_[it->second];
      if (other.keys == pair.keys && (!by_annotator_ || other.annotator == pair.annotator)) return it->second;
    }
    return std::nullopt;
  }
  void add(std::size_t pair, std::size_t hash) {
    if (!find(pairs_[pair], hash)) by_hash_.emplace(hash, pair);
  }

 private:
  const std::vector<PlannedPair>& pairs_;
  const bool by_annotator_;
  std::unordered_multimap<std::size_t, std::size_t> by_hash_;
};

/// What the cache says of a pair; nothing when it must be asked.
bool take_from_cache(const AnnotationSettings& settings, const AnnotationCache& cache, std::string_view annotator, PlannedPair& pair) {
  if (cache.size() == 0) return false;
  std::vector<std::string_view> values = pair.keys;
  values.emplace_back(annotator);
  const AnnotationCache::Row* row = cache.find(values);
  if (!row) return false;
  const json::value *preference = nullptr, *completion = nullptr;
  json::object kept;
  for (std::size_t c = 0; c < row->size(); ++c) {
    const std::string& column = cache.columns()[c];
    if (column == "preference") {
      preference = &(*row)[c];
      continue;
    }
    if (column == "preference_raw_completion") completion = &(*row)[c];
    if (std::find(cache.keys().begin(), cache.keys().end(), column) == cache.keys().end()) kept.emplace(column, (*row)[c]);
  }
  auto number = preference ? as_number(*preference) : std::nullopt;
  if (settings.reapply_parsing && completion && !completion->is_null()) {
    pair.from = From::stored;
    pair.kept = std::move(kept);
    return true;
  }
  if (settings.reapply_parsing || !number) return false;
  const double value = *number;
  const bool failed = value == -1;
  if (failed && !settings.store_missing) return false;
  pair.from = From::cache;
  if (!failed) pair.preference = value == 0 ? 1.5 : value;
  pair.kept = std::move(kept);
  return true;
}

std::vector<std::string_view> seed_values(const std::vector<std::string>& keys, const AnnotatorConfig& annotator, const PlannedPair& pair) {
  std::vector<std::string_view> out;
  out.reserve(annotator.random_seed_columns.size());
  for (const std::string& column : annotator.random_seed_columns)
    out.push_back(pair.keys[static_cast<std::size_t>(std::find(keys.begin(), keys.end(), column) - keys.begin())]);  // as was checked
  return out;
}

Result<void> plan_prompts(const AnnotatorConfig& annotator, std::size_t index, const AnnotationSettings& settings, std::size_t chunk,
                          const std::vector<std::size_t>& asked, AnnotationPlan& plan) {
  if (asked.empty()) return {};
  const std::int64_t seed = annotator.seed.value_or(settings.seed);
  std::vector<std::pair<std::size_t, bool>> examples;
  const std::vector<std::string> keys = settings.primary_keys();
  for (std::size_t pair : asked) {
    const bool switched = annotator.randomize_output_order && is_switched(seed_values(keys, annotator, plan.pairs[pair]), seed);
    examples.emplace_back(pair, switched);
  }
  if (annotator.pads)
    while (examples.size() % annotator.batch_size != 0) examples.emplace_back(PlannedPrompt::kPadding, false);
  std::vector<std::pair<std::size_t, bool>> shuffled;
  if (annotator.shuffle) {
    for (std::size_t from : shuffled_order(examples.size(), static_cast<std::uint32_t>(seed))) shuffled.push_back(examples[from]);
  } else {
    shuffled = std::move(examples);
  }
  std::vector<PromptRow> rows;
  rows.reserve(shuffled.size());
  for (auto [pair, switched] : shuffled)
    rows.push_back(pair == PlannedPrompt::kPadding ? padding_row(settings) : prompt_row(settings, plan.pairs[pair], annotator.name, switched));
  auto texts = make_prompts(annotator.prompt_template, rows, annotator.batch_size, settings.filling);
  if (!texts) {
    Error error = texts.error();
    if (error.where.empty()) error.where = annotator.name;
    return std::unexpected(error);
  }
  for (std::size_t i = 0; i < texts->size(); ++i) {
    PlannedPrompt prompt;
    prompt.annotator = index;
    prompt.chunk = chunk;
    prompt.text = std::move((*texts)[i]);
    for (std::size_t j = 0; j < annotator.batch_size; ++j) {
      auto [pair, switched] = shuffled[i * annotator.batch_size + j];
      prompt.pairs.push_back(pair);
      prompt.switched.push_back(switched);
    }
    plan.prompts.push_back(std::move(prompt));
  }
  return {};
}

}  // namespace

std::vector<std::string> AnnotationSettings::primary_keys() const {
  std::vector<std::string> out = input_keys;
  out.emplace_back("output_1");
  out.emplace_back("output_2");
  return out;
}

std::vector<std::string> AnnotationSettings::all_keys() const {
  std::vector<std::string> out = primary_keys();
  out.emplace_back("annotator");
  return out;
}

PromptRow prompt_row(const AnnotationSettings& settings, const PlannedPair& pair, std::string_view annotator, bool switched) {
  PromptRow out;
  const std::size_t inputs = settings.input_keys.size();
  for (std::size_t i = 0; i < inputs; ++i) out.emplace_back(settings.input_keys[i], pair.keys[i]);
  out.emplace_back("output_1", pair.keys[inputs + (switched ? 1 : 0)]);
  out.emplace_back("output_2", pair.keys[inputs + (switched ? 0 : 1)]);
  out.emplace_back("annotator", annotator);
  return out;
}

PromptRow padding_row(const AnnotationSettings& settings) {
  PromptRow out;
  for (const std::string& key : settings.input_keys) out.emplace_back(key, key == "instruction" ? "1+1=" : key == "input" ? "" : "nan");
  out.emplace_back("output_1", "2");
  out.emplace_back("output_2", "3");
  out.emplace_back("annotator", "nan");
  return out;
}

Result<void> check_prompts(const EvaluatorConfig& config, const AnnotationSettings& settings) {
  if (auto known = config.check_seed_columns(settings.primary_keys()); !known) return known;
  for (const AnnotatorConfig& annotator : config.annotators) {
    const std::vector<PromptRow> rows(annotator.batch_size, padding_row(settings));
    if (auto made = make_prompts(annotator.prompt_template, rows, annotator.batch_size, settings.filling); !made) {
      Error error = made.error();
      error.where = annotator.name;
      return std::unexpected(error);
    }
  }
  return {};
}

Result<AnnotationPlan> plan_annotations(const EvaluatorConfig& config, const AnnotationSettings& settings, const Table& table, const AnnotationCache& cache) {
  const std::vector<std::string> keys = settings.primary_keys();
  std::vector<std::size_t> columns;
  for (const std::string& key : keys) {
    auto column = table.column(key);
    if (!column) return fail(ErrorKind::data, "the comparisons have no column \"" + key + "\"", {}, "they have: " + shorten(join(table.columns, ", "), 300));
    columns.push_back(*column);
  }
  if (auto known = config.check_seed_columns(keys); !known) return std::unexpected(known.error());
  AnnotationPlan plan;
  plan.seed = settings.seed;
  plan.filling = settings.filling;
  plan.pair_of_row.resize(table.rows.size());
  const std::size_t chunk_size = settings.chunk_size == 0 ? std::max<std::size_t>(1, table.rows.size()) : settings.chunk_size;
  plan.texts = std::make_shared<std::deque<std::string>>();
  plan.pairs.reserve(table.rows.size());
  std::vector<std::size_t> hashes;  // of the pairs' keys
  KnownPairs asked_before(plan.pairs, true);  // of earlier chunks
  for (std::size_t begin = 0; begin < table.rows.size(); begin += chunk_size, ++plan.chunks) {
    KnownPairs in_chunk(plan.pairs, false);
    const std::size_t first_pair = plan.pairs.size();
    for (std::size_t i = begin; i < std::min(begin + chunk_size, table.rows.size()); ++i) {
      PlannedPair pair;
      pair.chunk = plan.chunks;
      for (std::size_t column : columns) {
        if (table.rows[i][column].is_null()) ++plan.null_cells;
        std::string scratch;
        std::string_view text = cell_view(table.rows[i][column], scratch);
        if (!table.rows[i][column].is_string()) text = plan.texts->emplace_back(std::move(scratch));
        pair.keys.push_back(text);
      }
      const std::size_t hash = hash_of_texts(pair.keys);
      const auto known = in_chunk.find(pair, hash);
      plan.pair_of_row[i] = known.value_or(plan.pairs.size());
      if (known) continue;
      std::string input;
      if (config.annotators.size() > 1 || settings.p_label_flip > 0)
        for (std::size_t k = 0; k < settings.input_keys.size(); ++k) input += pair.keys[k];
      if (config.annotators.size() > 1) pair.annotator = pool_choice(input, settings.seed, config.annotators.size());
      const std::string& annotator = config.annotators[pair.annotator].name;
      if (settings.avoid_reannotations && !take_from_cache(settings, cache, annotator, pair)) {
        if (auto before = asked_before.find(pair, hash)) {
          pair.from = From::earlier;
          pair.earlier = *before;
        }
      }
      if (settings.p_label_flip > 0)
        if (auto label = noisy_label(input, settings.seed, settings.p_label_flip)) {
          pair.from = From::noise;
          pair.preference = *label;
        }
      if (pair.keys[keys.size() - 2] == pair.keys.back()) {
        pair.from = From::equal;
        pair.preference = 1.5;
      }
      plan.pairs.push_back(std::move(pair));
      hashes.push_back(hash);
      in_chunk.add(plan.pairs.size() - 1, hash);
    }
    for (std::size_t a = 0; a < config.annotators.size(); ++a) {
      std::vector<std::size_t> asked;
      for (std::size_t p = first_pair; p < plan.pairs.size(); ++p)
        if (plan.pairs[p].annotator == a && plan.pairs[p].from == From::judge) asked.push_back(p);
      if (auto made = plan_prompts(config.annotators[a], a, settings, plan.chunks, asked, plan); !made) return std::unexpected(made.error());
    }
    for (std::size_t p = first_pair; p < plan.pairs.size(); ++p)
      if (plan.pairs[p].from == From::judge)
        asked_before.add(p, hashes[p]);
  }
  return plan;
}

}  // namespace assay::alpaca_eval
