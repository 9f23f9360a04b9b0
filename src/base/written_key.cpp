#include "base/written_key.h"

#include <algorithm>
#include <array>

#include "base/text.h"

namespace assay {
namespace {

/// The name in a word like NAME=value, a variable for `env`; else empty.
std::string_view variable_of(std::string_view word) {
  const std::string_view name = word.substr(0, std::min(word.find('='), word.size()));
  const bool plain = std::ranges::all_of(name, [](char c) { return c == '_' || (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z'); });
  return plain && name.size() < word.size() ? name : std::string_view();
}

}  // namespace

bool names_key(std::string_view option_or_variable) {
  std::string folded = lower(option_or_variable);
  if (folded.ends_with("file") || folded.ends_with("path") || folded.ends_with("id") || contains(folded, "tokens") || contains(folded, "tokenizer")) return false;
  return std::ranges::any_of(std::array<std::string_view, 4>{"key", "token", "password", "secret"}, [&](std::string_view part) { return contains(folded, part); });
}

std::string_view written_key(const std::vector<std::string>& words) {
  for (std::size_t i = 0; i < words.size(); ++i) {
    const std::string_view option = option_of(words[i]), name = option.empty() ? variable_of(words[i]) : option;
    if (name.empty() || !names_key(name)) continue;
    const bool inside = name.size() < words[i].size(), follows = !inside && i + 1 < words.size() && !words[i + 1].starts_with("--");
    const std::string_view value = inside ? std::string_view(words[i]).substr(name.size() + 1) : follows ? std::string_view(words[i + 1]) : std::string_view();
    if (!value.empty() && value != "{key}") return name;
  }
  return {};
}

std::string_view option_of(std::string_view word) { return word.starts_with("-") ? word.substr(0, word.find('=')) : std::string_view(); }

}  // namespace assay
