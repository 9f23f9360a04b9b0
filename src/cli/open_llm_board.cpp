#include "cli/open_llm_board.h"

#include <algorithm>
#include <cmath>
#include <map>

#include "base/text.h"
#include "benchmark/harness/board.h"
#include "benchmark/harness/board_models.h"

namespace assay::cli {
namespace {

using harness::BoardEra;
using harness::BoardRow;

constexpr std::string_view kAugust = "open-llm", kNovember = "open-llm-2023-11";
const std::vector<std::string> kTypes{"🟢 pretrained", "🔶 fine-tuned", "⭕ instruction-tuned", "🟦 RL-tuned", "? "};
const std::vector<std::string> kPrecisions{"torch.float16", "torch.bfloat16", "torch.float32", "8bit", "4bit", "GPTQ"};

BoardLayout layout_of(BoardEra era) {
  const bool august = era == BoardEra::august_2023;
  BoardLayout out;
  out.name = august ? kAugust : kNovember;
  out.title = august ? "Open LLM Leaderboard, August 2023" : "Open LLM Leaderboard, November 2023";
  // Our suite is August's: of November's seven columns it has four, and no average of seven.
  out.columns.push_back({.title = "Average", .benchmark = august ? "open-llm-leaderboard" : "", .metric = "average", .decimals = 2});
  for (const harness::Column& column : harness::board_columns(era)) {
    const bool ours = std::any_of(std::begin(harness::kColumns), std::end(harness::kColumns), [&](const harness::Column& c) { return c.name == column.name; });
    out.columns.push_back({.title = std::string(column.name), .benchmark = ours ? "open-llm-leaderboard" : "", .metric = lower(column.name), .decimals = 2});
  }
  out.columns.push_back({.title = "#Params (B)", .decimals = 2, .brief = "B"});
  out.rating = out.columns.size();
  return out;
}

/// "pretrained" and "🟢" -> "🟢 pretrained"; nullopt for what is no type.
std::optional<std::string> type_named(const std::string& word) {
  const std::string_view symbol = word == "unknown" || word == "?" ? "?" : harness::model_type(word).symbol;
  if (symbol == "?" && word != "unknown" && word != "?") return std::nullopt;
  for (const std::string& type : kTypes)
    if (type.starts_with(symbol)) return type;
  return std::nullopt;
}

Result<void> check(const std::string& word, const std::vector<std::string>& known, const char* option) {
  if (std::find(known.begin(), known.end(), word) != known.end()) return {};
  return fail(ErrorKind::usage, std::string("--") + option + " knows no \"" + shorten(word, 40) + "\"", "", "there are " + join(known, ", "));
}

Result<std::vector<std::string>> types_of(const Invocation& invocation) {
  std::vector<std::string> out;
  for (const std::string& word : invocation.arguments.all("type")) {
    auto type = type_named(word);
    if (!type) return fail(ErrorKind::usage, "--type knows no \"" + shorten(word, 40) + "\"", "", "there are pretrained, fine-tuned, instruction-tuned, RL-tuned and unknown");
    out.push_back(*type);
  }
  return out;
}

Result<std::vector<std::size_t>> filtered(const Invocation& invocation, BoardEra era, const std::vector<harness::BoardEntry>& entries) {
  const Arguments& arguments = invocation.arguments;
  auto types = types_of(invocation);
  if (!types) return fail(types.error());
  std::vector<std::string> sizes = arguments.all("size"), precisions = arguments.all("precision");
  for (const std::string& size : sizes)
    if (auto known = check(size, harness::board_sizes(era == BoardEra::august_2023), "size"); !known) return fail(known.error());
  const std::string search = arguments.get("search").value_or("");
  if (era == BoardEra::august_2023) {
    if (!precisions.empty()) return fail(ErrorKind::usage, "August's table has no filter for precisions", "", "--layout " + std::string(kNovember));
    if (types->size() + sizes.size() > 1)
      return fail(ErrorKind::usage, "August's table is filtered by one type or one size", "", "--layout " + std::string(kNovember) + " takes several of both");
    return harness::filter_board(entries, harness::AugustFilter{search, types->empty() ? "" : types->front(), sizes.empty() ? "" : sizes.front(), arguments.has("show-types")});
  }
  for (std::string& precision : precisions) {
    if (precision.starts_with("float") || precision == "bfloat16") precision = "torch." + precision;
    if (auto known = check(precision, kPrecisions, "precision"); !known) return fail(known.error());
  }
  harness::BoardFilter filter;
  filter.types = types->empty() ? kTypes : *types;
  filter.precisions = precisions.empty() ? kPrecisions : precisions;
  filter.sizes = sizes.empty() ? harness::board_sizes(false) : sizes;
  filter.show_deleted = true;  // whether a model is still on the hub is nothing that result files say
  filter.query = search;
  return harness::filter_board(entries, filter);
}

Result<harness::BoardRequests> requests_of(const Invocation& invocation) {
  harness::BoardRequests out;
  for (const std::string& folder : invocation.arguments.all("requests")) {
    auto files = harness::board_files(folder);
    if (!files) return fail(files.error());
    for (const harness::BoardFile& file : *files) out.add(file.content);
  }
  return out;
}

}  // namespace

bool is_open_llm_layout(std::string_view name) {
  return name == kAugust || name == kNovember;
}

std::vector<OptionSpec> open_llm_board_options() {
  return {{"--search", "TEXT", "with --layout open-llm: models whose names hold it; several for open-llm-2023-11, separated by ';'"},
          {"--type", "TYPE", "likewise: pretrained, fine-tuned, instruction-tuned, RL-tuned, unknown (types are in --requests)", true},
          {"--size", "SIZE", "likewise: '< 1B', ~3B, ~7B, ~13B, ~35B, 60B+; of November '?', ~1.5, ~3, ~7, ~13, ~35, ~60, 70+", true},
          {"--precision", "NAME", "of November: float16, bfloat16, float32, 8bit, 4bit, GPTQ", true},
          {"--show-types", "", "with --layout open-llm: the Type column, behind the models' names; --search then looks in it, too (August)"},
          {"--requests", "DIR", "with --layout open-llm: the leaderboard's request files, which hold the models' types", true}};
}

Result<OpenLlmBoard> open_llm_board(const Invocation& invocation, std::string_view layout, const std::vector<std::string>& folders) {
  const BoardEra era = layout == kAugust ? BoardEra::august_2023 : BoardEra::november_2023;
  OpenLlmBoard out{.layout = layout_of(era), .rows = {}};
  std::vector<harness::BoardFile> files;
  for (const std::string& folder : folders) {
    auto found = harness::board_files(folder);
    if (!found) return fail(found.error());
    for (harness::BoardFile& file : *found) files.push_back(std::move(file));
  }
  auto requests = requests_of(invocation);
  if (!requests) return fail(requests.error());
  auto rows = harness::board_rows(std::move(files), era);
  if (!rows) return fail(rows.error());
  std::vector<BoardRow> table = *rows;
  // The baseline stands among the models, and is filtered as one.
  if (!table.empty()) table.push_back(harness::board_baseline(era));
  table = harness::board_table(std::move(table));
  std::map<std::string, int> same;
  std::vector<harness::BoardEntry> entries;
  for (const BoardRow& row : table) {
    ++same[row.model + "\n" + row.precision];
    const double parameters = era == BoardEra::august_2023 ? harness::parameters_of(row.model, {}).value_or(0) : harness::parameters_with_precision(row.model, {}, row.precision);
    entries.push_back({std::string(requests->type(row.model, row.precision).symbol), row.model, row.precision.empty() ? "None" : row.precision, row.sha, parameters, true});
  }
  auto shown = filtered(invocation, era, entries);
  if (!shown) return fail(shown.error());
  for (std::size_t i : *shown) {
    const BoardRow& row = table[i];
    WideRow line;
    line.model = row.model;
    // What tells rows of one model apart.
    std::vector<std::string> apart;
    if (!row.precision.empty() && row.precision != "torch.float16") apart.push_back(row.precision);
    if (same[row.model + "\n" + row.precision] > 1 && !row.sha.empty()) apart.push_back(shorten(row.sha, 10));
    if (invocation.arguments.has("show-types")) apart.emplace_back(harness::type_word(entries[i].symbol).empty() ? "unknown" : harness::type_word(entries[i].symbol));
    if (!apart.empty()) line.model += " (" + join(apart, ", ") + ")";
    line.published = true;
    line.values.emplace_back(row.average);
    for (const auto& value : row.columns) line.values.push_back(value);
    line.values.push_back(entries[i].parameters > 0 ? std::optional(entries[i].parameters) : std::nullopt);
    line.differences.resize(line.values.size());
    out.rows.push_back(std::move(line));
  }
  return out;
}

std::vector<WideBoard> with_own_runs(const OpenLlmBoard& board, const std::vector<Report>& reports) {
  std::vector<WideBoard> boards = wide_boards(reports, board.layout);
  if (boards.empty() && !board.rows.empty()) {
    WideBoard published;
    published.title = board.layout.title;
    published.official = true;
    published.layout = board.layout;
    boards.push_back(std::move(published));
  }
  for (WideBoard& one : boards) {
    one.rows.insert(one.rows.end(), board.rows.begin(), board.rows.end());
    const std::size_t by = board.layout.sort_by;
    auto key = [&](const WideRow& row) { return row.values[by].value_or(-HUGE_VAL); };
    std::stable_sort(one.rows.begin(), one.rows.end(), [&](const WideRow& a, const WideRow& b) { return key(a) > key(b); });
  }
  return boards;
}

}  // namespace assay::cli
