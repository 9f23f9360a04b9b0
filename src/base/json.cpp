#include "base/json.h"
#include "base/json_arena.h"

#ifdef __SSE2__
#include <emmintrin.h>
#endif
#include <simdjson.h>

#include <boost/json/stream_parser.hpp>
#include <algorithm>
#include <array>
#include <bit>
#include <charconv>
#include <cmath>
#include <cstring>
#include <vector>

#include "base/number.h"
#include "base/text.h"

namespace assay {
namespace {

constexpr std::size_t kMaxDepth = 256;

/// Which bytes are written as they are; with the second row, in ASCII, where Python escapes DEL as well.
constexpr auto kPlain = [] {
  std::array<std::array<bool, 256>, 2> out{};
  for (unsigned c = 0x20; c < 256; ++c) {
    out[0][c] = c != '"' && c != '\\';
    out[1][c] = out[0][c] && c < 0x7F;
  }
  return out;
}();

/// Copies the bytes at the beginning of `text` that are written as they are, at most `most`. Sixteen at a time: nearly all bytes of
/// a text are plain. What stands in `to` beyond the returned number is of no meaning.
std::size_t copy_plain(std::string_view text, char* to, std::size_t most, bool ascii) {
  most = std::min(most, text.size());
  std::size_t n = 0;
#ifdef __SSE2__
  const __m128i quote = _mm_set1_epi8('"'), slash = _mm_set1_epi8('\\'), control = _mm_set1_epi8(0x1F), del = _mm_set1_epi8(0x7F);
  for (; n + 16 <= most; n += 16) {
    __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(text.data() + n));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(to + n), bytes);
    __m128i special = _mm_or_si128(_mm_cmpeq_epi8(bytes, quote), _mm_cmpeq_epi8(bytes, slash));
    special = _mm_or_si128(special, _mm_cmpeq_epi8(_mm_min_epu8(bytes, control), bytes));  // at most 0x1F
    if (ascii) special = _mm_or_si128(_mm_or_si128(special, bytes), _mm_cmpeq_epi8(bytes, del));  // the highest bit counts
    auto found = static_cast<unsigned>(_mm_movemask_epi8(special));
    if (found != 0) return n + static_cast<std::size_t>(std::countr_zero(found));
  }
#endif
  const std::array<bool, 256>& plain = kPlain[ascii ? 1 : 0];
  for (; n < most && plain[static_cast<unsigned char>(text[n])]; ++n) to[n] = text[n];
  return n;
}

char* write_unit(char* to, unsigned unit) {
  static constexpr char hex[] = "0123456789abcdef";
  *to++ = '\\';
  *to++ = 'u';
  for (int shift = 12; shift >= 0; shift -= 4) *to++ = hex[(unit >> shift) & 15];
  return to;
}

/// Takes the first character of `text`, one that is not plain, and writes its escape: at most kLongestEscape bytes.
constexpr std::size_t kLongestEscape = 12;
char* write_escape(char* to, std::string_view& text) {
  auto c = static_cast<unsigned char>(text.front());
  if (c >= 0x80) {
    char32_t point = next_code_point(text);  // takes it from the text
    if (point < 0x10000) return write_unit(to, point);
    point -= 0x10000;
    return write_unit(write_unit(to, 0xD800 + (point >> 10)), 0xDC00 + (point & 0x3FF));
  }
  text.remove_prefix(1);
  char letter = 0;
  switch (c) {
    case '"': letter = '"'; break;
    case '\\': letter = '\\'; break;
    case '\n': letter = 'n'; break;
    case '\r': letter = 'r'; break;
    case '\t': letter = 't'; break;
    case '\b': letter = 'b'; break;
    case '\f': letter = 'f'; break;
    default: return write_unit(to, c);
  }
  *to++ = '\\';
  *to++ = letter;
  return to;
}

/// Texts with a line break every few words are put together in a block: appending each piece to `out` would cost more than the
/// pieces.
void write_string(std::string& out, std::string_view text, bool ascii) {
  char block[512];
  constexpr std::size_t kFull = sizeof block - kLongestEscape;
  std::size_t n = 0;
  block[n++] = '"';
  for (;;) {
    std::size_t plain = copy_plain(text, block + n, kFull - n, ascii);
    n += plain;
    text.remove_prefix(plain);
    if (text.empty()) break;
    if (n < kFull) n = static_cast<std::size_t>(write_escape(block + n, text) - block);
    if (n < kFull) continue;
    out.append(block, n);
    n = 0;
  }
  block[n++] = '"';
  out.append(block, n);
}

