// One file fetched through a Transport: continued where an earlier transfer stopped, in several ranges at once where that is wished and the
// server can, its sum checked before it gets its name. What came so far stays in PART (one stream: as many bytes as have come) or in
// PART and PART.map (several: model/segment_map.h).
//
// Redirects are followed. Headers that carry a Secret go to the url's own origin (scheme, host, port) and nowhere else; from https the way
// never leads to http.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/async/async.h"
#include "base/async/timer.h"
#include "model/together.h"
#include "model/transport.h"

namespace assay {

/// What a file's content must hash to.
struct FileSum {
  enum class Kind { sha256, git_blob };  // git_blob: SHA-1 of "blob SIZE\0" and the content
  Kind kind = Kind::sha256;
  std::string hex;  // lower case, 64 or 40 digits
  bool operator==(const FileSum&) const = default;
};

/// Errors: not_found, io, cancelled (`stop` was turned).
Async<std::string> file_sum(std::filesystem::path path, FileSum::Kind kind, const StopSwitch* stop = nullptr);

struct FileDownload {
  std::string url;
  std::vector<HttpHeader> headers{};
  std::filesystem::path place;       // gets its name here, atomically
  std::filesystem::path part{};      // "" = PLACE.part; on the same file system as `place`
  std::uint64_t size = 0;            // 0 = not known
  FileSum sum;
  /// Words for an answer that is neither the file nor a part of it; without one: data (404, 410 and others), rate_limited, server.
  std::function<Error(const HttpResponse&)> explain{};
};

struct TransferProgress {
  std::uint64_t done = 0;     // bytes of this file that are here
  std::uint64_t resumed = 0;  // of these, bytes of an earlier transfer
  std::uint64_t total = 0;    // 0 = not known
  bool verifying = false;
};

struct DownloadRules {
  int tries = 3;            // failures that may pass by themselves, in a row; with `patient` only those that brought no byte count
  bool patient = false;
  Timer* timer = nullptr;   // waits between tries (1 s, 2 s, 4 s ..., or what the server asks for); without one they follow at once
  Duration longest_wait = std::chrono::seconds(60);
  Duration stall{};         // a transfer that brings no byte for so long is given up; 0 = judged by its whole length alone
  std::size_t parallel = 1;                              // ranges at once, for files of known size with at least two segments
  std::uint64_t segment = std::uint64_t{16} << 20;
  StopSwitch* stop = nullptr;                            // turned: the transfer ends with `cancelled`; what came is kept
  std::function<void(const TransferProgress&)> progress{};
  /// Free bytes where a file will be; for tests.
  std::function<std::uint64_t(const std::filesystem::path&)> free_space{};
};

struct TransferResult {
  std::uint64_t received = 0;  // that came over the network
  std::uint64_t resumed = 0;   // that were here already
};

/// `transport`, and what `rules` points to, outlive the coroutine. Errors: data (gone, longer than it should be, another sum), io (disk,
/// in use), network, timeout, server, rate_limited, bad_response, cancelled, and what `explain` says. `received` of a failed transfer is lost.
Async<TransferResult> download_file(FileDownload file, Transport& transport, DownloadRules rules);

/// "https://host:port" of an http(s) URL, lower case; "" when `url` is none, or holds credentials.
std::string url_origin(std::string_view url);
/// Where a Location header leads from `base`; "" when that is no http(s) URL.
std::string join_url(std::string_view base, std::string_view location);
/// A Retry-After in seconds, or nullopt.
std::optional<std::chrono::milliseconds> retry_after_seconds(std::string_view header);

}  // namespace assay
