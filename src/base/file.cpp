#include "base/file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

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
  std::error_code code;
  if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path(), code);
  if (code) return fail(ErrorKind::io, "cannot create the folder: " + code.message(), path.parent_path().string());
  std::string temporary = path.string() + ".part" + std::to_string(::getpid());
  {
    Descriptor file{::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644)};
    if (file.fd < 0) return fail(ErrorKind::io, "cannot write: " + reason(), path.string());
    for (std::size_t done = 0; done < content.size();) {
      ssize_t n = ::write(file.fd, content.data() + done, content.size() - done);
      if (n < 0 && errno == EINTR) continue;
      if (n < 0) {
        auto error = fail(ErrorKind::io, "cannot write: " + reason(), path.string());
        ::unlink(temporary.c_str());
        return error;
      }
      done += static_cast<std::size_t>(n);
    }
    ::fsync(file.fd);
  }
  if (::rename(temporary.c_str(), path.c_str()) != 0) {
    auto error = fail(ErrorKind::io, "cannot replace the file: " + reason(), path.string());
    ::unlink(temporary.c_str());
    return error;
  }
  return {};
}

}  // namespace assay
