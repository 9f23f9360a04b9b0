#include "benchmark/alpaca_eval/calibration_set.h"

#include <algorithm>
#include <boost/json/string.hpp>
#include <unordered_map>
#include <unordered_set>

#include "base/distinct_names.h"
#include "base/text.h"
#include "benchmark/alpaca_eval/length_control.h"
#include "benchmark/alpaca_eval/seeded_draws.h"

namespace assay::alpaca_eval {
namespace {

std::size_t number_of(std::vector<std::string>& names, const std::string& name) {
  auto it = std::find(names.begin(), names.end(), name);
  if (it != names.end()) return static_cast<std::size_t>(it - names.begin());
  names.push_back(name);
  return names.size() - 1;
}

/// The cell as text; nothing for a missing one, for what is no text, and where the table lacks the column.
const json::string* text_at(const std::vector<json::value>& row, const std::optional<std::size_t>& column) { return column ? row[*column].if_string() : nullptr; }

std::string name_at(const std::vector<json::value>& row, const std::optional<std::size_t>& column, std::string_view otherwise) {
  const json::string* text = text_at(row, column);
  return text ? std::string(*text) : std::string(otherwise);
}

std::unexpected<Error> several(const std::vector<std::string>& names, const char* what, const char* hint) {
  return fail(ErrorKind::data, "the annotations are by " + std::to_string(names.size()) + " " + what + ": " + shorten(join(names, ", "), 200), {}, hint);
}

}  // namespace

Result<CalibrationSet> read_calibration_set(const std::vector<Table>& tables, const std::vector<std::string>& where) {
  CalibrationSet out;
  std::unordered_map<std::string, std::size_t> clusters;
  std::unordered_set<std::string> known;
  DistinctNames ids;  // files may hold one model in parts, whose rows are each counted from 0, and places may be told twice
  for (std::size_t t = 0; t < tables.size(); ++t) {
    const Table& table = tables[t];
    const std::string place = t < where.size() ? where[t] : "";
    for (const char* column : {"instruction", "output_1", "output_2", "preference"})
      if (!table.column(column))
        return fail(ErrorKind::data, std::string("the annotations have no column \"") + column + "\"", place, "an annotations.json in AlpacaEval's layout is wanted: docs/formats/alpaca-eval.md");
    const auto instruction = table.column("instruction"), output_1 = table.column("output_1"), output_2 = table.column("output_2"), preference = table.column("preference"),
               generator_1 = table.column("generator_1"), generator_2 = table.column("generator_2"), annotator = table.column("annotator"), dataset = table.column("dataset"),
               index = table.column("index");
    // A table may hold several models' files one after another (a pattern names them all): each model's rows are counted by themselves.
    std::unordered_map<std::string, std::size_t> rows_of;
    for (const std::vector<json::value>& row : table.rows) {
      const std::string model = name_at(row, generator_2, "model");
      const std::size_t place_in_file = rows_of[model]++;
      const json::string *asked = text_at(row, instruction), *first = text_at(row, output_1), *second = text_at(row, output_2);
      if (!asked || !first || !second) {
        ++out.without_text;
        continue;
      }
      auto label = as_number(row[*preference]);
      if (label && *label == 0) label = 1.5;
      if (!label || !(*label >= 1 && *label <= 2)) {
        ++out.without_preference;
        continue;
      }
      if (*first == *second) {
        ++out.equal_outputs;
        continue;
      }
      OfficialJudgement one;
      const std::string reference = name_at(row, generator_1, "reference");
      one.model = number_of(out.models, model);
      number_of(out.references, reference);
      number_of(out.judges, name_at(row, annotator, "unnamed"));
      one.same_generator = model == reference;
      one.instruction = std::string(*asked);
      if (!known.insert(std::to_string(one.model) + "\n" + one.instruction).second) {
        ++out.repeated;
        continue;
      }
      one.place = place_in_file;
      if (auto own = index ? as_number(row[*index]) : std::nullopt)
        if (auto told = place_of_index(*own)) one.place = *told;
      one.id = ids.name(model + "/" + std::to_string(one.place));
      one.cluster = clusters.try_emplace(one.instruction, clusters.size()).first->second;
      one.output_1 = std::string(*first);
      one.output_2 = std::string(*second);
      one.dataset = name_at(row, dataset, "");
      one.preference = *label;
      out.comparisons.push_back(std::move(one));
    }
  }
  out.instructions = clusters.size();
  if (out.comparisons.empty())
    return fail(ErrorKind::data, "no annotation can be used: " + std::to_string(out.without_preference) + " have no preference, " + std::to_string(out.without_text) + " lack a text, " + std::to_string(out.equal_outputs) + " compare equal outputs",
                where.empty() ? "" : where.front());
  if (out.judges.size() > 1) return several(out.judges, "judges", "give the annotations of one judge");
  if (out.references.size() > 1) return several(out.references, "reference models", "give annotations against one reference");
  return out;
}

CalibrationSet draw(const CalibrationSet& set, std::size_t instructions, std::uint32_t seed) {
  CalibrationSet out = set;
  out.comparisons.clear();
  std::vector<std::vector<std::size_t>> of_cluster(set.instructions);
  for (std::size_t i = 0; i < set.comparisons.size(); ++i) of_cluster[set.comparisons[i].cluster].push_back(i);
  const std::vector<std::size_t> order = shuffled_order(set.instructions, seed);
  const std::size_t take = instructions == 0 ? order.size() : std::min(instructions, order.size());
  for (std::size_t k = 0; k < take; ++k)
    for (std::size_t i : of_cluster[order[k]]) out.comparisons.push_back(set.comparisons[i]);
  return out;
}

}  // namespace assay::alpaca_eval
