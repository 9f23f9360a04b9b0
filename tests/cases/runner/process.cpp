#include "process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>

#include "support/patience.h"

namespace assay::cases {
namespace {

constexpr std::size_t kMaxOutput = std::size_t{64} << 20;
using SteadyClock = std::chrono::steady_clock;

std::unexpected<Error> system_error(const std::string& what) { return fail(ErrorKind::io, what + ": " + std::strerror(errno)); }

struct Pipe {
  int read_end = -1, write_end = -1;
  bool open() {
    int ends[2];
    if (pipe2(ends, O_CLOEXEC) != 0) return false;
    read_end = ends[0];
    write_end = ends[1];
    return true;
  }
  static void close_end(int& end) {
    if (end >= 0) close(end);
    end = -1;
  }
  ~Pipe() {
    close_end(read_end);
    close_end(write_end);
  }
};

/// Only async-signal-safe calls between fork and exec: everything is prepared before.
Result<pid_t> spawn(const Command& command, int in, int out, int err) {
  const std::string program = command.program.string(), directory = command.directory.string();
  std::string name = command.program.filename().string();
  std::vector<char*> arguments{name.data()};
  for (const std::string& argument : command.arguments) arguments.push_back(const_cast<char*>(argument.c_str()));
  arguments.push_back(nullptr);
  std::vector<char*> environment;
  for (const std::string& variable : command.environment) environment.push_back(const_cast<char*>(variable.c_str()));
  environment.push_back(nullptr);
  Pipe problem;
  if (!problem.open()) return system_error("pipe");
  const pid_t pid = fork();
  if (pid < 0) return system_error("fork");
  if (pid == 0) {
    setpgid(0, 0);
    signal(SIGPIPE, SIG_DFL);
    if (command.file_limit > 0) {
      const rlimit limit{static_cast<rlim_t>(command.file_limit), static_cast<rlim_t>(command.file_limit)};
      setrlimit(RLIMIT_FSIZE, &limit);
    }
    if (dup2(in, 0) >= 0 && dup2(out, 1) >= 0 && dup2(err, 2) >= 0 && chdir(directory.c_str()) == 0) {
      execve(program.c_str(), arguments.data(), environment.data());
    }
    const int number = errno;
    [[maybe_unused]] auto written = write(problem.write_end, &number, sizeof number);
    _exit(127);
  }
  Pipe::close_end(problem.write_end);
  int number = 0;
  if (read(problem.read_end, &number, sizeof number) == static_cast<ssize_t>(sizeof number)) {
    waitpid(pid, nullptr, 0);
    return fail(ErrorKind::io, "cannot start " + program + ": " + std::strerror(number));
  }
  return pid;
}

/// Takes what is there. False at the end of the stream.
bool drain(int descriptor, std::string& into) {
  char buffer[65536];
  const ssize_t got = read(descriptor, buffer, sizeof buffer);
  if (got > 0) {
    into.append(buffer, std::min(static_cast<std::size_t>(got), kMaxOutput - std::min(into.size(), kMaxOutput)));
    return true;
  }
  return got < 0 && (errno == EAGAIN || errno == EINTR);
}

void set_nonblocking(int descriptor) { fcntl(descriptor, F_SETFL, fcntl(descriptor, F_GETFL) | O_NONBLOCK); }

}  // namespace

Result<Outcome> run_command(const Command& command) {
  signal(SIGPIPE, SIG_IGN);  // a command need not read its input
  Pipe in, out, err;
  if (!in.open() || !out.open() || !err.open()) return system_error("pipe");
  auto pid = spawn(command, in.read_end, out.write_end, err.write_end);
  if (!pid) return std::unexpected(pid.error());
  Pipe::close_end(in.read_end);
  Pipe::close_end(out.write_end);
  Pipe::close_end(err.write_end);
  for (int end : {in.write_end, out.read_end, err.read_end}) set_nonblocking(end);

  Outcome outcome;
  std::size_t sent = 0;
  const auto deadline = SteadyClock::now() + std::chrono::duration<double>(command.timeout * test::kPatience);
  for (bool running = true;;) {
    if (in.write_end >= 0) {
      const ssize_t wrote = sent < command.input.size() ? write(in.write_end, command.input.data() + sent, command.input.size() - sent) : 0;
      if (wrote > 0) sent += static_cast<std::size_t>(wrote);
      if (sent == command.input.size() || (wrote < 0 && errno != EAGAIN && errno != EINTR)) Pipe::close_end(in.write_end);
    }
    pollfd polled[2] = {{out.read_end, POLLIN, 0}, {err.read_end, POLLIN, 0}};
    poll(polled, 2, running ? 5 : 0);
    bool got = false;
    if (polled[0].revents) got = drain(out.read_end, outcome.out) || (Pipe::close_end(out.read_end), false) || got;
    if (polled[1].revents) got = drain(err.read_end, outcome.err) || (Pipe::close_end(err.read_end), false) || got;
    if (!running) {
      // What a forgotten grandchild may still write is not waited for: only what is already in the pipe is taken.
      if (!got) break;
      continue;
    }
    int status = 0;
    if (waitpid(*pid, &status, WNOHANG) == *pid) {
      running = false;
      if (WIFSIGNALED(status)) outcome.signal = WTERMSIG(status);
      else outcome.code = WEXITSTATUS(status);
      continue;
    }
    if (command.watch) {
      if (int number = command.watch()) kill(*pid, number);
    }
    if (!outcome.timed_out && SteadyClock::now() > deadline) {
      outcome.timed_out = true;
      kill(-*pid, SIGKILL);
    }
  }
  kill(-*pid, SIGKILL);  // its children, if it left any
  return outcome;
}

Result<Server> Server::start(const Command& command) {
  Pipe out;
  if (!out.open()) return system_error("pipe");
  const int null = open("/dev/null", O_RDONLY | O_CLOEXEC);
  auto pid = spawn(command, null, out.write_end, 2);
  close(null);
  if (!pid) return std::unexpected(pid.error());
  Server server;
  server.pid_ = *pid;
  server.out_ = std::exchange(out.read_end, -1);
  Pipe::close_end(out.write_end);
  const auto deadline = SteadyClock::now() + std::chrono::duration<double>(command.timeout * test::kPatience);
  set_nonblocking(server.out_);
  while (server.first_line_.find('\n') == std::string::npos) {
    pollfd polled{server.out_, POLLIN, 0};
    poll(&polled, 1, 50);
    if (polled.revents && !drain(server.out_, server.first_line_)) {
      return fail(ErrorKind::io, command.program.filename().string() + " ended before it said where it listens");
    }
    if (SteadyClock::now() > deadline) return fail(ErrorKind::timeout, command.program.filename().string() + " does not say where it listens");
  }
  server.first_line_.resize(server.first_line_.find('\n'));
  return server;
}

Server::Server(Server&& other) noexcept
    : pid_(std::exchange(other.pid_, -1)), out_(std::exchange(other.out_, -1)), first_line_(std::move(other.first_line_)) {}

Server::~Server() {
  if (pid_ > 0) {
    kill(-pid_, SIGKILL);
    waitpid(pid_, nullptr, 0);
  }
  if (out_ >= 0) close(out_);
}

}  // namespace assay::cases
