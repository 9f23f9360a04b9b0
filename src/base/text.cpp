#include "base/text.h"

#include <simdjson.h>
#include <utf8proc.h>

#include <algorithm>
#include <cstdint>
#include <cstring>

namespace assay {
namespace {

constexpr char32_t kReplacement = 0xFFFD;

struct Decoded {
  char32_t point = kReplacement;
  std::size_t length = 1;  // bytes taken; of an ill-formed sequence: its maximal subpart
  bool valid = false;
};

// One step of a strict UTF-8 decoder (Unicode 15, table 3-7). `text` is not empty.
Decoded decode(std::string_view text) {
  auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  unsigned char lead = byte(0);
  if (lead < 0x80) return {lead, 1, true};
  std::size_t length = lead >= 0xF0 ? 4 : lead >= 0xE0 ? 3 : 2;
  if (lead < 0xC2 || lead > 0xF4) return {};
  // The second byte's range depends on the lead: no overlong forms, no surrogates, nothing above U+10FFFF.
  unsigned char low = lead == 0xE0 ? 0xA0 : lead == 0xF0 ? 0x90 : 0x80;
  unsigned char high = lead == 0xED ? 0x9F : lead == 0xF4 ? 0x8F : 0xBF;
  char32_t point = lead & (0x7F >> length);
  for (std::size_t i = 1; i < length; ++i) {
    if (i >= text.size() || byte(i) < low || byte(i) > high) return {kReplacement, i, false};
    point = point << 6 | (byte(i) & 0x3F);
    low = 0x80;
    high = 0xBF;
  }
  return {point, length, true};
}

bool is_ascii(std::string_view text) {
  return std::all_of(text.begin(), text.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

utf8proc_category_t category(char32_t c) { return utf8proc_category(static_cast<utf8proc_int32_t>(c)); }

// The code point that ends at the end of `text` (valid UTF-8, not empty), and its length.
Decoded decode_last(std::string_view text) {
  std::size_t at = text.size() - 1;
  while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80 && text.size() - at < 4) --at;
  Decoded out = decode(text.substr(at));
  if (!out.valid || at + out.length != text.size()) return {};
  return out;
}

// Unicode's Case_Ignorable, for the final sigma.
bool is_case_ignorable(char32_t c) {
  switch (c) {
    case 0x27: case 0x2E: case 0x3A: case 0xB7: case 0x387: case 0x55F: case 0x5F4: case 0x2018: case 0x2019: case 0x2024:
    case 0x2027: case 0xFE13: case 0xFE52: case 0xFE55: case 0xFF07: case 0xFF0E: case 0xFF1A: return true;
    default: break;
  }
  switch (category(c)) {
    case UTF8PROC_CATEGORY_MN: case UTF8PROC_CATEGORY_ME: case UTF8PROC_CATEGORY_CF: case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_SK: return true;
    default: return false;
  }
}

// Unicode's Cased among those that are not Case_Ignorable.
bool is_cased(char32_t c) {
  switch (category(c)) {
    case UTF8PROC_CATEGORY_LU: case UTF8PROC_CATEGORY_LL: case UTF8PROC_CATEGORY_LT: return true;
    default: break;
  }
  auto within = [c](char32_t from, char32_t to) { return c >= from && c <= to; };
  return c == 0xAA || c == 0xBA || within(0x2160, 0x217F) || within(0x24B6, 0x24E9) || within(0x1F130, 0x1F149) ||
         within(0x1F150, 0x1F169) || within(0x1F170, 0x1F189);
}

// Whether the capital sigma between `before` and `after` ends a word (Unicode 3.13, Final_Sigma).
bool is_final_sigma(std::string_view before, std::string_view after) {
  bool cased_before = false;
  while (!before.empty()) {
    Decoded last = decode_last(before);
    before.remove_suffix(last.length);
    if (is_case_ignorable(last.point)) continue;
    cased_before = is_cased(last.point);
    break;
  }
  if (!cased_before) return false;
  while (!after.empty()) {
    char32_t c = next_code_point(after);
    if (!is_case_ignorable(c)) return !is_cased(c);
  }
  return true;
}

}  // namespace

bool is_valid_utf8(std::string_view bytes) { return simdjson::validate_utf8(bytes.data(), bytes.size()); }

std::string valid_utf8(std::string_view bytes) {
  if (is_valid_utf8(bytes)) return std::string(bytes);
  std::string out;
  out.reserve(bytes.size() + 16);
  while (!bytes.empty()) {
    Decoded next = decode(bytes);
    if (next.valid) {
      out.append(bytes.substr(0, next.length));
    } else {
      append_utf8(out, kReplacement);
    }
    bytes.remove_prefix(next.length);
  }
  return out;
}

char32_t next_code_point(std::string_view& text) {
  Decoded next = decode(text);
  text.remove_prefix(next.valid ? next.length : 1);
  return next.point;
}

void append_utf8(std::string& out, char32_t c) {
  if (c > 0x10FFFF || (c >= 0xD800 && c <= 0xDFFF)) c = kReplacement;
  if (c < 0x80) {
    out += static_cast<char>(c);
  } else if (c < 0x800) {
    out += static_cast<char>(0xC0 | c >> 6);
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    out += static_cast<char>(0xE0 | c >> 12);
    out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    out += static_cast<char>(0xF0 | c >> 18);
    out += static_cast<char>(0x80 | (c >> 12 & 0x3F));
    out += static_cast<char>(0x80 | (c >> 6 & 0x3F));
    out += static_cast<char>(0x80 | (c & 0x3F));
  }
}

std::size_t count_code_points(std::string_view text) {
  // Bytes whose top bits are 10 go on with a code point; eight at a time, as lengths of many long texts are wanted.
  std::size_t going_on = 0, i = 0;
  for (; i + 8 <= text.size(); i += 8) {
    std::uint64_t word = 0;
    std::memcpy(&word, text.data() + i, 8);
    word = (word & ~(word << 1) & 0x8080808080808080u) >> 7;
    going_on += static_cast<std::size_t>(word * 0x0101010101010101u >> 56);  // the sum of the bytes
  }
  for (; i < text.size(); ++i) going_on += (static_cast<unsigned char>(text[i]) & 0xC0) == 0x80;
  return text.size() - going_on;
}

std::size_t offset_of_code_point(std::string_view text, std::size_t n) {
  for (std::size_t i = 0; i < text.size(); ++i)
    if ((static_cast<unsigned char>(text[i]) & 0xC0) != 0x80 && n-- == 0) return i;
  return text.size();
}

bool is_word(char32_t c) {
  if (c < 0x80) return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  switch (category(c)) {
    case UTF8PROC_CATEGORY_LU: case UTF8PROC_CATEGORY_LL: case UTF8PROC_CATEGORY_LT: case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO: case UTF8PROC_CATEGORY_ND: case UTF8PROC_CATEGORY_NL: case UTF8PROC_CATEGORY_NO: return true;
    default: return false;
  }
}

bool is_space(char32_t c) {
  if (c < 0x80) return c == ' ' || (c >= 0x09 && c <= 0x0D) || (c >= 0x1C && c <= 0x1F);
  return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
         c == 0x205F || c == 0x3000;
}

bool is_digit(char32_t c) { return c < 0x80 ? c >= '0' && c <= '9' : category(c) == UTF8PROC_CATEGORY_ND; }

std::optional<int> digit_value(char32_t c) {
  if (c < 0x80) return c >= '0' && c <= '9' ? std::optional<int>(static_cast<int>(c - '0')) : std::nullopt;
  if (!is_digit(c)) return std::nullopt;
  // Decimal digits are encoded in runs of ten from zero on; where runs touch (U+1D7CE) they are still tens.
  char32_t zero = c;
  while (is_digit(zero - 1)) --zero;
  return static_cast<int>((c - zero) % 10);
}

std::string_view lstrip(std::string_view text) {
  while (!text.empty()) {
    Decoded first = decode(text);
    if (!first.valid || !is_space(first.point)) break;
    text.remove_prefix(first.length);
  }
  return text;
}

std::string_view rstrip(std::string_view text) {
  while (!text.empty()) {
    Decoded last = decode_last(text);
    if (!last.valid || !is_space(last.point)) break;
    text.remove_suffix(last.length);
  }
  return text;
}

std::string_view strip(std::string_view text) { return rstrip(lstrip(text)); }

std::string lower(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  if (is_ascii(text)) {
    for (char c : text) out += c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : c;
    return out;
  }
  for (std::string_view rest = text; !rest.empty();) {
    std::string_view before = text.substr(0, text.size() - rest.size());
    char32_t c = next_code_point(rest);
    if (c < 0x80) {
      out += c >= 'A' && c <= 'Z' ? static_cast<char>(c + ('a' - 'A')) : static_cast<char>(c);
    } else if (c == 0x130) {  // the one character that lower-cases to two
      out += "i\u0307";
    } else if (c == 0x3A3) {
      append_utf8(out, is_final_sigma(before, rest) ? 0x3C2 : 0x3C3);
    } else {
      append_utf8(out, static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c))));
    }
  }
  return out;
}

