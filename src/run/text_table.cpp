#include "run/text_table.h"

#include <algorithm>
#include <cmath>

#include "base/text.h"

namespace assay {
namespace {

constexpr std::string_view kGap = "  ";

std::string_view code(Ink colour) {
  switch (colour) {
    case Ink::plain:
      return "";
    case Ink::bold:
      return "\033[1m";
    case Ink::dim:
      return "\033[2m";
    case Ink::green:
      return "\033[32m";
    case Ink::yellow:
      return "\033[33m";
    case Ink::red:
      return "\033[31m";
    case Ink::cyan:
      return "\033[36m";
  }
  return "";
}

std::string repeat(std::string_view text, std::size_t times) {
  std::string out;
  for (std::size_t i = 0; i < times; ++i) out += text;
  return out;
}

}  // namespace

std::string ink(std::string_view text, Ink colour, const TextStyle& style) {
  if (!style.colour || colour == Ink::plain || text.empty()) return std::string(text);
  return std::string(code(colour)) + std::string(text) + "\033[0m";
}

std::string text_rule(std::size_t width, const TextStyle& style) {
  return repeat(style.utf8 ? "\u2500" : "-", width);
}

std::string fit(std::string_view text, std::size_t width, bool right, const TextStyle& style) {
  std::size_t has = display_width(text);
  std::string out(text);
  if (has > width) {
    out.clear();
    std::size_t used = 0;
    std::string_view rest = text;
    while (!rest.empty()) {
      std::string_view before = rest;
      next_code_point(rest);
      std::string_view point = before.substr(0, before.size() - rest.size());
      std::size_t wide = display_width(point);
      if (used + wide + 1 > width) break;
      used += wide;
      out += point;
    }
    if (width > 0) {
      out += style.utf8 ? "\u2026" : "~";
      ++used;
    }
    has = used;
  }
  std::string blanks(width - std::min(has, width), ' ');
  return right ? blanks + out : out + blanks;
}

std::string TextTable::render(const TextStyle& style) const {
  std::vector<std::size_t> widths;
  widths.reserve(columns_.size());
  for (const TextColumn& column : columns_) widths.push_back(display_width(column.title));
  for (const auto& row : rows_)
    for (std::size_t i = 0; i < std::min(row.size(), widths.size()); ++i)
      widths[i] = std::max(widths[i], display_width(row[i].text));

  auto total = [&] {
    std::size_t sum = widths.empty() ? 0 : kGap.size() * (widths.size() - 1);
    for (std::size_t width : widths) sum += width;
    return sum;
  };
  // The widest column that may give way does, one place at a time, until the table fits or none can.
  while (total() > style.width) {
    std::size_t widest = columns_.size();
    for (std::size_t i = 0; i < columns_.size(); ++i)
      if (columns_[i].shrinks && widths[i] > columns_[i].at_least && (widest == columns_.size() || widths[i] > widths[widest]))
        widest = i;
    if (widest == columns_.size()) break;
    --widths[widest];
  }

  std::string out;
  auto line = [&](auto cell_text) {
    std::string text;
    std::size_t pending = 0;  // blanks not written yet, so that none trail
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      auto [content, colour] = cell_text(i);
      if (i) pending += kGap.size();
      std::string fitted = fit(content, widths[i], columns_[i].right, style);
      std::size_t end = fitted.find_last_not_of(' ');
      if (end == std::string::npos) {
        pending += widths[i];
        continue;
      }
      std::size_t start = fitted.find_first_not_of(' ');
      text.append(pending + start, ' ');
      text += ink(std::string_view(fitted).substr(start, end + 1 - start), colour, style);
      pending = fitted.size() - end - 1;
    }
    out += text + "\n";
  };
  bool titled = std::any_of(columns_.begin(), columns_.end(), [](const TextColumn& column) { return !column.title.empty(); });
  if (titled) {
    line([&](std::size_t i) { return std::pair<std::string_view, Ink>(columns_[i].title, Ink::dim); });
    out += ink(text_rule(total(), style), Ink::dim, style) + "\n";
  }
  for (const auto& row : rows_) {
    if (row.empty()) {
      out += ink(text_rule(total(), style), Ink::dim, style) + "\n";
      continue;
    }
    line([&](std::size_t i) {
      return i < row.size() ? std::pair<std::string_view, Ink>(row[i].text, row[i].colour)
                            : std::pair<std::string_view, Ink>("", Ink::plain);
    });
  }
  return out;
}

