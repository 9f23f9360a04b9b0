#include "prompt/jinja_lexer.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>

#include "base/text.h"

namespace assay::jinja {
namespace {

bool blank(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\v' || c == '\f';
}
bool name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
bool digit(char c) {
  return c >= '0' && c <= '9';
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
  std::unexpected<Error> wrong(const std::string& message) const {
    return fail(ErrorKind::data, "the template cannot be read: " + message, "line " + std::to_string(line_));
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
      while (!text.empty() && blank(text.back())) text.pop_back();
    } else if (options_.lstrip_blocks && control != '+' && type != '{') {
      std::size_t end = text.find_last_not_of(" \t\v\f");
      bool at_line_start =
          end == std::string::npos ? open - text.size() == 0 || source_[open - text.size() - 1] == '\n' : text[end] == '\n';
      if (at_line_start) text.resize(end == std::string::npos ? 0 : end + 1);
    }
    if (!text.empty()) push(Kind::text, std::move(text));
    count_lines(at_, open);
    at_ = open + 2;
    if (control == '-' || control == '+') ++at_;
    if (type == '#') return comment();
    return tag(type == '{');
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
    std::size_t from = at_;
    if (minus) {
      while (at_ < source_.size() && blank(source_[at_])) ++at_;
    } else if (block && options_.trim_blocks && !plus && at_ < source_.size() && source_[at_] == '\n') {
      ++at_;
    }
    count_lines(from, at_);
  }

  Result<void> tag(bool output) {
    push(output ? Kind::output_begin : Kind::tag_begin, "");
    std::size_t first = out_.size();
    std::string_view close = output ? "}}" : "%}";
    std::string nesting;
    for (;;) {
      while (at_ < source_.size() && blank(source_[at_])) {
        if (source_[at_] == '\n') ++line_;
        ++at_;
      }
      if (at_ >= source_.size()) return wrong(output ? "'{{' without '}}'" : "'{%' without '%}'");
      char control = source_[at_];
      bool signed_close = (control == '-' || control == '+') && std::string_view(source_).substr(at_ + 1).starts_with(close);
      if (nesting.empty() && (starts(close) || signed_close)) {
        at_ += close.size() + (signed_close ? 1 : 0);
        push(output ? Kind::output_end : Kind::tag_end, "");
        bool raw = !output && out_.size() == first + 2 && out_[first].is(Kind::name, "raw");
        if (raw) {
          out_.resize(first - 1);
          return raw_block(signed_close && control == '-');
        }
        after_tag(signed_close && control == '-', signed_close && control == '+', !output);
        return {};
      }
      if (auto done = lexeme(nesting); !done) return done;
    }
  }

  Result<void> raw_block(bool minus) {
    after_tag(minus, false, true);
    for (std::size_t open = at_; (open = source_.find("{%", open)) != std::string::npos; ++open) {
      std::size_t p = open + 2;
      bool strip_before = p < source_.size() && source_[p] == '-';
      if (strip_before || (p < source_.size() && source_[p] == '+')) ++p;
      while (p < source_.size() && blank(source_[p])) ++p;
      if (source_.compare(p, 6, "endraw") != 0) continue;
      p += 6;
      while (p < source_.size() && blank(source_[p])) ++p;
      bool strip_after = p < source_.size() && source_[p] == '-', plus = p < source_.size() && source_[p] == '+';
      if (strip_after || plus) ++p;
      if (source_.compare(p, 2, "%}") != 0) continue;
      std::string text = source_.substr(at_, open - at_);
      if (strip_before)
        while (!text.empty() && blank(text.back())) text.pop_back();
      if (!text.empty()) push(Kind::text, std::move(text));
      count_lines(at_, p);
      at_ = p + 2;
      after_tag(strip_after, plus, true);
      return {};
    }
    return wrong("'raw' without 'endraw'");
  }

  Result<void> lexeme(std::string& nesting) {
    char c = source_[at_];
    if (name_start(c)) {
      std::size_t begin = at_;
      while (at_ < source_.size() && (name_start(source_[at_]) || digit(source_[at_]))) ++at_;
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

  Result<void> number() {
    if (source_[at_] == '0' && at_ + 2 < source_.size()) {  // 0x1f, 0o17, 0b11
      char letter = static_cast<char>(source_[at_ + 1] | 0x20);
      int base = letter == 'x' ? 16 : letter == 'o' ? 8 : letter == 'b' ? 2 : 0;
      std::string digits;
      std::size_t p = at_ + 2;
      for (; base != 0 && p < source_.size() && (std::isxdigit(static_cast<unsigned char>(source_[p])) || source_[p] == '_'); ++p)
        if (source_[p] != '_') digits += source_[p];
      std::int64_t value = 0;
      auto [end, code] = std::from_chars(digits.data(), digits.data() + digits.size(), value, base == 0 ? 10 : base);
      if (!digits.empty() && code == std::errc() && end == digits.data() + digits.size()) {
        at_ = p;
        push(Kind::integer, std::to_string(value));
        return {};
      }
    }
    std::string text;
    bool real = false;
    auto digits = [&] {
      while (at_ < source_.size() && (digit(source_[at_]) || source_[at_] == '_')) {
        if (source_[at_] != '_') text += source_[at_];
        ++at_;
      }
    };
    digits();
    if (at_ + 1 < source_.size() && source_[at_] == '.' && digit(source_[at_ + 1])) {
      real = true;
      text += source_[at_++];
      digits();
    }
    if (at_ < source_.size() && (source_[at_] == 'e' || source_[at_] == 'E')) {
      std::size_t p = at_ + 1;
      if (p < source_.size() && (source_[p] == '+' || source_[p] == '-')) ++p;
      if (p < source_.size() && digit(source_[p])) {
        real = true;
        text += source_.substr(at_, p - at_);
        at_ = p;
        digits();
      }
    }
    push(real ? Kind::real : Kind::integer, std::move(text));
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
          escape(text, 2);
          break;
        case 'u':
          escape(text, 4);
          break;
        case 'U':
          escape(text, 8);
          break;
        case '0':
          text += '\0';
          break;
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
  void escape(std::string& text, std::size_t digits) {
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
    bool scalar = value <= 0x10FFFF && (value < 0xD800 || value > 0xDFFF);
    append_utf8(text, scalar ? value : 0xFFFD);
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
