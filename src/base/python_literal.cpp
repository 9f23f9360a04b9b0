#include "base/python_literal.h"

#include <cerrno>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <optional>
#include <string>
#include <unordered_map>

#include "base/python_integer.h"
#include "base/python_quoted.h"
#include "base/text.h"

namespace assay {
namespace {

using Kind = PythonValue::Kind;
constexpr int kMaxDepth = 200;

bool is_name_start(char c) {
  return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || static_cast<unsigned char>(c) >= 0x80;
}
bool is_decimal(char c) {
  return c >= '0' && c <= '9';
}
// Line ends as Python's tokeniser sees them.
std::string with_newlines(std::string_view text) {
  std::string result;
  result.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '\r') {
      result += '\n';
      if (i + 1 < text.size() && text[i + 1] == '\n') ++i;
    } else {
      result += text[i];
    }
  }
  return result;
}

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Result<PythonValue> read() {
    if (text_.find('\0') != std::string_view::npos) return fail(ErrorKind::data, "a NUL character", place(text_.find('\0')));
    if (!first_line()) return error("unexpected indent");
    auto value = expression_list();
    if (!value) return value;
    skip_blanks();
    std::size_t line = at_;
    while (at_ < text_.size()) {
      if (text_[at_] != '\n') return error("text after the value");
      line = ++at_;
      skip_blanks();
    }
    // What follows may be blank lines and comments; but Python minds a last line of blanks alone, or one that promises another.
    std::string_view last = text_.substr(line);
    if (joined_ == text_.size() ||
        (line > 0 && text_[line - 1] == '\n' && !last.empty() && last.find_first_not_of(" \t") == std::string_view::npos))
      return error("the text ends in the middle of a line");
    return value;
  }

 private:
  // To the first line that is not blank; false when it is indented. Blanks at the very beginning do not count.
  bool first_line() {
    while (peek() == ' ' || peek() == '\t') ++at_;
    bool indented = false;
    while (at_ < text_.size()) {
      char c = text_[at_];
      if (c == ' ' || c == '\t') {
        indented = true;
        ++at_;
      } else if (c == '\f' || c == '\n') {
        indented = false;
        ++at_;
      } else if (c == '\\' && peek(1) == '\n') {
        at_ += 2;
      } else if (c == '#') {
        while (at_ < text_.size() && text_[at_] != '\n') ++at_;
      } else {
        break;
      }
    }
    return !indented;
  }

  std::string place(std::size_t offset) const {
    std::size_t line = 1, start = 0;
    for (std::size_t i = 0; i < offset && i < text_.size(); ++i) {
      if (text_[i] == '\n') {
        ++line;
        start = i + 1;
      }
    }
    return std::to_string(line) + ":" + std::to_string(offset - start + 1);
  }
  std::unexpected<Error> error(const std::string& what) const {
    return fail(ErrorKind::data, "not a Python literal: " + what, place(at_));
  }

  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  // Blanks, comments, joined lines; inside brackets line ends as well.
  void skip_blanks() {
    while (at_ < text_.size()) {
      char c = text_[at_];
      if (c == ' ' || c == '\t' || c == '\f' || (c == '\n' && depth_ > 0)) {
        ++at_;
      } else if (c == '\\' && peek(1) == '\n') {
        at_ += 2;
        joined_ = at_;
      } else if (c == '#') {
        while (at_ < text_.size() && text_[at_] != '\n') ++at_;
      } else {
        return;
      }
    }
  }

  // "a, b" without brackets is a tuple.
  Result<PythonValue> expression_list() {
    auto first = expression();
    if (!first) return first;
    skip_blanks();
    if (peek() != ',') return first;
    PythonValue tuple;
    tuple.kind = Kind::tuple;
    tuple.items.push_back(std::move(*first));
    while (peek() == ',') {
      ++at_;
      skip_blanks();
      if (at_ == text_.size() || peek() == '\n' || peek() == ')') break;
      auto next = expression();
      if (!next) return next;
      tuple.items.push_back(std::move(*next));
      skip_blanks();
    }
    return tuple;
  }

  // A value; "+" and "-" stand before a number, and between a real and an imaginary one.
  Result<PythonValue> expression() {
    skip_blanks();
    bool sum = false;
    auto left = signed_value(sum);
    if (!left) return left;
    skip_blanks();
    if (peek() != '+' && peek() != '-') return left;
    if (sum || (left->kind != Kind::integer && left->kind != Kind::floating)) return error("this cannot be added");
    bool minus = peek() == '-';
    ++at_;
    skip_blanks();
    Shape shape = Shape::constant;
    auto right = primary(shape);
    if (!right) return right;
    if (shape != Shape::constant || right->kind != Kind::complex)
      return error("only a real and an imaginary number can be added");
    right->real = left->real;
    if (minus) right->imaginary = -right->imaginary;
    shape_ = Shape::sum;
    skip_blanks();
    if (peek() == '+' || peek() == '-') return error("this cannot be added");
    return right;
  }

  enum class Shape { constant, with_sign, sum };

  Result<PythonValue> signed_value(bool& sum) {
    char sign = peek();
    if (sign != '+' && sign != '-') {
      Shape shape = Shape::constant;
      auto value = primary(shape);
      sum = shape == Shape::sum;
      shape_ = shape;
      return value;
    }
    ++at_;
    skip_blanks();
    Shape shape = Shape::constant;
    auto value = primary(shape);
    if (!value) return value;
    if (shape != Shape::constant ||
        (value->kind != Kind::integer && value->kind != Kind::floating && value->kind != Kind::complex))
      return error("a sign stands before a plain number only");
    shape_ = Shape::with_sign;
    if (sign == '-') negate(*value);
    return value;
  }

  static void negate(PythonValue& value) {
    value.real = -value.real;
    value.imaginary = -value.imaginary;
    if (value.kind != Kind::integer) return;
    if (value.text.empty()) {
      value.integer = -value.integer;
      value.real = static_cast<double>(value.integer);
    } else if (value.text == "9223372036854775808") {
      value.text.clear();
      value.integer = INT64_MIN;
    } else {
      value.text.insert(0, 1, '-');
    }
  }

  // `shape`: what a bracketed expression was, for what may be done with it.
  Result<PythonValue> primary(Shape& shape) {
    char c = peek();
    if (c == '(') return parenthesis(shape);
    if (c == '[') return sequence(Kind::list, ']');
    if (c == '{') return braces();
    if (is_decimal(c) || (c == '.' && is_decimal(peek(1)))) return number();
    if (c == '"' || c == '\'') return texts();
    if (is_name_start(c)) {
      std::size_t end = at_;
      while (end < text_.size() && (is_name_start(text_[end]) || is_decimal(text_[end]))) ++end;
      std::string_view name = text_.substr(at_, end - at_);
      if (end < text_.size() && (text_[end] == '"' || text_[end] == '\'') && name.size() <= 2) return texts();
      return word(name);
    }
    return error(at_ == text_.size() ? "the text ends" : "unexpected character");
  }

  Result<PythonValue> word(std::string_view name) {
    PythonValue value;
    if (name == "True" || name == "False") {
      value = PythonValue::of(name == "True");
    } else if (name == "set") {
      std::size_t start = at_;
      at_ += name.size();
      skip_blanks();
      if (peek() == '(') {
        ++at_;
        ++depth_;
        skip_blanks();
        --depth_;
        if (peek() == ')') {
          ++at_;
          value.kind = Kind::set;
          return value;
        }
      }
      at_ = start;
      return error("the name \"set\"");
    } else if (name != "None") {
      return error("the name \"" + shorten(valid_utf8(name), 40) + "\"");
    }
    at_ += name.size();
    return value;
  }

  // Opens a bracket; false when too many are open.
  bool open() {
    ++at_;
    return ++depth_ <= kMaxDepth;
  }

  Result<PythonValue> parenthesis(Shape& shape) {
    if (!open()) return error("too many brackets");
    skip_blanks();
    if (peek() == ')') {
      ++at_;
      --depth_;
      PythonValue empty;
      empty.kind = Kind::tuple;
      return empty;
    }
    auto value = expression_list();
    if (!value) return value;
    skip_blanks();
    if (peek() != ')') return error("\")\" is missing");
    ++at_;
    --depth_;
    shape = value->kind == Kind::tuple ? Shape::constant : shape_;
    return value;
  }

  Result<PythonValue> sequence(Kind kind, char close) {
    PythonValue value;
    value.kind = kind;
    if (!open()) return error("too many brackets");
    skip_blanks();
    while (peek() != close) {
      auto item = expression();
      if (!item) return item;
      value.items.push_back(std::move(*item));
      skip_blanks();
      if (peek() == ',') {
        ++at_;
        skip_blanks();
      } else if (peek() != close) {
        return error(std::string("\",\" or \"") + close + "\" is missing");
      }
    }
    ++at_;
    --depth_;
    return value;
  }

  Result<PythonValue> braces() {
    PythonValue value;
    value.kind = Kind::dict;
    if (!open()) return error("too many brackets");
    std::unordered_map<std::string, std::size_t> seen;
    skip_blanks();
    for (bool first = true; peek() != '}'; first = false) {
      auto key = expression();
      if (!key) return key;
      skip_blanks();
      if (first && peek() != ':') value.kind = Kind::set;
      if (!is_hashable(*key)) return error("a key or member that may change");
      auto [place, fresh] = seen.emplace(identity(*key), value.items.size());
      if (value.kind == Kind::dict) {
        if (peek() != ':') return error("\":\" is missing");
        ++at_;
        auto item = expression();
        if (!item) return item;
        if (fresh) {
          value.items.push_back(std::move(*key));
          value.items.push_back(std::move(*item));
        } else {
          value.items[place->second + 1] = std::move(*item);
        }
      } else if (fresh) {
        value.items.push_back(std::move(*key));
      }
      skip_blanks();
      if (peek() == ',') {
        ++at_;
        skip_blanks();
      } else if (peek() != '}') {
        return error("\",\" or \"}\" is missing");
      }
    }
    ++at_;
    --depth_;
    return value;
  }

  // Takes digits of a base with single "_" between them; nullopt when they are not well formed.
  std::optional<std::string> digits(unsigned base, bool leading_underscore) {
    std::string result;
    bool may_join = leading_underscore;
    while (true) {
      if (peek() == '_' && may_join && python_hex_digit(peek(1)) < static_cast<int>(base)) {
        ++at_;
      } else if (python_hex_digit(peek()) < static_cast<int>(base)) {
        result += text_[at_++];
        may_join = true;
      } else {
        break;
      }
      if (text_[at_ - 1] == '_') may_join = false;
    }
    if (result.empty()) return std::nullopt;
    return result;
  }

  Result<PythonValue> integer(const std::string& digits, unsigned base) {
    std::size_t first = digits.find_first_not_of('0');
    std::string_view plain = first == std::string::npos ? "0" : std::string_view(digits).substr(first);
    if (plain.size() > kMostPythonDigits) return error("too long a number");
    return PythonInteger::read(plain, base);
  }

  Result<PythonValue> number() {
    char kind = static_cast<char>(peek(1) | 0x20);
    Result<PythonValue> value;
    unsigned base = kind == 'x' ? 16 : kind == 'o' ? 8 : kind == 'b' ? 2 : 10;
    if (peek() == '0' && base != 10) {
      at_ += 2;
      auto found = digits(base, true);
      if (!found) return error("a number without digits");
      value = integer(*found, base);
    } else {
      value = decimal();
    }
    if (!value) return value;
    if (is_name_start(peek()) || is_decimal(peek()) || (peek() == '.' && is_decimal(peek(1))))
      return error("a number goes on in letters or digits");
    return value;
  }

  Result<PythonValue> decimal() {
    std::string plain;
    bool fraction = false;
    if (peek() != '.') {
      auto whole = digits(10, false);
      if (!whole) return error("a number without digits");
      plain = *whole;
    }
    std::size_t whole_digits = plain.size();
    if (peek() == '.') {
      fraction = true;
      ++at_;
      plain += '.';
      if (is_decimal(peek())) plain += digits(10, false).value_or("");
    }
    if (peek() == 'e' || peek() == 'E') {
      std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
      if (is_decimal(peek(1 + sign))) {
        fraction = true;
        plain.append(text_.substr(at_, 1 + sign));
        at_ += 1 + sign;
        plain += digits(10, false).value_or("");
      }
    }
    bool imaginary = peek() == 'j' || peek() == 'J';
    if (!fraction && !imaginary) {
      if (whole_digits > 1 && plain[0] == '0' && plain.find_first_not_of('0') != std::string::npos)
        return error("a number with leading zeros");
      return integer(plain, 10);
    }
    PythonValue value = PythonValue::of(std::strtod(plain.c_str(), nullptr));
    if (imaginary) {
      ++at_;
      value.kind = Kind::complex;
      value.imaginary = value.real;
      value.real = 0;
    }
    return value;
  }

  // One or more adjacent texts, or bytes.
  Result<PythonValue> texts() {
    PythonValue value;
    bool first = true;
    while (true) {
      std::size_t prefix = 0;
      while (prefix < 2 && is_name_start(peek(prefix))) ++prefix;
      if (peek(prefix) != '"' && peek(prefix) != '\'') break;
      std::string letters = lower(text_.substr(at_, prefix));
      bool raw = letters == "r" || letters == "br" || letters == "rb",
           bytes = letters == "b" || letters == "br" || letters == "rb";
      if (!letters.empty() && !raw && !bytes && letters != "u") return error("a text with the prefix \"" + letters + "\"");
      Kind kind = bytes ? Kind::bytes : Kind::text;
      if (!first && kind != value.kind) return error("bytes and text side by side");
      value.kind = kind;
      first = false;
      at_ += prefix;
      auto end = read_python_quoted(text_, at_, raw, bytes, value.text);
      if (!end) {
        at_ = end.error().at;
        return error(end.error().what);
      }
      at_ = *end;
      skip_blanks();
    }
    return value;
  }

  std::string_view text_;
  std::size_t at_ = 0, joined_ = std::string_view::npos;  // where the line after the last "\\" begins
  int depth_ = 0;
  Shape shape_ = Shape::constant;  // of the expression read last
};

}  // namespace

Result<PythonValue> read_python_literal(std::string_view text) {
  std::string lines = with_newlines(text);
  return Reader(lines).read();
}

}  // namespace assay