std::string interval_bar(double value, std::optional<double> low, std::optional<double> high, double scale_low, double scale_high,
                         std::size_t width, const TextStyle& style) {
  if (width == 0) return "";
  auto place = [&](double x) {
    double share = (x - scale_low) / (scale_high - scale_low);
    double column = std::round(share * static_cast<double>(width - 1));
    return static_cast<long>(std::clamp(column, -1.0, static_cast<double>(width)));
  };
  auto last = static_cast<long>(width) - 1;
  std::vector<std::string_view> columns(width, " ");
  auto put = [&](long at, std::string_view text) {
    if (at >= 0 && at <= last) columns[static_cast<std::size_t>(at)] = text;
  };
  if (low && high && std::isfinite(*low) && std::isfinite(*high)) {
    long from = place(*low), to = place(*high);
    for (long i = std::max(from, 0L); i <= std::min(to, last); ++i) put(i, style.utf8 ? "\u2500" : "-");
    put(from, style.utf8 ? "\u251C" : "|");
    put(to, style.utf8 ? "\u2524" : "|");
    if (from < 0) put(0, style.utf8 ? "\u2039" : "<");
    if (to > last) put(last, style.utf8 ? "\u203A" : ">");
  }
  if (std::isfinite(value)) {
    long at = place(value);
    if (at < 0)
      put(0, style.utf8 ? "\u2039" : "<");
    else if (at > last)
      put(last, style.utf8 ? "\u203A" : ">");
    else
      put(at, style.utf8 ? "\u25CF" : "o");
  }
  std::string out;
  for (std::string_view column : columns) out += column;
  return out;
}

std::string share_bar(const std::vector<std::pair<std::size_t, Ink>>& parts, std::size_t width, const TextStyle& style) {
  std::size_t total = 0, some = 0;
  for (const auto& [count, colour] : parts) {
    total += count;
    some += count > 0;
  }
  if (total == 0 || width < some) return "";
  // Largest parts absorb the rounding; every part that exists is seen.
  std::vector<std::size_t> columns;
  std::size_t used = 0, biggest = 0;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    auto share = static_cast<double>(parts[i].first) / static_cast<double>(total) * static_cast<double>(width);
    columns.push_back(parts[i].first == 0 ? 0 : std::max<std::size_t>(1, static_cast<std::size_t>(std::floor(share))));
    used += columns[i];
    if (parts[i].first > parts[biggest].first) biggest = i;
  }
  if (used <= width) {
    columns[biggest] += width - used;
  } else {
    columns[biggest] -= std::min(used - width, columns[biggest] - 1);
  }
  static constexpr std::string_view shades[] = {"\u2588", "\u2593", "\u2592", "\u2591", "\u00B7"};
  static constexpr std::string_view letters[] = {"#", "=", "+", "-", "."};
  std::string out;
  for (std::size_t i = 0; i < parts.size(); ++i)
    out += ink(repeat(style.utf8 ? shades[std::min<std::size_t>(i, 4)] : letters[std::min<std::size_t>(i, 4)], columns[i]),
               parts[i].second, style);
  return out;
}

std::string plain_punctuation(std::string_view text, const TextStyle& style) {
  std::string out(text);
  if (style.utf8) return out;
  static constexpr std::pair<std::string_view, std::string_view> swaps[] = {
      {"\u2013", "-"}, {"\u201C", "\""}, {"\u201D", "\""}, {"\u2026", "~"}, {"\u00B1", "+/-"}, {"\u00B7", "|"}, {"\u23CE", " "}};
  for (const auto& [from, to] : swaps) out = replace_all(out, from, to);
  return out;
}

}  // namespace assay
