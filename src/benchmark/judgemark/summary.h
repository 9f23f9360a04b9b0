// From the stories' scores to a Report: the official figure and all that it is made of, and what became of the stories.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "benchmark/judgemark/evaluation.h"
#include "benchmark/judgemark/formats.h"
#include "benchmark/judgemark/metrics.h"
#include "benchmark/story_evidence.h"
#include "run/report.h"

namespace assay::judgemark {

/// The stories of one test model, in stored order.
struct ModelRows {
  std::string name;
  std::vector<story::Row> rows;
};
std::vector<ModelItems> items_of(std::span<const ModelRows> models, story::Negatives negatives);
/// What the original writes into raw_results.json.
StoredResults stored_results(const Metrics& metrics);

/// Fills metrics, counts, parts, status, reason and deviates. `judge`: the tested model's name, for the biases. `whole`: every story
/// of the set was to be judged; without it there is no official figure.
void summarize(const Settings& settings, const std::string& judge, std::span<const ModelRows> models, std::span<const Reference> references,
               bool whole, Report& report);

}  // namespace assay::judgemark