std::string replace_all(std::string_view text, std::string_view from, std::string_view to) {
  if (from.empty()) return std::string(text);
  std::string out;
  out.reserve(text.size());
  std::size_t at = 0;
  for (std::size_t hit; (hit = text.find(from, at)) != std::string_view::npos; at = hit + from.size()) {
    out.append(text, at, hit - at);
    out.append(to);
  }
  out.append(text, at);
  return out;
}

std::vector<std::string> split(std::string_view text, char separator) {
  std::vector<std::string> parts;
  for (std::size_t hit; (hit = text.find(separator)) != std::string_view::npos; text.remove_prefix(hit + 1))
    parts.emplace_back(text.substr(0, hit));
  parts.emplace_back(text);
  return parts;
}

std::vector<std::string_view> split_lines(std::string_view text) {
  std::vector<std::string_view> lines;
  while (!text.empty()) {
    std::size_t end = text.find('\n');
    lines.push_back(text.substr(0, end));
    if (end == std::string_view::npos) break;
    text.remove_prefix(end + 1);
  }
  return lines;
}

std::string join(const std::vector<std::string>& parts, std::string_view separator) {
  std::string out;
  for (std::size_t i = 0; i < parts.size(); ++i) {
    if (i > 0) out += separator;
    out += parts[i];
  }
  return out;
}

