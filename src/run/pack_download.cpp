#include "run/pack_download.h"

#include <fcntl.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <optional>
#include <system_error>

#include "base/hash.h"
#include "base/text.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

constexpr std::uint64_t kUnknownLimit = std::uint64_t{8} << 30;  // of a file whose size is not known
constexpr std::uint64_t kPageLimit = std::uint64_t{1} << 20;     // an error's page may be longer than the file

/// FILE.part, written at its end as bytes come.
class PartFile {
 public:
  static Result<std::unique_ptr<PartFile>> open(const fs::path& path) {
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
  ~PartFile() { ::close(fd_); }
  PartFile(const PartFile&) = delete;
  PartFile& operator=(const PartFile&) = delete;

  std::uint64_t size() const { return size_; }
  const fs::path& path() const { return path_; }

  /// False when the disk refuses; error() then says why.
  bool append(std::string_view bytes) {
    while (!bytes.empty()) {
      ssize_t n = ::pwrite(fd_, bytes.data(), bytes.size(), static_cast<off_t>(size_));
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return note();
      size_ += static_cast<std::uint64_t>(n);
      bytes.remove_prefix(static_cast<std::size_t>(n));
    }
    return true;
  }
  bool truncate(std::uint64_t size) {
    if (::ftruncate(fd_, static_cast<off_t>(size)) != 0) return note();
    size_ = size;
    return true;
  }
  /// Drops the first `count` bytes.
  bool drop_front(std::uint64_t count) {
    std::vector<char> buffer(1 << 20);
    std::uint64_t to = 0;
    for (std::uint64_t from = count; from < size_;) {
      ssize_t n = ::pread(fd_, buffer.data(), buffer.size(), static_cast<off_t>(from));
      if (n < 0 && errno == EINTR) continue;
      if (n <= 0) return note();
      std::uint64_t end = size_;
      size_ = to;
      bool written = append({buffer.data(), static_cast<std::size_t>(n)});
      to = size_;
      size_ = end;
      if (!written) return false;
      from += static_cast<std::uint64_t>(n);
    }
    return truncate(to);
  }
  bool sync() { return ::fsync(fd_) == 0 || note(); }
  Error error() const { return Error{ErrorKind::io, "cannot write: " + reason_, path_.string(), "is there room on the disk?"}; }

 private:
  PartFile(fs::path path, int fd) : path_(std::move(path)), fd_(fd) {}
  bool note() {
    reason_ = std::strerror(errno);
    return false;
  }
  fs::path path_;
  int fd_;
  std::uint64_t size_ = 0;
  std::string reason_;
};

/// The first byte of "bytes 100-199/200"; nullopt when it is something else.
std::optional<std::uint64_t> range_start(std::string_view header) {
  if (!header.starts_with("bytes ")) return std::nullopt;
  header.remove_prefix(6);
  std::uint64_t out = 0;
  auto [end, error] = std::from_chars(header.data(), header.data() + header.size(), out);
  if (error != std::errc{} || end == header.data() + header.size() || *end != '-') return std::nullopt;
  return out;
}

std::optional<std::chrono::milliseconds> retry_after(std::string_view header) {
  unsigned seconds = 0;
  auto [end, error] = std::from_chars(header.data(), header.data() + header.size(), seconds);
  if (error != std::errc{} || end != header.data() + header.size()) return std::nullopt;
  return std::chrono::seconds(std::min(seconds, 60u));
}

Error refused(const HttpResponse& response) {
  Error out{ErrorKind::data, "the server answered " + std::to_string(response.status)};
  out.http_status = response.status;
  if (response.status == 404 || response.status == 410) {
    out.message += ": the file is no longer there";
  } else if (response.status == 429) {
    out.kind = ErrorKind::rate_limited;
    out.retry_after = retry_after(response.header("retry-after"));
  } else if (response.status >= 500 || response.status == 408) {
    out.kind = ErrorKind::server;
    out.retry_after = retry_after(response.header("retry-after"));
  }
  return out;
}

/// What a try ended with. A `wrong_start` costs no try: what was kept from earlier turned out to be useless.
enum class Step { done, wrong_start };

struct Fetch {
  const Pack& pack;
  const PackFile& file;
  Transport& transport;
  const DownloadOptions& options;
  DownloadProgress progress;
  std::uint64_t received = 0;
};

void tell(Fetch& fetch) {
  if (fetch.options.progress) fetch.options.progress(fetch.progress);
}

/// Fetches what lacks into `part`; afterwards it holds the whole file, not yet verified.
Async<Step> fetch_rest(Fetch& fetch, PartFile& part) {
  const std::uint64_t kept = part.size();
  if (fetch.file.size && kept == fetch.file.size) co_return Step::done;
  const std::uint64_t limit = kept + std::max(fetch.file.size ? fetch.file.size : kUnknownLimit, kPageLimit);
  fetch.progress.done = fetch.progress.resumed = kept;
  tell(fetch);

  bool too_long = false, disk_full = false;
  HttpRequest request;
  request.method = "GET";
  request.url = fetch.file.url;
  request.follow_redirects = true;
  request.max_body = std::max(fetch.file.size ? fetch.file.size : kUnknownLimit, kPageLimit);
  request.timeout = std::chrono::minutes(10) + std::chrono::seconds(fetch.file.size / 50'000);
  request.headers.push_back({"Accept-Encoding", "identity"});  // ranges and sums are of the file as it is
  if (kept) request.headers.push_back({"Range", "bytes=" + std::to_string(kept) + "-"});
  request.sink = [&](std::string_view bytes) {
    if (part.size() + bytes.size() > limit) return too_long = true, false;
    if (!part.append(bytes)) return disk_full = true, false;
    fetch.received += bytes.size();
    fetch.progress.done = part.size();
    tell(fetch);
    return true;
  };
  Result<HttpResponse> response = co_await fetch.transport.send(std::move(request));

  if (disk_full) co_return fail(part.error());
  if (too_long) {
    part.truncate(0);
    co_return fail(ErrorKind::data,
                   "the server sends more than the " + std::to_string(fetch.file.size) + " bytes that this file has");
  }
  // Cut off in the middle: what came is kept. Should it not be the file (no status was seen), the sum will tell.
  if (!response) co_return fail(response.error());
  bool whole = response->status == 200, rest = response->status == 206 && kept;
  if (rest && range_start(response->header("content-range")) != kept) {
    if (!part.truncate(0)) co_return fail(part.error());
    co_return Step::wrong_start;
  }
  if (response->status == 416 && kept) {  // nothing lies behind what is kept, so that is no beginning of this file
    if (!part.truncate(0)) co_return fail(part.error());
    co_return Step::wrong_start;
  }
  if (!whole && !rest) {
    if (!part.truncate(kept)) co_return fail(part.error());  // without the error's page
    co_return fail(refused(*response));
  }
  // The whole file came although only its rest was asked for: it lies behind what was kept.
  if (whole && kept && !part.drop_front(kept)) co_return fail(part.error());
  co_return Step::done;
}

/// Nothing when `part` holds the file that is described.
Result<void> verify(const Fetch& fetch, PartFile& part) {
  if (!part.sync()) return fail(part.error());
  auto sum = sha256_file(part.path());
  if (!sum) return fail(sum.error());
  if (*sum == fetch.file.sha256) return {};
  return fail(ErrorKind::data, "what came is not the file that is described: expected sha256 " + fetch.file.sha256 + ", found " +
                                   *sum + " (" + std::to_string(part.size()) + " bytes)");
}

/// One try: the rest of the file, verified, put into place.
Async<Step> fetch_once(Fetch& fetch, const fs::path& place) {
  fs::path part_path = place;
  part_path += ".part";
  auto part = PartFile::open(part_path);
  if (!part) co_return fail(part.error());
  if (fetch.file.size && (*part)->size() > fetch.file.size && !(*part)->truncate(0)) co_return fail((*part)->error());
  const bool resumed = (*part)->size() > 0;

  Result<Step> step = co_await fetch_rest(fetch, **part);
  if (!step || *step == Step::wrong_start) co_return step;
  if (auto right = verify(fetch, **part); !right) {
    if (right.error().kind != ErrorKind::data) co_return fail(right.error());
    if (!(*part)->truncate(0)) co_return fail((*part)->error());
    if (resumed) co_return Step::wrong_start;
    ::unlink(part_path.c_str());
    co_return fail(right.error());
  }
  std::error_code code;
  fs::rename(part_path, place, code);
  if (code) co_return fail(ErrorKind::io, "cannot put the file into place: " + code.message(), place.string());
  co_return Step::done;
}

Error with_address(Error error, const Fetch& fetch) {
  error.message = "cannot get " + fetch.file.name + ": " + error.message;
  error.where = error.where.empty() || error.kind != ErrorKind::io ? fetch.file.url : error.where;
  if (!error.hint.empty()) error.hint += "\n  ";
  if (error.kind == ErrorKind::data || error.kind == ErrorKind::usage) {
    error.hint += "if you have a copy of the original files: assay data import " + fetch.pack.name + " --from DIR";
  } else if (error.kind != ErrorKind::io) {
    error.hint += "try again (what came so far is kept): assay data pull " + fetch.pack.name +
                  "\n  or, from a copy of the files: assay data import " + fetch.pack.name + " --from DIR";
  }
  return error;
}

Async<Step> fetch_file(Fetch& fetch, fs::path place) {
  bool restarted = false;
  for (int tried = 0;;) {
    Result<Step> step = co_await fetch_once(fetch, place);
    if (step && *step == Step::done) co_return step;
    if (step) {
      if (std::exchange(restarted, true))
        co_return fail(with_address(Error{ErrorKind::bad_response, "the server's partial answers do not fit together"}, fetch));
      continue;
    }
    if (!retryable(step.error().kind) || ++tried >= fetch.options.tries) co_return fail(with_address(step.error(), fetch));
    if (fetch.options.timer) {
      Duration wait = std::chrono::seconds(std::int64_t{1} << std::min(tried - 1, 5));
      if (step.error().retry_after) wait = std::max<Duration>(wait, *step.error().retry_after);
      co_await fetch.options.timer->sleep(wait);
    }
  }
}

/// The files that are asked for, in the order of the pack.
Result<std::vector<const PackFile*>> chosen(const Pack& pack, const std::vector<std::string>& wanted) {
  std::vector<bool> take(pack.files.size(), false);
  for (std::size_t i = 0; i < take.size(); ++i) take[i] = wanted.empty() && !pack.files[i].optional;
  for (const std::string& wish : wanted) {
    bool any = false;
    for (std::size_t i = 0; i < take.size(); ++i) {
      const PackFile& file = pack.files[i];
      if (file.name == wish || file.benchmark == wish || (wish.ends_with('/') && file.name.starts_with(wish)))
        take[i] = any = true;
    }
    if (any) continue;
    std::vector<std::string> names;
    for (const PackFile& file : pack.files) names.push_back(file.name);
    std::vector<std::string> near = did_you_mean(wish, names);
    return fail(ErrorKind::usage, "pack " + pack.name + " has no file \"" + shorten(valid_utf8(wish), 80) + "\"", "",
                near.empty() ? "" : "did you mean " + join(near, ", ") + "?");
  }
  std::vector<const PackFile*> out;
  for (std::size_t i = 0; i < take.size(); ++i)
    if (take[i]) out.push_back(&pack.files[i]);
  return out;
}

}  // namespace

Async<DownloadResult> download_pack(const Pack& pack, fs::path data_home, Transport& transport, DownloadOptions options) {
  auto files = chosen(pack, options.wanted);
  if (!files) co_return fail(files.error());
  DownloadResult result;
  for (std::size_t i = 0; i < files->size(); ++i) {
    const PackFile& file = *(*files)[i];
    auto place = official_path(pack, file, data_home);
    if (!place) co_return fail(place.error());
    if (auto sum = sha256_file(*place); sum && *sum == file.sha256) {
      result.unchanged.push_back(file.name);
      continue;
    }
    Fetch fetch{.pack = pack, .file = file, .transport = transport, .options = options, .progress = {}, .received = 0};
    fetch.progress = {
        .file = &file, .number = i + 1, .count = files->size(), .done = 0, .resumed = 0, .total = file.size, .finished = false};
    Result<Step> step = co_await fetch_file(fetch, *place);
    result.bytes += fetch.received;
    if (!step) co_return fail(step.error());
    result.downloaded.push_back(file.name);
    std::error_code ignored;
    fetch.progress.done = fs::file_size(*place, ignored);
    fetch.progress.finished = true;
    tell(fetch);
  }
  co_return result;
}

Async<DownloadResult> download_pack(const Pack& pack, fs::path data_home, Transport& transport,
                                    std::function<void(std::string_view)> say) {
  DownloadOptions options;
  options.progress = [say = std::move(say)](const DownloadProgress& progress) {
    if (progress.finished && say)
      say("[" + std::to_string(progress.number) + "/" + std::to_string(progress.count) + "] " + progress.file->name + "  " +
          std::to_string(progress.done) + " bytes, sum verified");
  };
  return download_pack(pack, std::move(data_home), transport, std::move(options));
}

}  // namespace assay
