#include "base/atomic_file.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <atomic>
#include <cerrno>
#include <cstring>
#include <system_error>
#include <utility>

namespace assay {
namespace {

constexpr std::size_t kGather = std::size_t{64} << 10;

std::unexpected<Error> problem(const char* what, int number, const std::filesystem::path& path) {
  return fail(ErrorKind::io, std::string(what) + std::strerror(number), path.string());
}

/// Where a chain of links leads, whether something is there or not.
std::filesystem::path behind_links(std::filesystem::path path) {
  std::error_code code;
  for (int links = 0; links < 40 && std::filesystem::is_symlink(path, code); ++links) {
    const std::filesystem::path next = std::filesystem::read_symlink(path, code);
    if (code) break;
    path = next.is_absolute() ? next : path.parent_path() / next;
  }
  return path;
}

}  // namespace

Result<AtomicFile> AtomicFile::open(const std::filesystem::path& path) {
  static std::atomic<unsigned> number{0};
  AtomicFile out;
  out.path_ = path;
  struct stat status{};
  const bool there = ::stat(path.c_str(), &status) == 0;
  if (there && !S_ISREG(status.st_mode) && !S_ISDIR(status.st_mode)) {
    out.fd_ = ::open(path.c_str(), O_WRONLY | O_CLOEXEC);
    if (out.fd_ < 0) return problem("cannot write: ", errno, path);
    return out;
  }
  out.path_ = behind_links(path);
  std::error_code ignored, code;
  if (std::filesystem::is_symlink(out.path_, ignored)) return problem("cannot write: ", ELOOP, path);
  if (out.path_.has_parent_path()) std::filesystem::create_directories(out.path_.parent_path(), code);
  if (code) return fail(ErrorKind::io, "cannot create the folder: " + code.message(), out.path_.parent_path().string());
  for (int tries = 0; out.fd_ < 0 && tries < 1000; ++tries) {  // a process of this number that was killed may have left some
    out.temporary_ = out.path_.string() + ".part" + std::to_string(::getpid()) + "-" + std::to_string(++number);
    out.fd_ = ::open(out.temporary_.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (out.fd_ < 0 && errno != EEXIST) break;
  }
  if (out.fd_ < 0) {
    const int why = errno;
    out.temporary_.clear();
    return problem("cannot write: ", why, path);
  }
  return out;
}

AtomicFile::AtomicFile(AtomicFile&& other) noexcept
    : path_(std::move(other.path_)), temporary_(std::move(other.temporary_)), gathered_(std::move(other.gathered_)), fd_(std::exchange(other.fd_, -1)) {
  other.temporary_.clear();
}

AtomicFile::~AtomicFile() {
  if (fd_ >= 0) ::close(fd_);
  if (!temporary_.empty()) ::unlink(temporary_.c_str());
}

Result<void> AtomicFile::write(std::string_view content) {
  if (gathered_.size() + content.size() < kGather) {
    gathered_ += content;
    return {};
  }
  if (auto done = put(gathered_); !done) return done;
  gathered_.clear();
  return put(content);
}

Result<void> AtomicFile::put(std::string_view content) {
  while (!content.empty()) {
    const ssize_t n = ::write(fd_, content.data(), content.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) return problem("cannot write: ", errno, path_);
    content.remove_prefix(static_cast<std::size_t>(n));
  }
  return {};
}

Result<void> AtomicFile::commit() {
  if (auto done = put(gathered_); !done) return done;
  gathered_.clear();
  if (temporary_.empty()) return {};
  // A disk that is full or a server that is gone may say so only now.
  if (::fsync(fd_) != 0 && errno != EINVAL) return problem("cannot write: ", errno, path_);
  if (::close(std::exchange(fd_, -1)) != 0) return problem("cannot write: ", errno, path_);
  if (::rename(temporary_.c_str(), path_.c_str()) != 0) return problem("cannot replace the file: ", errno, path_);
  temporary_.clear();
  return {};
}

}  // namespace assay
