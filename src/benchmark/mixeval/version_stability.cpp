#include "benchmark/mixeval/version_stability.h"

#include <cmath>
#include <set>

#include "base/number.h"
#include "base/text.h"
#include "dataset/csv.h"

namespace assay::mixeval {

Result<Stability> version_stability(std::string_view csv, const std::string& where) {
  const std::string valid = valid_utf8(csv);
  CsvOptions options;
  options.where = where;
  auto rows = parse_csv(valid, options);
  if (!rows) return std::unexpected(rows.error());
  if (rows->size() < 2 || rows->front().size() < 2) return fail(ErrorKind::data, "this is no table of scores", where, "its header is model,VERSION,VERSION,...; a line a model follows");
  Stability out;
  for (std::size_t c = 1; c < rows->front().size(); ++c) out.versions.emplace_back(strip(rows->front()[c]));
  std::set<std::string> seen;
  for (std::size_t r = 1; r < rows->size(); ++r) {
    const CsvRow& row = (*rows)[r];
    const std::string at = where + ", row " + std::to_string(r + 1);
    ModelStability model;
    model.model = std::string(strip(row.front()));
    if (!seen.insert(model.model).second) return fail(ErrorKind::data, "the model \"" + shorten(model.model, 40) + "\" is there twice", at);
    bool whole = row.size() >= rows->front().size();
    for (std::size_t c = 1; c < rows->front().size() && whole; ++c) {
      if (strip(row[c]).empty()) {
        whole = false;
        break;
      }
      auto score = python_float(row[c]);
      if (!score || !std::isfinite(*score)) return fail(ErrorKind::data, "\"" + shorten(row[c], 20) + "\" is no score", at);
      model.scores.push_back(*score);
    }
    if (!whole) {
      ++out.left_out;
      continue;
    }
    const auto n = static_cast<double>(model.scores.size());
    for (double s : model.scores) model.mean += s;
    model.mean /= n;
    double squares = 0;
    for (double s : model.scores) squares += (s - model.mean) * (s - model.mean);
    model.deviation = std::sqrt(squares / n);
    if (model.scores.size() > 1) model.deviation_n1 = std::sqrt(squares / (n - 1));
    out.models.push_back(std::move(model));
  }
  if (out.models.empty()) return fail(ErrorKind::data, "no model has a score of every version", where);
  const auto m = static_cast<double>(out.models.size());
  for (const ModelStability& model : out.models) {
    out.mean += model.mean / m;
    out.deviation += model.deviation / m;
    if (model.deviation_n1) out.deviation_n1 = out.deviation_n1.value_or(0) + *model.deviation_n1 / m;
  }
  return out;
}

}  // namespace assay::mixeval
