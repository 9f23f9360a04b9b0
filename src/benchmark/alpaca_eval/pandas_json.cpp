#include "benchmark/alpaca_eval/pandas_json.h"

#include <algorithm>
#include <array>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <charconv>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <cstring>

#include "base/number.h"
#include "base/text.h"

namespace assay::alpaca_eval {
namespace {

constexpr unsigned kWhole = 1, kFloat = 2, kOther = 4;

void append_unit(std::string& out, unsigned unit) {
  constexpr char kHex[] = "0123456789abcdef";
  const char escape[] = {'\\', 'u', kHex[unit >> 12 & 15], kHex[unit >> 8 & 15], kHex[unit >> 4 & 15], kHex[unit & 15]};
  out.append(escape, sizeof escape);
}

// Bytes that stand for themselves.
constexpr auto kPlain = [] {
  std::array<bool, 256> plain{};
  for (std::size_t c = 0x20; c < 0x80; ++c) plain[c] = c != '"' && c != '\\' && c != '/';
  return plain;
}();

// Whether eight bytes all stand for themselves.
bool all_plain(const char* bytes) {
  constexpr std::uint64_t kOnes = 0x0101010101010101, kHigh = 0x8080808080808080;
  std::uint64_t word = 0;
  std::memcpy(&word, bytes, 8);
  auto holds = [&](char c) {
    const std::uint64_t other = word ^ (kOnes * static_cast<unsigned char>(c));
    return (other - kOnes) & ~other;
  };
  return (((word - kOnes * 0x20) | word | holds('"') | holds('\\') | holds('/')) & kHigh) == 0;
}

void append_text(std::string& out, std::string_view text) {
  out += '"';
  std::size_t plain = 0;  // begin of what needs no escape
  for (std::size_t i = 0; i < text.size();) {
    while (i + 8 <= text.size() && all_plain(text.data() + i)) i += 8;
    if (i == text.size()) break;
    auto c = static_cast<unsigned char>(text[i]);
    if (kPlain[c]) {
      ++i;
      continue;
    }
    out.append(text.substr(plain, i - plain));
    if (c < 0x80) {
      constexpr std::string_view kFrom = "\"\\/\b\f\n\r\t", kTo = "\"\\/bfnrt";
      if (std::size_t at = kFrom.find(static_cast<char>(c)); at != std::string_view::npos) {
        out += '\\';
        out += kTo[at];
      } else {
        append_unit(out, c);
      }
      ++i;
    } else {
      std::string_view rest = text.substr(i);
      char32_t code = next_code_point(rest);
      if (code >= 0x10000) {
        append_unit(out, 0xD800 + ((code - 0x10000) >> 10));
        append_unit(out, 0xDC00 + ((code - 0x10000) & 0x3FF));
      } else {
        append_unit(out, code);
      }
      i = text.size() - rest.size();
    }
    plain = i;
  }
  out.append(text.substr(plain));
  out += '"';
}

void append_line(std::string& out, int depth) {
  out += '\n';
  out.append(static_cast<std::size_t>(depth) * 2, ' ');
}

void append_value(std::string& out, const json::value& value, int depth);

template <class Items, class Write>
void append_items(std::string& out, const Items& items, int depth, char open, char close, Write write) {
  out += open;
  bool first = true;
  for (const auto& item : items) {
    if (!first) out += ',';
    first = false;
    append_line(out, depth + 1);
    write(item);
  }
  if (items.empty()) out += '\n';  // an empty container takes three lines
  append_line(out, depth);
  out += close;
}

void append_object(std::string& out, const json::object& object, int depth) {
  append_items(out, object, depth, '{', '}', [&](const auto& member) {
    append_text(out, member.key());
    out += ':';
    append_value(out, member.value(), depth + 1);
  });
}

void append_value(std::string& out, const json::value& value, int depth) {
  switch (value.kind()) {
    case json::kind::null:
      out += "null";
      return;
    case json::kind::bool_:
      out += value.get_bool() ? "true" : "false";
      return;
    case json::kind::int64:
      out += std::to_string(value.get_int64());
      return;
    case json::kind::uint64:
      out += std::to_string(value.get_uint64());
      return;
    case json::kind::double_:
      if (std::isfinite(value.get_double()))
        append_pandas_number(out, value.get_double());
      else
        out += "null";
      return;
    case json::kind::string:
      append_text(out, value.get_string());
      return;
    case json::kind::array:
      append_items(out, value.get_array(), depth, '[', ']', [&](const json::value& item) { append_value(out, item, depth + 1); });
      return;
    case json::kind::object:
      append_object(out, value.get_object(), depth);
      return;
  }
}

}  // namespace

void append_pandas_number(std::string& out, double value) {
  double size = std::fabs(value);
  if (size > 1e16 || (size != 0 && size < 1e-15)) {
    char buffer[40];
    out.append(buffer, static_cast<std::size_t>(std::snprintf(buffer, sizeof buffer, "%.10g", value)));
    return;
  }
  if (value < 0) out += '-';
  constexpr double kScale = 1e10;
  auto whole = static_cast<std::uint64_t>(size);
  double scaled = (size - static_cast<double>(whole)) * kScale;
  auto fraction = static_cast<std::uint64_t>(scaled);
  double over = scaled - static_cast<double>(fraction);
  if (over > 0.5 || (over == 0.5 && (fraction == 0 || fraction % 2 == 1))) ++fraction;
  if (static_cast<double>(fraction) >= kScale) {
    fraction = 0;
    ++whole;
  }
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, whole).ptr);
  out += '.';
  if (fraction == 0) {
    out += '0';
    return;
  }
  std::size_t count = 10;
  for (; fraction % 10 == 0; fraction /= 10) --count;
  std::size_t length = static_cast<std::size_t>(std::to_chars(digits, digits + sizeof digits, fraction).ptr - digits);
  out.append(count - length, '0').append(digits, length);
}

