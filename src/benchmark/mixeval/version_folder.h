// A version of a mixture as it lies on the disk: mixeval/ and, where there is one, mixeval-hard/, and the record of a build of ours.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "base/json.h"
#include "benchmark/mixeval/entry.h"

namespace assay::mixeval {

struct VersionFolder {
  std::string name;  // of the folder, without "mixeval-"
  std::vector<Entry> mixeval[2], hard[2];  // by split; empty where the folder has no such file
  std::vector<std::string> queries;        // SHA-256 of those that have an entry here (mixture.json); empty where unknown
  json::object record;                     // mixture.json; empty where there is none

  const std::vector<Entry>& entries(bool of_hard, Split split) const { return (of_hard ? hard : mixeval)[split == Split::multiple_choice]; }
};

/// Errors: not_found (neither file of mixeval/), data.
Result<VersionFolder> read_version(const std::filesystem::path& folder);

/// Its mixture.json. Errors: not_found, data (not that format).
Result<json::object> read_mixture_record(const std::filesystem::path& folder);

}  // namespace assay::mixeval
