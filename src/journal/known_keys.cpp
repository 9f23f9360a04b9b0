#include "journal/known_keys.h"

#include <algorithm>
#include <cstring>

namespace assay {

KnownKeys::KnownKeys() : words_(std::make_unique<std::atomic<std::uint64_t>[]>(kBits / 64)) {}

/// A key is the beginning of a SHA-256: any of its bits are as good as a hash of it.
std::array<std::uint32_t, 3> KnownKeys::bits(const Key& key) {
  std::array<std::uint32_t, 3> out;
  static_assert(sizeof out <= sizeof key.bytes);
  std::memcpy(out.data(), key.bytes.data(), sizeof out);
  for (std::uint32_t& bit : out) bit %= kBits;
  return out;
}

void KnownKeys::add(const Key& key) {
  // Whoever looks for the key later has met the queue's mutex since, so that relaxed order is enough.
  for (std::uint32_t bit : bits(key)) words_[bit / 64].fetch_or(std::uint64_t{1} << bit % 64, std::memory_order_relaxed);
}

bool KnownKeys::may_have(const Key& key) const {
  if (useless_) return true;
  for (std::uint32_t bit : bits(key))
    if ((words_[bit / 64].load(std::memory_order_relaxed) >> bit % 64 & 1) == 0) return false;
  return true;
}

void KnownKeys::wrote(RowWriter::Ids ids) {
  if (ids.first > ids.last) return;
  std::lock_guard lock(mutex_);
  if (!ours_.empty() && ours_.back().last + 1 >= ids.first) {
    ours_.back().last = std::max(ours_.back().last, ids.last);
  } else {
    ours_.push_back(ids);
  }
}

/// Ids only grow, so a gap before our own rows, or rows after them, are another process's (or ours, committed a moment ago: then
/// they are read once more, which does no harm).
Result<void> KnownKeys::learn(RowReader& reader) {
  if (useless_) return {};
  auto last = reader.last_answer();
  if (!last) return fail(std::move(last.error()));
  auto read = [&](std::int64_t first, std::int64_t until) -> Result<void> {
    auto done = reader.for_each_key(first, until, [this](const Key& key) { add(key); });
    if (done) last_ = until;
    return done;
  };
  if (last_ < 0) {
    useless_ = *last > kMostKeys;
    if (useless_) return {};
    return read(0, *last);
  }
  while (last_ < *last) {
    std::int64_t until = *last;
    {
      std::lock_guard lock(mutex_);
      while (!ours_.empty() && ours_.front().first <= last_ + 1) {
        last_ = std::max(last_, ours_.front().last);
        ours_.pop_front();
      }
      if (!ours_.empty()) until = std::min(until, ours_.front().first - 1);
    }
    if (last_ >= until) continue;
    if (auto done = read(last_ + 1, until); !done) return done;
  }
  return {};
}

}  // namespace assay