std::string write_pandas_records(std::span<const json::object> records) {
  std::string out;
  append_items(out, records, 0, '[', ']', [&](const json::object& record) { append_object(out, record, 1); });
  return out;
}

std::string write_pandas_table(std::span<const std::string> columns, std::size_t rows,
                               const std::function<const json::value*(std::size_t row, std::size_t column)>& cell) {
  // What stands before each value, so that a name is escaped once. As in a record, a name that comes again is left out.
  std::vector<std::pair<std::size_t, std::string>> heads;
  for (std::size_t c = 0; c < columns.size(); ++c) {
    if (std::find(columns.begin(), columns.begin() + static_cast<std::ptrdiff_t>(c), columns[c]) != columns.begin() + static_cast<std::ptrdiff_t>(c))
      continue;
    std::string& head = heads.emplace_back(c, heads.empty() ? "" : ",").second;
    append_line(head, 2);
    append_text(head, columns[c]);
    head += ':';
  }
  std::size_t size = 16;  // about, so that the text need not be copied as it grows
  std::vector<unsigned> kinds(columns.size());  // of a column's cells: whole numbers, floats, others
  for (std::size_t r = 0; r < rows; ++r) {
    for (const auto& [column, head] : heads) {
      const json::value* value = cell(r, column);
      if (value && !value->is_null()) kinds[column] |= value->is_int64() ? kWhole : value->is_double() ? kFloat : kOther;
      size += head.size() + 12;
      if (value && value->is_string()) size += value->get_string().size() * 33 / 32;
    }
  }
  std::string out;
  out.reserve(size);
  out += '[';
  for (std::size_t r = 0; r < rows; ++r) {
    if (r > 0) out += ',';
    append_line(out, 1);
    out += '{';
    for (const auto& [column, head] : heads) {
      out += head;
      if (const json::value* value = cell(r, column); value && value->is_int64() && kinds[column] == (kWhole | kFloat))
        append_pandas_number(out, static_cast<double>(value->get_int64()));  // among floats there are only floats
      else if (value)
        append_value(out, *value, 2);
      else
        out += "null";
    }
    if (heads.empty()) out += '\n';
    append_line(out, 1);
    out += '}';
  }
  if (rows == 0) out += '\n';
  append_line(out, 0);
  out += ']';
  return out;
}

double read_pandas_number(std::string_view text) {
  constexpr std::size_t kMaxDecimals = 15;
  static constexpr double kScale[kMaxDecimals + 1] = {1.0,  1e-1, 1e-2, 1e-3,  1e-4,  1e-5,  1e-6,  1e-7,
                                                      1e-8, 1e-9, 1e-10, 1e-11, 1e-12, 1e-13, 1e-14, 1e-15};
  const bool negative = text.starts_with('-');
  if (negative) text.remove_prefix(1);
  auto take_digits = [&](double& value, std::size_t most) {
    std::size_t count = 0, used = 0;
    for (; count < text.size() && text[count] >= '0' && text[count] <= '9'; ++count) {
      if (used == most) continue;
      value = value * 10 + (text[count] - '0');
      ++used;
    }
    text.remove_prefix(count);
    return std::pair(count, used);
  };
  std::uint64_t whole = 0;
  const auto [rest, error] = std::from_chars(text.data(), text.data() + text.size(), whole);
  if (error != std::errc()) return std::nan("");
  text.remove_prefix(static_cast<std::size_t>(rest - text.data()));
  double fraction = 0, value = static_cast<double>(whole);
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    const auto [count, used] = take_digits(fraction, kMaxDecimals);
    if (count == 0) return std::nan("");
    value += fraction * kScale[used];
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    const bool down = text.starts_with('-');
    if (down || text.starts_with('+')) text.remove_prefix(1);
    double exponent = 0;
    if (take_digits(exponent, 5).first == 0) return std::nan("");
    value *= std::pow(10.0, down ? -exponent : exponent);
  }
  if (!text.empty()) return std::nan("");
  return negative ? -value : value;
}

void read_as_pandas(json::value& value) {
  if (double* number = value.if_double()) {
    const double read = read_pandas_number(python_repr(*number));
    if (!std::isnan(read)) *number = read;  // a number too large for pandas stays as it is
  } else if (json::array* items = value.if_array()) {
    for (json::value& item : *items) read_as_pandas(item);
  } else if (json::object* members = value.if_object()) {
    for (auto& member : *members) read_as_pandas(member.value());
  }
}

}  // namespace assay::alpaca_eval
