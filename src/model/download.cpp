#include "model/download.h"

#include <fcntl.h>
#include <unistd.h>

#include <boost/asio/post.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <cerrno>
#include <charconv>
#include <cstring>
#include <system_error>

#include "base/stream_hash.h"
#include "model/download_step.h"

namespace assay {
namespace download_detail {

namespace fs = std::filesystem;

namespace {

constexpr std::uint64_t kUnknownLimit = std::uint64_t{8} << 30;  // of a file whose size is not known
constexpr std::uint64_t kPageLimit = std::uint64_t{1} << 20;     // an error's page may be longer than the file
constexpr int kMostRedirects = 5;

bool is_redirect(int status) { return status == 301 || status == 302 || status == 303 || status == 307 || status == 308; }

std::string bytes_text(std::uint64_t bytes) {
  std::uint64_t tenths = bytes / 100'000;
  if (bytes < 1'000'000) return std::to_string(bytes) + " bytes";
  return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + " MB";
}

Result<void> check_room(const Fetch& fetch, std::uint64_t here) {
  if (fetch.file.size <= here) return {};
  std::uint64_t needed = fetch.file.size - here, free = 0;
  if (fetch.rules.free_space) {
    free = fetch.rules.free_space(fetch.part_path.parent_path());
  } else {
    std::error_code code;
    fs::space_info space = fs::space(fetch.part_path.parent_path(), code);
    if (code) return {};
    free = space.available;
  }
  if (free >= needed) return {};
  return fail(ErrorKind::io, "the disk has " + bytes_text(free) + " free, " + bytes_text(needed) + " are needed", fetch.part_path.parent_path().string(),
              "free some room; what came so far is kept");
}

/// Fetches what lacks into `part` in one stream; afterwards it holds the whole file, not yet verified.
Async<Step> fetch_rest(Fetch& fetch, PartFile& part) {
  const std::uint64_t kept = part.size(), size = fetch.file.size;
  if (size && kept == size) co_return Step::done;
  const std::uint64_t limit = kept + std::max(size ? size : kUnknownLimit, kPageLimit);
  fetch.progress.done = fetch.progress.resumed = kept;
  fetch.result.resumed = std::max(fetch.result.resumed, fetch.result.received ? 0 : kept);
  tell(fetch);

  bool too_long = false, disk_full = false;
  HttpRequest request;
  request.method = "GET";
  request.max_body = std::max(size ? size : kUnknownLimit, kPageLimit);
  request.timeout = fetch.rules.stall > Duration::zero() ? Duration::zero() : std::chrono::minutes(10) + std::chrono::seconds(size / 50'000);
  request.stall_timeout = fetch.rules.stall;
  request.headers.push_back({"Accept-Encoding", "identity"});  // ranges and sums are of the file as it is
  if (kept) request.headers.push_back({"Range", "bytes=" + std::to_string(kept) + "-"});
  request.sink = [&](std::string_view bytes) {
    if (fetch.rules.stop && fetch.rules.stop->requested()) return false;
    if (part.size() + bytes.size() > limit) return too_long = true, false;
    if (!part.append(bytes)) return disk_full = true, false;
    fetch.result.received += bytes.size();
    fetch.progress.done = part.size();
    tell(fetch);
    return true;
  };
  Result<HttpResponse> response = co_await send_along(fetch, std::move(request));

  if (disk_full) co_return fail(part.error());
  if (too_long) {
    part.truncate(0);
    co_return fail(ErrorKind::data, "the server sends more than the " + std::to_string(size) + " bytes that this file has");
  }
  // Cut off in the middle: what came is kept. Should it not be the file (no status was seen), the sum will tell.
  if (!response) co_return fail(response.error());
  bool whole = response->status == 200, rest = response->status == 206 && kept;
  auto range = content_range(response->header("content-range"));
  if (rest && (!range || range->first != kept)) {
    if (!part.truncate(0)) co_return fail(part.error());
    co_return Step::wrong_start;
  }
  if (response->status == 416 && kept) {  // nothing lies behind what is kept, so that is no beginning of this file
    if (!part.truncate(0)) co_return fail(part.error());
    co_return Step::wrong_start;
  }
  if (!whole && !rest) {
    if (!part.truncate(kept)) co_return fail(part.error());  // without the error's page
    co_return fail(refused(fetch, *response));
  }
  // The whole file came although only its rest was asked for: it lies behind what was kept.
  if (whole && kept && !part.drop_front(kept)) co_return fail(part.error());
  co_return Step::done;
}

/// Nothing when `part` holds the file that is described.
Async<bool> verify(Fetch& fetch, PartFile& part) {
  if (!part.sync()) co_return fail(part.error());
  fetch.progress.verifying = true;
  tell(fetch);
  Result<std::string> sum = co_await file_sum(part.path(), fetch.file.sum.kind, fetch.rules.stop);
  fetch.progress.verifying = false;
  if (!sum) co_return fail(sum.error());
  if (*sum == fetch.file.sum.hex) co_return true;
  std::string kind = fetch.file.sum.kind == FileSum::Kind::sha256 ? "sha256 " : "git blob ";
  co_return fail(ErrorKind::data, "what came is not the file that is described: expected " + kind + fetch.file.sum.hex + ", found " + *sum + " (" +
                                      std::to_string(part.size()) + " bytes)");
}

/// One try: the rest of the file, verified, put into place.
Async<Step> fetch_once(Fetch& fetch) {
  auto part = PartFile::open(fetch.part_path);
  if (!part) co_return fail(part.error());
  const std::uint64_t size = fetch.file.size;
  if (size && (*part)->size() > size && !(*part)->truncate(0)) co_return fail((*part)->error());
  std::error_code ignored;
  bool mapped = size > 0 && fs::exists(fetch.map_path, ignored);
  if (mapped && (*part)->size() == 0) fs::remove(fetch.map_path, ignored), mapped = false;
  bool segments = !fetch.no_ranges && size > 0 && (mapped || (fetch.rules.parallel > 1 && size >= 2 * fetch.rules.segment));
  if (mapped && !segments) {  // a part with holes is no beginning
    fs::remove(fetch.map_path, ignored);
    if (!(*part)->truncate(0)) co_return fail((*part)->error());
  }
  const bool resumed = (*part)->size() > 0;
  if (!mapped)  // a part with a map has its full size, holes included, and room was looked for when it began
    if (auto room = check_room(fetch, (*part)->size()); !room) co_return fail(room.error());

  Result<Step> step = Step::done;
  if (segments) step = co_await fetch_segments(fetch, **part);
  else step = co_await fetch_rest(fetch, **part);
  if (!step || *step == Step::wrong_start) co_return step;
  Result<bool> right = co_await verify(fetch, **part);
  if (!right) {
    if (right.error().kind != ErrorKind::data) co_return fail(right.error());
    if (!(*part)->truncate(0)) co_return fail((*part)->error());
    fs::remove(fetch.map_path, ignored);
    if (resumed) co_return Step::wrong_start;
    ::unlink(fetch.part_path.c_str());
    co_return fail(right.error());
  }
  std::error_code code;
  fs::rename(fetch.part_path, fetch.file.place, code);
  if (code) co_return fail(ErrorKind::io, "cannot put the file into place: " + code.message(), fetch.file.place.string());
  fs::remove(fetch.map_path, ignored);
  co_return Step::done;
}

}  // namespace

void tell(Fetch& fetch) {
  if (fetch.rules.progress) fetch.rules.progress(fetch.progress);
}

Error refused(const Fetch& fetch, const HttpResponse& response) {
  if (fetch.file.explain) return fetch.file.explain(response);
  Error out{ErrorKind::data, "the server answered " + std::to_string(response.status)};
  out.http_status = response.status;
  if (response.status == 404 || response.status == 410) {
    out.message += ": the file is no longer there";
  } else if (response.status == 429) {
    out.kind = ErrorKind::rate_limited;
    out.retry_after = retry_after_seconds(response.header("retry-after"));
  } else if (response.status >= 500 || response.status == 408) {
    out.kind = ErrorKind::server;
    out.retry_after = retry_after_seconds(response.header("retry-after"));
  }
  return out;
}

Task<void> pause(Fetch& fetch, int tried, const Error& error) {
  if (!fetch.rules.timer) co_return;
  Duration wait = std::chrono::seconds(std::int64_t{1} << std::min(tried - 1, 5));
  if (error.retry_after) wait = std::max<Duration>(wait, *error.retry_after);
  co_await fetch.rules.timer->sleep(std::min(wait, fetch.rules.longest_wait));
}

std::optional<Range> content_range(std::string_view header) {
  if (!header.starts_with("bytes ")) return std::nullopt;
  header.remove_prefix(6);
  Range out;
  auto [end, error] = std::from_chars(header.data(), header.data() + header.size(), out.first);
  if (error != std::errc{} || end == header.data() + header.size() || *end != '-') return std::nullopt;
  if (std::size_t slash = header.find('/'); slash != std::string_view::npos) {
    header.remove_prefix(slash + 1);
    std::from_chars(header.data(), header.data() + header.size(), out.size);
  }
  return out;
}

Async<HttpResponse> send_along(Fetch& fetch, HttpRequest request) {
  bool secret = false;
  for (const HttpHeader& header : fetch.file.headers) secret = secret || !header.secret.empty();
  if (fetch.rules.stop && fetch.rules.stop->requested()) co_return fail(ErrorKind::cancelled, "interrupted");
  if (!secret && fetch.rules.parallel <= 1) {  // nothing to keep back and nothing to remember: the transport may follow by itself
    request.url = fetch.file.url;
    request.follow_redirects = true;
    for (const HttpHeader& header : fetch.file.headers) request.headers.push_back(header);
    Result<HttpResponse> response = co_await fetch.transport.send(std::move(request));
    co_return response;
  }
  const std::string home = url_origin(fetch.file.url);
  bool remembered = !fetch.resolved.empty();
  std::string url = remembered ? fetch.resolved : fetch.file.url;
  for (int hops = 0; hops <= kMostRedirects; ++hops) {
    HttpRequest once = request;
    once.url = url;
    const bool at_home = url_origin(url) == home;
    for (const HttpHeader& header : fetch.file.headers)
      if (header.secret.empty() || at_home) once.headers.push_back(header);
    Result<HttpResponse> response = co_await fetch.transport.send(std::move(once));
    if (!response) co_return response;
    if (remembered && response->status >= 400 && response->status < 500 && response->status != 416 && response->status != 429) {
      remembered = false;  // addresses that a redirect names are often good for an hour only
      fetch.resolved.clear();
      url = fetch.file.url;
      continue;
    }
    if (!is_redirect(response->status)) {
      if (response->status / 100 == 2) fetch.resolved = url;
      co_return response;
    }
    std::string next = join_url(url, response->header("location"));
    if (next.empty()) co_return fail(ErrorKind::bad_response, "the server redirects to no http(s) address");
    if (url.starts_with("https:") && !next.starts_with("https:"))
      co_return fail(ErrorKind::bad_response, "the server redirects from https to " + url_origin(next) + ", which is not encrypted");
    url = std::move(next);
  }
  co_return fail(ErrorKind::bad_response, "the server redirects more than " + std::to_string(kMostRedirects) + " times");
}

}  // namespace download_detail

using namespace download_detail;

Async<TransferResult> download_file(FileDownload file, Transport& transport, DownloadRules rules) {
  Fetch fetch{.file = std::move(file), .transport = transport, .rules = std::move(rules), .part_path = {}, .map_path = {}};
  fetch.part_path = fetch.file.part;
  if (fetch.part_path.empty()) fetch.part_path = fetch.file.place, fetch.part_path += ".part";
  fetch.map_path = fetch.part_path;
  fetch.map_path += ".map";
  fetch.progress.total = fetch.file.size;
  bool restarted = false, without_ranges = false;
  for (int tried = 0;;) {
    const std::uint64_t before = fetch.result.received;
    Result<Step> step = co_await fetch_once(fetch);
    if (step && *step == Step::done) co_return fetch.result;
    if (step) {
      if (fetch.no_ranges && !std::exchange(without_ranges, true)) continue;  // told by a first answer, before anything was kept
      if (std::exchange(restarted, true)) co_return fail(ErrorKind::bad_response, "the server's partial answers do not fit together");
      continue;
    }
    if (fetch.rules.stop && fetch.rules.stop->requested()) co_return fail(ErrorKind::cancelled, "interrupted");
    if (fetch.rules.patient && fetch.result.received > before) tried = 0;
    if (!retryable(step.error().kind) || ++tried >= fetch.rules.tries) co_return fail(step.error());
    co_await pause(fetch, tried, step.error());
  }
}

Async<std::string> file_sum(std::filesystem::path path, FileSum::Kind kind, const StopSwitch* stop) {
  struct Descriptor {
    int fd;
    ~Descriptor() {
      if (fd >= 0) ::close(fd);
    }
  } file{::open(path.c_str(), O_RDONLY | O_CLOEXEC)};
  if (file.fd < 0) co_return fail(errno == ENOENT ? ErrorKind::not_found : ErrorKind::io, std::string("cannot open the file: ") + std::strerror(errno), path.string());
  std::error_code code;
  std::uint64_t size = std::filesystem::file_size(path, code);
  StreamHash hash = kind == FileSum::Kind::git_blob ? git_blob_hash(size) : StreamHash(HashKind::sha256);
  std::vector<char> buffer(1 << 20);
  auto executor = co_await asio::this_coro::executor;
  for (std::size_t rounds = 1;; ++rounds) {
    ssize_t n = ::read(file.fd, buffer.data(), buffer.size());
    if (n < 0 && errno == EINTR) continue;
    if (n < 0) co_return fail(ErrorKind::io, std::string("cannot read the file: ") + std::strerror(errno), path.string());
    if (n == 0) break;
    hash.update({buffer.data(), static_cast<std::size_t>(n)});
    if (rounds % 16 == 0) co_await asio::post(executor, asio::use_awaitable);  // a large file takes a minute: others get their turn
    if (stop && stop->requested()) co_return fail(ErrorKind::cancelled, "interrupted");
  }
  co_return hash.hex();
}

std::string url_origin(std::string_view url) {
  std::size_t scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  std::size_t end = std::min(url.find_first_of("/?#\\", scheme + 3), url.size());
  std::string out(url.substr(0, end));
  for (char& c : out) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + ('a' - 'A'));
    if (c == '@' || static_cast<unsigned char>(c) <= 0x20 || c == 0x7f) return {};
  }
  bool tls = out.starts_with("https://");
  if (!tls && !out.starts_with("http://")) return {};
  if (out.size() == scheme + 3) return {};
  std::string_view own_port = tls ? ":443" : ":80";
  if (out.ends_with(own_port) && out.find(':', scheme + 3) == out.size() - own_port.size()) out.resize(out.size() - own_port.size());
  return out;
}

