// Child processes for the case runner: no shell, a scrubbed environment, pipes, a deadline.
#pragma once

#include <sys/types.h>

#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "base/error.h"

namespace assay::cases {

struct Command {
  std::filesystem::path program;
  std::vector<std::string> arguments;    // without the program's name
  std::vector<std::string> environment;  // NAME=VALUE, all there is
  std::filesystem::path directory;
  std::string input;
  long file_limit = 0;  // bytes that no file can grow beyond (what a full disk is to a program), 0 = none
  double timeout = 30;  // seconds (of an optimised program: support/patience.h); then the whole process group is killed
  /// Called every few milliseconds while the command runs; what it returns is sent as a signal (0 = nothing).
  std::function<int()> watch{};
};

struct Outcome {
  int code = 0;       // exit status
  int signal = 0;     // that ended it, 0 = none
  bool timed_out = false;
  std::string out, err;
};

Result<Outcome> run_command(const Command& command);

/// A program in the background that says on its first line of output where it can be reached. Killed by the destructor.
class Server {
 public:
  static Result<Server> start(const Command& command);
  Server(Server&& other) noexcept;
  Server& operator=(Server&&) = delete;
  ~Server();
  const std::string& first_line() const { return first_line_; }

 private:
  Server() = default;
  pid_t pid_ = -1;
  int out_ = -1;
  std::string first_line_;
};

}  // namespace assay::cases
