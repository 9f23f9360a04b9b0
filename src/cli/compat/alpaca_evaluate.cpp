#include "cli/compat/alpaca_evaluate.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <system_error>

#include "base/file.h"
#include "base/text.h"
#include "benchmark/alpaca_eval/length_control.h"
#include "benchmark/alpaca_eval/seeded_draws.h"

namespace assay::compat {
namespace {

namespace fs = std::filesystem;
using namespace alpaca_eval;
using Kind = PythonValue::Kind;

/// The leaderboard that the evaluated model joins, and where it is kept.
struct Board {
  BoardTable table;
  fs::path file;  // empty: nowhere
};

Result<Board> read_board_file(const fs::path& file) {
  Board out;
  out.file = file;
  std::error_code code;
  if (!fs::exists(file, code)) return out;
  auto text = read_file(file);
  if (!text) return std::unexpected(text.error());
  auto table = read_board(valid_utf8(*text), file.string());
  if (!table) return std::unexpected(table.error());
  out.table = std::move(*table);
  return out;
}

/// Published tables stand beside the version's own reference alone.
Result<Board> load_board(const EvaluateFlags& flags, const AlpacaSurroundings& surroundings) {
  const PythonValue& wish = flags.precomputed_leaderboard;
  if (wish.kind == Kind::none) return Board{};
  if (wish.kind != Kind::text) return fail(ErrorKind::usage, "--precomputed_leaderboard takes a path, auto or None");
  if (wish.text != "auto") return read_board_file(wish.text);
  if (flags.reference_outputs.kind != Kind::none || flags.reference_table) return Board{};
  static const std::vector<std::string> one{"claude", "alpaca_eval_gpt4", "chatgpt_fn"};
  static const std::vector<std::string> two{"weighted_alpaca_eval_gpt4_turbo", "mistral-large-2402_ranking", "claude_3_opus_ranking"};
  const auto& known = surroundings.version.two ? two : one;
  if (std::find(known.begin(), known.end(), flags.annotators_config) == known.end()) return Board{};
  const std::string folder = surroundings.version.two ? "data_AlpacaEval_2" : "data_AlpacaEval";
  std::error_code code;
  for (const fs::path& root : surroundings.roots) {
    fs::path file = root / "leaderboards" / folder / (flags.annotators_config + "_leaderboard.csv");
    if (!fs::exists(file, code)) continue;
    auto board = read_board_file(file);
    // What was imported is known by its sum: it is read, and never written over.
    if (board) board->file.clear();
    return board;
  }
  return Board{};
}

std::string name_of(const EvaluateFlags& flags, const Table& outputs) {
  if (flags.name) return *flags.name;
  auto column = outputs.column("generator");
  if (!column) return "Current model";
  std::string name;
  for (const auto& row : outputs.rows) {
    if (!row[*column].is_string()) return "Current model";
    const std::string value(row[*column].get_string());
    if (!name.empty() && value != name) return "Current model";
    name = value;
  }
  return name.empty() ? "Current model" : name;
}

/// Outputs of several models are compared like one's, as in the original; nobody wants that unknowingly.
void say_generators(const EvaluateFlags& flags, const Table& outputs, const AlpacaSurroundings& surroundings) {
  auto column = outputs.column("generator");
  if (!column) return;
  std::map<std::string, std::size_t> generators;
  for (const auto& row : outputs.rows)
    if (row[*column].is_string()) ++generators[std::string(row[*column].get_string())];
  if (generators.size() < 2) return;
  std::vector<std::string> names;
  names.reserve(generators.size());
  for (const auto& [name, count] : generators) names.push_back(shorten(name, 60) + " (" + std::to_string(count) + ")");
  surroundings.warn("the outputs are of " + std::to_string(generators.size()) + " generators, " + shorten(join(names, ", "), 200) + ": they make one row, \"" + name_of(flags, outputs) +
                    "\" (make_leaderboard makes one of each)");
}

/// Empty: nothing is saved.
fs::path output_folder(const EvaluateFlags& flags, const std::string& name) {
  if (!flags.output_path || (flags.model_outputs.kind == Kind::none && !flags.model_table)) return {};
  fs::path out;
  std::error_code code;
  if (*flags.output_path != "auto") {
    out = *flags.output_path;
  } else if (flags.model_outputs.kind == Kind::text && fs::exists(flags.model_outputs.text, code)) {
    out = fs::path(flags.model_outputs.text).parent_path();
  } else {
    out = fs::path("results") / folder_of_name(name);
  }
  if (is_plain_name(flags.annotators_config)) out /= flags.annotators_config;
  return out.empty() ? fs::path(".") : out;  // outputs beside the working directory's other files
}

/// The first k rows; of tables of one length both in the same drawn order, so that the same instructions stay.
void cut_tables(Table& outputs, Table& references, std::size_t most) {
  if (outputs.rows.size() == references.rows.size()) {
    const auto order = shuffled_order(outputs.rows.size(), kSampleSeed);
    for (Table* table : {&outputs, &references}) {
      std::vector<std::vector<json::value>> rows;
      rows.reserve(order.size());
      for (std::size_t from : order) rows.push_back(std::move(table->rows[from]));
      table->rows = std::move(rows);
    }
  }
  for (Table* table : {&outputs, &references})
    if (table->rows.size() > most) table->rows.resize(most);
}

std::int64_t average_length(const Table& outputs) {
  auto column = outputs.column("output");
  double sum = 0;
  std::size_t n = 0;
  for (const auto& row : outputs.rows)
    if (column && row[*column].is_string()) sum += static_cast<double>(count_code_points(std::string_view(row[*column].get_string()))), ++n;
  return n == 0 ? 0 : static_cast<std::int64_t>(std::trunc(sum / static_cast<double>(n)));
}

void say_merge(const MergeNotes& notes, const AlpacaSurroundings& surroundings) {
  if (notes.only_1 > 0)
    surroundings.warn(std::to_string(notes.only_1) + " of " + std::to_string(notes.rows_1) + " reference outputs have no output of the model, e.g. " + notes.example_1);
  if (notes.only_2 > 0)
    surroundings.warn(std::to_string(notes.only_2) + " of " + std::to_string(notes.rows_2) + " outputs of the model have no reference, e.g. " + notes.example_2);
  if (notes.repeated_1 + notes.repeated_2 > 0)
    surroundings.warn(std::to_string(notes.repeated_1) + " references and " + std::to_string(notes.repeated_2) + " outputs repeat an instruction: every pair of them is compared" +
                      (notes.dropped > 0 ? ", but for " + std::to_string(notes.dropped) + " that are there already" : ""));
}

/// Preferences that do not count: of files, and failures that the cache remembers. `said`: those that were spoken of before.
void say_uncounted(const Table& annotations, std::size_t said, const AlpacaSurroundings& surroundings) {
  auto column = annotations.column("preference");
  if (!column) return;
  std::vector<std::size_t> uncounted;
  for (std::size_t i = 0; i < annotations.rows.size(); ++i) {
    auto number = as_number(annotations.rows[i][*column]);
    if (!(number && (*number == 0 || (*number >= 1 && *number <= 2)))) uncounted.push_back(i + 1);
  }
  if (uncounted.size() > said)
    surroundings.warn(std::to_string(uncounted.size()) + " of " + std::to_string(annotations.rows.size()) + " preferences do not count: they are missing, or not from 1 to 2 (rows " +
                      row_numbers(uncounted) + ")");
}

Result<Table> reference_table(const EvaluateFlags& flags, const AlpacaSurroundings& surroundings) {
  if (flags.reference_table) return *flags.reference_table;
  return flags.reference_outputs.kind == Kind::none ? surroundings.reference() : load_flag_table(flags.reference_outputs, "reference_outputs");
}

std::string view_of(const EvaluateFlags& flags, const BoardTable& board, const std::string& current, Result<void>& problem) {
  BoardView view;
  view.sort_by = flags.sort_by;
  view.current = current;
  const PythonValue& mode = flags.mode_to_print;
  if (mode.kind == Kind::none) {
    view.mode.reset();
  } else if (mode.kind == Kind::text) {
    auto known = board_mode(mode.text);
    if (!known) {
      problem = std::unexpected(known.error());
      return {};
    }
    view.mode = *known;
  } else if (mode.is_sequence()) {
    view.names.emplace();
    for (const PythonValue& item : mode.items) view.names->push_back(item.text);
  }
  return print_board(board, view);
}

}  // namespace

Result<EvaluateResult> evaluate(const EvaluateFlags& flags, const AlpacaSurroundings& surroundings) {
  auto loaded = load_board(flags, surroundings);
  if (!loaded) return std::unexpected(loaded.error());
  Board board = std::move(*loaded);
  EvaluateResult out;
  std::optional<Table> annotations;
  fs::path folder;
  std::string sort_by = flags.sort_by;
  if (flags.model_outputs.kind != Kind::none || flags.model_table) {
    auto outputs = flags.model_table ? Result<Table>(*flags.model_table) : load_flag_table(flags.model_outputs, "model_outputs");
    if (!outputs) return std::unexpected(outputs.error());
    out.name = name_of(flags, *outputs);
    say_generators(flags, *outputs, surroundings);
    folder = output_folder(flags, out.name);
    LeaderboardRow* row = board.table.find(out.name);
    if (row && !flags.overwrite && !flags.recompute_only) {
      surroundings.warn("skipping evaluation of " + out.name + " as it is already in the precomputed leaderboard (--is_overwrite_leaderboard True evaluates it again)");
    } else if (flags.recompute_only) {
      if (folder.empty()) return fail(ErrorKind::usage, "--is_recompute_metrics_only needs an output path to read annotations from");
      if (!row) return fail(ErrorKind::usage, "--is_recompute_metrics_only: the leaderboard has no row \"" + out.name + "\"", "", "name the row with --name, or a leaderboard that has it with --precomputed_leaderboard");
      const std::vector<std::string> file{(folder / "annotations.json").string()};
      auto table = load_table(file);
      if (!table) return std::unexpected(table.error());
      say_uncounted(*table, 0, surroundings);
      auto cells = metric_cells(flags, surroundings, *table, true);
      if (!cells) return std::unexpected(cells.error());
      for (auto& [column, cell] : *cells) row->set(column, std::move(cell));
      annotations = std::move(*table);
    } else {
      auto references = reference_table(flags, surroundings);
      if (!references) return std::unexpected(references.error());
      if (flags.max_instances) cut_tables(*outputs, *references, *flags.max_instances);
      const std::int64_t length = average_length(*outputs);
      auto merged = merge_tables(std::move(*references), std::move(*outputs), flags.keys_to_merge, flags.ordered);
      if (!merged) return std::unexpected(merged.error());
      say_merge(merged->notes, surroundings);
      if (merged->table.rows.empty())
        return fail(ErrorKind::data, "no instruction of the model's outputs is in the references", "", "both need the same texts in the column \"" + join(flags.keys_to_merge, ", ") + "\"");
      auto evaluator = find_evaluator(surroundings, flags.annotators_config, flags.annotator);
      if (!evaluator) return std::unexpected(evaluator.error());
      auto annotated = annotate_table(surroundings, *evaluator, flags.annotator, std::move(merged->table));
      if (!annotated) return std::unexpected(annotated.error());
      out.unanswered = annotated->counts.unanswered;
      say_uncounted(annotated->table, annotated->counts.unparsed + annotated->counts.unanswered, surroundings);
      auto cells = metric_cells(flags, surroundings, annotated->table, false);
      if (!cells) return std::unexpected(cells.error());
      if (!row) {
        board.table.rows.push_back({out.name, {}});
        row = &board.table.rows.back();
      }
      row->cells.clear();
      row->set("mode", flags.current_mode);
      row->set("avg_length", length);
      for (auto& [column, cell] : *cells) row->set(column, std::move(cell));
      annotations = std::move(annotated->table);
    }
  }
  if (!board.table.rows.empty()) {
    auto sorted = board.table.sort_by(sort_by);
    if (!sorted && sort_by == "length_controlled_winrate") {
      // Length control has no figure: the raw rates are still worth a table.
      sort_by = "win_rate";
      sorted = board.table.sort_by(sort_by);
    }
    if (!sorted) return std::unexpected(sorted.error());
    board.table.metrics_first();
  }
  if (!folder.empty()) {
    if (auto written = write_file(folder / "leaderboard.csv", board.table.write()); !written) return std::unexpected(written.error());
    if (annotations)
      if (auto written = write_file(folder / "annotations.json", annotations->pandas_json()); !written) return std::unexpected(written.error());
    out.folder = folder;
  }
  if (!board.file.empty() && flags.cache_leaderboard.value_or(!flags.max_instances))
    if (auto written = write_file(board.file, board.table.write()); !written) return std::unexpected(written.error());
  Result<void> problem;
  EvaluateFlags shown = flags;
  shown.sort_by = sort_by;
  out.printed = view_of(shown, board.table, out.name, problem);
  if (!problem) return std::unexpected(problem.error());
  out.board = std::move(board.table);
  return out;
}

Result<MakeLeaderboardFlags> read_make_leaderboard_flags(const FireValues& values, const AlpacaVersion& version) {
  MakeLeaderboardFlags out;
  auto evaluate = read_evaluate_flags(values, version);
  if (!evaluate) return std::unexpected(evaluate.error());
  out.evaluate = std::move(*evaluate);
  out.annotators_config = out.evaluate.annotators_config;
  auto path = values.text_or_none("leaderboard_path");
  if (!path) return std::unexpected(path.error());
  out.leaderboard_path = *path;
  if (const PythonValue* outputs = values.get("all_model_outputs")) out.all_model_outputs = *outputs;
  auto mode = values.text("leaderboard_mode", "verified");
  if (!mode) return std::unexpected(mode.error());
  if (auto known = board_mode(*mode); !known) return std::unexpected(known.error());
  out.leaderboard_mode = *mode;
  auto function = values.text("fn_add_to_leaderboard", "evaluate");
  if (!function) return std::unexpected(function.error());
  if (*function != "evaluate") return fail(ErrorKind::unsupported, "--fn_add_to_leaderboard can only be evaluate");
  return out;
}

Result<EvaluateResult> make_leaderboard(const MakeLeaderboardFlags& flags, const AlpacaSurroundings& surroundings) {
  fs::path file;
  if (flags.leaderboard_path) {
    file = *flags.leaderboard_path;
  } else if (!is_plain_name(flags.annotators_config)) {
    return fail(ErrorKind::usage, "--leaderboard_path is needed where annotators_config is a path");
  } else {
    file = fs::path("leaderboards") / (surroundings.version.two ? "data_AlpacaEval_2" : "data_AlpacaEval") / (flags.annotators_config + "_leaderboard.csv");
  }
  if (flags.all_model_outputs.kind == Kind::none)
    return fail(ErrorKind::usage, "--all_model_outputs is needed: the outputs of the original's models are no part of this program", "", "a table with the column generator, e.g. 'results/*/model_outputs.json'");
  auto all = load_flag_table(flags.all_model_outputs, "all_model_outputs");
  if (!all) return std::unexpected(all.error());
  auto generator = all->column("generator");
  if (!generator) return fail(ErrorKind::data, "the outputs have no column \"generator\", which tells the models apart");
  std::vector<std::string> models;
  for (const auto& row : all->rows) {
    if (!row[*generator].is_string()) return fail(ErrorKind::data, "an output has no generator");
    const std::string model(row[*generator].get_string());
    if (std::find(models.begin(), models.end(), model) == models.end()) models.push_back(model);
  }
  EvaluateResult out;
  for (const std::string& model : models) {
    EvaluateFlags one = flags.evaluate;
    one.name = model;
    one.precomputed_leaderboard = PythonValue::of(file.string());
    one.current_mode = flags.leaderboard_mode;
    auto outputs = std::make_shared<Table>();
    outputs->columns = all->columns;
    for (const auto& row : all->rows)
      if (std::string_view(row[*generator].get_string()) == model) outputs->rows.push_back(row);
    one.model_table = std::move(outputs);
    auto evaluated = evaluate(one, surroundings);
    if (!evaluated) return evaluated;
    out.unanswered += evaluated->unanswered;
    out.board = std::move(evaluated->board);
    if (auto written = write_file(file, out.board.write()); !written) return std::unexpected(written.error());
  }
  BoardView view;
  view.sort_by = "win_rate";
  view.mode.reset();
  BoardTable shown = out.board;  // which the original means to print without the lengths
  for (LeaderboardRow& row : shown.rows) std::erase_if(row.cells, [](const auto& cell) { return cell.first == "avg_length"; });
  out.printed = print_board(shown, view);
  out.folder = file;
  return out;
}

}  // namespace assay::compat
