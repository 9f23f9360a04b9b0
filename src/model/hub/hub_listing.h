// What a hub says of a repository at a revision: GET {endpoint}/api/models/REPOSITORY (of data sets api/datasets/NAME) /revision/REVISION?blobs=true.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "model/download.h"

namespace assay {

struct HubFile {
  std::string path;                  // is_safe_hub_path
  std::optional<std::uint64_t> size; // unknown where the hub was not asked for it, or does not say
  std::optional<FileSum> sum;        // sha256 of large files, git's name of the others; unknown as `size`
};

struct HubListing {
  std::string commit;  // 40 hex digits
  std::vector<HubFile> files;
};

/// Errors: bad_response (not such a document, a file whose path would leave the folder, more than 100,000 files).
Result<HubListing> read_hub_listing(std::string_view json_text, std::string_view where = {});

/// The sum that an ETag names (quotes and "W/" taken off): 64 hex digits are a sha256, 40 git's name; nullopt for others.
std::optional<FileSum> sum_of_etag(std::string_view etag);

}  // namespace assay
