// The checksum of a stored answer: finds a text that was changed behind SQLite's back, which a page check does not.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "base/hash.h"
#include "journal/journal.h"

namespace assay {

/// The first 64 bits, as a signed big-endian number, of the SHA-256 of the status digit (0 answered, 1 failed) and the response.
inline std::int64_t response_sum(AnswerStatus status, std::string_view response) {
  std::string text;
  text.reserve(response.size() + 1);
  text += status == AnswerStatus::failed ? '1' : '0';
  text += response;
  std::uint64_t sum = 0;
  Key key = key_of(text);
  for (std::size_t i = 0; i < 8; ++i) sum = sum << 8 | key.bytes[i];
  return static_cast<std::int64_t>(sum);
}

}  // namespace assay
