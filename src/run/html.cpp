#include "run/html.h"

#include "base/hash.h"
#include "base/text.h"
#include "run/display.h"

namespace assay {

std::string html_text(std::string_view text) {
  return escape_html(visible_text(text));
}

std::string html_line(std::string_view text, std::size_t code_points) {
  // A code point has at most four bytes: what is beyond cannot be needed, and may be megabytes.
  return escape_html(shorten(visible_line(text.substr(0, 4 * code_points + 8)), code_points));
}

std::string html_name(std::string_view text) {
  std::string out;
  for (char c : text) {
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' || c == '-';
    out += plain ? c : '-';
    if (out.size() == 64) break;
  }
  return out.empty() ? "-" : out;
}

std::string csp_hash(std::string_view text) {
  static constexpr char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string hex = sha256_hex(text);
  auto nibble = [](char c) { return static_cast<unsigned>(c <= '9' ? c - '0' : c - 'a' + 10); };
  unsigned bits = 0;
  int held = 0;
  std::string out = "sha256-";
  for (char c : hex) {
    bits = bits << 4 | nibble(c);
    held += 4;
    if (held >= 6) {
      held -= 6;
      out += digits[bits >> held & 63];
    }
  }
  // 256 bits: four are left over.
  out += digits[bits << (6 - held) & 63];
  out += '=';
  return out;
}

}  // namespace assay
