// Whole files in and out.
#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "base/error.h"

namespace assay {

/// The whole file; errors: not_found, io, data when larger than `limit` bytes.
Result<std::string> read_file(const std::filesystem::path& path, std::size_t limit = std::size_t{1} << 31);

/// The whole of an AtomicFile: readers see the old file or the new one, never half. Makes parent folders.
Result<void> write_file(const std::filesystem::path& path, std::string_view content);

}  // namespace assay
