#include "prompt/jinja_lexer.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "base/text.h"

namespace assay::jinja {
namespace {

bool name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
bool digit(char c) {
  return c >= '0' && c <= '9';
}
// What may stand in a name, roughly as str.isidentifier() has it.
bool in_name(char32_t c) {
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(c))) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_LO:
    case UTF8PROC_CATEGORY_NL:
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_MC:
    case UTF8PROC_CATEGORY_ND:
    case UTF8PROC_CATEGORY_PC:
      return true;
    default:
      return false;
  }
}

class Lexer {
 public:
  Lexer(std::string source, const LexerOptions& options) : source_(std::move(source)), options_(options) {}

  Result<std::vector<Lexeme>> run() {
    while (at_ < source_.size())
      if (auto done = section(); !done) return fail(done.error());
    push(Lexeme::Kind::end, "");
    return std::move(out_);
  }

 private:
  using Kind = Lexeme::Kind;

  void push(Kind kind, std::string text) { out_.push_back({kind, std::move(text), line_}); }
  std::unexpected<Error> wrong(const std::string& message, ErrorKind kind = ErrorKind::data) const {
    return fail(kind, "the template cannot be read: " + message, "line " + std::to_string(line_));
  }
  bool starts(std::string_view what) const { return std::string_view(source_).substr(at_).starts_with(what); }
  void count_lines(std::size_t from, std::size_t to) {
    line_ += static_cast<int>(
        std::count(source_.begin() + static_cast<std::ptrdiff_t>(from), source_.begin() + static_cast<std::ptrdiff_t>(to), '\n'));
  }

  // Literal text up to the next tag, then that tag.
  Result<void> section() {
    std::size_t open = at_;
    for (;; ++open) {
      open = source_.find('{', open);
      if (open == std::string::npos || open + 1 >= source_.size()) {
        open = source_.size();
        break;
      }
      char next = source_[open + 1];
      if (next == '{' || next == '%' || next == '#') break;
    }
    std::string text = source_.substr(at_, open - at_);
    if (open == source_.size()) {
      push(Kind::text, std::move(text));
      at_ = open;
      return {};
    }
    char type = source_[open + 1];
    char control = open + 2 < source_.size() ? source_[open + 2] : '\0';
    if (control == '-') {
      text.resize(rstrip(text).size());
    } else if (control != '+' && type != '{') {
      strip_line_start(text, open);
    }
    if (!text.empty()) push(Kind::text, std::move(text));
    count_lines(at_, open);
    at_ = open + 2;
    if (control == '-' || control == '+') ++at_;
    if (type == '#') return comment();
    return tag(type == '{');
  }

  // lstrip_blocks: blanks between a line's begin and the tag at `open`, which `text` stands before, go.
  void strip_line_start(std::string& text, std::size_t open) const {
    if (!options_.lstrip_blocks) return;
    std::size_t line = text.rfind('\n') + 1;  // 0 where there is none
    bool at_line_start = line > 0 || open == text.size() || source_[open - text.size() - 1] == '\n';
    if (at_line_start && strip(std::string_view(text).substr(line)).empty()) text.resize(line);
  }

  /// Past white space, of which Unicode has more than ASCII.
  void skip_blanks() {
    std::string_view rest = std::string_view(source_).substr(at_);
    std::size_t end = source_.size() - lstrip(rest).size();
    count_lines(at_, end);
    at_ = end;
  }

  Result<void> comment() {
    std::size_t close = source_.find("#}", at_);
    if (close == std::string::npos) return wrong("a comment does not end");
    bool minus = close > at_ && source_[close - 1] == '-', plus = close > at_ && source_[close - 1] == '+';
    count_lines(at_, close);
    at_ = close + 2;
    after_tag(minus, plus, true);
    return {};
  }

  void after_tag(bool minus, bool plus, bool block) {
    if (minus) {
      skip_blanks();
    } else if (block && options_.trim_blocks && !plus && at_ < source_.size() && source_[at_] == '\n') {
      ++at_;
      ++line_;
    }
  }

  Result<void> tag(bool output) {
    push(output ? Kind::output_begin : Kind::tag_begin, "");
    std::size_t first = out_.size();
    std::string_view close = output ? "}}" : "%}";
    std::string nesting;
    for (;;) {
      skip_blanks();
      if (at_ >= source_.size()) return wrong(output ? "'{{' without '}}'" : "'{%' without '%}'");
      char control = source_[at_];
      bool signed_close = (control == '-' || (control == '+' && !output)) && std::string_view(source_).substr(at_ + 1).starts_with(close);
      if (nesting.empty() && (starts(close) || signed_close)) {
        at_ += close.size() + (signed_close ? 1 : 0);
        push(output ? Kind::output_end : Kind::tag_end, "");
        bool raw = !output && out_.size() == first + 2 && out_[first].is(Kind::name, "raw");
        if (raw) {
          if (signed_close && control == '+') return wrong("'raw' does not end with '+%}'");
          out_.resize(first - 1);
          return raw_block(signed_close);
        }
        after_tag(signed_close && control == '-', signed_close && control == '+', !output);
        return {};
      }
      if (auto done = lexeme(nesting); !done) return done;
    }
  }