template <class Integer>
void append_integer(std::string& out, Integer value) {
  char digits[24];
  out.append(digits, std::to_chars(digits, digits + sizeof digits, value).ptr);
}

void write_value(std::string& out, const json::value& value, JsonStyle style, int depth);

template <class Range, class Item>
void write_members(std::string& out, const Range& range, char open, char close, JsonStyle style, int depth, Item item) {
  out += open;
  bool first = true;
  for (const auto& element : range) {
    if (!first) out += ',';  // by single bytes: a text of unknown length would be measured and appended each time
    if (!first && style == JsonStyle::python) out += ' ';
    first = false;
    if (style == JsonStyle::pretty) {
      out += '\n';
      out.append(2 * (static_cast<std::size_t>(depth) + 1), ' ');
    }
    item(element);
  }
  if (style == JsonStyle::pretty && !first) {
    out += '\n';
    out.append(2 * static_cast<std::size_t>(depth), ' ');
  }
  out += close;
}

void write_object(std::string& out, const json::object& object, JsonStyle style, int depth) {
  auto pair = [&](const json::key_value_pair& member) {
    write_string(out, member.key(), style == JsonStyle::python);
    out += ':';
    if (style == JsonStyle::python || style == JsonStyle::pretty) out += ' ';
    write_value(out, member.value(), style, depth + 1);
  };
  if (style != JsonStyle::canonical) return write_members(out, object, '{', '}', style, depth, pair);
  std::vector<const json::key_value_pair*> sorted;
  for (const auto& member : object) sorted.push_back(&member);
  std::sort(sorted.begin(), sorted.end(), [](auto a, auto b) { return std::string_view(a->key()) < std::string_view(b->key()); });
  write_members(out, sorted, '{', '}', style, depth, [&](const json::key_value_pair* member) { pair(*member); });
}

void write_value(std::string& out, const json::value& value, JsonStyle style, int depth) {
  switch (value.kind()) {
    case json::kind::null: out += "null"; break;
    case json::kind::bool_: out += value.get_bool() ? "true" : "false"; break;
    case json::kind::int64: append_integer(out, value.get_int64()); break;
    case json::kind::uint64: append_integer(out, value.get_uint64()); break;
    case json::kind::double_: {
      double number = value.get_double();
      if (std::isnan(number)) {
        out += "NaN";
      } else if (std::isinf(number)) {
        out += number < 0 ? "-Infinity" : "Infinity";
      } else {
        append_python_repr(out, number);
      }
      break;
    }
    case json::kind::string: write_string(out, value.get_string(), style == JsonStyle::python); break;
    case json::kind::array:
      write_members(out, value.get_array(), '[', ']', style, depth,
                    [&](const json::value& element) { write_value(out, element, style, depth + 1); });
      break;
    case json::kind::object: write_object(out, value.get_object(), style, depth); break;
  }
}

}  // namespace

namespace {

// simdjson reads numbers exactly (Boost.JSON 1.81 may be off by an ulp), so values come from it; Boost.JSON's parser serves the
// rare documents simdjson refuses (integers beyond 64 bits) and finds the position of an error.
bool convert(simdjson::dom::element from, json::value& to, std::string_view skip) {
  using simdjson::dom::element_type;
  switch (from.type()) {
    case element_type::ARRAY: {
      simdjson::dom::array source = from.get_array().value_unsafe();
      json::array& out = to.emplace_array();
      out.reserve(source.size());
      for (simdjson::dom::element element : source)
        if (!convert(element, out.emplace_back(nullptr), skip)) return false;
      return true;
    }
    case element_type::OBJECT: {
      simdjson::dom::object source = from.get_object().value_unsafe();
      json::object& out = to.emplace_object();
      out.reserve(source.size());
      for (simdjson::dom::key_value_pair member : source)
        if (skip.empty() || member.key != skip)
          if (!convert(member.value, out[json::string_view(member.key.data(), member.key.size())], skip)) return false;
      return true;
    }
    case element_type::INT64: to = from.get_int64().value_unsafe(); return true;
    case element_type::UINT64: to = from.get_uint64().value_unsafe(); return true;
    case element_type::DOUBLE: to = from.get_double().value_unsafe(); return true;
    case element_type::STRING: {
      std::string_view text = from.get_string().value_unsafe();
      to = json::string_view(text.data(), text.size());
      return true;
    }
    case element_type::BOOL: to = from.get_bool().value_unsafe(); return true;
    case element_type::NULL_VALUE: to = nullptr; return true;
  }
  return false;
}

bool all_finite(const json::value& value) {
  if (const double* number = value.if_double()) return std::isfinite(*number);
  if (const json::array* array = value.if_array()) return std::all_of(array->begin(), array->end(), all_finite);
  if (const json::object* object = value.if_object())
    return std::all_of(object->begin(), object->end(), [](const auto& member) { return all_finite(member.value()); });
  return true;
}

Result<json::value> parse_slowly(std::string_view text, std::string_view where) {
  json::parse_options options;
  options.max_depth = kMaxDepth;
  json::stream_parser parser({}, options);
  boost::system::error_code code;
  std::size_t used = parser.write_some(text.data(), text.size(), code);
  if (!code) {
    std::size_t rest = text.substr(used).find_first_not_of(" \t\r\n");
    if (rest != std::string_view::npos) {
      used += rest;
      code = json::error::extra_data;
    } else if (!parser.done()) {
      parser.finish(code);
    }
  }
  if (code) {
    std::string_view before = text.substr(0, std::min(used, text.size()));
    std::size_t line = 1 + static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
    std::size_t start = before.rfind('\n');
    std::size_t column = count_code_points(before.substr(start == std::string_view::npos ? 0 : start + 1)) + 1;
    std::string position = std::to_string(line) + ":" + std::to_string(column);
    return fail(ErrorKind::data, "not valid JSON: " + code.message(), where.empty() ? position : std::string(where) + ":" + position);
  }
  json::value value = parser.release();
  if (!all_finite(value)) return fail(ErrorKind::data, "not valid JSON: a number is too large", std::string(where));
  return value;
}

}  // namespace

