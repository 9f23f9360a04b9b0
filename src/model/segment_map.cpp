#include "model/segment_map.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <cstring>

#include "base/file.h"
#include "base/text.h"

namespace assay {
namespace {

constexpr std::size_t kMostSegments = std::size_t{1} << 20;

std::uint64_t read_number(const char* bytes) {
  std::uint64_t out = 0;
  for (int i = 7; i >= 0; --i) out = out << 8 | static_cast<unsigned char>(bytes[i]);
  return out;
}
void write_number(char* bytes, std::uint64_t number) {
  for (int i = 0; i < 8; ++i) bytes[i] = static_cast<char>(number >> 8 * i & 255);
}

bool write_all(int fd, std::string_view bytes, off_t at) {
  while (!bytes.empty()) {
    ssize_t n = ::pwrite(fd, bytes.data(), bytes.size(), at);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    at += n;
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

std::string header_line(std::uint64_t size, std::uint64_t segment, std::string_view sum) {
  return "assay-part 1 " + std::to_string(size) + " " + std::to_string(segment) + " " + std::string(sum) + "\n";
}

}  // namespace

SegmentMap::SegmentMap(int fd, std::uint64_t size, std::uint64_t segment)
    : fd_(fd), size_(size), segment_(segment), done_((size + segment - 1) / segment, 0) {}

SegmentMap::~SegmentMap() { ::close(fd_); }

Result<std::unique_ptr<SegmentMap>> SegmentMap::open(const std::filesystem::path& path, std::uint64_t size, std::string_view sum,
                                                     std::uint64_t segment, std::uint64_t prefix) {
  segment = std::max(segment, size / kMostSegments + 1);
  // An earlier run may have cut the file into other segments: its count stands.
  auto old = read_file(path, 1024 + 8 * kMostSegments);
  std::uint64_t old_segment = 0;
  std::size_t line = old ? old->find('\n') : std::string::npos;
  if (line != std::string::npos) {
    auto words = split(std::string_view(*old).substr(0, line), ' ');
    if (words.size() == 5) std::from_chars(words[3].data(), words[3].data() + words[3].size(), old_segment);
  }
  bool fits = old_segment > 0 && size / old_segment < kMostSegments && old->starts_with(header_line(size, old_segment, sum)) &&
              old->size() == line + 1 + 8 * ((size + old_segment - 1) / old_segment);

  int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | (fits ? 0 : O_TRUNC), 0644);
  if (fd < 0) return fail(ErrorKind::io, std::string("cannot write: ") + std::strerror(errno), path.string());
  auto map = std::unique_ptr<SegmentMap>(new SegmentMap(fd, size, fits ? old_segment : segment));
  if (fits) {
    map->header_ = line + 1;
    for (std::size_t i = 0; i < map->count(); ++i)
      map->done_[i] = std::min(read_number(old->data() + map->header_ + 8 * i), map->end(i) - map->begin(i));
    return map;
  }
  std::string text = header_line(size, segment, sum);
  map->header_ = text.size();
  for (std::size_t i = 0; i < map->count(); ++i) {
    if (prefix > map->begin(i)) map->done_[i] = std::min(prefix, map->end(i)) - map->begin(i);
    char bytes[8];
    write_number(bytes, map->done_[i]);
    text.append(bytes, 8);
  }
  if (!write_all(fd, text, 0))
    return fail(ErrorKind::io, std::string("cannot write: ") + std::strerror(errno), path.string(), "is there room on the disk?");
  return map;
}

std::uint64_t SegmentMap::total_done() const {
  std::uint64_t out = 0;
  for (std::uint64_t done : done_) out += done;
  return out;
}

bool SegmentMap::advance(std::size_t i, std::uint64_t bytes) {
  done_[i] = std::min(done_[i] + bytes, end(i) - begin(i));
  char number[8];
  write_number(number, done_[i]);
  return write_all(fd_, {number, 8}, static_cast<off_t>(header_ + 8 * i));
}

}  // namespace assay
