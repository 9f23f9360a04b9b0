// Makes a test that hangs a test that fails with its name. Including this header is enough; for programs whose tests wait for
// threads and child processes.
#pragma once

#include <gtest/gtest.h>
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cstdio>
#include <cstring>
#include <string>

#include "support/patience.h"

namespace assay::test {

namespace detail {

inline constexpr unsigned kTestSeconds = kPatience > 1 ? 960 : 240;   // below the limit of ctest, which says nothing
inline constexpr unsigned kChildSeconds = kPatience > 1 ? 480 : 120;  // so that the parent still lives to tell
inline std::array<char, 256> running_test{};

/// What a signal handler may do: write and end.
inline void say_what_hangs(int) {
  constexpr char before[] = "\nHANG: no end of ";
  auto put = [](const char* text, std::size_t size) { [[maybe_unused]] auto written = ::write(STDERR_FILENO, text, size); };
  put(before, sizeof before - 1);
  put(running_test.data(), std::strlen(running_test.data()));
  put("\n", 1);
  ::signal(SIGABRT, SIG_DFL);
  ::abort();
}

class HangWatch final : public testing::EmptyTestEventListener {
  void OnTestStart(const testing::TestInfo& test) override {
    std::snprintf(running_test.data(), running_test.size(), "%s.%s after %u s", test.test_suite_name(), test.name(), kTestSeconds);
    ::signal(SIGALRM, say_what_hangs);
    ::alarm(kTestSeconds);
  }
  void OnTestEnd(const testing::TestInfo&) override { ::alarm(0); }
};

inline const bool watching = [] {
  testing::UnitTest::GetInstance()->listeners().Append(new HangWatch);  // gtest deletes it
  return true;
}();

}  // namespace detail

/// The first thing a forked child does: a child that hangs dies by SIGABRT, after saying whose it is.
inline void limit_child() {
  std::size_t used = std::strlen(detail::running_test.data());
  std::snprintf(detail::running_test.data() + used, detail::running_test.size() - used, " (its child, after %u s)", detail::kChildSeconds);
  ::signal(SIGALRM, detail::say_what_hangs);
  ::alarm(detail::kChildSeconds);
}

/// Waits for a child that limit_child() limits: "exited with 0", "killed by signal 9".
inline std::string ending_of(pid_t child) {
  int status = 0;
  if (::waitpid(child, &status, 0) != child) return "is no child";
  if (WIFSIGNALED(status)) return "killed by signal " + std::to_string(WTERMSIG(status));
  return "exited with " + std::to_string(WEXITSTATUS(status));
}

}  // namespace assay::test
