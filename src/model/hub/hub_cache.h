// The hub's cache on this machine, in the layout that huggingface_hub, transformers, llama.cpp and others share:
//
//   FOLDER/models--ORG--NAME/blobs/ETAG              contents, by sha256 (large files) or git's name
//   FOLDER/models--ORG--NAME/refs/REVISION           the commit that a branch or tag was at
//   FOLDER/models--ORG--NAME/snapshots/COMMIT/PATH   links to blobs
//   FOLDER/.locks/models--ORG--NAME/ETAG.lock        held (flock) while a blob is fetched
//
// Beside them `.assay.json` in a repository's folder remembers what this program put there, so that deleting takes away nothing else.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "model/download.h"
#include "model/hub/hub_address.h"

namespace assay {

/// What this program put into a repository's folder.
struct HubRecord {
  std::set<std::string> blobs, links, refs;  // names under blobs/, snapshots/ and refs/
  bool operator==(const HubRecord&) const = default;
};
/// `.assay.json` as text. Other programs share the cache: names that lead out of the folder are passed over, and what is no record is an empty one.
HubRecord read_hub_record(std::string_view json_text);
std::string hub_record_text(const HubRecord& record);

struct CachedRevision {
  std::string commit;
  std::vector<std::string> refs;  // branches and tags that point here
  std::vector<std::string> files;
};
struct CachedRepository {
  std::string repository;  // "ORG/NAME"
  std::filesystem::path folder;
  std::vector<CachedRevision> revisions;
  std::uint64_t bytes = 0;      // of all blobs
  std::uint64_t own_bytes = 0;  // of those that this program fetched
  std::uint64_t partial_bytes = 0;  // of transfers that were interrupted, ours
};
struct DeletedDownloads {
  std::size_t files = 0;    // blobs and their partial transfers
  std::uint64_t bytes = 0;
  std::size_t kept = 0;     // links to files that others put there or still use
};

class HubCache {
 public:
  explicit HubCache(std::filesystem::path folder) : folder_(std::move(folder)) {}
  const std::filesystem::path& folder() const { return folder_; }

  std::filesystem::path repository_folder(const std::string& repository) const;
  std::filesystem::path blob(const std::string& repository, const FileSum& sum) const;
  std::filesystem::path snapshot(const std::string& repository, const std::string& commit) const;

  /// The commit that `revision` is known to be at; a commit is itself when there is a snapshot of it.
  std::optional<std::string> commit_of(const std::string& repository, const std::string& revision) const;
  /// The file of that address, whole and readable, or (an address without a file) its snapshot's folder; nullopt when it is not here.
  std::optional<std::filesystem::path> find(const HubAddress& address) const;

  /// snapshots/COMMIT/PATH -> the blob. What stands there already and leads there stays. Errors: io.
  Result<void> link(const std::string& repository, const std::string& commit, const std::string& path, const FileSum& sum) const;
  /// Errors: io.
  Result<void> write_ref(const std::string& repository, const std::string& revision, const std::string& commit) const;

  /// The lock of a blob, held while the handle lives. Errors: io (another program fetches it).
  Result<std::shared_ptr<void>> lock(const std::string& repository, const FileSum& sum) const;

  HubRecord record(const std::string& repository) const;  // empty when there is none, or it cannot be read
  Result<void> write_record(const std::string& repository, const HubRecord& record) const;

  /// All models and data sets, by name.
  std::vector<CachedRepository> list() const;
  /// Takes away what this program put there; blobs that other links lead to stay. Errors: not_found (nothing of ours is there), io.
  Result<DeletedDownloads> delete_downloads(const std::string& repository) const;

 private:
  std::filesystem::path folder_;
};

/// "models--ORG--NAME" or "datasets--ORG--NAME", and back (nullopt for other folders).
std::string cache_name(const std::string& repository);
std::optional<std::string> repository_of_cache_name(std::string_view name);

}  // namespace assay
