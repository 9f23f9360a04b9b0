// `assay data pull`: fetches a pack's official files through a Transport (which enforces --offline), verifies each, and only then
// puts it into place. What an interrupted transfer left is kept beside the file as FILE.part and continued.
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/async/async.h"
#include "base/async/timer.h"
#include "dataset/pack.h"
#include "model/transport.h"

namespace assay {

struct DownloadProgress {
  const PackFile* file = nullptr;
  std::size_t number = 0, count = 0;  // this is file `number` of `count`, from 1
  std::uint64_t done = 0;             // bytes of this file that are here
  std::uint64_t resumed = 0;          // of these, bytes of an earlier transfer
  std::uint64_t total = 0;            // 0 = not known
  bool finished = false;              // verified and in place
};

struct DownloadOptions {
  /// Roles ("v2/questions/de"), the start of some ("templates/"), or benchmarks ("judgemark"). Empty: every file that is not
  /// optional.
  std::vector<std::string> wanted;
  int tries = 3;           // of each file; a failure that will not pass by itself (404, a wrong sum) ends them
  Timer* timer = nullptr;  // waits between tries (1 s, 2 s, ..., or what the server asks for up to a minute); without one they
                           // follow at once
  std::function<void(const DownloadProgress&)> progress{};
};

struct DownloadResult {
  std::vector<std::string> downloaded, unchanged;  // names
  std::uint64_t bytes = 0;                         // that came over the network
};

/// One file after another; the first that cannot be had ends it, the ones before it stay. `pack`, `transport` and `timer` outlive
/// the coroutine. Errors name the address and the cure: usage (`wanted` names nothing), data (gone, or not the file that is
/// described), io, network, timeout, server, rate_limited, cancelled.
Async<DownloadResult> download_pack(const Pack& pack, std::filesystem::path data_home, Transport& transport,
                                    DownloadOptions options);

/// The same for the needed files, telling one line a file.
Async<DownloadResult> download_pack(const Pack& pack, std::filesystem::path data_home, Transport& transport,
                                    std::function<void(std::string_view line)> say);

}  // namespace assay
