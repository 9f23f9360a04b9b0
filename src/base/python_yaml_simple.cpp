#include "base/python_yaml_simple.h"

#include <array>
#include <string>
#include <utility>
#include <vector>

#include "base/python_yaml_scalar.h"
#include "base/python_yaml_text.h"
#include "base/text.h"

namespace assay {
namespace {

using Kind = PythonValue::Kind;

constexpr std::size_t kMostText = std::size_t{256} << 10;
constexpr std::size_t kMostKeys = 1'000;  // each is looked for among those before
constexpr int kMostLevels = 12;

constexpr std::array<bool, 256> characters(std::string_view more) {
  std::array<bool, 256> out{};
  for (std::size_t c = '0'; c <= '9'; ++c) out[c] = true;
  for (std::size_t c = 'a'; c <= 'z'; ++c) out[c] = out[c - 'a' + 'A'] = true;
  for (char c : more) out[static_cast<unsigned char>(c)] = true;
  return out;
}
constexpr auto kFirst = characters("_$(<./+^\\;~");  // a word may begin with these and with what is not ASCII
constexpr auto kKey = characters("_.-/");
constexpr auto kFlow = characters("_.-/+$()<>=;^~ ");
constexpr auto kGoesOn = characters("_$(<./+^\\;~{\"'=*");  // a further line of a word
bool in(const std::array<bool, 256>& set, char c) {
  return set[static_cast<unsigned char>(c)];
}

/// One pass over the text. Every step returns false where it is not sure, and then the whole reading ends.
class Reader {
 public:
  Reader(std::string_view text, std::string_view function_tag) : text_(text), function_tag_(function_tag) {}

  std::optional<PythonValue> read() {
    bool ascii = true;
    for (char c : text_) {
      const auto byte = static_cast<unsigned char>(c);
      if ((byte < 0x20 && c != '\n') || byte == 0x7f) return std::nullopt;
      ascii = ascii && byte < 0x80;
    }
    if (!ascii) {
      if (!is_valid_utf8(text_) || text_.starts_with("\xEF\xBB\xBF") || forbidden_in_yaml(text_) != std::string_view::npos) return std::nullopt;
      for (std::string_view line_end : {"\xC2\x85", "\xE2\x80\xA8", "\xE2\x80\xA9"})
        if (text_.find(line_end) != std::string_view::npos) return std::nullopt;
    }
    PythonValue out;
    if (!next_line() || indent_ != 0 || !block(out, 0, 0) || at_ != text_.size()) return std::nullopt;
    return out;
  }

 private:
  bool ended() const { return at_ >= text_.size(); }
  char here() const { return at_ < text_.size() ? text_[at_] : '\n'; }
  char after() const { return at_ + 1 < text_.size() ? text_[at_ + 1] : '\n'; }

  /// To the next line that has more than a comment; `at_` is at its first character, `indent_` its column. At the end: at_ = size, indent_ = -1.
  bool next_line() {
    while (!ended()) {
      const std::size_t begin = at_;
      while (here() == ' ' && !ended()) ++at_;
      if (ended()) break;
      if (here() == '#') {
        at_ = std::min(text_.find('\n', at_), text_.size());
      } else if (here() != '\n') {
        indent_ = static_cast<int>(at_ - begin);
        line_ = begin;
        // Marks of documents and directives.
        const std::string_view rest = text_.substr(at_, 3);
        return indent_ != 0 || (rest != "---" && rest != "..." && rest[0] != '%');
      }
      if (!ended()) ++at_;
    }
    at_ = text_.size();
    indent_ = -1;
    return true;
  }

  /// Over blanks and a comment to the next line; false where something else stands there.
  bool end_of_line() {
    while (!ended() && here() == ' ') ++at_;
    if (!ended() && here() == '#') {
      if (text_[at_ - 1] != ' ') return false;
      at_ = std::min(text_.find('\n', at_), text_.size());
    }
    if (here() != '\n') return false;
    if (!ended()) ++at_;
    return next_line();
  }

