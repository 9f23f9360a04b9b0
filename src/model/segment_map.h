// FILE.part.map: which bytes of a FILE.part that several transfers fill at once are there. A line of text that says which file it is for,
// then eight bytes (little-endian) a segment: how many of its bytes have come, counted from its beginning. Written after the bytes
// themselves, so that a killed program finds at most too few of them counted; the file's sum decides in the end.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace assay {

class SegmentMap {
 public:
  /// Takes up the map at `path` when it is one of a file of that size and sum; else begins a new one, in which the first `prefix` bytes are
  /// there, with segments of `segment` bytes. `size` and `segment` > 0. Errors: io.
  static Result<std::unique_ptr<SegmentMap>> open(const std::filesystem::path& path, std::uint64_t size, std::string_view sum,
                                                  std::uint64_t segment, std::uint64_t prefix);
  ~SegmentMap();
  SegmentMap(const SegmentMap&) = delete;
  SegmentMap& operator=(const SegmentMap&) = delete;

  std::size_t count() const { return done_.size(); }
  std::uint64_t begin(std::size_t i) const { return i * segment_; }
  std::uint64_t end(std::size_t i) const { return std::min(size_, (i + 1) * segment_); }
  /// The first byte of segment `i` that lacks; end(i) when none does.
  std::uint64_t next(std::size_t i) const { return begin(i) + done_[i]; }
  std::uint64_t total_done() const;
  /// False when the disk refuses.
  bool advance(std::size_t i, std::uint64_t bytes);

 private:
  SegmentMap(int fd, std::uint64_t size, std::uint64_t segment);
  int fd_;
  std::uint64_t size_, segment_;
  std::size_t header_ = 0;
  std::vector<std::uint64_t> done_;
};

}  // namespace assay