std::string join_url(std::string_view base, std::string_view location) {
  std::size_t scheme = base.find("://");
  if (location.empty() || location.size() > 65536 || scheme == std::string_view::npos) return {};
  std::string out(location);
  std::size_t word = location.find_first_of(":/?#");
  if (word != std::string_view::npos && location[word] == ':') {
    // has a scheme of its own
  } else if (location.starts_with("//")) {
    out = std::string(base.substr(0, scheme + 1)) + out;
  } else {
    std::size_t host_end = std::min(base.find_first_of("/?#", scheme + 3), base.size());
    if (location.front() == '/') {
      out = std::string(base.substr(0, host_end)) + out;
    } else {
      std::string_view path = base.substr(host_end, base.find_first_of("?#", host_end) - host_end);
      std::size_t slash = path.rfind('/');
      out = std::string(base.substr(0, host_end)) + (slash == std::string_view::npos ? "/" : std::string(path.substr(0, slash + 1))) + out;
    }
  }
  return url_origin(out).empty() ? std::string() : out;
}

std::optional<std::chrono::milliseconds> retry_after_seconds(std::string_view header) {
  unsigned seconds = 0;
  auto [end, error] = std::from_chars(header.data(), header.data() + header.size(), seconds);
  if (error != std::errc{} || end != header.data() + header.size()) return std::nullopt;
  return std::chrono::seconds(std::min(seconds, 86400u));
}

}  // namespace assay
