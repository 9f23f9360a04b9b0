#include "benchmark/mixeval/version_gap.h"

#include <map>

namespace assay::mixeval {
namespace {

/// One row a model, one column an entry.
using Scores = std::vector<std::vector<double>>;

double mean_of(const std::vector<double>& row) {
  double sum = 0;
  for (double v : row) sum += v;
  return row.empty() ? 0 : sum / static_cast<double>(row.size());
}

double mean_of(const std::vector<double>& row, const std::vector<std::size_t>& drawn) {
  double sum = 0;
  for (std::size_t i : drawn) sum += row[i];
  return sum / static_cast<double>(drawn.size());
}

}  // namespace

Result<VersionGap> version_gap(const VersionFolder& old_version, const VersionFolder& new_version, const std::vector<JudgedScores>& models, const std::vector<JudgedScores>& references,
                               std::size_t replicates, std::int64_t seed) {
  std::vector<const JudgedScores*> all;
  for (const auto* list : {&models, &references})
    for (const JudgedScores& one : *list) all.push_back(&one);
  enum Where { kOld = 1, kNew = 2 };
  std::map<std::pair<bool, std::string>, int> where;  // by split and identity: ordered, so the same on every machine
  for (const auto& [version, bit] : {std::pair(&old_version, kOld), {&new_version, kNew}})
    for (Split split : {Split::free_form, Split::multiple_choice})
      for (const Entry& entry : version->entries(false, split)) where[{split == Split::multiple_choice, identity(entry)}] |= bit;
  Scores scores[4];  // by Where; kOld | kNew: common
  for (Scores& one : scores) one.resize(all.size());
  VersionGap out;
  for (const auto& [key, bits] : where) {
    std::vector<double> column;
    for (const JudgedScores* model : all)
      if (auto found = model->scores[key.first].find(key.second); found != model->scores[key.first].end()) column.push_back(found->second);
    if (column.size() < all.size()) {
      ++out.left_out;
      continue;
    }
    for (std::size_t m = 0; m < all.size(); ++m) scores[bits][m].push_back(column[m]);
  }
  if (all.empty()) return fail(ErrorKind::usage, "there are no judged files to compare versions by");
  out.old_only = scores[kOld][0].size();
  out.new_only = scores[kNew][0].size();
  out.common = scores[kOld | kNew][0].size();
  if (out.old_only == 0 || out.new_only == 0)
    return fail(ErrorKind::data, "no entry of version " + (out.old_only == 0 ? old_version.name : new_version.name) + " alone was judged for all models", {},
                "give each model's judged files on both versions: --judged NAME=PATH twice");
  std::vector<double> gaps;
  gaps.reserve(all.size());
  for (std::size_t m = 0; m < all.size(); ++m) gaps.push_back(mean_of(scores[kOld][m]) - mean_of(scores[kNew][m]));
  auto reference_mean = [&](const std::vector<double>& of) {
    double sum = 0;
    for (std::size_t m = models.size(); m < of.size(); ++m) sum += of[m];
    return references.empty() ? 0 : sum / static_cast<double>(references.size());
  };
  if (!references.empty()) out.reference_gap = reference_mean(gaps);
  std::vector<std::vector<double>> excesses(models.size());
  PythonRandom random(seed);
  std::vector<std::size_t> old_drawn(out.old_only), new_drawn(out.new_only);
  std::vector<double> drawn_gaps(all.size());
  for (std::size_t r = 0; r < replicates; ++r) {
    for (std::size_t& i : old_drawn) i = static_cast<std::size_t>(random.random() * static_cast<double>(out.old_only));
    for (std::size_t& i : new_drawn) i = static_cast<std::size_t>(random.random() * static_cast<double>(out.new_only));
    for (std::size_t m = 0; m < all.size(); ++m) drawn_gaps[m] = mean_of(scores[kOld][m], old_drawn) - mean_of(scores[kNew][m], new_drawn);
    const double reference = reference_mean(drawn_gaps);
    for (std::size_t m = 0; m < models.size(); ++m) excesses[m].push_back(drawn_gaps[m] - reference);
  }
  for (std::size_t m = 0; m < models.size(); ++m) {
    ModelGap one;
    one.model = models[m].model;
    one.old_only = mean_of(scores[kOld][m]);
    one.new_only = mean_of(scores[kNew][m]);
    if (out.common) one.common = mean_of(scores[kOld | kNew][m]);
    const auto n = static_cast<double>(out.old_only), k = static_cast<double>(out.new_only);
    one.unique = (one.old_only * n + one.new_only * k) / (n + k);
    one.gap = gaps[m];
    one.excess = gaps[m] - out.reference_gap.value_or(0);
    one.interval = percentile_interval(excesses[m]);
    out.models.push_back(std::move(one));
  }
  return out;
}

}  // namespace assay::mixeval
