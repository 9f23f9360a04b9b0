#include "base/python_yaml_text.h"

#include <algorithm>
#include <optional>

#include "base/text.h"

namespace assay {
namespace {

/// How many bytes the end of a line at `at` takes: 1, 3 for U+2028 and U+2029, 0 where none stands there.
std::size_t line_end(std::string_view source, std::size_t at) {
  if (at >= source.size()) return 0;
  if (source[at] == '\n') return 1;
  const std::string_view three = source.substr(at, 3);
  return three == "\xE2\x80\xA8" || three == "\xE2\x80\xA9" ? 3 : 0;
}

bool is_blank(char c) {
  return c == ' ' || c == '\t';
}

std::string from_utf16(std::string_view bytes, bool big) {
  std::string out;
  auto unit = [&](std::size_t i) {
    const auto first = static_cast<unsigned char>(bytes[i]), second = static_cast<unsigned char>(bytes[i + 1]);
    return static_cast<char32_t>(big ? first << 8 | second : second << 8 | first);
  };
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    char32_t point = unit(i);
    if (point >= 0xD800 && point < 0xDC00 && i + 3 < bytes.size() && unit(i + 2) >= 0xDC00 && unit(i + 2) < 0xE000) {
      point = 0x10000 + ((point - 0xD800) << 10) + (unit(i + 2) - 0xDC00);
      i += 2;
    }
    append_utf8(out, point >= 0xD800 && point < 0xE000 ? char32_t{0xFFFD} : point);
  }
  return out;
}

class Quoted {
 public:
  Quoted(std::string_view source, std::size_t at) : source_(source), begin_(at), at_(at + 1), quote_(source[at]) {}

  YamlText read() {
    while (wrong_.empty() && at_ < source_.size()) {
      if (source_[at_] == quote_) {
        // Two marks within single quotes are one.
        if (quote_ == '"' || !source_.substr(at_ + 1).starts_with('\'')) return {.text = std::move(text_), .end = at_ + 1};
        text_ += '\'';
        at_ += 2;
      } else if (is_blank(source_[at_]) || line_end(source_, at_)) {
        blanks();
      } else if (source_[at_] == '\\' && quote_ == '"') {
        ++at_;
        escaped();
      } else {
        text_ += source_[at_++];
      }
    }
    if (wrong_.empty()) return {.wrong = "a quoted text does not end", .place = begin_};
    return {.wrong = wrong_, .place = std::min(at_, source_.size())};
  }

 private:
  /// Blanks within a line stay, those around its end go; one line end becomes a blank, of several all but the first stay.
  void blanks() {
    const std::size_t begin = at_;
    while (at_ < source_.size() && is_blank(source_[at_])) ++at_;
    const std::size_t size = line_end(source_, at_);
    if (size == 0) {
      text_ += source_.substr(begin, at_ - begin);
      return;
    }
    const std::string_view first = source_.substr(at_, size);
    at_ += size;
    const std::string more = empty_lines();
    if (first != "\n")
      text_ += first;
    else if (more.empty())
      text_ += ' ';
    text_ += more;
  }

  /// At the begin of a line: the ends of empty lines, and over the blanks of the one that follows.
  std::string empty_lines() {
    std::string out;
    for (;;) {
      const std::string_view mark = source_.substr(at_, 3);
      const bool alone = at_ + 3 >= source_.size() || is_blank(source_[at_ + 3]) || line_end(source_, at_ + 3);
      if ((mark == "---" || mark == "...") && alone) {
        wrong_ = "a quoted text does not end before the next document";
        return out;
      }
      while (at_ < source_.size() && is_blank(source_[at_])) ++at_;
      const std::size_t size = line_end(source_, at_);
      if (size == 0) return out;
      out += source_.substr(at_, size);
      at_ += size;
    }
  }

  void escaped() {
    if (const std::size_t size = line_end(source_, at_)) {
      at_ += size;
      text_ += empty_lines();
      return;
    }
    const char c = at_ < source_.size() ? source_[at_] : '\0';
    const auto point = [&]() -> std::optional<char32_t> {
      switch (c) {
        case '0': return U'\0';
        case 'a': return U'\a';
        case 'b': return U'\b';
        case 't':
        case '\t': return U'\t';
        case 'n': return U'\n';
        case 'v': return U'\v';
        case 'f': return U'\f';
        case 'r': return U'\r';
        case 'e': return char32_t{0x1B};
        case ' ':
        case '"':
        case '\\':
        case '/': return static_cast<char32_t>(c);
        case 'N': return char32_t{0x85};
        case '_': return char32_t{0xA0};
        case 'L': return char32_t{0x2028};
        case 'P': return char32_t{0x2029};
        case 'x': return hexadecimal(2);
        case 'u': return hexadecimal(4);
        case 'U': return hexadecimal(8);
        default: return std::nullopt;
      }
    }();
    if (!point || *point > 0x10FFFF || (*point >= 0xD800 && *point < 0xE000)) {
      wrong_ = "a backslash in double quotes stands before something that it does not go with";
      return;
    }
    ++at_;
    append_utf8(text_, *point);
  }
  /// To the last of the digits.
  std::optional<char32_t> hexadecimal(int digits) {
    char32_t value = 0;
    for (int i = 0; i < digits; ++i) {
      const char d = at_ + 1 < source_.size() ? source_[at_ + 1] : '\0';
      const bool low = d >= 'a' && d <= 'f', high = d >= 'A' && d <= 'F';
      if (!low && !high && (d < '0' || d > '9')) return std::nullopt;
      value = value * 16 + static_cast<char32_t>(d - (low ? 'a' - 10 : high ? 'A' - 10 : '0'));
      ++at_;
    }
    return value;
  }

