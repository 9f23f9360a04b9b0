// The queue alone, with a writer that the test holds in its hand.
#include "journal/write_queue.h"

#include <future>
#include <thread>

#include "journal_fixture.h"

namespace assay::test {
namespace {

/// Writes nothing; each group waits until the test lets it pass.
class HeldWriter {
 public:
  WriteQueue::Write function() {
    return [this](std::span<const JournalItem> items) -> Result<std::size_t> {
      std::unique_lock lock(mutex_);
      ++begun_;
      changed_.notify_all();
      changed_.wait(lock, [&] { return allowed_ >= begun_; });
      if (failing_) return fail(ErrorKind::io, "no");
      written_ += items.size();
      return std::size_t{0};
    };
  }
  void wait_until_begun(int group) {
    std::unique_lock lock(mutex_);
    changed_.wait(lock, [&] { return begun_ >= group; });
  }
  void allow(int groups) {
    std::lock_guard lock(mutex_);
    allowed_ = groups;
    changed_.notify_all();
  }
  void fail_from_now(bool failing) {
    std::lock_guard lock(mutex_);
    failing_ = failing;
  }
  std::size_t written() {
    std::lock_guard lock(mutex_);
    return written_;
  }

 private:
  std::mutex mutex_;
  std::condition_variable changed_;
  int begun_ = 0, allowed_ = 0;
  bool failing_ = false;
  std::size_t written_ = 0;
};

JournalOptions one_row_groups() {
  JournalOptions options;
  options.group_rows = 1;
  return options;
}

std::shared_ptr<const Answer> shared(Answer answer) {
  return std::make_shared<const Answer>(std::move(answer));
}

TEST(WriteQueue, WhatCameLaterStaysVisibleWhenTheEarlierIsCommitted) {
  HeldWriter writer;
  WriteQueue queue(writer.function(), one_row_groups());
  auto failure = shared(make_answer(1, AnswerStatus::failed)), answer = shared(make_answer(1));
  queue.push(failure);
  writer.wait_until_begun(1);
  queue.push(answer);  // the failure is on its way to the disk
  EXPECT_EQ(queue.look_up(answer->key)->answer, answer);
  writer.allow(1);
  writer.wait_until_begun(2);  // so the failure is committed
  EXPECT_EQ(queue.look_up(answer->key)->answer, answer);
  EXPECT_EQ(queue.look_up(answer->key)->groups, 1u);
  writer.allow(1000);
  ASSAY_OK(queue.flush());
  EXPECT_EQ(queue.look_up(answer->key)->answer, nullptr);
  EXPECT_EQ(queue.look_up(answer->key)->groups, 2u);
}

TEST(WriteQueue, WhoPushesIntoAFullQueueWaitsForTheDisk) {
  HeldWriter writer;
  JournalOptions options = one_row_groups();
  options.queue_bytes = 4096;
  WriteQueue queue(writer.function(), options);
  std::atomic<int> pushed{0};
  auto pusher = std::async(std::launch::async, [&] {
    for (int n = 0; n < 100; ++n, ++pushed) queue.push(shared(make_answer(n)));
  });
  writer.wait_until_begun(1);
  while (pushed < 4) std::this_thread::yield();
  EXPECT_LT(pushed, 20) << "about 500 bytes each";
  writer.allow(1000);
  pusher.get();
  ASSAY_OK(queue.flush());
  EXPECT_EQ(writer.written(), 100u);
}

TEST(WriteQueue, ARowLargerThanTheQueueStillPasses) {
  HeldWriter writer;
  writer.allow(1000);
  JournalOptions options;
  options.queue_bytes = 100;
  WriteQueue queue(writer.function(), options);
  for (int n = 0; n < 10; ++n) queue.push(shared(make_answer(n)));
  ASSAY_OK(queue.flush());
  EXPECT_EQ(writer.written(), 10u);
}

TEST(WriteQueue, AFailureIsTriedAgainByFlushAndByTheEnd) {
  HeldWriter writer;
  writer.allow(1000);
  writer.fail_from_now(true);
  {
    WriteQueue queue(writer.function(), one_row_groups());
    queue.push(shared(make_answer(1)));
    EXPECT_EQ(queue.flush().error().message, "no");
    EXPECT_EQ(queue.look_up(make_answer(2).key).error().message, "no");
    queue.push(shared(make_answer(2)));
    writer.fail_from_now(false);
    ASSAY_OK(queue.flush());
    EXPECT_EQ(writer.written(), 2u);
    ASSAY_OK(queue.look_up(make_answer(2).key));
    writer.fail_from_now(true);
    queue.push(shared(make_answer(3)));
    EXPECT_FALSE(queue.flush());
    writer.fail_from_now(false);
  }
  EXPECT_EQ(writer.written(), 3u);
}

TEST(SplitOrigin, CutsAtTheSample) {
  auto split = split_origin(R"({"a":1,"sample":"x \"y\" \\","z":2})");
  EXPECT_EQ(split.head, R"({"a":1,"sample":")");
  ASSERT_TRUE(split.sample);
  EXPECT_EQ(*split.sample, R"(x \"y\" \\)");
  EXPECT_EQ(split.tail, R"(","z":2})");
  EXPECT_FALSE(split_origin(R"({"sample":17})").sample);
  EXPECT_FALSE(split_origin(R"({"sample":"open\")").sample);
}

}  // namespace
}  // namespace assay::test
