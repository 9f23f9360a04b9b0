// FILE.part: a file while its bytes come. Locked, so that two programs never write to the same one; never written through a link.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include "base/error.h"

namespace assay {

class PartFile {
 public:
  /// Opens or makes the file and the folders above it. Errors: io (no room, no right, a link or no file stands there, in use).
  static Result<std::unique_ptr<PartFile>> open(const std::filesystem::path& path);
  ~PartFile();
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;

  std::uint64_t size() const { return size_; }
  const std::filesystem::path& path() const { return path_; }

  // False when the disk refuses; error() then says why.
  bool append(std::string_view bytes);
  bool write_at(std::uint64_t offset, std::string_view bytes);  // grows the file where it must
  bool truncate(std::uint64_t size);                            // shorter, or longer with a hole
  bool drop_front(std::uint64_t count);
  bool sync();
  Error error() const;  // io

 private:
  PartFile(std::filesystem::path path, int fd) : path_(std::move(path)), fd_(fd) {}
  bool note();
  std::filesystem::path path_;
  int fd_;
  std::uint64_t size_ = 0;
  std::string reason_;
};

}  // namespace assay
