// XXH64, the checksum that result files of others name texts by. No protection against anybody who wants two texts to agree.
// Source: the algorithm's published description (version 0.1.1, seed 0).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace assay {

std::uint64_t xxhash64(std::string_view data);
/// 16 lower-case hex digits.
std::string xxhash64_hex(std::string_view data);

}  // namespace assay
