#include "journal/write_queue.h"

#include <algorithm>
#include <array>

namespace assay {
namespace {

constexpr std::size_t kUsualGroup = 256;  // rows

std::size_t cost(const JournalItem& item) {
  constexpr std::size_t bookkeeping = 256;
  if (const auto* answer = std::get_if<std::shared_ptr<const Answer>>(&item)) {
    const Answer& a = **answer;
    return bookkeeping + a.identity.size() + a.request.size() + a.draw.size() + a.origin.size() + a.response.size();
  }
  if (const auto* attempt = std::get_if<Try>(&item)) return bookkeeping + attempt->message.size();
  const UnitRow& unit = std::get<UnitRow>(item);
  return bookkeeping + unit.unit.size() + unit.result.size() + unit.held + unit.keys.size() * sizeof(Key);
}

}  // namespace

WriteQueue::WriteQueue(Write write, const JournalOptions& options)
    : write_(std::move(write)), options_(options), thread_([this] { work(); }) {}

WriteQueue::~WriteQueue() {
  {
    std::lock_guard lock(mutex_);
    stop_ = true;
  }
  work_.notify_all();
  thread_.join();
}

void WriteQueue::push(JournalItem item) {
  std::size_t bytes = cost(item);
  // Whoever puts rows frees written ones as well. Freed by the writing thread, they make both threads wait for the allocator's
  // lock: their memory came from the thread that put them.
  std::array<JournalItem, 2> written;
  std::unique_lock lock(mutex_);
  auto full = [&] { return queue_bytes_ + batch_bytes_ > 0 && queue_bytes_ + batch_bytes_ + bytes > options_.queue_bytes; };
  if (full() && !error_) {
    work_.notify_one();
    progress_.wait(lock, [&] { return !full() || error_; });
  }
  if (full()) {  // and the disk refuses: memory must not grow without end
    ++lost_;
    if (!lost_because_) lost_because_ = error_;
    return;
  }
  if (const auto* answer = std::get_if<std::shared_ptr<const Answer>>(&item)) {
    auto& place = pending_[(*answer)->key];
    if (!place || place->status == AnswerStatus::failed) place = *answer;
  }
  for (std::size_t i = 0; i < written.size() && !written_.empty(); ++i) {
    written[i] = std::move(written_.back());
    written_.pop_back();
  }
  if (queue_.empty()) {
    first_ = std::chrono::steady_clock::now();
    queue_.reserve(std::min(options_.group_rows, kUsualGroup));  // a group takes its place along: growing anew moves every row
  }
  queue_.push_back(std::move(item));
  queue_bytes_ += bytes;
  ++pushed_;
  // The thread sleeps without a deadline only on an empty queue; otherwise it needs to be woken only when the group is complete.
  bool wake = queue_.size() == 1 || queue_.size() == options_.group_rows || queue_bytes_ * 2 >= options_.queue_bytes;
  lock.unlock();
  if (wake) work_.notify_one();
}

Result<WriteQueue::Waiting> WriteQueue::look_up(const Key& key) const {
  std::lock_guard lock(mutex_);
  if (error_ || lost_ > 0) return fail(std::move(check().error()));
  auto found = pending_.find(key);
  return Waiting{found == pending_.end() ? nullptr : found->second, groups_};
}

Result<void> WriteQueue::check() const {
  if (error_) return fail(*error_);
  if (lost_ == 0) return {};
  Error error = lost_because_.value_or(Error{ErrorKind::internal, "rows that belong to no run were handed to the journal"});
  error.message = std::to_string(lost_) + " rows could not be stored in the journal and are lost: " + error.message;
  return fail(std::move(error));
}

Result<void> WriteQueue::flush() {
  std::unique_lock lock(mutex_);
  std::uint64_t target = pushed_;
  if (committed_ >= target && !error_) return check();
  std::uint64_t mine = ++flushes_;
  work_.notify_one();
  progress_.wait(lock, [&] { return served_ >= mine || (committed_ >= target && !error_); });
  return check();
}

bool WriteQueue::due() const {
  if (stop_ || flushes_ > served_) return true;
  return !error_ && (queue_.size() >= options_.group_rows || queue_bytes_ * 2 >= options_.queue_bytes);
}

void WriteQueue::work() {
  std::unique_lock lock(mutex_);
  for (;;) {
    while (!due()) {
      if (queue_.empty() || error_) {
        work_.wait(lock);
      } else if (work_.wait_until(lock, first_ + options_.group_delay) == std::cv_status::timeout) {
        break;
      }
    }
    bool last = stop_;
    std::uint64_t serving = flushes_;
    if (batch_.empty()) {
      batch_.swap(queue_);
    } else {
      batch_.insert(batch_.end(), std::make_move_iterator(queue_.begin()), std::make_move_iterator(queue_.end()));
      queue_.clear();
    }
    batch_bytes_ += std::exchange(queue_bytes_, 0);
    Result<std::size_t> written = 0;
    if (!batch_.empty()) {
      lock.unlock();
      written = write_(batch_);
      lock.lock();
    }
    std::vector<JournalItem> finished;
    if (written) {
      error_.reset();
      lost_ += *written;
      committed_ += batch_.size();
      if (!batch_.empty()) ++groups_;
      batch_bytes_ = 0;
      for (const JournalItem& item : batch_) {
        const auto* answer = std::get_if<std::shared_ptr<const Answer>>(&item);
        if (!answer) continue;
        auto place = pending_.find((*answer)->key);
        if (place != pending_.end() && place->second == *answer) pending_.erase(place);
      }
      finished.swap(batch_);
    } else {
      error_ = std::move(written.error());
    }
    served_ = serving;
    progress_.notify_all();
    if (last) return;
    if (written_.empty()) {
      written_.swap(finished);
      continue;
    }
    lock.unlock();
    finished.clear();  // nobody took the last ones: nobody is in a hurry
    lock.lock();
    if (batch_.empty()) batch_.swap(finished);  // keeps its capacity
  }
}

}  // namespace assay
