#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "base/atomic_file.h"

namespace assay {
namespace {
struct Descriptor {
  int fd;
  ~Descriptor() {
    if (fd >= 0) ::close(fd);
  }
};
std::string reason() { return std::strerror(errno); }
}  // namespace

Result<std::string> read_file(const std::filesystem::path& path, std::size_t limit) {
  Descriptor file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.fd < 0)
    return fail(errno == ENOENT ? ErrorKind::not_found : ErrorKind::io, "cannot open the file: " + reason(), path.string());
  std::string out;
  std::size_t used = 0;
  auto grow = [&](std::size_t size) { out.resize_and_overwrite(size, [](char*, std::size_t n) { return n; }); };  // not filled with zeros first
  // Where the size is known the text is not moved while it grows; the one byte more finds the end.
  struct stat status{};
  if (::fstat(file.fd, &status) == 0 && S_ISREG(status.st_mode) && static_cast<std::size_t>(status.st_size) <= limit)
    grow(static_cast<std::size_t>(status.st_size) + 1);
  for (;;) {
    if (out.size() == used) grow(std::max<std::size_t>(out.size() * 2, 1 << 17));
    ssize_t n = ::read(file.fd, out.data() + used, out.size() - used);
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return fail(ErrorKind::io, "cannot read the file: " + reason(), path.string());
    if (n == 0) break;
    used += static_cast<std::size_t>(n);
    if (used > limit) return fail(ErrorKind::data, "the file is larger than " + std::to_string(limit) + " bytes", path.string());
  }
  out.resize(used);
  return out;
}

Result<void> write_file(const std::filesystem::path& path, std::string_view content) {
  auto file = AtomicFile::open(path);
  if (!file) return std::unexpected(file.error());
  if (auto written = file->write(content); !written) return written;
  return file->commit();
}

}  // namespace assay