  /// A mapping or a list whose lines begin at this column.
  bool block(PythonValue& out, int column, int level) {
    if (level > kMostLevels) return false;
    return is_dash() ? list(out, column, level) : mapping(out, column, level);
  }
  bool is_dash() const { return here() == '-' && (after() == ' ' || after() == '\n'); }

  bool list(PythonValue& out, int column, int level) {
    out.kind = Kind::list;
    while (indent_ == column && is_dash()) {
      PythonValue item;
      ++at_;
      while (here() == ' ' && !ended()) ++at_;
      if (here() == '\n' || here() == '#') {
        if (!end_of_line()) return false;
        if (indent_ > column && !block(item, indent_, level + 1)) return false;
      } else if (!is_dash() && key_here()) {
        // A mapping whose first key stands behind the dash: its column is the key's.
        indent_ = static_cast<int>(at_ - line_);
        if (!mapping(item, indent_, level + 1)) return false;
      } else if (is_dash() || !value(item, column, level)) {
        return false;  // not here: a list in the line of a list
      }
      out.items.push_back(std::move(item));
    }
    return indent_ <= column;
  }

  bool mapping(PythonValue& out, int column, int level) {
    if (level > kMostLevels) return false;
    out.kind = Kind::dict;
    while (indent_ == column && !ended()) {
      PythonValue name, content;
      if (is_dash() || !key(name)) return false;
      while (here() == ' ' && !ended()) ++at_;
      if (here() == '\n' || here() == '#') {
        if (!end_of_line()) return false;
        if (indent_ > column) {
          if (!block(content, indent_, level + 1)) return false;
        } else if (indent_ == column && is_dash()) {
          if (!list(content, column, level + 1)) return false;
        }
      } else if (!value(content, column, level)) {
        return false;
      }
      if (out.items.size() >= kMostKeys * 2) return false;
      put(out, std::move(name), std::move(content));
    }
    return indent_ < column || (indent_ == column && ended());
  }

  static void put(PythonValue& dict, PythonValue key, PythonValue content) {
    for (std::size_t i = 0; i + 1 < dict.items.size(); i += 2)
      if (dict.items[i] == key) {
        dict.items[i + 1] = std::move(content);
        return;
      }
    dict.items.push_back(std::move(key));
    dict.items.push_back(std::move(content));
  }

  /// Is there a key, as far as a glance tells?
  bool key_here() const {
    std::size_t end = at_;
    if (here() == '"' || here() == '\'') {
      end = text_.find(here(), at_ + 1);
      if (end == std::string_view::npos) return false;
      ++end;
    } else {
      while (end < text_.size() && in(kKey, text_[end])) ++end;
      if (end == at_) return false;
    }
    return end < text_.size() && text_[end] == ':' && (end + 1 == text_.size() || text_[end + 1] == ' ' || text_[end + 1] == '\n');
  }

  bool key(PythonValue& out) {
    if (!key_here()) return false;
    const char quote = here();
    if (quote == '"' || quote == '\'') {
      const std::string_view name = text_.substr(at_ + 1, text_.find(quote, at_ + 1) - at_ - 1);
      if (name.size() > 200 || name.find_first_of("\\\n") != std::string_view::npos) return false;
      at_ += name.size() + 3;
      out = PythonValue::of(std::string(name));
      return true;
    }
    std::size_t end = at_;
    while (in(kKey, text_[end])) ++end;
    if (end - at_ > 200 || !(in(kFirst, here()))) return false;
    out = plain_yaml_scalar(text_.substr(at_, end - at_));
    at_ = end + 1;
    return true;
  }

  /// What stands behind a key or a dash, in the same line and, for texts, in those that follow. `column` is the key's or the dash's.
  bool value(PythonValue& out, int column, int level) {
    switch (here()) {
      case '"':
      case '\'':
        return quoted(out, column) && end_of_line() && indent_ <= column;
      case '|':
        return literal(out, column);
      case '[':
        return flow(out, level) && end_of_line() && indent_ <= column;
      case '!':
        return function(out) && end_of_line() && indent_ <= column;
      default:
        return word(out, column) && end_of_line() && indent_ <= column;
    }
  }

