#include "model/server/server_process.h"

#include <gtest/gtest.h>

#include "fake_server.h"
#include "support/loop.h"

namespace assay {
namespace {

using namespace std::chrono_literals;
using test::FakeMachine;
using test::Life;

class ServerProcessTest : public testing::Test {
 protected:
  ServerOptions options() {
    ServerOptions out;
    out.label = "llama-server";
    out.command.words = {"llama-server", "-m", "a b.gguf"};
    out.command.log = "server.log";
    out.port = 4711;
    return out;
  }
  Result<void> start(ServerProcess& server) { return loop.run(server.start()); }
  static Task<bool> stopping(ServerProcess& server) {
    co_await server.stop();
    co_return true;
  }
  void stop(ServerProcess& server) { loop.run(stopping(server)); }
  double seconds() { return std::chrono::duration<double>(timer.clock().now() - begin).count(); }

  test::Loop loop;
  VirtualTimer timer;
  Instant begin = timer.clock().now();
  FakeMachine machine{timer};
};

TEST_F(ServerProcessTest, WaitsUntilHealthIsGood) {
  machine.life = [](int) { return Life{.ready = 30s}; };
  ServerProcess server(options(), machine.seams());
  ASSERT_TRUE(start(server));
  EXPECT_TRUE(server.running());
  EXPECT_NEAR(seconds(), 30, 0.2);
  EXPECT_EQ(machine.commands.at(0).words, (std::vector<std::string>{"llama-server", "-m", "a b.gguf"}));
  stop(server);
  EXPECT_FALSE(server.running());
  EXPECT_EQ(machine.alive, 0);
  EXPECT_EQ(machine.killed, 0);
}

TEST_F(ServerProcessTest, AServerWithoutSuchPathIsAskedForItsModels) {
  machine.health_status = 404;
  ServerProcess server(options(), machine.seams());
  ASSERT_TRUE(start(server));
  EXPECT_EQ(machine.probes, 2);
}

TEST_F(ServerProcessTest, AServerThatEndsTellsItsLastLines) {
  machine.life = [](int) {
    Life life{.dies = 2s, .end = {false, 7}};
    life.ready = 1h;
    for (int i = 1; i <= 30; ++i) life.writes.emplace_back(1s, "line " + std::to_string(i) + "\n");
    return life;
  };
  ServerProcess server(options(), machine.seams());
  auto started = start(server);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().kind, ErrorKind::refused);
  EXPECT_NE(started.error().message.find("llama-server did not start: it ended with exit 7 after 2.0 s"), std::string::npos) << started.error().message;
  EXPECT_EQ(started.error().hint.find("| line 10\n"), std::string::npos);
  EXPECT_NE(started.error().hint.find("| line 11\n"), std::string::npos) << "the last 20 lines";
  EXPECT_NE(started.error().hint.find("| line 30\n"), std::string::npos);
  EXPECT_NE(started.error().hint.find("server.log"), std::string::npos);
  EXPECT_NE(started.error().hint.find("llama-server -m 'a b.gguf'"), std::string::npos);
  EXPECT_EQ(machine.alive, 0);
}

TEST_F(ServerProcessTest, ALineThatMeansFailureEndsTheStart) {
  machine.life = [](int) {
    return Life{.ready = 1h, .writes = {{3s, "Traceback (most recent call last):\n"}, {3500ms, "  File x\nKeyError: 'y'\n"}}};
  };
  ServerOptions with = options();
  with.failure_lines = {"The path to the model does not exist. Exiting.", "Traceback (most recent call last)"};
  ServerProcess server(with, machine.seams());
  auto started = start(server);
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().message.find("Traceback"), std::string::npos);
  EXPECT_NE(started.error().hint.find("KeyError: 'y'"), std::string::npos) << "the whole traceback is waited for";
  EXPECT_LT(seconds(), 6);
  EXPECT_EQ(machine.alive, 0);
}

TEST_F(ServerProcessTest, AReadyLineIsEnoughAfterSettling) {
  machine.life = [](int) { return Life{.ready = 1h, .writes = {{10s, "Running on local URL:  http://127.0.0.1:7860\n"}}}; };
  ServerOptions with = options();
  with.ready_line = "Running on local URL";
  with.failure_lines = {"Traceback (most recent call last)"};
  ServerProcess server(with, machine.seams());
  ASSERT_TRUE(start(server));
  EXPECT_NEAR(seconds(), 15, 0.3);
}

TEST_F(ServerProcessTest, AfterTheLineAnAnswerEndsTheSettling) {
  machine.life = [](int) { return Life{.ready = 1s, .writes = {{10s, "Running on local URL"}}}; };
  ServerOptions with = options();
  with.ready_line = "Running on local URL";
  ServerProcess server(with, machine.seams());
  ASSERT_TRUE(start(server));
  EXPECT_NEAR(seconds(), 10, 0.3) << "not before the line, and not five seconds after it";
}

TEST_F(ServerProcessTest, NeverReady) {
  machine.life = [](int) { return Life{.ready = 100h, .writes = {{1s, "loading\n"}}, .deaf = true}; };
  ServerOptions with = options();
  with.start_timeout = 60s;
  ServerProcess server(with, machine.seams());
  auto started = start(server);
  ASSERT_FALSE(started);
  EXPECT_NE(started.error().message.find("not ready after 60."), std::string::npos) << started.error().message;
  EXPECT_NE(started.error().hint.find("| loading"), std::string::npos);
  EXPECT_EQ(machine.terminated, 1);
  EXPECT_EQ(machine.killed, 1) << "it did not mind SIGTERM";
  EXPECT_NEAR(seconds(), 65, 1) << "five seconds of grace";
  EXPECT_EQ(machine.alive, 0);
}

TEST_F(ServerProcessTest, ATakenPortIsNotMistakenForTheServer) {
  machine.port_free = false;
  ServerProcess server(options(), machine.seams());
  auto started = start(server);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().kind, ErrorKind::refused);
  EXPECT_NE(started.error().message.find("port 4711 is taken"), std::string::npos);
  EXPECT_TRUE(machine.commands.empty());
}

TEST_F(ServerProcessTest, AProgramThatIsNotThere) {
  machine.cannot_start = Error{ErrorKind::not_found, "cannot start x"};
  ServerProcess server(options(), machine.seams());
  auto started = start(server);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().kind, ErrorKind::refused);
  EXPECT_NE(started.error().message.find("llama-server did not start: cannot start x"), std::string::npos);
}

TEST_F(ServerProcessTest, InterruptionEndsTheWaitAndTheServer) {
  machine.life = [](int) { return Life{.ready = 100h}; };
  ServerProcess server(options(), machine.seams());
  machine.stopping = true;
  auto started = start(server);
  ASSERT_FALSE(started);
  EXPECT_EQ(started.error().kind, ErrorKind::cancelled);
  EXPECT_EQ(machine.alive, 0);
}

TEST_F(ServerProcessTest, TheDestructorEndsIt) {
  {
    ServerProcess server(options(), machine.seams());
    ASSERT_TRUE(start(server));
    EXPECT_EQ(machine.alive, 1);
  }
  EXPECT_EQ(machine.alive, 0);
}

}  // namespace
}  // namespace assay
