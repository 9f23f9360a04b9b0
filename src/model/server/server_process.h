// A server program: started, waited for until it answers, stopped, with its last words at hand.
//
// It is ready when one of its health paths answers (503 and other failures mean that it is still loading), or, where the recipe
// names a line of output, when that line has come and the settling time is over - at once if it answers before that. A start has
// failed when the program ends, writes a line that means failure, or takes longer than the time-out; the error holds its last lines.
// Everything runs on the event loop; time, processes and HTTP are parameters. One call of start() or stop() at a time.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/async/timer.h"
#include "model/server/output_tail.h"
#include "model/server/process.h"
#include "model/transport.h"

namespace assay {

struct ServerOptions {
  std::string label;  // for people: "llama-server"
  ProcessCommand command;
  std::string shown{};  // the command for people, without keys; "" = as it is
  int port = 0;       // where it will listen on this machine
  std::vector<std::string> health{"/health", "/v1/models"};
  std::string ready_line{};                   // text within a line of output; "" = health alone decides
  Duration settle = std::chrono::seconds(5);  // after ready_line
  std::vector<std::string> failure_lines{};
  Duration start_timeout = std::chrono::minutes(10);
  Duration poll = std::chrono::milliseconds(100);
  Duration grace = std::chrono::seconds(5);  // between SIGTERM and SIGKILL
};

struct ServerSeams {
  ProcessLauncher& launcher;
  Transport& transport;
  Timer& timer;
  std::function<bool(int port)> port_free;
  std::function<bool()> stopping{};  // asked while a start waits; true gives it up (`cancelled`)
};

class ServerProcess {
 public:
  ServerProcess(ServerOptions options, ServerSeams seams);
  /// Ends what runs and waits for it (blocking, a few seconds at most): stop() is the one that others can run beside.
  ~ServerProcess();

  /// Errors: refused (the start failed; fatal for the model), cancelled. Nothing runs after an error.
  Async<void> start();
  Task<void> stop();
  /// Stops at once and for ever: a start() that is under way ends with `cancelled`.
  void abandon();

  bool running() const { return process_ != nullptr; }
  /// How it ended by itself, if it did.
  std::optional<ProcessEnd> ended();
  /// Its last lines of output, for people, each after "\n  | "; and where the rest is.
  std::string last_words();
  const ServerOptions& options() const { return options_; }
  Duration start_time() const { return start_time_; }  // of the last start

 private:
  enum class Health { absent, loading, ready };
  Task<Health> probe();
  Task<bool> gave_up() const;
  std::optional<Error> failure(Instant begin);  // what speaks against the start that is under way
  Error failed(const std::string& what);
  Instant now() { return seams_.timer.clock().now(); }

  ServerOptions options_;
  ServerSeams seams_;
  std::unique_ptr<Process> process_;
  OutputTail tail_;
  std::string failure_line_;
  Instant failure_at_{};
  Duration start_time_{};
  bool abandoned_ = false;
};

}  // namespace assay
