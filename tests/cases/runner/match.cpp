#include "match.h"

#include <charconv>
#include <cmath>

#include "base/number.h"
#include "base/python_regex.h"
#include "base/text.h"

namespace assay::cases {
namespace {

constexpr std::string_view kWild = "<*>";

std::string shown(const json::value* value) { return value ? shorten(write_json(*value), 300) : "nothing there"; }

/// Literal text with <*> for anything, by greedy search for each piece (the last one must end the line).
bool match_wild(std::string_view pattern, std::string_view line) {
  std::size_t wild = pattern.find(kWild);
  if (wild == std::string_view::npos) return pattern == line;
  if (line.substr(0, wild) != pattern.substr(0, wild)) return false;
  line.remove_prefix(wild);
  pattern.remove_prefix(wild + kWild.size());
  while ((wild = pattern.find(kWild)) != std::string_view::npos) {
    const std::size_t found = line.find(pattern.substr(0, wild));
    if (found == std::string_view::npos) return false;
    line.remove_prefix(found + wild);
    pattern.remove_prefix(wild + kWild.size());
  }
  return line.size() >= pattern.size() && line.substr(line.size() - pattern.size()) == pattern;
}

Mismatch compare_numbers(const std::string& op, double value, const std::string& operand) {
  std::vector<std::string> words = split(operand, ' ');
  auto wanted = python_float(words[0]);
  auto tolerance = words.size() == 2 ? python_float(words[1]) : std::optional<double>(0);
  if (!wanted || !tolerance || words.size() > 2 || (op == "~") != (words.size() == 2)) {
    return op == "~" ? "write: json PATH ~ NUMBER TOLERANCE" : "write: json PATH " + op + " NUMBER";
  }
  const bool good = op == "~"    ? std::abs(value - *wanted) <= *tolerance
                    : op == "<"  ? value < *wanted
                    : op == "<=" ? value <= *wanted
                    : op == ">"  ? value > *wanted
                                 : value >= *wanted;
  if (good) return std::nullopt;
  std::string text = "is " + python_repr(value);
  if (op == "~") text += ", off by " + python_repr(std::abs(value - *wanted));
  return text;
}

bool same(const json::value& a, const json::value& b) {
  // 6 and 6.0 are one number here: what matters is the value, the spelling is checked by text expectations.
  auto x = as_number(a), y = as_number(b);
  if (x && y) return *x == *y;
  if (a.is_array() && b.is_array()) {
    if (a.get_array().size() != b.get_array().size()) return false;
    for (std::size_t i = 0; i < a.get_array().size(); ++i) {
      if (!same(a.get_array()[i], b.get_array()[i])) return false;
    }
    return true;
  }
  if (a.is_object() && b.is_object()) {
    if (a.get_object().size() != b.get_object().size()) return false;
    for (const auto& member : a.get_object()) {
      const json::value* other = find(b, member.key());
      if (!other || !same(member.value(), *other)) return false;
    }
    return true;
  }
  return a == b;
}

bool holds(const json::value& value, const std::string& text) {
  if (value.is_string()) return contains(std::string_view(value.get_string()), text);
  if (value.is_array()) {
    for (const json::value& element : value.get_array()) {
      if (element.is_string() && std::string_view(element.get_string()) == text) return true;
    }
  }
  return value.is_object() && find(value, text);
}

}  // namespace

bool match_line(std::string_view pattern, std::string_view line) {
  if (pattern.substr(0, 2) != "~ ") return match_wild(pattern, line);
  auto regex = PythonRegex::compile("^(?:" + std::string(pattern.substr(2)) + ")$");
  if (!regex) return false;
  auto found = regex->search(line);
  return found && found->has_value();
}

Mismatch match_lines(const std::vector<std::string>& expected, std::string_view text) {
  const std::vector<std::string_view> lines = split_lines(text);
  for (const std::string& pattern : expected) {
    if (pattern.substr(0, 2) != "~ ") continue;
    if (auto regex = PythonRegex::compile(std::string_view(pattern).substr(2)); !regex) {
      return "the expected line '" + pattern + "' is no regular expression: " + regex.error().message;
    }
  }
  // reach[i]: which prefixes of the lines the first i expected ones can stand for.
  std::vector<std::vector<char>> reach(expected.size() + 1, std::vector<char>(lines.size() + 1, 0));
  reach[0][0] = 1;
  std::size_t last_good = 0, last_line = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    for (std::size_t j = 0; j <= lines.size(); ++j) {
      if (!reach[i][j]) continue;
      if (expected[i] == "...") {
        for (std::size_t k = j; k <= lines.size(); ++k) reach[i + 1][k] = 1;
        break;
      }
      if (j < lines.size() && match_line(expected[i], lines[j])) reach[i + 1][j + 1] = 1;
    }
    for (std::size_t j = 0; j <= lines.size(); ++j) {
      if (reach[i + 1][j]) {
        last_good = i + 1;
        last_line = j;
        break;
      }
    }
    if (last_good != i + 1) break;
  }
  if (reach[expected.size()][lines.size()]) {
    if (!text.empty() && text.back() != '\n') return "the last line does not end in a newline";
    return std::nullopt;
  }
  std::string report;
  if (last_good < expected.size()) {
    report = "expected line " + std::to_string(last_good + 1) + ": " + expected[last_good] + "\n";
    report += "but there  : " + (last_line < lines.size() ? std::string(lines[last_line]) : "(end)") + "\n";
  } else {
    std::size_t extra = 0;
    for (std::size_t j = 0; j <= lines.size(); ++j) {
      if (reach[expected.size()][j]) extra = j;
    }
    report = "after what is expected there is more: " + std::string(lines[extra]) + "\n";
  }
  return report;
}