  /// To the end of its line, and on through lines that stand further in.
  bool word(PythonValue& out, int column) {
    const char first = here();
    const bool signed_number = first == '-' && in(kKey, after()) && after() != '-';
    if (!in(kFirst, first) && static_cast<unsigned char>(first) < 0x80 && !signed_number) return false;
    const std::size_t begin = at_;
    bool comment = false;
    if (!words_of_line(comment)) return false;
    const std::string_view line = text_.substr(begin, at_ - begin);
    std::string joined;
    while (!comment) {
      std::size_t next = text_.find('\n', at_), empty = 0;
      if (next == std::string_view::npos) break;
      ++next;
      std::size_t end = next;
      for (;;) {
        while (end < text_.size() && text_[end] == ' ') ++end;
        if (end >= text_.size() || text_[end] != '\n') break;
        ++empty;
        next = ++end;
      }
      if (end >= text_.size() || text_[end] == '#' || static_cast<int>(end - next) <= column) break;
      if (!in(kGoesOn, text_[end]) && static_cast<unsigned char>(text_[end]) < 0x80) return false;
      if (joined.empty()) joined = line;
      if (empty == 0)
        joined += ' ';
      else
        joined.append(empty, '\n');
      at_ = end;
      if (!words_of_line(comment) || comment) return false;
      joined += text_.substr(end, at_ - end);
    }
    out = plain_yaml_scalar(joined.empty() ? line : std::string_view(joined));
    return true;
  }
  /// Over what this line has before blanks and a comment.
  bool words_of_line(bool& comment) {
    std::string_view line = text_.substr(at_, text_.find('\n', at_) - at_);
    const std::size_t mark = line.find(" #");
    comment = mark != std::string_view::npos;
    line = line.substr(0, mark);
    if (line.find(": ") != std::string_view::npos) return false;
    line = line.substr(0, line.find_last_not_of(' ') + 1);
    if (line.ends_with(':')) return false;
    at_ += line.size();
    return true;
  }

  bool function(PythonValue& out) {
    if (function_tag_.empty() || !text_.substr(at_).starts_with(function_tag_)) return false;
    at_ += function_tag_.size();
    if (here() != ' ') return false;
    while (here() == ' ' && !ended()) ++at_;
    const std::size_t begin = at_;
    while (!ended() && in(kKey, here())) ++at_;
    if (at_ == begin || !in(kFirst, text_[begin])) return false;
    out.kind = Kind::dict;
    out.items = {PythonValue::of(std::string(function_tag_)), PythonValue::of(std::string(text_.substr(begin, at_ - begin)))};
    return true;
  }

  /// One line, or several that are joined: by a blank, by as many line ends as there are empty lines, or by nothing behind a backslash.
  bool quoted(PythonValue& out, int column) {
    const char quote = here();
    std::string text;
    ++at_;
    for (;;) {
      if (ended()) return false;
      const char c = text_[at_++];
      if (c == quote) {
        if (quote == '"' || here() != '\'') break;
        text += '\'';
        ++at_;
      } else if (c == '\n') {
        if (text.ends_with(' ')) return false;
        std::size_t empty = 0;
        for (std::size_t line = at_; line < text_.size();) {
          line = std::min(text_.find_first_not_of(' ', line), text_.size());
          if (line == text_.size() || text_[line] != '\n') break;
          ++empty;
          at_ = ++line;
        }
        if (!continued(column)) return false;
        if (empty == 0)
          text += ' ';
        else
          text.append(empty, '\n');
      } else if (c == '\\' && quote == '"') {
        if (ended() || !escaped(text, column)) return false;
      } else {
        text += c;
      }
    }
    out.kind = Kind::text;
    out.text = std::move(text);
    return true;
  }
  /// A text goes on in this line, further in than what it belongs to.
  bool continued(int column) {
    const std::size_t begin = at_;
    while (!ended() && here() == ' ') ++at_;
    return !ended() && here() != '\n' && static_cast<int>(at_ - begin) > column;
  }
  bool escaped(std::string& text, int column) {
    const char c = text_[at_++];
    int digits = 0;
    switch (c) {
      case 'n':
        text += '\n';
        return true;
      case 't':
        text += '\t';
        return true;
      case 'r':
        text += '\r';
        return true;
      case '"':
      case '\\':
      case '/':
        text += c;
        return true;
      case ' ':
        text += ' ';
        return here() != '\n';
      case '\n':
        return continued(column);
      case 'x':
        digits = 2;
        break;
      case 'u':
        digits = 4;
        break;
      default:
        return false;
    }
    char32_t point = 0;
    for (int i = 0; i < digits; ++i) {
      const char d = here();
      const bool low = d >= 'a' && d <= 'f', high = d >= 'A' && d <= 'F';
      if (!low && !high && (d < '0' || d > '9')) return false;
      point = point * 16 + static_cast<char32_t>(d - (low ? 'a' - 10 : high ? 'A' - 10 : '0'));
      ++at_;
    }
    if (point == 0 || (point >= 0xD800 && point <= 0xDFFF)) return false;
    append_utf8(text, point);
    return true;
  }

