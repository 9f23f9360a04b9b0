#include "base/python_random.h"

#include <openssl/evp.h>

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <string>
#include <unordered_set>

namespace assay {
namespace {

std::vector<std::uint32_t> words_of(std::uint64_t magnitude) {
  std::vector<std::uint32_t> words{static_cast<std::uint32_t>(magnitude)};
  if (magnitude >> 32) words.push_back(static_cast<std::uint32_t>(magnitude >> 32));
  return words;
}

// Looked up once: the look-up behind SHA512() costs as much as the sum of a short text.
const EVP_MD* sha512() {
  static const EVP_MD* algorithm = EVP_MD_fetch(nullptr, "SHA512", nullptr);
  return algorithm;
}

// The text and its digest, read as one big-endian number, in words from the least significant one.
std::vector<std::uint32_t> words_of(std::string_view text) {
  std::string bytes(text);
  constexpr unsigned kDigest = 64;
  unsigned size = kDigest;
  bytes.resize(text.size() + kDigest);
  EVP_Digest(text.data(), text.size(), reinterpret_cast<unsigned char*>(bytes.data() + text.size()), &size, sha512(), nullptr);
  std::vector<std::uint32_t> words((bytes.size() + 3) / 4);
  const char* end = bytes.data() + bytes.size();
  for (std::uint32_t& word : words) {
    unsigned char four[4] = {};
    const std::size_t n = std::min<std::size_t>(4, static_cast<std::size_t>(end - bytes.data()));
    end -= n;
    std::memcpy(four + 4 - n, end, n);
    word = std::uint32_t{four[0]} << 24 | std::uint32_t{four[1]} << 16 | std::uint32_t{four[2]} << 8 | four[3];
  }
  return words;
}

MersenneTwister seeded(std::vector<std::uint32_t> words) {
  while (words.size() > 1 && words.back() == 0) words.pop_back();
  if (words.empty()) words.push_back(0);
  return MersenneTwister(std::span<const std::uint32_t>(words));
}

}  // namespace

PythonRandom::PythonRandom(std::int64_t seed)
    : twister_(seeded(words_of(seed < 0 ? 0 - static_cast<std::uint64_t>(seed) : static_cast<std::uint64_t>(seed)))) {}

PythonRandom::PythonRandom(std::string_view seed) : twister_(seeded(words_of(seed))) {}

PythonRandom PythonRandom::from_words(std::span<const std::uint32_t> words) {
  return PythonRandom(seeded(std::vector<std::uint32_t>(words.begin(), words.end())));
}

std::vector<std::uint32_t> PythonRandom::getrandbits_words(int bits) {
  std::vector<std::uint32_t> words;
  for (; bits > 0; bits -= 32) words.push_back(bits < 32 ? twister_.next() >> (32 - bits) : twister_.next());
  return words;
}

std::uint64_t PythonRandom::getrandbits(int bits) {
  if (bits <= 0) return 0;
  if (bits <= 32) return twister_.next() >> (32 - bits);
  std::uint64_t low = twister_.next();
  std::uint64_t high = twister_.next() >> (64 - bits);
  return high << 32 | low;
}

std::uint64_t PythonRandom::randbelow(std::uint64_t n) {
  int bits = static_cast<int>(std::bit_width(n));
  std::uint64_t value = getrandbits(bits);
  while (value >= n) value = getrandbits(bits);
  return value;
}

std::int64_t PythonRandom::randint(std::int64_t low, std::int64_t high) {
  auto width = static_cast<std::uint64_t>(high) - static_cast<std::uint64_t>(low) + 1;
  if (width == 0) {  // 2^64 numbers: Python draws 65 bits until the highest is 0
    std::vector<std::uint32_t> words = getrandbits_words(65);
    while (words[2]) words = getrandbits_words(65);
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + (std::uint64_t{words[1]} << 32 | words[0]));
  }
  return static_cast<std::int64_t>(static_cast<std::uint64_t>(low) + randbelow(width));
}

std::size_t PythonRandom::choices(std::span<const double> weights) {
  std::vector<double> sums;
  double sum = 0;
  for (double weight : weights) sums.push_back(sum += weight);
  auto last = sums.end() - 1;
  return static_cast<std::size_t>(std::upper_bound(sums.begin(), last, random() * sum) - sums.begin());
}

std::vector<std::size_t> PythonRandom::sample(std::size_t n, std::size_t k) {
  std::vector<std::size_t> result;
  result.reserve(k);
  // Up to this population a list to take from is smaller than a set of what was taken.
  double set_size = 21;
  if (k > 5) set_size += std::pow(4, std::ceil(std::log(static_cast<double>(k) * 3) / std::log(4.0)));
  if (static_cast<double>(n) <= set_size) {
    std::vector<std::size_t> pool(n);
    for (std::size_t i = 0; i < n; ++i) pool[i] = i;
    for (std::size_t i = 0; i < k; ++i) {
      std::size_t j = choice(n - i);
      result.push_back(pool[j]);
      pool[j] = pool[n - i - 1];
    }
    return result;
  }
  std::unordered_set<std::size_t> taken;
  for (std::size_t i = 0; i < k; ++i) {
    std::size_t j = choice(n);
    while (!taken.insert(j).second) j = choice(n);
    result.push_back(j);
  }
  return result;
}

}  // namespace assay
