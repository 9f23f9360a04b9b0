#include "model/part_file.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <system_error>
#include <vector>

namespace assay {

namespace fs = std::filesystem;

Result<std::unique_ptr<PartFile>> PartFile::open(const fs::path& path) {
  std::error_code code;
  fs::create_directories(path.parent_path(), code);
  if (code) return fail(ErrorKind::io, "cannot create the folder: " + code.message(), path.parent_path().string());
  int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK, 0644);
  struct stat about{};
  if (fd < 0 || ::fstat(fd, &about) != 0) {
    std::string reason = std::strerror(errno);
    if (fd >= 0) ::close(fd);
    return fail(ErrorKind::io, "cannot write: " + reason, path.string(), "remove that file, or free the place it needs");
  }
  auto part = std::unique_ptr<PartFile>(new PartFile(path, fd));
  if (!S_ISREG(about.st_mode)) return fail(ErrorKind::io, "cannot write: this is no file", path.string(), "remove it");
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0)
    return fail(ErrorKind::io, "another program is fetching this file", path.string(), "wait for it to end");
  part->size_ = static_cast<std::uint64_t>(about.st_size);
  return part;
}

PartFile::~PartFile() { ::close(fd_); }

bool PartFile::append(std::string_view bytes) { return write_at(size_, bytes); }

bool PartFile::write_at(std::uint64_t offset, std::string_view bytes) {
  while (!bytes.empty()) {
    ssize_t n = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return note();
    offset += static_cast<std::uint64_t>(n);
    size_ = std::max(size_, offset);
    bytes.remove_prefix(static_cast<std::size_t>(n));
  }
  return true;
}

bool PartFile::truncate(std::uint64_t size) {
  if (::ftruncate(fd_, static_cast<off_t>(size)) != 0) return note();
  size_ = size;
  return true;
}

bool PartFile::drop_front(std::uint64_t count) {
  std::vector<char> buffer(1 << 20);
  std::uint64_t to = 0;
  for (std::uint64_t from = count; from < size_;) {
    ssize_t n = ::pread(fd_, buffer.data(), buffer.size(), static_cast<off_t>(from));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return note();
    if (!write_at(to, {buffer.data(), static_cast<std::size_t>(n)})) return false;
    to += static_cast<std::uint64_t>(n);
    from += static_cast<std::uint64_t>(n);
  }
  return truncate(to);
}

bool PartFile::sync() { return ::fsync(fd_) == 0 || note(); }

bool PartFile::note() {
  reason_ = std::strerror(errno);
  return false;
}

Error PartFile::error() const { return Error{ErrorKind::io, "cannot write: " + reason_, path_.string(), "is there room on the disk?"}; }

}  // namespace assay
