#include "base/xxhash64.h"

#include <array>
#include <bit>

namespace assay {
namespace {

constexpr std::uint64_t k1 = 0x9E3779B185EBCA87, k2 = 0xC2B2AE3D27D4EB4F, k3 = 0x165667B19E3779F9, k4 = 0x85EBCA77C2B2AE63,
                        k5 = 0x27D4EB2F165667C5;

std::uint64_t little_endian(std::string_view data, std::size_t at, int bytes) {
  std::uint64_t out = 0;
  for (int i = bytes - 1; i >= 0; --i) out = out << 8 | static_cast<unsigned char>(data[at + static_cast<std::size_t>(i)]);
  return out;
}

std::uint64_t round_of(std::uint64_t lane, std::uint64_t word) {
  return std::rotl(lane + word * k2, 31) * k1;
}

}  // namespace

std::uint64_t xxhash64(std::string_view data) {
  std::size_t at = 0;
  std::uint64_t hash = k5;
  if (data.size() >= 32) {
    std::array<std::uint64_t, 4> lanes{k1 + k2, k2, 0, 0 - k1};
    for (; at + 32 <= data.size(); at += 32)
      for (std::size_t i = 0; i < 4; ++i) lanes[i] = round_of(lanes[i], little_endian(data, at + 8 * i, 8));
    hash = std::rotl(lanes[0], 1) + std::rotl(lanes[1], 7) + std::rotl(lanes[2], 12) + std::rotl(lanes[3], 18);
    for (std::uint64_t lane : lanes) hash = (hash ^ round_of(0, lane)) * k1 + k4;
  }
  hash += data.size();
  for (; at + 8 <= data.size(); at += 8) hash = std::rotl(hash ^ round_of(0, little_endian(data, at, 8)), 27) * k1 + k4;
  if (at + 4 <= data.size()) {
    hash = std::rotl(hash ^ little_endian(data, at, 4) * k1, 23) * k2 + k3;
    at += 4;
  }
  for (; at < data.size(); ++at) hash = std::rotl(hash ^ static_cast<unsigned char>(data[at]) * k5, 11) * k1;
  hash = (hash ^ hash >> 33) * k2;
  hash = (hash ^ hash >> 29) * k3;
  return hash ^ hash >> 32;
}

std::string xxhash64_hex(std::string_view data) {
  std::string out(16, '0');
  std::uint64_t hash = xxhash64(data);
  for (std::size_t i = out.size(); i-- > 0; hash >>= 4) out[i] = "0123456789abcdef"[hash & 15];
  return out;
}

}  // namespace assay
