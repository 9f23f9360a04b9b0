// A started program as a seam: what supervises servers speaks to this, tests give it a pretended one. The real one is
// model/server/child_process.h. Not thread-safe: used on the event loop's thread.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"

namespace assay {

struct ProcessCommand {
  std::vector<std::string> words;   // the program first; it is looked for in the search path when it holds no '/'
  std::filesystem::path directory;  // where it runs; "" = where we do
  std::filesystem::path log;        // standard output and error are appended; folders are made
};

/// How a program ended.
struct ProcessEnd {
  bool by_signal = false;
  int number = 0;            // exit status or signal
  std::string text() const;  // "exit 1", "signal 9"
};

class Process {
 public:
  /// Ends the program and everything it started, as terminate() and kill() do, and waits for it: at most a few seconds.
  virtual ~Process() = default;
  /// What it wrote since the last call; when that is much, its end alone.
  virtual std::string take_output() = 0;
  /// Set once the program has ended and nothing that it started is left.
  virtual std::optional<ProcessEnd> ended() = 0;
  /// SIGTERM to everything it started. Does not wait.
  virtual void terminate() = 0;
  /// SIGKILL. Does not wait.
  virtual void kill() = 0;
};

class ProcessLauncher {
 public:
  virtual ~ProcessLauncher() = default;
  /// Errors: not_found (no such program), io. That the program then fails is no error here: ended() tells.
  virtual Result<std::unique_ptr<Process>> start(const ProcessCommand& command) = 0;
};

}  // namespace assay