bool contains(std::string_view text, std::string_view part) { return text.find(part) != std::string_view::npos; }

std::string shorten(std::string_view text, std::size_t code_points) {
  std::size_t end = offset_of_code_point(text, code_points);
  std::string out(text.substr(0, end));
  if (end < text.size()) out += "…";
  return out;
}

std::size_t display_width(std::string_view text) {
  std::size_t width = 0;
  while (!text.empty()) {
    char32_t c = next_code_point(text);
    if (c >= 0x20 && c < 0x7F) {
      ++width;
    } else {
      width += static_cast<std::size_t>(std::max(0, utf8proc_charwidth(static_cast<utf8proc_int32_t>(c))));
    }
  }
  return width;
}

std::string escape_html(std::string_view text) {
  std::string out;
  out.reserve(text.size() + text.size() / 8);
  for (char c : text) {
    switch (c) {
      case '&': out += "&amp;"; break;
      case '<': out += "&lt;"; break;
      case '>': out += "&gt;"; break;
      case '"': out += "&quot;"; break;
      case '\'': out += "&#39;"; break;
      default: out += c;
    }
  }
  return out;
}

std::size_t edit_distance(std::string_view a, std::string_view b) {
  // Optimal string alignment on bytes: names of options and models are ASCII, and for others an estimate is enough.
  std::vector<std::size_t> older(b.size() + 1), previous(b.size() + 1), current(b.size() + 1);
  for (std::size_t j = 0; j <= b.size(); ++j) previous[j] = j;
  for (std::size_t i = 1; i <= a.size(); ++i) {
    current[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      std::size_t change = previous[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      current[j] = std::min({previous[j] + 1, current[j - 1] + 1, change});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1]) current[j] = std::min(current[j], older[j - 2] + 1);
    }
    older.swap(previous);
    previous.swap(current);
  }
  return previous[b.size()];
}

std::vector<std::string> did_you_mean(std::string_view wrong, const std::vector<std::string>& candidates) {
  // Whoever wrote a screenful by mistake is not helped by a near name, and the distance costs the product of the lengths.
  if (wrong.size() > 128) return {};
  std::string wanted = lower(wrong);
  std::vector<std::pair<std::size_t, std::string>> near;
  for (const std::string& candidate : candidates) {
    if (candidate.size() > 256) continue;
    std::string name = lower(candidate);
    std::size_t distance = edit_distance(wanted, name);
    std::size_t limit = std::max<std::size_t>(1, std::max(wanted.size(), name.size()) / 3);
    bool part = wanted.size() >= 3 && (contains(name, wanted) || contains(wanted, name)) && !name.empty();
    if (distance > limit && !part) continue;
    near.emplace_back(part ? std::min(distance, limit + 1) : distance, candidate);
  }
  std::stable_sort(near.begin(), near.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  std::vector<std::string> out;
  for (const auto& [distance, name] : near)
    if (out.size() < 3 && distance <= near.front().first + 2 && std::find(out.begin(), out.end(), name) == out.end()) out.push_back(name);
  return out;
}

}  // namespace assay
