#include "base/python_quoted.h"

#include "base/text.h"

namespace assay {
namespace {

class Quoted {
 public:
  using Done = std::expected<void, PythonQuotedFault>;
  Quoted(std::string_view text, std::size_t at) : text_(text), at_(at) {}
  std::size_t at() const { return at_; }

  Done read(std::string& out, bool raw, bool bytes) {
    char quote = peek();
    bool triple = peek(1) == quote && peek(2) == quote;
    at_ += triple ? 3 : 1;
    while (true) {
      if (at_ == text_.size()) return error("a text without end");
      char c = text_[at_];
      if (c == quote && (!triple || (peek(1) == quote && peek(2) == quote))) {
        at_ += triple ? 3 : 1;
        return {};
      }
      if (c == '\n' && !triple) return error("a text that its line does not end");
      if (bytes && static_cast<unsigned char>(c) >= 0x80) return error("bytes with a character beyond ASCII");
      if (c != '\\') {
        out += c;
        ++at_;
        continue;
      }
      if (at_ + 1 == text_.size()) return error("a text without end");
      if (raw) {
        if (bytes && static_cast<unsigned char>(peek(1)) >= 0x80) return error("bytes with a character beyond ASCII");
        out += '\\';
        out += peek(1);
        at_ += 2;
        continue;
      }
      if (auto done = escape(out, bytes); !done) return done;
    }
  }

 private:
  Done escape(std::string& out, bool bytes) {
    char c = peek(1);
    constexpr std::string_view kLetters = "\\'\"abfnrtv", kMeaning = "\\'\"\a\b\f\n\r\t\v";
    if (std::size_t i = kLetters.find(c); i != std::string_view::npos) {
      out += kMeaning[i];
      at_ += 2;
      return {};
    }
    if (c == '\n') {
      at_ += 2;
      return {};
    }
    if (c >= '0' && c <= '7') {
      char32_t code = 0;
      ++at_;
      for (int i = 0; i < 3 && peek() >= '0' && peek() <= '7'; ++i) code = code * 8 + static_cast<char32_t>(text_[at_++] - '0');
      put(out, code, bytes);
      return {};
    }
    if (c == 'N' && !bytes) return error("\\N{...}, which is not understood");
    int length = c == 'x' ? 2 : bytes ? 0 : c == 'u' ? 4 : c == 'U' ? 8 : 0;
    if (length == 0) {  // no escape: the backslash stays
      out += '\\';
      ++at_;
      return {};
    }
    char32_t code = 0;
    for (int i = 0; i < length; ++i) {
      int digit = python_hex_digit(peek(2 + static_cast<std::size_t>(i)));
      if (digit > 15) return error("an escape with too few digits");
      code = code * 16 + static_cast<char32_t>(digit);
    }
    if (code > 0x10FFFF) return error("an escape beyond Unicode");
    at_ += 2 + static_cast<std::size_t>(length);
    put(out, code, bytes);
    return {};
  }

  static void put(std::string& out, char32_t code, bool bytes) {
    if (bytes)
      out += static_cast<char>(code & 0xFF);
    else
      append_utf8(out, code >= 0xD800 && code < 0xE000 ? 0xFFFD : code);
  }

  std::unexpected<PythonQuotedFault> error(std::string what) const {
    return std::unexpected(PythonQuotedFault{at_, std::move(what)});
  }
  char peek(std::size_t ahead = 0) const { return at_ + ahead < text_.size() ? text_[at_ + ahead] : '\0'; }

  std::string_view text_;
  std::size_t at_;
};

}  // namespace

int python_hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  if (c >= 'a' && c <= 'f') return c - 'a' + 10;
  if (c >= 'A' && c <= 'F') return c - 'A' + 10;
  return 99;
}

std::expected<std::size_t, PythonQuotedFault> read_python_quoted(std::string_view text, std::size_t at, bool raw, bool bytes,
                                                                 std::string& out) {
  Quoted quoted(text, at);
  if (auto done = quoted.read(out, raw, bytes); !done) return std::unexpected(done.error());
  return quoted.at();
}

}  // namespace assay
