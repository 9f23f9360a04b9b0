#include "base/python_json.h"

#include <charconv>
#include <cstdlib>
#include <limits>
#include <string>
#include <unordered_map>

#include "base/python_integer.h"
#include "base/python_quoted.h"
#include "base/text.h"

namespace assay {
namespace {

using Kind = PythonValue::Kind;
constexpr int kMaxDepth = 256;

class Reader {
 public:
  explicit Reader(std::string_view text) : text_(text) {}

  Result<PythonValue> read() {
    skip_blanks();
    auto value = this->value();
    if (!value) return value;
    skip_blanks();
    if (at_ != text_.size()) return error("text after the value");
    return value;
  }

 private:
  std::unexpected<Error> error(const std::string& what) const {
    std::size_t line = 1, start = 0;
    for (std::size_t i = 0; i < at_ && i < text_.size(); ++i) {
      if (text_[i] == '\n') {
        ++line;
        start = i + 1;
      }
    }
    return fail(ErrorKind::data, "not JSON: " + what, std::to_string(line) + ":" + std::to_string(at_ - start + 1));
  }
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }
  void skip_blanks() {
    while (peek() == ' ' || peek() == '\t' || peek() == '\n' || peek() == '\r') ++at_;
  }
  bool take(std::string_view word) {
    if (text_.substr(at_, word.size()) != word) return false;
    at_ += word.size();
    return true;
  }

  Result<PythonValue> value() {
    char c = peek();
    if (c == '"') return text();
    if (c == '{') return object();
    if (c == '[') return array();
    if (take("null")) return PythonValue{};
    if (take("true")) return PythonValue::of(true);
    if (take("false")) return PythonValue::of(false);
    if (take("NaN")) return PythonValue::of(std::numeric_limits<double>::quiet_NaN());
    if (take("Infinity")) return PythonValue::of(std::numeric_limits<double>::infinity());
    if (take("-Infinity")) return PythonValue::of(-std::numeric_limits<double>::infinity());
    return number();
  }

  Result<PythonValue> array() {
    PythonValue value;
    value.kind = Kind::list;
    if (++depth_ > kMaxDepth) return error("too many levels");
    ++at_;
    skip_blanks();
    if (peek() == ']') {
      ++at_;
      --depth_;
      return value;
    }
    while (true) {
      skip_blanks();
      auto item = this->value();
      if (!item) return item;
      value.items.push_back(std::move(*item));
      skip_blanks();
      if (peek() == ']') break;
      if (peek() != ',') return error("\",\" or \"]\" is missing");
      ++at_;
    }
    ++at_;
    --depth_;
    return value;
  }

  Result<PythonValue> object() {
    PythonValue value;
    value.kind = Kind::dict;
    if (++depth_ > kMaxDepth) return error("too many levels");
    ++at_;
    skip_blanks();
    if (peek() == '}') {
      ++at_;
      --depth_;
      return value;
    }
    std::unordered_map<std::string, std::size_t> seen;
    while (true) {
      skip_blanks();
      if (peek() != '"') return error("a key in double quotes is missing");
      auto key = text();
      if (!key) return key;
      skip_blanks();
      if (peek() != ':') return error("\":\" is missing");
      ++at_;
      skip_blanks();
      auto item = this->value();
      if (!item) return item;
      auto [place, fresh] = seen.emplace(key->text, value.items.size());
      if (fresh) {
        value.items.push_back(std::move(*key));
        value.items.push_back(std::move(*item));
      } else {
        value.items[place->second + 1] = std::move(*item);
      }
      skip_blanks();
      if (peek() == '}') break;
      if (peek() != ',') return error("\",\" or \"}\" is missing");
      ++at_;
    }
    ++at_;
    --depth_;
    return value;
  }

  Result<PythonValue> number() {
    std::size_t start = at_;
    auto digits = [&] {
      std::size_t before = at_;
      while (peek() >= '0' && peek() <= '9') ++at_;
      return at_ > before;
    };
    if (peek() == '-') ++at_;
    bool zero = peek() == '0';
    if (zero)
      ++at_;
    else if (!digits())
      return error(at_ == text_.size() ? "the text ends" : "unexpected character");
    bool whole = true;
    if (peek() == '.' && peek(1) >= '0' && peek(1) <= '9') {
      ++at_;
      digits();
      whole = false;
    }
    if (peek() == 'e' || peek() == 'E') {
      std::size_t sign = peek(1) == '+' || peek(1) == '-' ? 1 : 0;
      if (peek(1 + sign) >= '0' && peek(1 + sign) <= '9') {
        at_ += 1 + sign;
        digits();
        whole = false;
      }
    }
    std::string plain(text_.substr(start, at_ - start));
    if (!whole) return PythonValue::of(std::strtod(plain.c_str(), nullptr));
    const bool negative = plain[0] == '-';
    const std::string_view digits_alone = std::string_view(plain).substr(negative ? 1 : 0);
    if (digits_alone.size() > kMostPythonDigits) return error("too long a number");
    return PythonInteger::read(digits_alone, 10, negative);
  }

  // Four hexadecimal digits at `at`.
  std::optional<char32_t> unit(std::size_t at) const {
    char32_t code = 0;
    for (std::size_t i = 0; i < 4; ++i) {
      int digit = at + i < text_.size() ? python_hex_digit(text_[at + i]) : 99;
      if (digit > 15) return std::nullopt;
      code = code * 16 + static_cast<char32_t>(digit);
    }
    return code;
  }

  Result<PythonValue> text() {
    PythonValue value;
    value.kind = Kind::text;
    ++at_;
    while (true) {
      if (at_ == text_.size()) return error("a text without end");
      char c = text_[at_];
      if (c == '"') {
        ++at_;
        return value;
      }
      if (static_cast<unsigned char>(c) < 0x20) return error("a control character in a text");
      if (c != '\\') {
        value.text += c;
        ++at_;
        continue;
      }
      constexpr std::string_view kLetters = "\"\\/bfnrt", kMeaning = "\"\\/\b\f\n\r\t";
      if (peek(1) == 'u') {
        auto code = unit(at_ + 2);
        if (!code) return error("an escape with too few digits");
        at_ += 6;
        if (*code >= 0xD800 && *code < 0xDC00 && peek() == '\\' && peek(1) == 'u') {
          auto low = unit(at_ + 2);
          if (low && *low >= 0xDC00 && *low < 0xE000) {
            *code = 0x10000 + ((*code - 0xD800) << 10) + (*low - 0xDC00);
            at_ += 6;
          }
        }
        append_utf8(value.text, *code >= 0xD800 && *code < 0xE000 ? 0xFFFD : *code);
        continue;
      }
      std::size_t i = at_ + 1 < text_.size() ? kLetters.find(peek(1)) : std::string_view::npos;
      if (i == std::string_view::npos) return error("an unknown escape");
      value.text += kMeaning[i];
      at_ += 2;
    }
  }

  std::string_view text_;
  std::size_t at_ = 0;
  int depth_ = 0;
};

}  // namespace

Result<PythonValue> read_python_json(std::string_view text) {
  return Reader(text).read();
}

Result<json::value> parse_python_document(std::string_view text, std::string_view where) {
  auto document = parse_json(text, where);
  if (!document && is_valid_utf8(text))
    if (auto lenient = read_python_json(text)) return to_json(*lenient);
  return document;
}

}  // namespace assay
