#include "leaderboard/correlations.h"

#include <algorithm>

#include "base/text.h"
#include "stats/correlation.h"

namespace assay {
namespace {

constexpr std::size_t kMost = 64;

/// How many of these models the column has; past `enough` nobody counts.
std::size_t count_of(const std::vector<std::size_t>& models, const ScoreColumn& column, std::size_t enough) {
  std::size_t n = 0;
  for (std::size_t i = 0; i < models.size() && n < enough; ++i) n += column.of(models[i]).has_value();
  return n;
}

PairCorrelation pair_of(const ScoreTable& table, std::size_t a, std::size_t b, const CorrelationOptions& options) {
  PairCorrelation out;
  out.a = a;
  out.b = b;
  const CommonScores common = common_scores(table, a, b);
  out.n = common.a.size();
  if (out.n < options.least) return out;
  out.spearman = spearman(common.a, common.b);
  out.pearson = pearson(common.a, common.b);
  out.kendall_tau_b = kendall_tau_b(common.a, common.b);
  out.line = least_squares(common.a, common.b);
  if (options.replicates > 0) {
    PythonRandom random(options.seed);
    out.intervals = bootstrap_correlations(common.a, common.b, options.replicates, random);
  }
  return out;
}

}  // namespace

CommonScores common_scores(const ScoreTable& table, std::size_t a, std::size_t b) {
  CommonScores out;
  for (std::size_t m = 0; m < std::min(table.columns[a].values.size(), table.columns[b].values.size()); ++m) {
    const auto x = table.columns[a].of(m), y = table.columns[b].of(m);
    if (!x || !y) continue;
    out.models.push_back(m);
    out.a.push_back(*x);
    out.b.push_back(*y);
  }
  return out;
}

const PairCorrelation* Correlations::find(std::size_t a, std::size_t b) const {
  for (const PairCorrelation& pair : pairs)
    if ((pair.a == a && pair.b == b) || (pair.a == b && pair.b == a)) return &pair;
  return nullptr;
}

Result<Correlations> correlate(const ScoreTable& table, const CorrelationOptions& options) {
  Correlations out;
  if (!options.reference.empty()) {
    auto reference = table.column(options.reference);
    if (!reference) return std::unexpected(reference.error());
    out.reference = *reference;
  }
  std::vector<std::size_t> chosen;
  if (options.columns.empty()) {
    for (std::size_t i = 0; i < table.columns.size(); ++i) chosen.push_back(i);
  } else {
    for (const std::string& name : options.columns) {
      auto index = table.column(name);
      if (!index) return std::unexpected(index.error());
      if (std::find(chosen.begin(), chosen.end(), *index) == chosen.end()) chosen.push_back(*index);
    }
  }
  if (!out.reference && options.reference.empty() && options.columns.empty())
    for (std::size_t i = 0; i < table.columns.size() && !out.reference; ++i) {
      const std::string name = lower(table.columns[i].name);
      if (name.find("elo") != std::string::npos && table.columns[i].count() >= options.least) out.reference = i;
    }
  if (out.reference && std::find(chosen.begin(), chosen.end(), *out.reference) == chosen.end()) chosen.insert(chosen.begin(), *out.reference);
  // A column that shares too few models with every other one (or with the reference) only fills pages.
  std::vector<std::size_t> kept;
  std::vector<std::vector<std::size_t>> models_of(table.columns.size());  // a thousand columns may each have few of many models
  for (std::size_t column : chosen)
    for (std::size_t m = 0; m < table.columns[column].values.size(); ++m)
      if (table.columns[column].values[m]) models_of[column].push_back(m);
  for (std::size_t column : chosen) {
    std::size_t most = 0;
    for (std::size_t i = 0; i < chosen.size() && most < options.least; ++i) {
      if (chosen[i] == column) continue;
      const bool fewer = models_of[column].size() < models_of[chosen[i]].size();
      const std::size_t from = fewer ? column : chosen[i], in = fewer ? chosen[i] : column;
      most = std::max(most, count_of(models_of[from], table.columns[in], options.least));
    }
    if (most >= options.least)
      kept.push_back(column);
    else
      out.notes.push_back("\"" + table.columns[column].name + "\" is left out: it shares " + std::to_string(most) + " models with another column at most, and " + std::to_string(options.least) + " are asked for");
    if (kept.size() > kMost)
      return fail(ErrorKind::usage, "more than 64 columns to compare", "", "choose some with --column");
  }
  if (kept.size() < 2)
    return fail(ErrorKind::usage, "no two columns share " + std::to_string(options.least) + " models", "", "--least lowers that; models meet by their names, or by another name in a column of names");
  if (out.reference && std::find(kept.begin(), kept.end(), *out.reference) == kept.end())
    return fail(ErrorKind::usage, "\"" + table.columns[*out.reference].name + "\" shares fewer than " + std::to_string(options.least) + " models with any other column", "", "--least lowers that");
  std::vector<PairCorrelation> with_reference;
  if (out.reference) {
    std::erase(kept, *out.reference);
    for (std::size_t column : kept) with_reference.push_back(pair_of(table, *out.reference, column, options));
    std::stable_sort(with_reference.begin(), with_reference.end(), [](const PairCorrelation& a, const PairCorrelation& b) {
      if (a.spearman.has_value() != b.spearman.has_value()) return a.spearman.has_value();
      return a.spearman && *a.spearman > *b.spearman;
    });
    kept.clear();
    for (const PairCorrelation& pair : with_reference) kept.push_back(pair.b);
    out.columns.push_back(*out.reference);
  }
  out.pairs = std::move(with_reference);
  for (std::size_t i = 0; i < kept.size(); ++i) {
    out.columns.push_back(kept[i]);
    for (std::size_t k = i + 1; k < kept.size(); ++k) out.pairs.push_back(pair_of(table, kept[i], kept[k], options));
  }
  return out;
}

}  // namespace assay