  std::size_t past_blanks(std::size_t at) const {
    return source_.size() - lstrip(std::string_view(source_).substr(at)).size();
  }

  Result<void> raw_block(bool minus) {
    if (minus) skip_blanks();  // trim_blocks leaves the line's end behind "raw" alone
    for (std::size_t open = at_; (open = source_.find("{%", open)) != std::string::npos; ++open) {
      std::size_t p = open + 2;
      bool strip_before = p < source_.size() && source_[p] == '-', keep = p < source_.size() && source_[p] == '+';
      if (strip_before || keep) ++p;
      p = past_blanks(p);
      if (source_.compare(p, 6, "endraw") != 0) continue;
      p += 6;
      p = past_blanks(p);
      bool strip_after = p < source_.size() && source_[p] == '-', plus = p < source_.size() && source_[p] == '+';
      if (strip_after || plus) ++p;
      if (source_.compare(p, 2, "%}") != 0) continue;
      std::string text = source_.substr(at_, open - at_);
      if (strip_before) {
        text.resize(rstrip(text).size());
      } else if (!keep) {
        strip_line_start(text, open);
      }
      if (!text.empty()) push(Kind::text, std::move(text));
      count_lines(at_, p);
      at_ = p + 2;
      after_tag(strip_after, plus, true);
      return {};
    }
    return wrong("'raw' without 'endraw'");
  }

  bool blank_at(std::size_t at) const {
    if (static_cast<unsigned char>(source_[at]) < 0xC0) return false;  // no begin of a character of several bytes
    std::string_view rest = std::string_view(source_).substr(at);
    return is_space(next_code_point(rest));
  }

  Result<void> lexeme(std::string& nesting) {
    char c = source_[at_];
    if (name_start(c)) {
      std::size_t begin = at_;
      while (at_ < source_.size() && (name_start(source_[at_]) || digit(source_[at_])) && !blank_at(at_)) ++at_;
      for (std::string_view rest = std::string_view(source_).substr(begin, at_ - begin); !rest.empty();)
        if (!in_name(next_code_point(rest))) return wrong("a name holds a character that has no place in one");
      push(Kind::name, source_.substr(begin, at_ - begin));
      return {};
    }
    if (digit(c)) return number();
    if (c == '"' || c == '\'') return quoted(c);
    static constexpr std::array<std::string_view, 24> kOperators = {"**", "//", "==", "!=", ">=", "<=", "+", "-",
                                                                    "*",  "/",  "%",  "~",  "<",  ">",  "(", ")",
                                                                    "[",  "]",  "{",  "}",  "|",  ",",  ".", ":"};
    std::string_view found;
    if (c == '=' && !starts("==")) found = "=";
    for (std::string_view op : kOperators)
      if (found.empty() && starts(op)) found = op;
    if (found.empty()) return wrong(std::string("'") + shorten(valid_utf8(std::string(1, c)), 1) + "' has no meaning here");
    if (found == "(" || found == "[" || found == "{") nesting += found[0];
    if (found == ")" || found == "]" || found == "}") {
      char open = found == ")" ? '(' : found == "]" ? '[' : '{';
      if (nesting.empty() || nesting.back() != open) return wrong("'" + std::string(found) + "' was never opened");
      nesting.pop_back();
    }
    push(Kind::op, std::string(found));
    at_ += found.size();
    return {};
  }

  // "12" and "1_2": the end of digits with single underscores between them; `at` itself where no digit stands.
  template <class Digit>
  std::size_t past_digits(std::size_t at, Digit is_digit) const {
    auto here = [&](std::size_t p) { return p < source_.size() && is_digit(source_[p]); };
    while (here(at) || (at < source_.size() && source_[at] == '_' && here(at + 1))) ++at;
    return at;
  }
  std::string without_underscores(std::size_t from, std::size_t to) const {
    return replace_all(std::string_view(source_).substr(from, to - from), "_", "");
  }

