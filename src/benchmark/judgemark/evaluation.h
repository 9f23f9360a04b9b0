// Judgemark made ready for one run: a unit is one story of one test model, test models one after another, stories in file order.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "benchmark/benchmark.h"
#include "benchmark/judgemark/formats.h"
#include "benchmark/judgemark/reference_tables.h"
#include "benchmark/judgemark/test_set.h"
#include "benchmark/story_prompts.h"
#include "benchmark/story_rounds.h"

namespace assay::judgemark {

struct Settings {
  Formula formula = Formula::v2_4;
  story::Protocol protocol;
};
/// `usage` error for what does not fit.
Result<Settings> make_settings(std::string_view version, const std::map<std::string, std::string>& options);

/// One story, and where it belongs.
struct Item {
  std::size_t model = 0, prompt = 0;  // of Prepared::models and ::prompts
  std::string story;
  std::string sample;  // "MODEL#PROMPT"
};
std::string sample_name(std::string_view model, std::string_view prompt);

/// Judgements that a result file of the original tool holds, by sample; `place`: where in the file.
struct HeldItem : StoredItem {
  std::size_t place = 0;
};
using Held = std::map<std::string, HeldItem>;

struct Prepared {
  Settings settings;
  std::shared_ptr<const std::vector<story::StoryPrompt>> prompts;
  std::vector<std::vector<std::string>> criteria;  // one list for each prompt
  story::JudgeTemplate judge;
  std::vector<std::string> models;    // of the whole set, in its order
  std::vector<Item> items;            // selected ones
  std::size_t in_file = 0;            // stories of the whole set
  std::vector<Reference> references;
  std::string benchmark;  // "judgemark@2.4"
  std::string sha256, prompts_file, prompts_sha256, judge_file, judge_sha256, edition;
  std::shared_ptr<const Held> held;
  json::object manifest() const;
};
/// Errors: usage (options, iterations other than 1, unknown samples), data.
Result<Prepared> prepare(const PrepareSettings& settings, DataSource& data);

std::shared_ptr<Evaluation> make_evaluation(Prepared prepared);
/// Null for an evaluation of another benchmark.
const Prepared* prepared_of(const Evaluation& evaluation);

/// The items' places in the order that the original computes in: those that are stored (`place`; none = not stored) as they are stored, then the others.
/// Analyses of variance cut every model's list to the shortest, so the order decides which stories count.
std::vector<std::size_t> stored_order(std::span<const std::optional<std::size_t>> places);

}  // namespace assay::judgemark