  /// `|` and `|-`: the lines as they stand.
  bool literal(PythonValue& out, int column) {
    ++at_;
    const bool strip = here() == '-';
    if (strip) ++at_;
    if (here() != '\n' || ended()) return false;
    ++at_;
    std::string text;
    std::size_t deep = 0;  // columns that belong to the block
    std::size_t empty = 0;
    for (;;) {
      const std::size_t line_end = text_.find('\n', at_);
      std::string_view line = text_.substr(at_, std::min(line_end, text_.size()) - at_);
      const std::size_t blanks = std::min(line.find_first_not_of(' '), line.size());
      if (blanks == line.size()) {
        if (ended()) break;
        if (line_end == std::string_view::npos || (blanks > 0 && blanks >= deep)) return false;
        ++empty;
      } else {
        if (deep == 0) {
          if (static_cast<int>(blanks) <= column || empty > 0) return false;
          deep = blanks;
        }
        if (blanks < deep) break;
        if (line_end == std::string_view::npos) return false;
        text.append(empty, '\n');
        empty = 0;
        text += line.substr(deep);
        text += '\n';
      }
      at_ = line_end + 1;
    }
    if (text.empty()) return false;
    if (strip) text.pop_back();
    out.kind = Kind::text;
    out.text = std::move(text);
    return next_line() && indent_ <= column;
  }

  /// A list in brackets within one line.
  bool flow(PythonValue& out, int level) {
    if (level > kMostLevels) return false;
    out.kind = Kind::list;
    ++at_;
    while (here() == ' ') ++at_;
    if (here() == ']') {
      ++at_;
      return true;
    }
    for (;;) {
      PythonValue item;
      const char c = here();
      if (c == '"' || c == '\'') {
        const std::size_t line_end = std::min(text_.find('\n', at_), text_.size());
        if (!quoted(item, 0) || at_ > line_end) return false;
      } else if (c == '[') {
        if (!flow(item, level + 1)) return false;
      } else {
        if (!in(kFirst, c) && !(c == '-' && in(kKey, after()) && after() != '-')) return false;
        std::size_t end = at_;
        while (end < text_.size() && in(kFlow, text_[end])) ++end;
        const std::string_view found = text_.substr(at_, end - at_);
        item = plain_yaml_scalar(found.substr(0, found.find_last_not_of(' ') + 1));
        at_ = end;
      }
      out.items.push_back(std::move(item));
      while (here() == ' ') ++at_;
      const char next = here();
      if (next != ',' && next != ']') return false;
      ++at_;
      if (next == ']') return true;
      while (here() == ' ') ++at_;
    }
  }

  std::string_view text_, function_tag_;
  std::size_t at_ = 0, line_ = 0;
  int indent_ = 0;
};

}  // namespace

std::optional<PythonValue> read_simple_yaml(std::string_view text, std::string_view function_tag) {
  if (text.size() > kMostText) return std::nullopt;
  return Reader(text, function_tag).read();
}

}  // namespace assay
