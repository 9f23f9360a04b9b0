#include "model/journaled.h"

#include <gtest/gtest.h>

#include <array>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/this_coro.hpp>

#include "support/run_alone.h"
#include "support/memory_journal.h"
#include "support/scripted_model.h"

namespace assay {
namespace {

using namespace std::chrono_literals;
using test::run_alone;
using test::run_on;
using test::text_response;

Query question(std::string text, int ask = 0) {
  Generate g;
  g.messages = {{"user", std::move(text)}};
  return {g, {1, ask, 0}, {"b@1", "t", "17", "model", 1, ask}};
}

class JournaledTest : public testing::Test {
 protected:
  std::unique_ptr<Model> make(JournaledOptions options = {}) {
    auto model = make_journaled(inner, journal, timer.clock(), std::move(options));
    EXPECT_TRUE(run_alone(model->identify()));
    return model;
  }
  std::unique_ptr<Model> recorded() { return make({.policy = JournalPolicy::recorded}); }
  Result<Response> ask(Model& model, Query query) { return run_alone(model.answer(std::move(query))); }

  VirtualTimer timer;
  test::ScriptedModel inner;
  test::MemoryJournal journal;
};

TEST_F(JournaledTest, AnswersAreStoredAndReplayed) {
  auto model = make();
  Response reply = text_response("hi");
  reply.usage.output_tokens = 3;
  reply.raw = "{}";
  inner.replies.push_back(reply);
  auto first = ask(*model, question("hello"));
  ASSERT_TRUE(first);
  EXPECT_FALSE(first->from_journal);
  EXPECT_EQ(first->key, request_key(inner.identity.text, question("hello").request, Draw{}));

  auto again = ask(*make(), question("hello"));
  ASSERT_TRUE(again);
  EXPECT_TRUE(again->from_journal);
  EXPECT_EQ(again->text, "hi");
  EXPECT_EQ(again->key, first->key);
  EXPECT_EQ(again->usage.output_tokens, 3);
  EXPECT_EQ(inner.queries.size(), 1u);

  ASSERT_EQ(journal.answers.size(), 1u);
  const Answer& row = journal.answers[0];
  EXPECT_EQ(row.key, first->key);
  EXPECT_EQ(row.identity, inner.identity.text);
  EXPECT_EQ(row.request, canonical_json(question("hello").request));
  EXPECT_EQ(row.draw, canonical_json(Draw{}));
  EXPECT_EQ(row.origin, R"({"ask":0,"benchmark":"b@1","iteration":1,"role":"model","sample":"17","task":"t"})");
  EXPECT_EQ(row.status, AnswerStatus::answered);
  EXPECT_EQ(row.created, timer.clock().unix_micros());
}

TEST_F(JournaledTest, WhatWasDepartedFromIsKnownOfReplayedAnswersToo) {
  Response departing = text_response("a");
  departing.deviations = {"seed not accepted by m"};
  inner.replies = {departing, text_response("b")};
  auto model = make();
  ASSERT_TRUE(ask(*model, question("one")));
  ASSERT_TRUE(ask(*model, question("two")));
  EXPECT_EQ(journal.answers[1].response.find("deviations"), std::string::npos) << journal.answers[1].response;

  auto later = recorded();
  EXPECT_TRUE(later->deviations().empty());
  ASSERT_TRUE(ask(*later, question("two")));
  EXPECT_TRUE(later->deviations().empty());
  ASSERT_TRUE(ask(*later, question("one")));
  inner.departs = {"messages joined", "seed not accepted by m"};
  EXPECT_EQ(later->deviations(), (std::vector<std::string>{"messages joined", "seed not accepted by m"}));
}

TEST_F(JournaledTest, OtherDrawsAndRequestsAreAskedAnew) {
  auto model = make();
  EXPECT_EQ(ask(*model, question("hello"))->text, "answer 1");
  EXPECT_EQ(ask(*model, question("hello", 1))->text, "answer 2");
  EXPECT_EQ(ask(*model, question("other"))->text, "answer 3");
  EXPECT_EQ(ask(*model, question("hello"))->text, "answer 1");
  // Another origin with the same content shares the answer.
  Query elsewhere = question("hello");
  elsewhere.origin.sample = "99";
  EXPECT_TRUE(ask(*model, elsewhere)->from_journal);
  // Another model does not.
  inner.identity = make_identity({{"model", "n"}}, "n");
  EXPECT_EQ(ask(*make(), question("hello"))->text, "answer 4");
}

TEST_F(JournaledTest, FailuresAreStoredAndAskedAgainWhenLive) {
  auto model = make();
  inner.replies.push_back(fail(ErrorKind::timeout, "too slow", "http://h"));
  auto failed = ask(*model, question("hello"));
  ASSERT_FALSE(failed);
  ASSERT_EQ(journal.answers.size(), 1u);
  EXPECT_EQ(journal.answers[0].status, AnswerStatus::failed);
  EXPECT_NE(journal.answers[0].response.find("\"timeout\""), std::string::npos);

  auto kept = make({.retry_failed = false});
  auto replayed = ask(*kept, question("hello"));
  ASSERT_FALSE(replayed);
  EXPECT_EQ(replayed.error().kind, ErrorKind::timeout);
  EXPECT_EQ(replayed.error().where, "http://h");
  EXPECT_EQ(inner.queries.size(), 1u);

  EXPECT_EQ(ask(*model, question("hello"))->text, "answer 2");
  EXPECT_TRUE(ask(*model, question("hello"))->from_journal);
}

TEST_F(JournaledTest, InterruptionsAreNotStored) {
  auto model = make();
  inner.replies.push_back(fail(ErrorKind::cancelled, "interrupted"));
  inner.replies.push_back(fail(ErrorKind::missing, "elsewhere"));
  EXPECT_FALSE(ask(*model, question("hello")));
  EXPECT_FALSE(ask(*model, question("hello")));
  EXPECT_TRUE(journal.answers.empty());
  EXPECT_EQ(ask(*model, question("hello"))->text, "answer 3");
}

TEST_F(JournaledTest, RecordedNeverAsks) {
  auto live = make();
  ask(*live, question("known"));
  inner.replies.push_back(fail(ErrorKind::bad_request, "too long"));
  ask(*live, question("failed"));
  std::size_t asked = inner.queries.size();

  auto model = recorded();
  EXPECT_EQ(ask(*model, question("known"))->text, "answer 1");
  EXPECT_EQ(ask(*model, question("failed")).error().kind, ErrorKind::bad_request);
  auto missing = ask(*model, question("never asked"));
  ASSERT_FALSE(missing);
  EXPECT_EQ(missing.error().kind, ErrorKind::missing);
  EXPECT_EQ(missing.error().where, "sample 17");
  EXPECT_EQ(inner.queries.size(), asked);
}

TEST_F(JournaledTest, AKnownIdentityNeedsNoModel) {
  ask(*make(), question("known"));
  inner.identify_error = Error{ErrorKind::network, "unreachable"};
  auto model = make_journaled(inner, journal, timer.clock(), {.policy = JournalPolicy::recorded, .known_identity = inner.identity});
  EXPECT_EQ(run_alone(model->identify())->text, inner.identity.text);
  EXPECT_EQ(ask(*model, question("known"))->text, "answer 1");
  auto unknown = make_journaled(inner, journal, timer.clock());
  EXPECT_EQ(run_alone(unknown->identify()).error().kind, ErrorKind::network);
  EXPECT_EQ(ask(*unknown, question("known")).error().kind, ErrorKind::internal);  // asked before it was identified
}

TEST_F(JournaledTest, AnswersByOriginPassUnjournaled) {
  inner.can.recorded_by_origin = true;
  auto model = make();
  EXPECT_EQ(ask(*model, question("hello"))->text, "answer 1");
  EXPECT_EQ(ask(*model, question("hello"))->text, "answer 2");
  EXPECT_TRUE(journal.answers.empty());
}

TEST_F(JournaledTest, ABrokenJournalIsReportedNotIgnored) {
  auto model = make();
  journal.broken = Error{ErrorKind::io, "disk full"};
  EXPECT_EQ(ask(*model, question("hello")).error().message, "disk full");
  EXPECT_TRUE(inner.queries.empty());
  journal.broken.reset();
  ask(*model, question("hello"));
  journal.answers[0].response = "{\"text\":";
  auto corrupt = ask(*model, question("hello"));
  ASSERT_FALSE(corrupt);
  EXPECT_EQ(corrupt.error().kind, ErrorKind::data);
  EXPECT_NE(corrupt.error().where.find(journal.answers[0].key.hex()), std::string::npos);
  journal.answers[0].response = "{\"text\":7}";
  EXPECT_EQ(ask(*model, question("hello")).error().kind, ErrorKind::data);
}

// ---- equal requests in flight --------------------------------------------------------------------------------------

Task<void> keep_answer(Model& model, Query query, std::vector<Result<Response>>& out) {
  co_await asio::this_coro::throw_if_cancelled(false);
  Result<Response> response = co_await model.answer(std::move(query));
  out.push_back(std::move(response));
}

TEST_F(JournaledTest, EqualRequestsInFlightAreOne) {
  auto model = make();
  inner.timer = &timer;
  inner.takes = 10s;
  asio::io_context loop;
  std::vector<Result<Response>> answers, others;
  for (int i = 0; i < 5; ++i) asio::co_spawn(loop, keep_answer(*model, question("same"), answers), asio::detached);
  asio::co_spawn(loop, keep_answer(*model, question("other"), others), asio::detached);
  loop.run();
  ASSERT_EQ(answers.size(), 5u);
  int paid = 0;
  for (const auto& answer : answers) {
    ASSERT_TRUE(answer);
    EXPECT_EQ(answer->text, "answer 1");
    EXPECT_EQ(answer->key, answers[0]->key);
    paid += answer->from_journal ? 0 : 1;
  }
  EXPECT_EQ(paid, 1);
  EXPECT_EQ(inner.queries.size(), 2u);
  EXPECT_EQ(journal.answers.size(), 2u);
}

TEST_F(JournaledTest, WaitersShareAFailureButLaterOnesAskAgain) {
  auto model = make();
  inner.timer = &timer;
  inner.takes = 10s;
  inner.replies.push_back(fail(ErrorKind::server, "503"));
  asio::io_context loop;
  std::vector<Result<Response>> answers;
  for (int i = 0; i < 3; ++i) asio::co_spawn(loop, keep_answer(*model, question("same"), answers), asio::detached);
  loop.run();
  ASSERT_EQ(answers.size(), 3u);
  for (const auto& answer : answers) EXPECT_FALSE(answer);
  EXPECT_EQ(inner.queries.size(), 1u);
  EXPECT_TRUE(run_on(loop, model->answer(question("same"))));
}

TEST_F(JournaledTest, WhenTheFirstIsCancelledTheNextAsks) {
  auto model = make();
  inner.timer = &timer;
  inner.takes = 10s;
  inner.replies.push_back(fail(ErrorKind::cancelled, "interrupted"));
  asio::io_context loop;
  std::vector<Result<Response>> answers;
  for (int i = 0; i < 3; ++i) asio::co_spawn(loop, keep_answer(*model, question("same"), answers), asio::detached);
  loop.run();
  ASSERT_EQ(answers.size(), 3u);
  EXPECT_EQ(answers[0].error().kind, ErrorKind::cancelled);
  EXPECT_EQ(answers[1]->text, "answer 2");
  EXPECT_EQ(answers[2]->text, "answer 2");
  EXPECT_EQ(inner.queries.size(), 2u);
}

Task<void> emit_later(Timer& timer, asio::cancellation_signal& signal) {
  co_await timer.sleep(1s);
  signal.emit(asio::cancellation_type::terminal);
}

TEST_F(JournaledTest, ACancelledWaiterLeavesAlone) {
  auto model = make();
  inner.timer = &timer;
  inner.takes = 10s;
  asio::io_context loop;
  std::vector<Result<Response>> first, second;
  asio::cancellation_signal signal;
  asio::co_spawn(loop, keep_answer(*model, question("same"), first), asio::detached);
  asio::co_spawn(loop, keep_answer(*model, question("same"), second), asio::bind_cancellation_slot(signal.slot(), asio::detached));
  asio::co_spawn(loop, emit_later(timer, signal), asio::detached);
  loop.run();
  ASSERT_EQ(second.size(), 1u);
  EXPECT_EQ(second[0].error().kind, ErrorKind::cancelled);
  ASSERT_EQ(first.size(), 1u);
  EXPECT_EQ(first[0]->text, "answer 1");
  EXPECT_EQ(inner.queries.size(), 1u);
}

TEST_F(JournaledTest, WhenAllAreCancelledNobodyAsksAgain) {
  auto model = make();
  inner.timer = &timer;
  inner.takes = 10s;
  inner.replies.push_back(fail(ErrorKind::cancelled, "interrupted"));
  asio::io_context loop;
  std::vector<Result<Response>> answers;
  std::array<asio::cancellation_signal, 3> signals;
  for (auto& signal : signals) asio::co_spawn(loop, keep_answer(*model, question("same"), answers), asio::bind_cancellation_slot(signal.slot(), asio::detached));
  loop.poll_one();
  while (inner.queries.empty()) loop.run_one();
  for (auto& signal : signals) signal.emit(asio::cancellation_type::terminal);  // the first one's end wakes the others, who were told before
  loop.run();
  ASSERT_EQ(answers.size(), 3u);
  for (const auto& answer : answers) EXPECT_EQ(answer.error().kind, ErrorKind::cancelled);
  EXPECT_EQ(inner.queries.size(), 1u);
}

TEST_F(JournaledTest, ADroppedLoopMayOutliveTheModel) {
  auto model = make();
  inner.timer = &timer;
  inner.takes = 10s;
  std::vector<Result<Response>> answers;
  {
    asio::io_context loop;
    asio::co_spawn(loop, keep_answer(*model, question("same"), answers), asio::detached);
    asio::co_spawn(loop, keep_answer(*model, question("same"), answers), asio::detached);
    loop.poll_one();
    loop.poll_one();
    model.reset();
  }
  EXPECT_TRUE(answers.empty());
  EXPECT_TRUE(journal.answers.empty());
}

}  // namespace
}  // namespace assay
