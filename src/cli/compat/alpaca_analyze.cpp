#include "cli/compat/alpaca_analyze.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <system_error>

#include "base/file.h"
#include "base/number.h"
#include "base/text.h"
#include "cli/compat/alpaca_analyze_page.h"

namespace assay::compat {
namespace {

namespace fs = std::filesystem;
using namespace alpaca_eval;
using Kind = PythonValue::Kind;

constexpr double kHumanSeconds = 36.8, kHumanPrice = 0.3;  // of an example, as the original reckons

/// The table with a running number in each group of equal pairs, what counts as people's judgements, and their cost.
Result<Table> gold_table(const AnalyzeFlags& flags, const Table& cross, std::vector<Judgement>& gold, const std::vector<Judgement>& annotations) {
  auto rows = judgements_of(cross);
  if (!rows) return std::unexpected(rows.error());
  for (Judgement& row : *rows) {
    if (!row.price) row.price = kHumanPrice;
    if (!row.time) row.time = kHumanSeconds;
  }
  Analyzer analyzer(*rows, annotations, flags.n_annotators, flags.rule);
  gold = analyzer.gold();
  std::map<std::pair<std::string, int>, const Judgement*> kept;
  auto key = [](const Judgement& one) { return one.instruction + '\0' + one.output_1 + '\0' + one.output_2; };
  for (const Judgement& one : gold) kept[{key(one), one.index}] = &one;
  Table out;
  out.columns = cross.columns;
  for (const char* column : {"index", "n_annotated"})
    if (!cross.column(column)) out.columns.emplace_back(column);
  std::map<std::string, int> running;
  for (std::size_t i = 0; i < cross.rows.size(); ++i) {
    const std::string group = key((*rows)[i]);
    auto it = kept.find({group, running[group]++});
    if (it == kept.end()) continue;
    auto row = cross.rows[i];
    row.resize(out.columns.size());
    row[*out.column("index")] = it->second->index;
    row[*out.column("n_annotated")] = it->second->n_annotated;
    out.rows.push_back(std::move(row));
  }
  return out;
}

std::string evaluator_key(const std::string& config) {
  std::string key = replace_all(config, "/", "_");
  return replace_all(key, "_configs.yaml", "");
}

LeaderboardRow row_of(const std::string& name, const EvaluatorMetrics& metrics, const std::string& mode) {
  LeaderboardRow out{name, {}};
  for (const auto& [column, value] : metrics) {
    if (!value)
      out.set(column, Cell());
    else if (column == "# parsed")
      out.set(column, static_cast<std::int64_t>(*value));
    else
      out.set(column, *value);
  }
  out.set("mode", mode);
  return out;
}

/// The eight first columns of the rows that the mode shows.
std::string printed(const AnalyzeFlags& flags, const BoardTable& board, const std::string& current, Result<void>& problem) {
  BoardTable shown;
  const PythonValue& mode = flags.mode_to_print;
  std::optional<BoardMode> most;
  if (mode.kind == Kind::text) {
    auto known = board_mode(mode.text);
    if (!known) {
      problem = std::unexpected(known.error());
      return {};
    }
    most = *known;
  }
  for (const LeaderboardRow& row : board.rows) {
    bool take = row.name == current || mode.kind == Kind::none;
    const Cell* cell = row.find("mode");
    const std::string* text = cell ? std::get_if<std::string>(cell) : nullptr;
    if (most) {
      auto own = text ? board_mode(*text) : Result<BoardMode>(BoardMode::minimal);
      take = take || !own || *own <= *most;
    }
    if (mode.is_sequence())
      for (const PythonValue& name : mode.items) take = take || name.text == row.name;
    if (!take) continue;
    LeaderboardRow& copy = shown.rows.emplace_back();
    copy.name = row.name;
    for (std::size_t i = 0; i < 8; ++i) {
      const Cell* value = row.find(evaluator_columns()[i]);
      copy.set(evaluator_columns()[i], value ? *value : Cell());
    }
  }
  auto has_floats = [&](std::string_view column) {  // then its whole numbers are floats, too
    return std::any_of(board.rows.begin(), board.rows.end(), [&](const LeaderboardRow& row) {
      const Cell* cell = row.find(column);
      return !cell || !std::holds_alternative<std::int64_t>(*cell);
    });
  };
  std::string out;
  std::vector<std::vector<std::string>> cells;
  std::vector<std::size_t> widths;
  auto add = [&](std::vector<std::string> line) {
    widths.resize(std::max(widths.size(), line.size()));
    for (std::size_t i = 0; i < line.size(); ++i) widths[i] = std::max(widths[i], count_code_points(line[i]));
    cells.push_back(std::move(line));
  };
  std::vector<std::string> head{""};
  for (std::size_t i = 0; i < 8; ++i) head.push_back(evaluator_columns()[i]);
  add(std::move(head));
  for (const LeaderboardRow& row : shown.rows) {
    std::vector<std::string> line{row.name};
    for (const auto& [column, cell] : row.cells) {
      const auto* number = std::get_if<double>(&cell);
      const auto* whole = std::get_if<std::int64_t>(&cell);
      if (whole && !has_floats(column))
        line.push_back(std::to_string(*whole));
      else if (whole || (number && !std::isnan(*number)))
        line.push_back(fixed(whole ? static_cast<double>(*whole) : *number, 2));
      else
        line.emplace_back("NaN");
    }
    add(std::move(line));
  }
  for (const auto& line : cells) {
    for (std::size_t i = 0; i < line.size(); ++i) {
      const std::string blanks(widths[i] - count_code_points(line[i]), ' ');
      out += i == 0 ? line[i] + blanks : "  " + blanks + line[i];
    }
    out += "\n";
  }
  return out;
}

}  // namespace

Result<AnalyzeFlags> read_analyze_flags(const FireValues& values, const AlpacaVersion& version) {
  AnalyzeFlags out;
  auto annotator = read_annotator_flags(values);
  if (!annotator) return std::unexpected(annotator.error());
  out.annotator = std::move(*annotator);
  if (values.has("annotators_config")) {
    auto config = values.text_or_none("annotators_config");
    if (!config) return std::unexpected(config.error());
    out.annotators_config = *config;
  } else {
    out.annotators_config = version.annotator();
  }
  if (const PythonValue* kwargs = values.get("analyzer_kwargs"); kwargs && kwargs->kind != Kind::none) {
    if (kwargs->kind != Kind::dict) return fail(ErrorKind::usage, "--analyzer_kwargs takes a dictionary");
    for (std::size_t i = 0; i + 1 < kwargs->items.size(); i += 2) {
      const std::string& name = kwargs->items[i].text;
      const PythonValue& value = kwargs->items[i + 1];
      if (name == "gold_crossannotations") {
        out.gold_crossannotations = value;
      } else if (name == "gold_annotations") {
        out.gold_annotations = value;
      } else if (name == "n_annotators" && value.kind == Kind::integer && value.integer >= 1 && value.integer <= 16) {
        out.n_annotators = static_cast<int>(value.integer);
      } else if (name == "scoring_rule" && value.kind == Kind::text) {
        auto rule = scoring_rule(value.text);
        if (!rule) return std::unexpected(rule.error());
        out.rule = *rule;
      } else {
        return fail(ErrorKind::usage, "--analyzer_kwargs cannot have \"" + shorten(name, 40) + "\" with that value", "",
                    "there are: gold_crossannotations, gold_annotations (tables), n_annotators (1 to 16), scoring_rule");
      }
    }
  }
  const PythonValue* board = values.get("precomputed_leaderboard");
  out.precomputed_leaderboard = board ? *board : PythonValue::of("auto");
  const PythonValue* mode = values.get("leaderboard_mode_to_print");
  out.mode_to_print = mode ? *mode : PythonValue::of("minimal");
  for (auto [name, target] : {std::pair<std::string_view, bool*>{"is_save_leaderboard", &out.save_leaderboard},
                              {"is_overwrite_leaderboard", &out.overwrite},
                              {"is_single_annotator", &out.single_annotator},
                              {"is_return_instead_of_print", &out.quiet}}) {
    auto flag = values.flag(name, false);
    if (!flag) return std::unexpected(flag.error());
    *target = *flag;
  }
  auto most = values.whole_or_none("max_instances");
  if (!most) return std::unexpected(most.error());
  if (*most && **most < 1) return fail(ErrorKind::usage, "--max_instances takes a whole number from 1");
  if (*most) out.max_instances = static_cast<std::size_t>(**most);
  auto current = values.text("current_leaderboard_mode", "minimal");
  if (!current) return std::unexpected(current.error());
  if (auto known = board_mode(*current); !known) return std::unexpected(known.error());
  out.current_mode = *current;
  if (values.has("output_path")) {
    auto path = values.text_or_none("output_path");
    if (!path) return std::unexpected(path.error());
    out.output_path = *path;
  }
  return out;
}

Result<Table> cross_annotations(const AnalyzeFlags& flags, const AlpacaSurroundings& surroundings, const FoundEvaluator& evaluator, const Table& gold) {
  auto index = gold.column("index"), preference = gold.column("preference");
  if (!index || !preference) return fail(ErrorKind::data, "the people's judgements have no index or no preference");
  const int seeds = flags.single_annotator ? 1 : flags.n_annotators;
  Table out;
  for (int seed = 0; seed < seeds; ++seed) {
    Table part;
    part.columns = gold.columns;
    std::vector<json::value> labels;
    for (const auto& row : gold.rows) {
      if (as_number(row[*index]) != static_cast<double>(seed)) continue;
      if (flags.max_instances && part.rows.size() >= *flags.max_instances) break;
      part.rows.push_back(row);
      labels.push_back(row[*preference]);
    }
    AnnotatorFlags annotator = flags.annotator;
    annotator.settings.seed = seed;
    auto annotated = annotate_table(surroundings, evaluator, annotator, part);
    if (!annotated) return std::unexpected(annotated.error());
    if (annotated->counts.unanswered > 0)
      return fail(ErrorKind::data, "the judge has not answered every pair of seed " + std::to_string(seed), "", "the same command asks for the rest");
    Table& table = annotated->table;
    table.columns.emplace_back("gold_preference");
    auto annotated_count = table.column("n_annotated");
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
      table.rows[i].push_back(labels[i]);
      if (annotated_count) table.rows[i][*annotated_count] = seeds;
    }
    // What the judge cost, and not what the people did.
    for (auto [column, own] : {std::pair{"price_per_example", "preference_price_per_example"}, std::pair{"time_per_example", "preference_time_per_example"}}) {
      auto from = table.column(own), to = table.column(column);
      if (!to) {
        to = table.columns.size();
        table.columns.emplace_back(column);
        for (auto& row : table.rows) row.emplace_back(nullptr);
      }
      for (auto& row : table.rows) row[*to] = from ? row[*from] : json::value(nullptr);
    }
    out.append(std::move(table));
  }
  return out;
}

