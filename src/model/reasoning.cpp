#include "model/reasoning.h"

#include "base/text.h"

namespace assay {

ReasoningSplit split_reasoning(std::string text) {
  constexpr std::string_view kOpen = "<think>", kClose = "</think>";
  if (text.find(kOpen) == std::string::npos && text.find(kClose) == std::string::npos) return {std::move(text), {}};
  ReasoningSplit out;
  std::string_view rest = text;
  auto keep = [&](std::string_view thought) {
    thought = strip(thought);
    if (thought.empty()) return;
    if (!out.reasoning.empty()) out.reasoning += "\n\n";
    out.reasoning += thought;
  };
  bool first = true;
  while (true) {
    std::string_view start = lstrip(rest);
    bool opened = start.starts_with(kOpen);
    if (!opened && !first) break;
    std::size_t close = start.find(kClose);
    if (opened && close == std::string_view::npos) {
      keep(start.substr(kOpen.size()));
      rest = {};
      break;
    }
    // Without an opening tag at the start, a closing tag counts only when no block is opened (quoted) before it.
    if (!opened && (close == std::string_view::npos || start.find(kOpen) < close)) break;
    std::size_t from = opened ? kOpen.size() : 0;
    keep(start.substr(from, close - from));
    rest = lstrip(start.substr(close + kClose.size()));
    first = false;
  }
  out.answer = rest;
  return out;
}

void take_thinking_apart(Response& response, bool opened) {
  ReasoningSplit split = split_reasoning(opened ? "<think>" + response.text : std::move(response.text));
  response.text = std::move(split.answer);
  if (split.reasoning.empty()) return;
  if (!response.reasoning.empty()) response.reasoning += "\n\n";
  response.reasoning += split.reasoning;
}

bool opens_thinking(std::string_view prompt) {
  return rstrip(prompt).ends_with("<think>");
}

}  // namespace assay
