#include "benchmark/harness/board.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <system_error>

#include "base/file.h"
#include "base/number.h"

namespace assay::harness {
namespace {

constexpr std::size_t kMostFile = std::size_t{256} << 20;

std::string key_of_row(const ResultFile& file, BoardEra era) {
  std::string out = file.model;
  if (std::size_t slash = out.find('/'); slash != std::string::npos) out[slash] = '_';
  if (era == BoardEra::august_2023) out += "_" + file.sha;
  return out + "_" + file.precision;
}

}  // namespace

std::span<const Column> board_columns(BoardEra era) {
  if (era == BoardEra::august_2023) return kColumns;
  return kNovemberColumns;
}

BoardRow board_baseline(BoardEra era) {
  BoardRow out{.key = "baseline", .model = "Baseline", .sha = "", .precision = "", .columns = {25.0, 25.0, 25.0, 25.0}, .average = 25};
  if (era == BoardEra::november_2023) {
    out.columns.insert(out.columns.end(), {50.0, 0.21, 0.47});
    out.average = 31;  // as published
  }
  return out;
}

bool BoardRow::complete() const {
  return std::all_of(columns.begin(), columns.end(), [](const auto& column) { return column && !std::isnan(*column); });
}

Result<std::vector<BoardRow>> board_rows(std::vector<BoardFile> files, BoardEra era) {
  // Folder by folder; in a folder the names hold the time, so they sort from old to new.
  std::sort(files.begin(), files.end(), [](const BoardFile& a, const BoardFile& b) { return a.path < b.path; });
  const std::span<const Column> columns = board_columns(era);
  std::vector<BoardRow> rows;
  std::map<std::string, std::size_t> places;
  for (const BoardFile& source : files) {
    auto file = read_result_file(source.content, source.path);
    if (!file) return fail(file.error());
    if (file->old_mmlu && era == BoardEra::august_2023) continue;
    std::string key = key_of_row(*file, era);
    auto [place, fresh] = places.emplace(key, rows.size());
    if (fresh) rows.push_back({.key = key, .model = file->model, .sha = file->sha, .precision = file->precision,
                               .columns = std::vector<std::optional<double>>(columns.size())});
    BoardRow& row = rows[place->second];
    row.sha = file->sha;
    for (std::size_t c = 0; c < columns.size(); ++c) {
      if (file->old_mmlu && columns[c].name == "MMLU") continue;
      auto value = column_value(*file, columns[c].part, columns[c].metric);
      if (!value) continue;
      if (std::isnan(*value) && era == BoardEra::november_2023 && columns[c].part == "truthfulqa:mc") value = 0;
      row.columns[c] = value;
    }
  }
  for (BoardRow& row : rows) {
    double sum = 0;
    for (const auto& column : row.columns) sum += column.value_or(0);
    row.average = sum / static_cast<double>(columns.size());
  }
  return rows;
}

std::vector<BoardRow> board_table(std::vector<BoardRow> rows) {
  std::erase_if(rows, [](const BoardRow& row) { return !row.complete(); });
  std::stable_sort(rows.begin(), rows.end(), [](const BoardRow& a, const BoardRow& b) { return a.average > b.average; });
  for (BoardRow& row : rows) {
    row.average = round2(row.average);
    for (auto& column : row.columns) column = round2(*column);
  }
  return rows;
}

Result<std::vector<BoardFile>> board_files(const std::filesystem::path& folder) {
  namespace fs = std::filesystem;
  std::error_code code;
  if (!fs::is_directory(folder, code)) return fail(ErrorKind::not_found, "there is no such folder of result files", folder.string());
  std::map<fs::path, std::vector<fs::path>> folders;
  std::map<fs::path, bool> others;
  for (fs::recursive_directory_iterator it(folder, code), end; !code && it != end; it.increment(code)) {
    if (!it->is_regular_file(code)) continue;
    const fs::path parent = it->path().parent_path();
    if (it->path().extension() == ".json") folders[parent].push_back(it->path());
    else others[parent] = true;
  }
  if (code) return fail(ErrorKind::io, "cannot read the folder: " + code.message(), folder.string());
  std::vector<BoardFile> out;
  for (const auto& [parent, paths] : folders) {
    if (others.contains(parent)) continue;
    for (const fs::path& path : paths) {
      auto text = read_file(path, kMostFile);
      if (!text) return fail(text.error());
      out.push_back({path.string(), std::move(*text)});
    }
  }
  return out;
}

}  // namespace assay::harness
