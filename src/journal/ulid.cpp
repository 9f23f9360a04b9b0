#include "journal/journal.h"

namespace assay {

std::string make_ulid(std::int64_t unix_micros, std::uint64_t random_high, std::uint64_t random_low) {
  static constexpr char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
  auto milliseconds = static_cast<std::uint64_t>(unix_micros < 0 ? 0 : unix_micros / 1000);
  using Wide = unsigned __int128;
  Wide value = (Wide{milliseconds & 0xFFFF'FFFF'FFFF} << 80) | (Wide{random_high & 0xFFFF} << 64) | random_low;
  std::string out(26, '0');
  for (auto place = out.rbegin(); place != out.rend(); ++place, value >>= 5) *place = digits[static_cast<unsigned>(value & 31)];
  return out;
}

}  // namespace assay
