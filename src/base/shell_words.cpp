#include "base/shell_words.h"

namespace assay {

Result<std::vector<std::string>> split_shell_words(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  bool inside = false;  // a word has begun, if only with ''
  for (std::size_t i = 0; i < text.size(); ++i) {
    char c = text[i];
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') {
      if (inside) words.push_back(std::move(word));
      word.clear();
      inside = false;
      continue;
    }
    inside = true;
    if (c == '\\') {
      if (++i == text.size()) return fail(ErrorKind::usage, "a backslash ends the words", std::string(text), "write \\\\ for a backslash");
      word += text[i];
    } else if (c == '\'' || c == '"') {
      for (++i; i < text.size() && text[i] != c; ++i) {
        if (c == '"' && text[i] == '\\' && i + 1 < text.size() && (text[i + 1] == '"' || text[i + 1] == '\\')) ++i;
        word += text[i];
      }
      if (i == text.size())
        return fail(ErrorKind::usage, std::string("a quotation is not closed: ") + c, std::string(text), "put the closing quote, or write \\" + std::string(1, c));
    } else {
      word += c;
    }
  }
  if (inside) words.push_back(std::move(word));
  return words;
}

std::string join_shell_words(const std::vector<std::string>& words) {
  std::string out;
  for (const std::string& word : words) {
    if (!out.empty()) out += ' ';
    bool plain = !word.empty();
    for (char c : word)
      plain = plain && ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || std::string_view("@%+=:,./-_").find(c) != std::string_view::npos);
    if (plain) {
      out += word;
      continue;
    }
    out += '\'';
    for (char c : word) {
      if (c == '\'') out += "'\"'\"'";
      else out += c;
    }
    out += '\'';
  }
  return out;
}

}  // namespace assay
