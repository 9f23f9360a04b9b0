// Reads the head of a GGUF file and proves that the rest is there, before the engine library sees it: that library trusts
// what it reads. Every count and offset is checked against the size of the file; nothing is allocated on the file's word alone.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <variant>

#include "base/error.h"

namespace assay {

struct GgufFile {
  using Value = std::variant<std::uint64_t, std::int64_t, double, bool, std::string>;
  std::uint32_t version = 0;
  std::uint64_t size = 0;  // bytes
  std::uint64_t tensor_count = 0;
  std::uint64_t parameters = 0;                      // elements of all tensors
  std::map<std::string, Value, std::less<>> values;  // scalars and strings
  struct Array {
    std::uint32_t type = 0;  // of the elements, in the format's numbering: 5 int32, 6 float32, 8 string
    std::uint64_t length = 0;
  };
  std::map<std::string, Array, std::less<>> arrays;        // only what they are; the vocabulary is checked, not kept
  std::uint64_t array_length(std::string_view key) const;  // 0 when absent

  std::string text(std::string_view key) const;                     // "" when absent or no string
  std::optional<std::uint64_t> number(std::string_view key) const;  // a non-negative integer
  /// `number` of "ARCHITECTURE.key", e.g. hyper("context_length").
  std::optional<std::uint64_t> hyper(std::string_view key) const;
  std::string architecture() const { return text("general.architecture"); }
  std::string chat_template() const { return text("tokenizer.chat_template"); }
};

/// Errors: not_found, io; data when it is no GGUF, of an unknown version, truncated or self-contradictory (which, and where).
Result<GgufFile> read_gguf(const std::filesystem::path& path);

}  // namespace assay
