// A file that takes another's place when it is whole.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/error.h"

namespace assay {

/// Writes to a temporary neighbour of its own; commit() syncs it and renames it over the file: readers see the old one or the new one, never half, and
/// what the disk refused leaves the old one. Links are followed. What is no regular file (a pipe, /dev/stdout) is written as it is, not replaced.
/// Without commit() nothing is left behind. Errors: io. Not thread-safe; any number of writers, also of one file, are.
class AtomicFile {
 public:
  /// Makes parent folders.
  static Result<AtomicFile> open(const std::filesystem::path& path);
  AtomicFile(AtomicFile&& other) noexcept;
  AtomicFile& operator=(AtomicFile&&) = delete;
  ~AtomicFile();

  /// Gathers up to 64 KiB.
  Result<void> write(std::string_view content);
  Result<void> commit();

 private:
  AtomicFile() = default;
  Result<void> put(std::string_view content);

  std::filesystem::path path_, temporary_;  // no temporary: written in place
  std::string gathered_;
  int fd_ = -1;
};

}  // namespace assay