Result<json::value> parse_json(std::string_view text, std::string_view where) { return parse_json_without({}, text, where); }

Result<json::value> parse_json_without(std::string_view skip, std::string_view text, std::string_view where) {
  return parse_json_into({}, skip, text, where);
}

Result<json::value> parse_json_into(json::storage_ptr memory, std::string_view skip, std::string_view text, std::string_view where) {
  thread_local simdjson::dom::parser parser(std::size_t{1} << 31);
  thread_local bool ready = parser.allocate(1 << 12, kMaxDepth) == simdjson::SUCCESS;
  if (!ready || text.size() >= (std::size_t{1} << 31)) return parse_slowly(text, where);
  simdjson::dom::element root;
  json::value out(std::move(memory));
  if (parser.parse(text.data(), text.size(), true).get(root) == simdjson::SUCCESS && convert(root, out, skip)) return out;
  return parse_slowly(text, where);
}

std::string write_json(const json::value& value, JsonStyle style) {
  std::string out;
  write_value(out, value, style, 0);
  return out;
}

void append_json(std::string& out, const json::value& value, JsonStyle style) { write_value(out, value, style, 0); }
void append_json(std::string& out, const json::object& object, JsonStyle style) { write_object(out, object, style, 0); }

void append_json_string(std::string& out, std::string_view text) { write_string(out, text, false); }

const json::value* find(const json::value& object, std::string_view key) {
  const json::object* o = object.if_object();
  return o ? o->if_contains(key) : nullptr;
}

const json::value* find_path(const json::value& object, std::initializer_list<std::string_view> path) {
  const json::value* at = &object;
  for (std::string_view key : path)
    if (!at || !(at = find(*at, key))) return nullptr;
  return at;
}

std::optional<std::string> get_string(const json::value& object, std::string_view key) {
  const json::value* v = find(object, key);
  if (!v || !v->is_string()) return std::nullopt;
  return std::string(v->get_string());
}

std::optional<double> as_number(const json::value& value) {
  switch (value.kind()) {
    case json::kind::int64: return static_cast<double>(value.get_int64());
    case json::kind::uint64: return static_cast<double>(value.get_uint64());
    case json::kind::double_: return value.get_double();
    default: return std::nullopt;
  }
}

std::optional<double> get_number(const json::value& object, std::string_view key) {
  const json::value* v = find(object, key);
  return v ? as_number(*v) : std::nullopt;
}

std::optional<std::int64_t> get_integer(const json::value& object, std::string_view key) {
  const json::value* v = find(object, key);
  if (!v) return std::nullopt;
  if (v->is_int64()) return v->get_int64();
  if (v->is_double() && v->get_double() == std::floor(v->get_double()) && std::abs(v->get_double()) < 9e15)
    return static_cast<std::int64_t>(v->get_double());
  return std::nullopt;
}

std::optional<bool> get_bool(const json::value& object, std::string_view key) {
  const json::value* v = find(object, key);
  if (!v || !v->is_bool()) return std::nullopt;
  return v->get_bool();
}

}  // namespace assay
