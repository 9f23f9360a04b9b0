// Python's string rules over decoded UTF-8 (spec/eq-bench section 1): classes, strip, lower. Never bytes, never the locale.
// Foreign bytes come in through valid_utf8(); every other function expects valid UTF-8.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace assay {

/// `bytes` with every ill-formed sequence replaced by U+FFFD (maximal subparts, as Python's errors="replace").
std::string valid_utf8(std::string_view bytes);
bool is_valid_utf8(std::string_view bytes);

/// Takes the first code point off `text` (not empty). An ill-formed byte comes as U+FFFD, one byte at a time.
char32_t next_code_point(std::string_view& text);
void append_utf8(std::string& out, char32_t code_point);
std::size_t count_code_points(std::string_view text);
/// The byte offset of the `n`-th code point, or text.size().
std::size_t offset_of_code_point(std::string_view text, std::size_t n);

bool is_word(char32_t c);   // Python's \w: str.isalnum() or '_'
bool is_space(char32_t c);  // Python's \s and str.isspace()
bool is_digit(char32_t c);  // Python's \d: category Nd
std::optional<int> digit_value(char32_t c);  // of an Nd code point

/// str.strip(), str.lstrip(), str.rstrip() without argument.
std::string_view strip(std::string_view text);
std::string_view lstrip(std::string_view text);
std::string_view rstrip(std::string_view text);
/// str.lower(): full lower-casing including U+0130 and the final sigma.
std::string lower(std::string_view text);

std::string replace_all(std::string_view text, std::string_view from, std::string_view to);
std::vector<std::string> split(std::string_view text, char separator);
std::vector<std::string_view> split_lines(std::string_view text);  // at '\n' only; a final '\n' adds no empty line
std::string join(const std::vector<std::string>& parts, std::string_view separator);
bool contains(std::string_view text, std::string_view part);
/// `text` cut to at most `code_points` with "…" appended when something was cut.
std::string shorten(std::string_view text, std::size_t code_points);
/// Columns a terminal needs (wide CJK and emoji count 2, combining marks 0).
std::size_t display_width(std::string_view text);
std::string escape_html(std::string_view text);

/// Levenshtein distance with transposition, and the candidates a person may have meant (nearest first, at most three).
std::size_t edit_distance(std::string_view a, std::string_view b);
std::vector<std::string> did_you_mean(std::string_view wrong, const std::vector<std::string>& candidates);

}  // namespace assay
