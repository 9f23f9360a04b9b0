#include "benchmark/harness/markdown_table.h"

#include <algorithm>
#include <cstdlib>
#include <optional>

#include "base/number.h"
#include "base/text.h"

namespace assay::harness {
namespace {

/// Decimals without trailing zeros; nothing for what is no plain number.
std::optional<std::size_t> decimals(const std::string& cell) {
  std::string_view text = cell;
  if (text.starts_with('-')) text.remove_prefix(1);
  const std::size_t point = text.find('.');
  const std::string_view before = text.substr(0, point), after = point == std::string_view::npos ? "" : text.substr(point + 1);
  auto digits = [](std::string_view part) {
    return std::all_of(part.begin(), part.end(), [](char c) { return c >= '0' && c <= '9'; });
  };
  if (before.empty() || !digits(before) || !digits(after) || (point != std::string_view::npos && after.empty()))
    return std::nullopt;
  const std::size_t last = after.find_last_not_of('0');
  return last == std::string_view::npos ? 0 : last + 1;
}

}  // namespace

std::string markdown_table(const std::vector<std::string>& header, const std::vector<std::vector<std::string>>& rows) {
  std::vector<std::vector<std::string>> cells = rows;
  std::vector<bool> right(header.size());
  std::vector<std::size_t> width(header.size());
  for (std::size_t c = 0; c < header.size(); ++c) {
    bool numbers = true, any = false;
    std::size_t most = 0;
    for (const auto& row : rows) {
      if (row[c].empty()) continue;  // says nothing of the column
      any = true;
      auto places = decimals(row[c]);
      numbers = numbers && places;
      most = std::max(most, places.value_or(0));
    }
    right[c] = numbers && any;
    width[c] = std::max<std::size_t>(3, display_width(header[c]));
    for (auto& row : cells) {
      if (right[c] && !row[c].empty()) row[c] = fixed(std::strtod(row[c].c_str(), nullptr), static_cast<int>(most));
      width[c] = std::max(width[c], display_width(row[c]));
    }
  }
  std::string out;
  auto line = [&](const std::vector<std::string>& row, bool head) {
    out += '|';
    for (std::size_t c = 0; c < row.size(); ++c) {
      const std::size_t room = width[c] - display_width(row[c]), before = head ? room / 2 : right[c] ? room : 0;
      out += std::string(before, ' ') + row[c] + std::string(room - before, ' ') + '|';
    }
    out += '\n';
  };
  line(header, true);
  out += '|';
  for (std::size_t c = 0; c < header.size(); ++c)
    out += right[c] ? std::string(width[c] - 1, '-') + ":|" : std::string(width[c], '-') + "|";
  out += '\n';
  for (const auto& row : cells) line(row, false);
  return out;
}

}  // namespace assay::harness
