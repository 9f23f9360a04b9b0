// Several clients of one model: an even draw, another one where a rate limit refuses, lost keys, and one identity.
#include "model/client_pool.h"

#include <gtest/gtest.h>

#include "base/text.h"
#include "support/loop.h"
#include "support/scripted_model.h"

namespace assay {
namespace {

struct ClientPoolTest : testing::Test {
  void make(std::size_t count) {
    std::vector<PooledClient> pooled;
    for (std::size_t i = 0; i < count; ++i) {
      auto one = std::make_unique<test::ScriptedModel>();
      clients.push_back(one.get());
      pooled.emplace_back().layers.push_back(std::move(one));
    }
    pool = make_client_pool(std::move(pooled), random);
  }
  Result<Response> ask() { return loop.run(pool->answer(test::question("q"))); }

  test::Loop loop;
  Random random{7};
  std::vector<test::ScriptedModel*> clients;
  std::unique_ptr<Model> pool;
};

TEST_F(ClientPoolTest, DrawnEvenly) {
  make(3);
  for (int i = 0; i < 900; ++i) ASSERT_TRUE(ask());
  for (const auto* client : clients) {
    EXPECT_GT(client->queries.size(), 240u);
    EXPECT_LT(client->queries.size(), 360u);
  }
}

TEST_F(ClientPoolTest, ARateLimitSendsToTheOthersOnce) {
  make(2);
  for (auto* client : clients) client->replies.assign(50, fail(ErrorKind::rate_limited, "slow down"));
  clients[1]->replies.clear();
  for (int i = 0; i < 40; ++i) ASSERT_TRUE(ask());
  EXPECT_EQ(clients[1]->queries.size(), 40u);
  EXPECT_GT(clients[0]->queries.size(), 5u) << "it stays in the draw: limits pass";
  clients[1]->replies.assign(50, fail(ErrorKind::rate_limited, "slow down"));
  EXPECT_EQ(ask().error().kind, ErrorKind::rate_limited);
}

TEST_F(ClientPoolTest, OtherTroubleIsTheAnswer) {
  make(2);
  for (auto* client : clients) client->replies.assign(1, fail(ErrorKind::bad_request, "no"));
  EXPECT_EQ(ask().error().kind, ErrorKind::bad_request);
  EXPECT_EQ(clients[0]->queries.size() + clients[1]->queries.size(), 1u);
}

TEST_F(ClientPoolTest, ALostKeyIsLeftOut) {
  make(2);
  clients[0]->replies.assign(50, fail(ErrorKind::quota, "empty"));
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(ask());
  EXPECT_EQ(clients[0]->queries.size(), 1u);
  clients[1]->replies.assign(2, fail(ErrorKind::auth, "wrong"));
  EXPECT_EQ(ask().error().kind, ErrorKind::auth);
  EXPECT_FALSE(ask()) << "when all are lost, that is the end";
  EXPECT_TRUE(contains(write_json(pool->facts()), R"("lost":true)"));
}

TEST_F(ClientPoolTest, OneThatIsPutOffForTooLongIsLeftOut) {
  // What `limited` makes of a server that names an hour.
  make(2);
  clients[0]->replies.assign(50, fail(ErrorKind::refused, "it names a wait of 3600 s"));
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(ask());
  EXPECT_EQ(clients[0]->queries.size(), 1u);
  clients[1]->replies.assign(1, fail(ErrorKind::refused, "it names a wait of 7200 s"));
  EXPECT_EQ(ask().error().message, "it names a wait of 7200 s");
}

TEST_F(ClientPoolTest, IdentityIsTheirCommonOne) {
  make(2);
  auto same = loop.run(pool->identify());
  ASSERT_TRUE(same);
  EXPECT_EQ(same->text, clients[0]->identity.text);
  clients[1]->identity = make_identity({{"backend", "azure"}, {"model", "m"}}, "m");
  auto other = loop.run(pool->identify());
  ASSERT_TRUE(other);
  EXPECT_TRUE(contains(other->text, R"("backend":"clients")")) << other->text;
  EXPECT_TRUE(contains(other->text, "azure") && contains(other->text, "scripted"));
  clients[1]->identify_error = Error{ErrorKind::auth, "wrong key"};
  auto left = loop.run(pool->identify());
  ASSERT_TRUE(left) << "one key is good";
  EXPECT_EQ(left->text, clients[0]->identity.text);
  clients[0]->identify_error = Error{ErrorKind::network, "down"};
  EXPECT_EQ(loop.run(pool->identify()).error().kind, ErrorKind::network);
}

TEST_F(ClientPoolTest, TheWindowIsTheSum) {
  make(3);
  for (auto* client : clients) client->can.max_in_flight = 16;
  EXPECT_EQ(pool->capabilities().max_in_flight, 48u);
  for (auto* client : clients) client->departs = {"temperature left out"};
  EXPECT_EQ(pool->deviations().size(), 1u);
}

}  // namespace
}  // namespace assay