Result<json::value> read_json(std::string_view text) {
  auto document = parse_json(text);
  if (document) return document;
  json::array lines;
  for (std::string_view line : split_lines(text)) {
    if (strip(line).empty()) continue;
    auto value = parse_json(line, "line " + std::to_string(lines.size() + 1));
    if (!value) return std::unexpected(lines.empty() ? document.error() : value.error());
    lines.push_back(std::move(*value));
  }
  if (lines.empty()) return std::unexpected(document.error());
  return json::value(std::move(lines));
}

Result<const json::value*> at_path(const json::value& document, std::string_view path) {
  const json::value* value = &document;
  if (path == ".") return value;
  const auto malformed = [&] { return fail(ErrorKind::usage, "malformed path '" + std::string(path) + "'"); };
  std::string_view rest = path;
  bool first = true;
  while (!rest.empty()) {
    if (rest[0] == '[') {
      const bool key = rest.substr(0, 2) == "[\"";
      const std::size_t close = rest.find(key ? "\"]" : "]");
      if (close == std::string_view::npos) return malformed();
      const std::string_view inside = key ? rest.substr(2, close - 2) : rest.substr(1, close - 1);
      rest.remove_prefix(close + (key ? 2 : 1));
      if (key) {
        value = value ? find(*value, inside) : nullptr;
      } else {
        long index = 0;
        auto [end, problem] = std::from_chars(inside.data(), inside.data() + inside.size(), index);
        if (problem != std::errc{} || end != inside.data() + inside.size()) return malformed();
        if (!value || !value->is_array()) {
          value = nullptr;
        } else {
          const long size = static_cast<long>(value->get_array().size());
          if (index < 0) index += size;
          value = index >= 0 && index < size ? &value->get_array()[static_cast<std::size_t>(index)] : nullptr;
        }
      }
    } else {
      if (!first) {
        if (rest[0] != '.') return malformed();
        rest.remove_prefix(1);
      }
      const std::size_t end = rest.find_first_of(".[");
      const std::string_view key = rest.substr(0, end);
      if (key.empty()) return malformed();
      value = value ? find(*value, key) : nullptr;
      rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end);
    }
    first = false;
  }
  return value;
}

Mismatch match_json(const json::value& document, const std::string& path, const std::string& op, const std::string& operand) {
  auto found = at_path(document, path);
  if (!found) return found.error().message;
  const json::value* value = *found;
  if (op == "exists") return value ? std::nullopt : Mismatch("nothing there");
  if (op == "absent") return value ? Mismatch("is " + shown(value)) : std::nullopt;
  if (!value) return "nothing there";
  if (op == "=" || op == "!=") {
    auto wanted = parse_json(operand);
    if (!wanted) return "the expected value is not JSON: " + wanted.error().message;
    return same(*value, *wanted) == (op == "=") ? std::nullopt : Mismatch("is " + shown(value));
  }
  if (op == "length") {
    const std::size_t size = value->is_array()    ? value->get_array().size()
                             : value->is_object() ? value->get_object().size()
                             : value->is_string() ? count_code_points(std::string_view(value->get_string()))
                                                  : std::string::npos;
    if (size == std::string::npos) return "has no length: " + shown(value);
    return std::to_string(size) == operand ? std::nullopt : Mismatch("has length " + std::to_string(size));
  }
  if (op == "contains" || op == "lacks") {
    return holds(*value, operand) == (op == "contains") ? std::nullopt : Mismatch("is " + shown(value));
  }
  if (op == "matches") {
    if (!value->is_string()) return "is no string: " + shown(value);
    auto regex = PythonRegex::compile(operand);
    if (!regex) return regex.error().message;
    auto match = regex->search(std::string_view(value->get_string()));
    if (!match) return match.error().message;
    return match->has_value() ? std::nullopt : Mismatch("is " + shown(value));
  }
  auto number = as_number(*value);
  if (!number) return "is no number: " + shown(value);
  return compare_numbers(op, *number, operand);
}

}  // namespace assay::cases
