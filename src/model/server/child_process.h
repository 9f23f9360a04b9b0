// Real programs, of which nothing survives.
//
// Between us and the program stands a keeper, a process without a program of its own: it leads a session, adopts whatever its
// children leave behind (PR_SET_CHILD_SUBREAPER), and hears of our end through a pipe, kill -9 included. It ends the program and
// all it started - workers with sessions of their own, too - when it is told so, when we are gone, or when the program has ended
// and left some. The program itself gets SIGKILL if somebody kills the keeper. Linux alone.
//
// The program inherits the environment, reads nothing (/dev/null), and writes into its log; Ctrl-C at our terminal does not reach it.
#pragma once

#include <chrono>
#include <memory>

#include "model/server/process.h"

namespace assay {

struct ChildProcessOptions {
  /// Between asking (SIGTERM) and killing, where nobody else decides: after our own end, and in ~Process.
  std::chrono::milliseconds grace = std::chrono::seconds(5);
};

std::unique_ptr<ProcessLauncher> make_process_launcher(ChildProcessOptions options = {});

}  // namespace assay
