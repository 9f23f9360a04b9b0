// Rows on their way to the disk: bounded by bytes, written in groups by one thread, visible to look-ups until they are committed.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <thread>
#include <unordered_map>
#include <vector>

#include "journal/options.h"
#include "journal/row_writer.h"

namespace assay {

/// Thread-safe. After a failed write the rows stay here; every flush() and the end try again, and look_up() reports the failure.
class WriteQueue {
 public:
  /// Called on the queue's thread, one call at a time; returns how many rows it had to reject.
  using Write = std::function<Result<std::size_t>(std::span<const JournalItem>)>;
  WriteQueue(Write write, const JournalOptions& options);
  /// Writes what is left; a failure now is a loss that nobody hears of, so flush() first.
  ~WriteQueue();
  WriteQueue(const WriteQueue&) = delete;
  WriteQueue& operator=(const WriteQueue&) = delete;

  /// Waits while the queue is full and the disk works.
  void push(JournalItem item);
  struct Waiting {
    std::shared_ptr<const Answer> answer;  // queued and not yet committed, or null
    std::uint64_t groups = 0;              // committed so far: what left the queue is seen by a transaction begun after that many
  };
  /// Errors: the failure that waits for a flush(), or rows lost for good.
  Result<Waiting> look_up(const Key& key) const;
  /// Returns when everything pushed before is committed, or cannot be.
  Result<void> flush();

 private:
  void work();
  bool due() const;
  Result<void> check() const;  // with the lock held

  const Write write_;
  const JournalOptions options_;
  mutable std::mutex mutex_;
  std::condition_variable work_, progress_;
  std::vector<JournalItem> queue_;                                           // in the order pushed
  std::vector<JournalItem> batch_;                                           // being written, or failed: older than all of queue_
  std::vector<JournalItem> written_;                                         // committed, to be freed by push()
  std::unordered_map<Key, std::shared_ptr<const Answer>, KeyHash> pending_;  // what queue_ and batch_ will leave in the table
  std::chrono::steady_clock::time_point first_{};                            // when queue_ got its first row
  std::size_t queue_bytes_ = 0, batch_bytes_ = 0;
  std::uint64_t pushed_ = 0, committed_ = 0;  // rows
  std::uint64_t groups_ = 0;
  std::uint64_t flushes_ = 0, served_ = 0;  // requests, and the newest one that an attempt has covered
  std::size_t lost_ = 0;
  std::optional<Error> error_;  // of the last attempt
  std::optional<Error> lost_because_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace assay
