// Which keys may be in the journal: a small bitmap in memory that says "surely not" for most keys that are not. A run looks each of
// its keys up before it asks the model, and nearly always there is nothing: the table's index need not be walked to learn that.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>

#include "journal/row_reader.h"
#include "journal/row_writer.h"

namespace assay {

class KnownKeys {
 public:
  KnownKeys();

  /// A key on its way to the table. Any thread; before the row is queued.
  void add(const Key& key);
  /// Answers that our own writer has committed: their keys were add()ed, so learn() need not read them. The writer's thread.
  void wrote(RowWriter::Ids ids);

  /// Learns the keys that the table has and others wrote, as `reader`'s open transaction sees it. The reader's side.
  Result<void> learn(RowReader& reader);
  /// False: neither queued nor in the table that learn() saw last. The reader's side.
  bool may_have(const Key& key) const;

 private:
  // At 300,000 keys one in a thousand absent ones is looked up in vain, at a million one in thirty.
  static constexpr std::size_t kBits = std::size_t{1} << 23;
  static constexpr std::int64_t kMostKeys = 1'000'000;
  static std::array<std::uint32_t, 3> bits(const Key& key);

  std::unique_ptr<std::atomic<std::uint64_t>[]> words_;
  std::int64_t last_ = -1;  // id up to which all keys are known; -1 = nothing was learned yet
  bool useless_ = false;    // too many keys: everything may be there
  std::mutex mutex_;
  std::deque<RowWriter::Ids> ours_;  // committed by us and not yet counted in last_, in order; with mutex_ held
};

}  // namespace assay