  // As Jinja reads them: 007 is a 0 with another number behind it, 0.5 behind a dot is two subscripts.
  Result<void> number() {
    const std::size_t begin = at_;
    char letter = begin + 1 < source_.size() && source_[begin] == '0' ? static_cast<char>(source_[begin + 1] | 0x20) : '\0';
    if (int base = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 0; base != 0) {
      std::size_t end = past_digits(begin + 2, [&](char c) {
        return base == 16 ? std::isxdigit(static_cast<unsigned char>(c)) != 0 : c >= '0' && c < '0' + base;
      });
      if (std::string digits = without_underscores(begin + 2, end); !digits.empty()) {
        std::int64_t value = 0;
        if (std::from_chars(digits.data(), digits.data() + digits.size(), value, base).ec != std::errc())
          return wrong("the number " + shorten(digits, 40) + " is too large");
        at_ = end;
        push(Kind::integer, std::to_string(value));
        return {};
      }
    }
    std::size_t end = past_digits(begin, digit);
    bool real = false;
    if (begin == 0 || source_[begin - 1] != '.') {
      if (end + 1 < source_.size() && source_[end] == '.' && digit(source_[end + 1])) {
        real = true;
        end = past_digits(end + 1, digit);
      }
      if (end < source_.size() && (source_[end] == 'e' || source_[end] == 'E')) {
        std::size_t p = end + 1;
        if (p < source_.size() && (source_[p] == '+' || source_[p] == '-')) ++p;
        if (p < source_.size() && digit(source_[p])) {
          real = true;
          end = past_digits(p, digit);
        }
      }
    }
    if (!real && source_[begin] == '0') end = past_digits(begin, [](char c) { return c == '0'; });
    at_ = end;
    push(real ? Kind::real : Kind::integer, without_underscores(begin, end));
    return {};
  }

  Result<void> quoted(char quote) {
    std::string text;
    for (++at_; at_ < source_.size() && source_[at_] != quote; ++at_) {
      if (source_[at_] == '\n') ++line_;
      if (source_[at_] != '\\' || at_ + 1 >= source_.size()) {
        text += source_[at_];
        continue;
      }
      char c = source_[++at_];
      switch (c) {
        case 'n':
          text += '\n';
          break;
        case 't':
          text += '\t';
          break;
        case 'r':
          text += '\r';
          break;
        case 'b':
          text += '\b';
          break;
        case 'f':
          text += '\f';
          break;
        case 'v':
          text += '\v';
          break;
        case 'a':
          text += '\a';
          break;
        case '\\':
        case '\'':
        case '"':
          text += c;
          break;
        case '\n':
          ++line_;
          break;
        case 'x':
        case 'u':
        case 'U':
          if (!escape(text, c == 'x' ? 2 : c == 'u' ? 4 : 8)) return wrong(std::string("an escape '\\") + c + "' is cut short");
          break;
        case 'N':
          return wrong("a character by its name ('\\N') is not supported", ErrorKind::unsupported);
        case '0':
        case '1':
        case '2':
        case '3':
        case '4':
        case '5':
        case '6':
        case '7': {
          char32_t value = static_cast<char32_t>(c - '0');
          for (int i = 0; i < 2 && at_ + 1 < source_.size() && source_[at_ + 1] >= '0' && source_[at_ + 1] <= '7'; ++i)
            value = value * 8 + static_cast<char32_t>(source_[++at_] - '0');
          append_utf8(text, value);
          break;
        }
        default:  // Python keeps the backslash of an escape it does not know
          text += '\\';
          text += c;
      }
    }
    if (at_ >= source_.size()) return wrong("a string does not end");
    ++at_;
    push(Kind::string, std::move(text));
    return {};
  }

  // at_ stands on the letter; leaves it on the last digit.
  bool escape(std::string& text, std::size_t digits) {
    char32_t value = 0;
    std::size_t read = 0;
    while (read < digits && at_ + 1 < source_.size()) {
      char c = source_[at_ + 1];
      int v = digit(c) ? c - '0' : c >= 'a' && c <= 'f' ? c - 'a' + 10 : c >= 'A' && c <= 'F' ? c - 'A' + 10 : -1;
      if (v < 0) break;
      value = value << 4 | static_cast<char32_t>(v);
      ++at_;
      ++read;
    }
    if (read < digits || value > 0x10FFFF) return false;
    append_utf8(text, value < 0xD800 || value > 0xDFFF ? value : 0xFFFD);
    return true;
  }

  std::string source_;
  LexerOptions options_;
  std::size_t at_ = 0;
  int line_ = 1;
  std::vector<Lexeme> out_;
};

}  // namespace

Result<std::vector<Lexeme>> lex(std::string_view source, const LexerOptions& options) {
  std::string text = replace_all(replace_all(source, "\r\n", "\n"), "\r", "\n");
  if (!options.keep_trailing_newline && text.ends_with('\n')) text.pop_back();
  return Lexer(std::move(text), options).run();
}

}  // namespace assay::jinja
