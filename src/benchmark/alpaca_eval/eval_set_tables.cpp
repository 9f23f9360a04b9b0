#include "benchmark/alpaca_eval/eval_set_tables.h"

#include <algorithm>
#include <boost/json/object.hpp>
#include <boost/json/string.hpp>

#include "base/text.h"

namespace assay::alpaca_eval {
namespace {

constexpr double kSignificant = 0.05;
constexpr std::size_t kStep = 50;

/// A square table of models; what is nothing stays empty.
template <class Cells, class Convert>
BoardTable matrix(const std::vector<std::string>& models, const Cells& cells, Convert convert) {
  BoardTable out;
  for (std::size_t a = 0; a < models.size(); ++a) {
    LeaderboardRow& row = out.rows.emplace_back();
    row.name = models[a];
    for (std::size_t b = 0; b < models.size(); ++b) row.set(models[b], cells[a][b] ? Cell(convert(*cells[a][b])) : Cell());
  }
  return out;
}

BoardTable p_values(const std::vector<std::string>& models, const PValues& values) {
  return matrix(models, values, [](double value) { return value; });
}

struct Power {
  std::size_t pairs = 0, separated = 0;
};

Power power_of(const PValues& values) {
  Power out;
  for (std::size_t a = 0; a < values.size(); ++a)
    for (std::size_t b = a + 1; b < values.size(); ++b) {
      ++out.pairs;
      out.separated += values[a][b] && *values[a][b] < kSignificant ? 1 : 0;
    }
  return out;
}

void put_summary(LeaderboardRow& row, const PValues& values) {
  const auto all = summary(values);
  const Power power = power_of(values);
  row.set("mean", all ? Cell(all->mean) : Cell());
  row.set("quantile_90", all ? Cell(all->quantile_90) : Cell());
  row.set("max", all ? Cell(all->max) : Cell());
  row.set("pairs", static_cast<std::int64_t>(power.pairs));
  row.set("separated", static_cast<std::int64_t>(power.separated));
}

std::string file_name(std::string text) {
  for (char& c : text)
    if (!((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '.' || c == '-')) c = '_';
  return shorten(text, 100);
}

std::string number_text(const Cell* cell) {
  char text[64] = "-";
  if (const auto* number = cell ? std::get_if<double>(cell) : nullptr) std::snprintf(text, sizeof text, "%.4g", *number);
  if (const auto* whole = cell ? std::get_if<std::int64_t>(cell) : nullptr) std::snprintf(text, sizeof text, "%lld", static_cast<long long>(*whole));
  return text;
}

}  // namespace

const BoardTable* EvalSetTables::table(std::string_view name) const {
  for (const auto& [known, content] : tables)
    if (known == name) return &content;
  return nullptr;
}

Result<std::vector<ModelPreference>> model_preferences(const Table& table, Recoding recoding) {
  const auto instruction = table.column("instruction"), model = table.column("generator_2"), preference = table.column("preference"), dataset = table.column("dataset");
  for (const auto& [column, name] : {std::pair(instruction, "instruction"), {model, "generator_2"}, {preference, "preference"}})
    if (!column) return fail(ErrorKind::data, std::string("the annotations have no column \"") + name + "\"", {}, "an annotations.json in AlpacaEval's layout is wanted");
  std::vector<ModelPreference> out;
  for (std::size_t i = 0; i < table.rows.size(); ++i) {
    const auto& row = table.rows[i];
    const json::string *asked = row[*instruction].if_string(), *who = row[*model].if_string();
    if (!asked || !who) return fail(ErrorKind::data, "row " + std::to_string(i + 1) + " of the annotations has no " + (asked ? "generator_2" : "instruction"));
    ModelPreference& one = out.emplace_back();
    one.instruction = std::string(*asked);
    one.model = std::string(*who);
    if (const json::string* set = dataset ? row[*dataset].if_string() : nullptr) one.dataset = std::string(*set);
    one.preference = as_number(row[*preference]);
    if (recoding == Recoding::none && one.preference == 0.0) one.preference = 1.5;
  }
  return out;
}

Result<EvalSetTables> eval_set_tables(std::span<const ModelPreference> rows, const EvalSetSettings& settings) {
  auto table = preference_table(rows, settings.recoding);
  if (!table) return std::unexpected(table.error());
  if (table->models.size() < 2)
    return fail(ErrorKind::data, "there is nothing to tell apart: all annotations are of " + (table->models.empty() ? std::string("nobody") : shorten(table->models.front(), 100)), {}, "give the annotations of two models at least");
  EvalSetTables out;
  out.models = table->models.size();
  out.instructions = table->instructions.size();
  const PValues values = paired_tests(*table, settings.instructions);
  const Power power = power_of(values);
  out.pairs = power.pairs;
  out.separated = power.separated;
  out.tables.emplace_back("paired_pvalues", p_values(table->models, values));
  out.tables.emplace_back("samples_needed", matrix(table->models, samples_needed(*table), [](std::size_t n) { return static_cast<std::int64_t>(n); }));
  BoardTable by_number;
  for (std::size_t n = kStep; n < out.instructions; n += kStep) {
    LeaderboardRow& row = by_number.rows.emplace_back();
    row.name = std::to_string(n);
    put_summary(row, paired_tests(*table, n));
  }
  out.tables.emplace_back("pvalues_by_samples", std::move(by_number));
  auto datasets = tests_by_dataset(rows, settings.recoding, out.instructions_by_dataset);
  if (!datasets) return std::unexpected(datasets.error());
  BoardTable sets;
  for (const DatasetTests& one : *datasets) {
    LeaderboardRow& row = sets.rows.emplace_back();
    row.name = one.dataset.empty() ? "all" : one.dataset;
    row.set("instructions", static_cast<std::int64_t>(one.table.instructions.size()));
    row.set("tested", static_cast<std::int64_t>(std::min(out.instructions_by_dataset, one.table.instructions.size())));
    put_summary(row, one.values);
  }
  out.tables.emplace_back("datasets", std::move(sets));
  for (const DatasetTests& one : *datasets) {
    // Names that differ in letters that no file's name has would take each other's place.
    const std::string wish = "paired_pvalues_" + file_name(one.dataset.empty() ? "all" : one.dataset);
    std::string name = wish;
    for (std::size_t again = 2; out.table(name); ++again) name = wish + "_" + std::to_string(again);
    out.tables.emplace_back(std::move(name), p_values(one.table.models, one.values));
  }
  return out;
}

std::string eval_set_text(const EvalSetTables& tables) {
  std::string out = std::to_string(tables.models) + " models on " + std::to_string(tables.instructions) + " instructions: " + std::to_string(tables.separated) + " of " + std::to_string(tables.pairs) +
                    " pairs differ with p < 0.05\n";
  auto lines = [&](const char* title, const BoardTable* table) {
    if (!table || table->rows.empty()) return;
    std::size_t width = display_width(title);
    for (const LeaderboardRow& row : table->rows) width = std::max(width, std::min<std::size_t>(40, display_width(row.name)));
    const std::vector<std::string> columns = table->columns();
    auto pad = [](const std::string& text, std::size_t to) { return std::string(to > display_width(text) ? to - display_width(text) : 0, ' ') + text; };
    out += "\n" + std::string(title) + std::string(width - display_width(title), ' ');
    for (const std::string& column : columns) out += "  " + pad(column, 11);
    out += "\n";
    for (const LeaderboardRow& row : table->rows) {
      const std::string name = shorten(row.name, 40);
      out += name + std::string(width > display_width(name) ? width - display_width(name) : 0, ' ');
      for (const std::string& column : columns) out += "  " + pad(number_text(row.find(column)), std::max<std::size_t>(11, column.size()));
      out += "\n";
    }
  };
  lines("instructions", tables.table("pvalues_by_samples"));
  lines("data set", tables.table("datasets"));
  return out;
}

json::object eval_set_json(const EvalSetTables& tables) {
  json::object out{{"models", tables.models}, {"instructions", tables.instructions}, {"pairs", tables.pairs}, {"separated", tables.separated}, {"instructions_by_dataset", tables.instructions_by_dataset}};
  json::object& all = out["tables"].emplace_object();
  for (const auto& [name, table] : tables.tables) {
    json::object& document = all[name].emplace_object();
    for (const LeaderboardRow& row : table.rows) {
      json::object& cells = document[row.name].emplace_object();
      for (const auto& [column, cell] : row.cells) {
        json::value& value = cells[column];
        if (const auto* number = std::get_if<double>(&cell)) value = *number;
        if (const auto* whole = std::get_if<std::int64_t>(&cell)) value = *whole;
      }
    }
  }
  return out;
}

}  // namespace assay::alpaca_eval