Result<EvaluateResult> analyze_evaluators(const AnalyzeFlags& flags, const AlpacaSurroundings& surroundings) {
  EvaluateResult out;
  fs::path file;
  std::error_code code;
  bool own_file = false;
  if (flags.precomputed_leaderboard.kind == Kind::text) {
    if (flags.precomputed_leaderboard.text != "auto") {
      file = flags.precomputed_leaderboard.text;
      own_file = true;
    } else {
      for (const fs::path& root : surroundings.roots)
        if (fs::path one = root / "leaderboards" / "evaluators" / "evaluators_leaderboard.csv"; file.empty() && fs::exists(one, code)) file = one;
    }
  } else if (flags.precomputed_leaderboard.kind != Kind::none) {
    return fail(ErrorKind::usage, "--precomputed_leaderboard takes a path, auto or None");
  }
  if (!file.empty() && fs::exists(file, code)) {
    auto text = read_file(file);
    if (!text) return std::unexpected(text.error());
    auto board = read_board(valid_utf8(*text), file.string());
    if (!board) return std::unexpected(board.error());
    out.board = std::move(*board);
  }
  std::optional<Table> annotations;
  std::vector<Analyzer::GeneratorRates> rates;
  if (flags.annotators_config) {
    const std::string key = evaluator_key(*flags.annotators_config);
    out.name = key;
    LeaderboardRow* row = out.board.find(key);
    if (row && !flags.overwrite) {
      surroundings.warn("skipping the analysis of " + key + " as it is already in the leaderboard (--is_overwrite_leaderboard True does it again)");
    } else {
      if (flags.gold_crossannotations.kind == Kind::none)
        return fail(ErrorKind::data, "the people's judgements are needed", "",
                    "give them with --analyzer_kwargs \"{'gold_crossannotations': 'FILE.json', 'gold_annotations': 'FILE.json'}\" (config alpaca_farm_human_crossannotations of the data set tatsu-lab/alpaca_eval)");
      auto cross = load_flag_table(flags.gold_crossannotations, "analyzer_kwargs");
      if (!cross) return std::unexpected(cross.error());
      std::vector<Judgement> single, gold;
      if (flags.gold_annotations.kind != Kind::none) {
        auto table = load_flag_table(flags.gold_annotations, "analyzer_kwargs");
        auto rows = table ? judgements_of(*table) : Result<std::vector<Judgement>>(std::unexpected(table.error()));
        if (!rows) return std::unexpected(rows.error());
        single = std::move(*rows);
      }
      auto kept = gold_table(flags, *cross, gold, single);
      if (!kept) return std::unexpected(kept.error());
      if (gold.empty()) return fail(ErrorKind::data, "no pair was judged by " + std::to_string(flags.n_annotators) + " people", "", "n_annotators in --analyzer_kwargs says how many are needed");
      Analyzer analyzer(gold, single, flags.n_annotators, flags.rule);
      std::vector<Judgement> evaluator;
      const bool humans = *flags.annotators_config == "humans";
      if (humans) {
        evaluator = gold;
      } else if (*flags.annotators_config == "longest") {
        evaluator = longest_evaluator(gold);
      } else {
        auto found = find_evaluator(surroundings, *flags.annotators_config, flags.annotator);
        if (!found) return std::unexpected(found.error());
        auto table = cross_annotations(flags, surroundings, *found, *kept);
        if (!table) return std::unexpected(table.error());
        auto rows = judgements_of(*table);
        if (!rows) return std::unexpected(rows.error());
        evaluator = std::move(*rows);
        annotations = std::move(*table);
      }
      LeaderboardRow made = row_of(key, analyzer.metrics(evaluator, humans), flags.current_mode);
      rates = analyzer.win_rates(evaluator);
      if (row) *row = std::move(made);
      else out.board.rows.push_back(std::move(made));
    }
  }
  if (!out.board.rows.empty())
    if (auto sorted = out.board.sort_by("Human agreement"); !sorted) return std::unexpected(sorted.error());
  if (flags.save_leaderboard) {
    if (file.empty() || !own_file)
      return fail(ErrorKind::usage, "--is_save_leaderboard needs a file of yours: --precomputed_leaderboard FILE", "", "the imported leaderboard is known by its sum and never changed");
    if (auto written = write_file(file, out.board.write()); !written) return std::unexpected(written.error());
  }
  if (flags.output_path && flags.annotators_config) {
    // Beside a configuration that is given as a file.
    const bool beside = *flags.output_path == "auto" && fs::exists(*flags.annotators_config, code);
    fs::path folder = *flags.output_path != "auto" ? fs::path(*flags.output_path) : beside ? fs::path(*flags.annotators_config).parent_path() : fs::path("results_evaluators") / out.name;
    if ((beside || *flags.output_path != "auto") && is_plain_name(*flags.annotators_config)) folder /= *flags.annotators_config;
    if (auto written = write_file(folder / "leaderboard.csv", out.board.write()); !written) return std::unexpected(written.error());
    if (auto written = write_file(folder / "report.html", analyze_page(out.board, out.name, rates, surroundings.program_version)); !written) return std::unexpected(written.error());
    if (annotations)
      if (auto written = write_file(folder / "annotation.json", annotations->pandas_json()); !written) return std::unexpected(written.error());
    out.folder = folder;
  } else if (flags.output_path && *flags.output_path != "auto") {
    // Nobody is evaluated: the leaderboard's pictures alone.
    if (auto written = write_file(fs::path(*flags.output_path) / "report.html", analyze_page(out.board, "", {}, surroundings.program_version)); !written)
      return std::unexpected(written.error());
    out.folder = *flags.output_path;
  }
  Result<void> problem;
  out.printed = printed(flags, out.board, out.name, problem);
  if (!problem) return std::unexpected(problem.error());
  return out;
}

}  // namespace assay::compat