  std::string_view source_;
  std::size_t begin_, at_;
  char quote_;
  std::string text_, wrong_;
};

}  // namespace

std::string yaml_source(std::string_view bytes) {
  std::string text;
  if (bytes.starts_with("\xFF\xFE") || bytes.starts_with("\xFE\xFF"))
    text = from_utf16(bytes.substr(2), bytes[0] == '\xFE');
  else
    text = valid_utf8(bytes.starts_with("\xEF\xBB\xBF") ? bytes.substr(3) : bytes);
  std::string out;
  out.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i], next = i + 1 < text.size() ? text[i + 1] : '\0';
    if (c == '\r') {
      out += '\n';
      if (next == '\n') ++i;
    } else if (c == '\xC2' && next == '\x85') {
      out += '\n';
      ++i;
    } else {
      out += c;
    }
  }
  return out;
}

std::size_t forbidden_in_yaml(std::string_view source) {
  for (std::size_t i = 0; i < source.size(); ++i) {
    const auto byte = static_cast<unsigned char>(source[i]);
    if (byte < 0x20 ? byte != '\t' && byte != '\n' && byte != '\r' : byte == 0x7F) return i;
    if (byte == 0xC2 && i + 1 < source.size() && source[i + 1] < '\xA0' && source[i + 1] != '\x85') return i;
    if (byte == 0xEF && (source.substr(i, 3) == "\xEF\xBF\xBE" || source.substr(i, 3) == "\xEF\xBF\xBF")) return i;
  }
  return std::string_view::npos;
}

YamlText quoted_yaml_text(std::string_view source, std::size_t at) {
  return Quoted(source, at).read();
}

YamlText block_yaml_text(std::string_view source, std::size_t at, int indent) {
  const bool folded = source[at] == '>';
  auto here = [&] { return at < source.size() ? source[at] : '\0'; };
  ++at;
  char chomping = '\0';
  std::size_t added = 0;
  for (int i = 0; i < 2; ++i) {
    if (!chomping && (here() == '+' || here() == '-'))
      chomping = source[at++];
    else if (added == 0 && here() >= '1' && here() <= '9')
      added = static_cast<std::size_t>(source[at++] - '0');
  }
  const std::size_t behind = at;
  while (here() == ' ') ++at;
  if (here() == '#' && at > behind)
    while (at < source.size() && !line_end(source, at)) ++at;
  if (at < source.size() && !line_end(source, at)) return {.wrong = "after | and > there may be +, -, a digit from 1 to 9, and a comment behind a blank", .place = at};
  at += line_end(source, at);

  std::size_t column = 0, most = 0, deep = static_cast<std::size_t>(std::max(indent + 1, 1));
  // Over empty lines, and over blanks up to the column where the lines of the block begin.
  auto empty_lines = [&](bool to_the_first) {
    std::string out;
    for (;;) {
      while (here() == ' ' && (to_the_first || column < deep)) {
        ++at;
        most = std::max(most, ++column);
      }
      const std::size_t size = line_end(source, at);
      if (size == 0) return out;
      out += source.substr(at, size);
      at += size;
      column = 0;
    }
  };
  if (added > 0) deep += added - 1;
  std::string empty = empty_lines(added == 0);
  if (added == 0) deep = std::max(deep, most);

  YamlText out;
  std::string_view end_of_line;
  while (column == deep && at < source.size()) {
    out.text += empty;
    const bool begins_blank = is_blank(here());
    const std::size_t begin = at;
    while (at < source.size() && !line_end(source, at)) ++at;
    out.text += source.substr(begin, at - begin);
    end_of_line = source.substr(at, line_end(source, at));
    at += end_of_line.size();
    out.end = at;
    column = 0;
    empty = empty_lines(false);
    if (column != deep || at >= source.size()) break;
    if (!folded || end_of_line != "\n" || begins_blank || is_blank(here()))
      out.text += end_of_line;
    else if (empty.empty())
      out.text += ' ';
  }
  if (chomping != '-') out.text += end_of_line;
  if (chomping == '+') out.text += empty;
  return out;
}

}  // namespace assay
