#include "cli/compat/alpaca_eval_set.h"

#include "base/file.h"
#include "base/text.h"
#include "benchmark/alpaca_eval/calibration_plan.h"
#include "benchmark/alpaca_eval/eval_set_page.h"
#include "cli/compat/alpaca_surroundings.h"

namespace assay::compat {

using namespace alpaca_eval;
using Kind = PythonValue::Kind;

const std::vector<std::string>& eval_set_flags() {
  static const std::vector<std::string> flags{"annotations", "output_path", "max_instances", "is_original_recoding"};
  return flags;
}

Result<EvalSetFlags> read_eval_set_flags(const FireValues& values, const std::vector<std::string>& words) {
  EvalSetFlags out;
  if (const PythonValue* given = values.get("annotations"); given && given->kind != Kind::none) {
    const bool paths = given->is_sequence() && !given->items.empty() && given->items.front().kind == Kind::text;
    if (paths) out.annotations = given->items;
    else out.annotations.push_back(*given);
  }
  for (const std::string& word : words) out.annotations.push_back(PythonValue::of(word));
  if (out.annotations.empty())
    return fail(ErrorKind::usage, "analyze_eval_set needs annotations", "", "--annotations 'results/*/weighted_alpaca_eval_gpt4_turbo/annotations.json', or a folder that holds them");
  auto path = values.text_or_none("output_path");
  if (!path) return std::unexpected(path.error());
  out.output_path = *path;
  auto most = values.whole_or_none("max_instances");
  if (!most) return std::unexpected(most.error());
  if (*most && **most < 2) return fail(ErrorKind::usage, "--max_instances takes a whole number from 2");
  if (*most) out.settings.instructions = static_cast<std::size_t>(**most);
  auto original = values.flag("is_original_recoding", false);
  if (!original) return std::unexpected(original.error());
  if (*original) out.settings.recoding = Recoding::original;
  return out;
}

Result<EvalSetTables> analyze_eval_set(const EvalSetFlags& flags, const std::string& version) {
  std::vector<ModelPreference> rows;
  auto add = [&](const PythonValue& value) -> Result<void> {
    auto table = load_flag_table(value, "annotations");
    if (!table) return std::unexpected(table.error());
    auto read = model_preferences(*table, flags.settings.recoding);
    if (!read) {
      Error error = read.error();
      if (error.where.empty() && value.kind == Kind::text) error.where = value.text;
      return std::unexpected(error);
    }
    rows.insert(rows.end(), std::make_move_iterator(read->begin()), std::make_move_iterator(read->end()));
    return {};
  };
  // File by file: what a file holds beside the preferences is let go before the next one is read.
  for (const PythonValue& value : flags.annotations) {
    if (value.kind != Kind::text) {
      if (auto added = add(value); !added) return std::unexpected(added.error());
      continue;
    }
    auto files = annotation_files({value.text});
    if (!files) return std::unexpected(files.error());
    for (const std::string& file : *files)
      if (auto added = add(PythonValue::of(file)); !added) return std::unexpected(added.error());
  }
  auto tables = eval_set_tables(rows, flags.settings);
  if (tables && flags.output_path) {
    const std::filesystem::path folder = *flags.output_path;
    for (const auto& [name, table] : tables->tables)
      if (auto written = write_file(folder / (name + ".csv"), table.write()); !written) return std::unexpected(written.error());
    if (auto written = write_file(folder / "eval_set.html", eval_set_page(*tables, version)); !written) return std::unexpected(written.error());
  }
  return tables;
}

}  // namespace assay::compat
