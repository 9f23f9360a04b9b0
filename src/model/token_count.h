// Counts of tokens as servers tell them and journals keep them. They are added up, so what no request can have is no count:
// negative ones and those beyond 10^12.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>

#include "base/json.h"

namespace assay {

inline std::optional<std::int64_t> possible_count(std::optional<std::int64_t> told) {
  constexpr std::int64_t kMost = 1'000'000'000'000;
  return told && *told >= 0 && *told <= kMost ? told : std::nullopt;
}
inline std::optional<std::int64_t> token_count(const json::value& object, std::string_view key) {
  return possible_count(get_integer(object, key));
}

}  // namespace assay
