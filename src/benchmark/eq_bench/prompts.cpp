#include "benchmark/eq_bench/prompts.h"

#include <optional>

#include "base/text.h"

namespace assay::eq_bench {
namespace {

/// text[:find(marker)] of Python: without the marker everything but the last code point.
std::string_view before(std::string_view text, std::string_view marker) {
  std::size_t at = text.find(marker);
  if (at != std::string_view::npos) return text.substr(0, at);
  std::size_t n = count_code_points(text);
  return text.substr(0, n == 0 ? 0 : offset_of_code_point(text, n - 1));
}

/// text[-1:] of Python: the last code point alone.
std::string_view last(std::string_view text) {
  std::size_t n = count_code_points(text);
  return text.substr(n == 0 ? 0 : offset_of_code_point(text, n - 1));
}

/// text[find(marker):] of Python.
std::string_view from(std::string_view text, std::string_view marker) {
  std::size_t at = text.find(marker);
  return at == std::string_view::npos ? last(text) : text.substr(at);
}

std::string english(std::string_view stored) {
  std::string text = replace_all(
      stored, " Then critique your answer by thinking it through step by step. Finally, give your revised scores.", "");
  text = replace_all(text, "First pass scores:\n", "");
  std::string out(before(text, "Critique: <your critique here>"));
  out += '\n';
  out += from(text, "[End of answer]");
  out += "\nYour answer:\n";
  return out;
}

std::string german(std::string_view stored) {
  constexpr std::string_view instruction = "Geben Sie jeder dieser möglichen Emotionen";
  const std::size_t begin = stored.find(instruction);
  const std::size_t end = begin == std::string_view::npos ? begin : stored.find('\n', begin);
  std::string text(before(stored, instruction));
  text +=
      "Geben Sie jeder dieser möglichen Emotionen eine Punktzahl von 0-10 für die relative Intensität, die sie wahrscheinlich fühlen werden.";
  text += end == std::string_view::npos ? last(stored) : stored.substr(end);
  text = replace_all(text, "Erste Bewertung:\n", "");
  std::string out(before(text, "Kritik: <Ihre Kritik hier>"));
  out += '\n';
  out += from(text, "[Ende der Antwort]");
  out += "\nIhre Antwort:\n";
  return out;
}

}  // namespace

std::string prompt_to_send(std::string_view stored, const Protocol& protocol) {
  if (protocol.revise || protocol.version == 1) return std::string(stored);
  switch (protocol.language) {
    case Language::en:
      return english(stored);
    case Language::de:
      return german(stored);
    case Language::ja:
    case Language::jahalf:
      break;  // upstream leaves the revision wording in, and the published figures were made that way
  }
  return std::string(stored);
}

}  // namespace assay::eq_bench
