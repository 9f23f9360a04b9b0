#include "benchmark/alpaca_eval/nan_json.h"

namespace assay::alpaca_eval {

std::optional<std::string> nan_as_null(std::string_view json) {
  constexpr std::string_view kWords[] = {"NaN", "Infinity", "-Infinity"};
  std::string out;
  std::size_t copied = 0;
  bool inside = false;  // a text
  for (std::size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (inside) {
      if (c == '\\') ++i;
      inside = c != '"';
      continue;
    }
    inside = c == '"';
    if (c != 'N' && c != 'I' && c != '-') continue;
    for (std::string_view word : kWords) {
      if (json.substr(i, word.size()) != word) continue;
      out.append(json.substr(copied, i - copied)).append("null");
      i += word.size() - 1;
      copied = i + 1;
      break;
    }
  }
  if (copied == 0) return std::nullopt;
  out.append(json.substr(copied));
  return out;
}

}  // namespace assay::alpaca_eval
