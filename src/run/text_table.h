// Tables, rules and interval bars for terminals: aligned by display width, with box-drawing characters or plain ASCII.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

struct TextStyle {
  bool utf8 = true;         // false: our own signs are ASCII; names stay what they are
  bool colour = false;      // ANSI colours
  std::size_t width = 100;  // columns of the terminal
};

enum class Ink { plain, bold, dim, green, yellow, red, cyan };
/// `text` with the ink's ANSI codes around it when the style wants colours.
std::string ink(std::string_view text, Ink colour, const TextStyle& style);

struct TextColumn {
  std::string title;
  bool right = false;        // numbers
  bool shrinks = false;      // may be cut when the terminal is narrow
  std::size_t at_least = 8;  // to no fewer columns than this
};

struct TextCell {
  std::string text;  // one line, already harmless (visible_line)
  Ink colour = Ink::plain;
};

class TextTable {
 public:
  explicit TextTable(std::vector<TextColumn> columns) : columns_(std::move(columns)) {}
  /// Missing cells are empty, further ones are dropped.
  void row(std::vector<TextCell> cells) { rows_.push_back(std::move(cells)); }
  void rule() { rows_.emplace_back(); }
  /// Header, rule, rows; every line ends with '\n' and holds no trailing blanks. Columns that shrink give way until it fits.
  std::string render(const TextStyle& style) const;

 private:
  std::vector<TextColumn> columns_;
  std::vector<std::vector<TextCell>> rows_;
};

/// A line of `width` columns.
std::string text_rule(std::size_t width, const TextStyle& style);
/// `text` cut or padded with blanks to exactly `width` columns; cut text ends in "…" (ASCII: "~").
std::string fit(std::string_view text, std::size_t width, bool right, const TextStyle& style);

/// A value with its interval on a scale: "   ├────●──┤  ". `width` columns exactly; ends outside the scale are cut off with ‹ or
/// ›. Without an interval only the point is drawn. The scale must not be empty.
std::string interval_bar(double value, std::optional<double> low, std::optional<double> high, double scale_low, double scale_high,
                         std::size_t width, const TextStyle& style);
/// Shares of one bar, e.g. outcomes: as many columns as `width`, each non-zero part at least one.
std::string share_bar(const std::vector<std::pair<std::size_t, Ink>>& parts, std::size_t width, const TextStyle& style);

/// ASCII stand-ins for the few typographic characters our own sentences use (– “ ” … ± ·); other text is left alone.
std::string plain_punctuation(std::string_view text, const TextStyle& style);

}  // namespace assay
