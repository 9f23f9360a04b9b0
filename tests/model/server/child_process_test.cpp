// Real processes: /bin/sh plays the server.
#include "model/server/child_process.h"

#include <gtest/gtest.h>
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <fstream>
#include <functional>

#include "base/file.h"
#include "base/text.h"
#include "support/temporary_folder.h"

namespace assay {
namespace {

using namespace std::chrono_literals;
namespace fs = std::filesystem;

/// Real processes need real time; a condition that never holds fails the test after 20 s.
bool within_time(const std::function<bool()>& holds) {
  for (int i = 0; i < 4000; ++i) {
    if (holds()) return true;
    poll(nullptr, 0, 5);
  }
  return false;
}

bool alive(pid_t pid) {
  auto stat = read_file("/proc/" + std::to_string(pid) + "/stat", 4096);
  return stat && !contains(*stat, ") Z ");
}

class ChildProcessTest : public testing::Test {
 protected:
  Result<std::unique_ptr<Process>> sh(const std::string& script) { return launcher->start({{"sh", "-c", script}, dir.path(), dir.path() / "logs" / "server.log"}); }
  std::vector<pid_t> pids(std::size_t count) {
    std::vector<pid_t> out;
    within_time([&] {
      out.clear();
      std::ifstream file(dir.path() / "pids");
      for (pid_t pid; file >> pid;) out.push_back(pid);
      return out.size() >= count;
    });
    return out;
  }
  test::TemporaryFolder dir;
  std::unique_ptr<ProcessLauncher> launcher = make_process_launcher({.grace = 500ms});
};

TEST_F(ChildProcessTest, OutputAndExit) {
  auto process = sh("echo out; echo err >&2; pwd; exit 7");
  ASSERT_TRUE(process) << process.error().message;
  ASSERT_TRUE(within_time([&] { return (*process)->ended().has_value(); }));
  EXPECT_EQ((*process)->ended()->text(), "exit 7");
  EXPECT_EQ((*process)->take_output(), "out\nerr\n" + fs::canonical(dir.path()).string() + "\n");
  EXPECT_EQ((*process)->take_output(), "");
  // The next one's output is its own, though the log is the same.
  auto second = sh("echo again; kill -9 $$");
  ASSERT_TRUE(within_time([&] { return (*second)->ended().has_value(); }));
  EXPECT_EQ((*second)->ended()->text(), "signal 9");
  EXPECT_EQ((*second)->take_output(), "again\n");
}

TEST_F(ChildProcessTest, NoSuchProgram) {
  auto process = launcher->start({{"/no/such/program"}, {}, dir.path() / "x.log"});
  ASSERT_FALSE(process);
  EXPECT_EQ(process.error().kind, ErrorKind::not_found);
  EXPECT_NE(process.error().message.find("/no/such/program"), std::string::npos);
  EXPECT_FALSE(launcher->start({{"sh"}, dir.path() / "no folder", dir.path() / "x.log"}));
  EXPECT_FALSE(launcher->start({{}, {}, dir.path() / "x.log"}));
}

TEST_F(ChildProcessTest, HoldsNothingOfOurs) {
  std::ofstream ours(dir.path() / "ours");
  auto process = sh("ls -l /proc/self/fd /proc/$PPID/fd");
  ASSERT_TRUE(within_time([&] { return (*process)->ended().has_value(); }));
  EXPECT_FALSE(contains((*process)->take_output(), "/ours"));
}

// Workers with sessions of their own, grandchildren whose parents are gone: all of it ends with the server.
constexpr const char* kFamily =
    "echo $$ >> pids; (setsid sh -c 'echo $$ >> pids; exec sleep 1000' &) ; sh -c 'sh -c \"echo \\$\\$ >> pids; exec sleep 1000\" & echo $$ >> pids; exec sleep 1000' & ";

TEST_F(ChildProcessTest, TerminateEndsTheWholeFamily) {
  auto process = sh(std::string(kFamily) + "wait");
  auto family = pids(4);
  ASSERT_EQ(family.size(), 4u);
  for (pid_t pid : family) EXPECT_TRUE(alive(pid));
  (*process)->terminate();
  ASSERT_TRUE(within_time([&] { return (*process)->ended().has_value(); }));
  for (pid_t pid : family) EXPECT_FALSE(alive(pid)) << pid;
  EXPECT_EQ((*process)->ended()->text(), "signal 15");
}

TEST_F(ChildProcessTest, WhatIgnoresSigtermIsKilled) {
  auto process = sh("trap '' TERM; echo $$ >> pids; while :; do sleep 1000; done");
  auto family = pids(1);
  (*process)->terminate();
  (*process)->kill();
  ASSERT_TRUE(within_time([&] { return (*process)->ended().has_value(); }));
  EXPECT_EQ((*process)->ended()->text(), "signal 9");
  EXPECT_FALSE(alive(family.at(0)));
}

TEST_F(ChildProcessTest, AStoppedServerIsEnded) {
  auto process = sh("echo $$ >> pids; exec sleep 1000");
  auto family = pids(1);
  kill(family.at(0), SIGSTOP);
  process->reset();
  EXPECT_FALSE(alive(family.at(0)));
}

TEST_F(ChildProcessTest, ACrashTakesTheWorkersWithIt) {
  auto process = sh(std::string(kFamily) + "sleep 0.1; kill -SEGV $$");
  auto family = pids(4);
  ASSERT_TRUE(within_time([&] { return (*process)->ended().has_value(); }));
  for (pid_t pid : family) EXPECT_FALSE(alive(pid)) << pid;
  EXPECT_EQ((*process)->ended()->text(), "signal 11");
}

TEST_F(ChildProcessTest, TheDestructorAsksFirstAndWaits) {
  auto process = sh("trap 'echo bye; exit 0' TERM; echo $$ >> pids; sleep 1000 & wait");
  auto family = pids(1);
  process->reset();
  EXPECT_FALSE(alive(family.at(0)));
  EXPECT_EQ(read_file(dir.path() / "logs" / "server.log").value(), "bye\n");
}

TEST_F(ChildProcessTest, NothingSurvivesOurOwnKill) {
  pid_t us = fork();
  ASSERT_GE(us, 0);
  if (us == 0) {
    auto process = sh(std::string(kFamily) + "wait");
    pause();
    _exit(0);
  }
  auto family = pids(4);
  kill(us, SIGKILL);
  waitpid(us, nullptr, 0);
  ASSERT_EQ(family.size(), 4u);
  EXPECT_TRUE(within_time([&] { return std::none_of(family.begin(), family.end(), alive); }));
}

TEST_F(ChildProcessTest, TheServerDiesWithItsKeeper) {
  auto process = sh("echo $$ $PPID >> pids; exec sleep 1000");
  auto family = pids(2);
  kill(family.at(1), SIGKILL);
  ASSERT_TRUE(within_time([&] { return !alive(family.at(0)); }));
  EXPECT_TRUE(within_time([&] { return (*process)->ended().has_value(); }));
}

}  // namespace
}  // namespace assay
