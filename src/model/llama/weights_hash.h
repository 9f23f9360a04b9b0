// The SHA-256 of a weights file, remembered by what identifies its bytes on this machine: device, inode, size and time of the
// last change in nanoseconds. Summing 40 GB at every start would cost half a minute.
#pragma once

#include <filesystem>
#include <string>

#include "base/error.h"

namespace assay {

/// 64 hex digits. `cache` is a small JSON file, made when absent; an unreadable one is ignored and replaced, and one that cannot
/// be written is no error (the sum is right either way). Empty = no cache. Errors: not_found, io.
Result<std::string> weights_sha256(const std::filesystem::path& weights, const std::filesystem::path& cache);

}  // namespace assay
