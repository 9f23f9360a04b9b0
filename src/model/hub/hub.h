// Models from a hub (huggingface.co or one that speaks its API): a repository, a part of it, or one file, fetched into the shared cache or
// a folder. Every file's sum is checked before it gets its name; what is here already is not fetched again.
#pragma once

#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "base/async/async.h"
#include "base/async/timer.h"
#include "base/secret.h"
#include "model/hub/hub_address.h"
#include "model/hub/hub_cache.h"
#include "model/hub/hub_listing.h"
#include "model/together.h"
#include "model/transport.h"

namespace assay {

struct HubProgress {
  std::size_t files = 0, files_done = 0;    // that are wanted; that are in place (found or fetched)
  std::uint64_t total = 0;                  // bytes of the wanted files
  std::uint64_t done = 0;                   // of these, here
  std::uint64_t received = 0;               // came over the network in this call
  std::string file;                         // the one that moved last
  bool verifying = false;                   // its sum is being computed
};

struct HubOptions {
  std::string endpoint = "https://huggingface.co";  // without a '/' at its end
  Secret token{};                                   // sent to the endpoint's own origin alone
  std::string token_source = "HF_TOKEN";            // what messages call it
  std::filesystem::path cache;                      // the hub's cache folder, e.g. ~/.cache/huggingface/hub
  Transport* transport = nullptr;
  Timer* timer = nullptr;                           // waits between tries; without one they follow at once
  StopSwitch* stop = nullptr;
  std::size_t parallel = 4;                         // transfers at once: small files, or ranges of a large one
  std::uint64_t segment = std::uint64_t{16} << 20;  // bytes of such a range
  int tries = 5;                                    // of each transfer in a row without a byte of progress
  Duration stall = std::chrono::seconds(60);
  std::function<void(const HubProgress&)> progress{};
  std::function<std::uint64_t(const std::filesystem::path&)> free_space{};  // for tests
};

struct HubRequest {
  HubAddress address;                 // with a file: that one alone
  std::vector<std::string> include, exclude;
  std::filesystem::path folder{};     // "" = into the cache; else plain files below this folder
};

struct PulledFile {
  std::string path;             // in the repository
  std::filesystem::path place;  // here
  std::uint64_t size = 0;
  FileSum sum;
  bool downloaded = false;      // false: it was here
};
struct HubPull {
  std::string commit;
  std::filesystem::path folder;  // the snapshot, or HubRequest::folder
  std::vector<PulledFile> files;
  std::uint64_t received = 0;    // bytes that came over the network
  std::uint64_t resumed = 0;     // bytes of interrupted transfers that did not have to come again
};

/// Errors: usage (no file matches; offline), auth (the token is wrong or lacking, or the model is gated: the hint says where to accept its
/// licence), not_found (no such repository, revision or file), data (a file that is not what the hub describes), io (disk full, in use),
/// network, timeout, server, rate_limited, bad_response, cancelled. Files that were finished before stay.
Async<HubPull> pull_from_hub(HubRequest request, HubOptions options);

/// What the hub has at that address. Errors as above.
Async<HubListing> list_hub_repository(HubAddress address, HubOptions options);

/// The file at `address` (it must name one): from the cache without asking anybody, else pulled. Errors as pull_from_hub().
Async<std::filesystem::path> hub_file(HubAddress address, HubOptions options);

/// Takes away what pull_from_hub() put into a plain folder. Errors: not_found (nothing of ours), io.
Result<DeletedDownloads> delete_folder_downloads(const std::filesystem::path& folder);

}  // namespace assay
