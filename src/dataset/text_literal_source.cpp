#include "dataset/text_literal_source.h"

#include "base/hash.h"
#include "base/json.h"
#include "base/python_quoted.h"

namespace assay {
namespace {

constexpr std::size_t kMostSource = std::size_t{4} << 20;
constexpr std::size_t kShortest = 64;  // shorter literals are names and signs: no pack describes them

bool name_part(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_'; }

/// {name} as @@name@@, doubled braces as one. Null for anything else between braces.
std::optional<std::string> with_marks(std::string_view text) {
  std::string out;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '{' && text[i] != '}') {
      out += text[i];
      continue;
    }
    if (text.substr(i, 2) == "{{" || text.substr(i, 2) == "}}") {
      out += text[i++];
      continue;
    }
    const std::size_t end = text.find('}', i);
    if (text[i] == '}' || end == std::string_view::npos) return std::nullopt;
    const std::string_view name = text.substr(i + 1, end - i - 1);
    for (char c : name)
      if (!name_part(c)) return std::nullopt;
    out += "@@";
    out += name == "gold_ans" ? "gold_answers" : name;
    out += "@@";
    i = end;
  }
  return out;
}

std::optional<std::string> in_value(const json::value& value, std::string_view sha256) {
  if (value.is_string()) {
    std::string text(value.get_string());
    if (text.size() >= kShortest && sha256_hex(text) == sha256) return text;
  } else if (value.is_array()) {
    for (const json::value& item : value.get_array())
      if (auto found = in_value(item, sha256)) return found;
  } else if (value.is_object()) {
    for (const auto& member : value.get_object())
      if (auto found = in_value(member.value(), sha256)) return found;
  }
  return std::nullopt;
}

std::optional<std::string> in_program(std::string_view program, std::string_view sha256) {
  std::string run;  // plain literals with nothing but blanks and comments between them are one text
  std::size_t pieces = 0;
  auto run_fits = [&] { return pieces > 1 && run.size() >= kShortest && sha256_hex(run) == sha256; };
  for (std::size_t at = 0; at < program.size();) {
    const char c = program[at];
    if (c == '#') {
      at = std::min(program.find('\n', at), program.size());
      continue;
    }
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\\') {
      ++at;
      continue;
    }
    const bool quote = c == '"' || c == '\'';
    if (pieces > 0 && !quote) {
      if (run_fits()) return run;
      run.clear();
      pieces = 0;
    }
    std::size_t begin = at;
    bool formatted = false, raw = false, bytes = false;
    if (name_part(c)) {
      while (at < program.size() && name_part(program[at])) ++at;
      if (at == program.size() || (program[at] != '"' && program[at] != '\'') || at - begin > 2) continue;
      for (char p : program.substr(begin, at - begin)) {
        formatted = formatted || p == 'f' || p == 'F';
        raw = raw || p == 'r' || p == 'R';
        bytes = bytes || p == 'b' || p == 'B';
      }
    } else if (c != '"' && c != '\'') {
      ++at;
      continue;
    }
    std::string text;
    auto end = read_python_quoted(program, at, raw, bytes, text);
    if (!end) {
      ++at;
      continue;
    }
    at = *end;
    if (!quote) {
      run.clear();  // a prefix changes what the text is; such pieces are looked at alone
      pieces = 0;
    } else {
      run += text;
      ++pieces;
    }
    if (text.size() < kShortest || bytes) continue;
    if (formatted) {
      auto marked = with_marks(text);
      if (!marked) continue;
      text = std::move(*marked);
    }
    if (sha256_hex(text) == sha256) return text;
  }
  if (run_fits()) return run;
  return std::nullopt;
}

}  // namespace

std::optional<std::string> text_with_sum(std::string_view source, std::string_view sha256) {
  if (source.size() > kMostSource) return std::nullopt;
  const std::size_t first = source.find_first_not_of(" \t\r\n");
  if (first != std::string_view::npos && (source[first] == '{' || source[first] == '['))
    if (auto document = parse_json(source)) return in_value(*document, sha256);
  return in_program(source, sha256);
}

}  // namespace assay
