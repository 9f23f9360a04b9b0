#include "base/secret.h"

#include <openssl/crypto.h>

#include <charconv>

namespace assay {
namespace {

/// The character at `at`, which JSON may have escaped, and its length there. An escape that is none of ASCII's printable ones is a line break: no key has one.
std::pair<char, std::size_t> character_at(std::string_view text, std::size_t at) {
  if (text[at] != '\\' || at + 1 == text.size()) return {text[at], 1};
  const char next = text[at + 1];
  if (next == '"' || next == '\\' || next == '/') return {next, 2};
  unsigned code = 0;
  if (next == 'u' && at + 6 <= text.size())
    if (auto [end, error] = std::from_chars(text.data() + at + 2, text.data() + at + 6, code, 16); end == text.data() + at + 6 && code > 0x20 && code < 0x7f)
      return {static_cast<char>(code), 6};
  return {'\n', 2};
}

/// How long `value` is in `text` at `at`, as it is or escaped; 0 = it is not there.
std::size_t length_at(std::string_view text, std::size_t at, std::string_view value) {
  if (text[at] != value[0] && text[at] != '\\') return 0;
  if (text.substr(at).starts_with(value)) return value.size();
  std::size_t end = at;
  for (char wanted : value) {
    if (end >= text.size()) return 0;
    auto [is, length] = character_at(text, end);
    if (is != wanted) return 0;
    end += length;
  }
  return end - at;
}

}  // namespace

Secret::~Secret() {
  if (!value_.empty()) OPENSSL_cleanse(value_.data(), value_.size());
}

std::string Secret::redact(std::string text) const {
  if (value_.size() < 4) return text;
  if (text.find('\\') == std::string::npos && text.find(value_) == std::string::npos) return text;
  std::string out;
  std::size_t kept = 0;  // of `text`, in `out`
  for (std::size_t at = 0; at < text.size();) {
    const std::size_t length = length_at(text, at, value_);
    if (length == 0) {
      ++at;
      continue;
    }
    out.append(text, kept, at - kept).append("[secret]");
    kept = at += length;
  }
  if (kept == 0) return text;
  return out.append(text, kept);
}

}  // namespace assay
