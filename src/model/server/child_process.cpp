#include "model/server/child_process.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace assay {
namespace {

constexpr std::size_t kMostOutput = std::size_t{1} << 20;

/// A descriptor that closes itself.
class Descriptor {
 public:
  explicit Descriptor(int number = -1) : number_(number) {}
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor& operator=(Descriptor&& other) noexcept {
    std::swap(number_, other.number_);
    return *this;
  }
  ~Descriptor() { close(); }
  int get() const { return number_; }
  void close() {
    if (number_ >= 0) ::close(std::exchange(number_, -1));
  }

 private:
  int number_;
};

struct Pipe {
  Descriptor out, in;  // read from `out` what is written to `in`
};

/// `stream`: a socket in a pipe's place, whose writer gets no SIGPIPE.
Result<Pipe> make_pipe(bool stream = false) {
  int ends[2];
  if ((stream ? socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) : pipe2(ends, O_CLOEXEC)) != 0) return fail(ErrorKind::io, std::string("cannot make a pipe: ") + std::strerror(errno));
  return Pipe{Descriptor(ends[0]), Descriptor(ends[1])};
}

// ---- the keeper: between fork and _exit only calls that a signal handler may make ------------------------------------------

struct Keeper {
  const char* directory;  // "" = stay
  char* const* words;
  int control, status, started, log;  // descriptors
  int grace_ms;
  pid_t server = -1;
  int server_status = 0;
};

std::int64_t now_ms() {
  timespec now{};
  clock_gettime(CLOCK_MONOTONIC, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000;
}

/// Our children, orphans adopted from further down included, get the signal, each once: some programs take a second SIGTERM for
/// impatience. Killed ones leave theirs to us: the caller comes again.
void signal_children(const Keeper& keeper, int number) {
  pid_t group = keeper.server;
  if (group > 0) kill(-group, number);
  auto hit = [&](pid_t child) {
    if (child > 1 && (group <= 0 || getpgid(child) != group)) kill(child, number);
  };
  char path[64] = "/proc/self/task/";
  char digits[16];
  int length = 0;
  for (pid_t left = getpid(); left > 0; left /= 10) digits[length++] = static_cast<char>('0' + left % 10);
  char* end = path + std::strlen(path);
  while (length > 0) *end++ = digits[--length];
  std::memcpy(end, "/children", sizeof "/children");
  int list = open(path, O_RDONLY | O_CLOEXEC);
  if (list < 0) return;
  char buffer[4096];
  pid_t child = 0;
  for (ssize_t got; (got = read(list, buffer, sizeof buffer)) > 0;)
    for (ssize_t i = 0; i < got; ++i) {
      if (buffer[i] >= '0' && buffer[i] <= '9') {
        child = child * 10 + (buffer[i] - '0');
      } else {
        hit(child);
        child = 0;
      }
    }
  hit(child);
  close(list);
}

[[noreturn]] void become_server(const Keeper& keeper, pid_t parent) {
  setpgid(0, 0);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(127);  // it died before we asked to hear of it
  for (int number = 1; number < NSIG; ++number) signal(number, SIG_DFL);
  sigset_t none;
  sigemptyset(&none);
  sigprocmask(SIG_SETMASK, &none, nullptr);
  if (dup2(keeper.log, 1) >= 0 && dup2(keeper.log, 2) >= 0 && (!*keeper.directory || chdir(keeper.directory) == 0))
    execvp(keeper.words[0], keeper.words);
  int number = errno;
  [[maybe_unused]] auto written = write(keeper.started, &number, sizeof number);
  _exit(127);
}

[[noreturn]] void keep(Keeper keeper) {
  setsid();
  prctl(PR_SET_CHILD_SUBREAPER, 1);
  prctl(PR_SET_NAME, "assay-keeper");
  for (int number : {SIGINT, SIGTERM, SIGHUP, SIGQUIT, SIGPIPE}) signal(number, SIG_IGN);
  signal(SIGCHLD, SIG_DFL);
  // Whatever else we have open (the journal, sockets, the terminal, other servers' pipes) is not ours to hold.
  std::array<int, 4> ours{keeper.control, keeper.status, keeper.started, keeper.log};
  std::sort(ours.begin(), ours.end());
  unsigned next = 3;
  for (int number : ours) {
    if (static_cast<unsigned>(number) > next) syscall(SYS_close_range, next, static_cast<unsigned>(number) - 1, 0);
    next = static_cast<unsigned>(number) + 1;
  }
  syscall(SYS_close_range, next, ~0U, 0);
  int null = open("/dev/null", O_RDWR | O_CLOEXEC);
  for (int number : {0, 1, 2}) dup2(null, number);

  sigset_t children;
  sigemptyset(&children);
  sigaddset(&children, SIGCHLD);
  sigprocmask(SIG_SETMASK, &children, nullptr);
  int signals = signalfd(-1, &children, SFD_NONBLOCK | SFD_CLOEXEC);
  pid_t self = getpid();
  keeper.server = static_cast<pid_t>(syscall(SYS_clone, SIGCHLD, nullptr, nullptr, nullptr, nullptr));  // fork without its handlers
  if (keeper.server == 0) become_server(keeper, self);
  if (keeper.server < 0) {
    int number = errno;
    [[maybe_unused]] auto written = write(keeper.started, &number, sizeof number);
    _exit(127);
  }
  setpgid(keeper.server, keeper.server);
  close(keeper.started);

  bool killing = false, asked = false, listening = true;
  std::int64_t deadline = 0;
  for (;;) {
    for (pid_t pid; (pid = waitpid(-1, &keeper.server_status, WNOHANG)) != 0;) {
      if (pid < 0) {  // nobody is left
        _exit(0);
      }
      if (pid == keeper.server) {
        [[maybe_unused]] auto written = write(keeper.status, &keeper.server_status, sizeof keeper.server_status);
        keeper.server = -1;
        if (!asked) killing = true;  // what it leaves behind serves nobody
      }
    }
    if (asked && now_ms() >= deadline) killing = true;
    if (killing) signal_children(keeper, SIGKILL);
    int wait = killing ? 10 : asked ? static_cast<int>(std::max<std::int64_t>(1, deadline - now_ms())) : -1;
    pollfd polled[2] = {{signals, POLLIN, 0}, {listening ? keeper.control : -1, POLLIN, 0}};
    poll(polled, 2, wait);
    signalfd_siginfo ignored[8];
    while (read(signals, ignored, sizeof ignored) > 0) continue;
    if (!polled[1].revents) continue;
    char word = 0;
    ssize_t got = read(keeper.control, &word, 1);
    if (got == 0) listening = false;  // the one we work for is gone
    if (word == 'k') killing = true;
    if ((got == 0 || word == 't') && !asked) {
      asked = true;
      deadline = now_ms() + keeper.grace_ms;
      signal_children(keeper, SIGTERM);
      signal_children(keeper, SIGCONT);  // a stopped one could not hear
    }
  }
}

// ---- our side --------------------------------------------------------------------------------------------------------------

class ChildProcess final : public Process {
 public:
  ChildProcess(pid_t keeper, Descriptor control, Descriptor status, Descriptor log, off_t offset, std::chrono::milliseconds grace)
      : keeper_(keeper), control_(std::move(control)), status_(std::move(status)), log_(std::move(log)), offset_(offset), grace_(grace) {}

  ~ChildProcess() override {
    if (ended()) return;
    control_.close();  // as if we were gone: asked first, then killed
    // Real time: nobody is left who could wait for us. The keeper does what is to be done within the grace.
    for (auto left = grace_ + std::chrono::seconds(5); left.count() > 0 && !ended(); left -= std::chrono::milliseconds(5)) poll(nullptr, 0, 5);
    if (ended_) return;
    ::kill(keeper_, SIGKILL);
    waitpid(keeper_, nullptr, 0);
  }

  std::string take_output() override {
    struct stat now{};
    if (fstat(log_.get(), &now) != 0 || now.st_size <= offset_) return {};
    if (now.st_size - offset_ > static_cast<off_t>(kMostOutput)) offset_ = now.st_size - static_cast<off_t>(kMostOutput);
    std::string out(static_cast<std::size_t>(now.st_size - offset_), '\0');
    ssize_t got = pread(log_.get(), out.data(), out.size(), offset_);
    out.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
    offset_ += static_cast<off_t>(out.size());
    return out;
  }

  std::optional<ProcessEnd> ended() override {
    if (ended_) return ended_;
    int ignored = 0;
    if (waitpid(keeper_, &ignored, WNOHANG) == 0) return std::nullopt;
    int status = SIGKILL;  // a keeper that was killed says nothing; the program dies with it
    if (read(status_.get(), &status, sizeof status) != static_cast<ssize_t>(sizeof status)) status = SIGKILL;
    ended_ = WIFSIGNALED(status) ? ProcessEnd{true, WTERMSIG(status)} : ProcessEnd{false, WEXITSTATUS(status)};
    return ended_;
  }

  void terminate() override { say('t'); }
  void kill() override { say('k'); }

 private:
  void say(char word) {
    if (ended_ || control_.get() < 0) return;
    [[maybe_unused]] auto sent = send(control_.get(), &word, 1, MSG_NOSIGNAL);
  }

  pid_t keeper_;
  Descriptor control_, status_, log_;
  off_t offset_;
  std::chrono::milliseconds grace_;
  std::optional<ProcessEnd> ended_;
};

class ChildProcessLauncher final : public ProcessLauncher {
 public:
  explicit ChildProcessLauncher(ChildProcessOptions options) : options_(options) {}

  Result<std::unique_ptr<Process>> start(const ProcessCommand& command) override {
    if (command.words.empty() || command.words[0].empty()) return fail(ErrorKind::usage, "there is no program to start");
    std::error_code code;
    if (command.log.has_parent_path()) std::filesystem::create_directories(command.log.parent_path(), code);
    Descriptor log(open(command.log.c_str(), O_RDWR | O_APPEND | O_CREAT | O_CLOEXEC, 0600));
    if (log.get() < 0) return fail(ErrorKind::io, std::string("cannot write the server's log: ") + std::strerror(errno), command.log.string());
    struct stat before{};
    fstat(log.get(), &before);
    auto control = make_pipe(true), status = make_pipe(), started = make_pipe();
    for (const auto* pipe : {&control, &status, &started})
      if (!*pipe) return std::unexpected(pipe->error());

    std::string directory = command.directory.string();
    std::vector<char*> words;
    words.reserve(command.words.size() + 1);
    for (const std::string& word : command.words) words.push_back(const_cast<char*>(word.c_str()));
    words.push_back(nullptr);
    Keeper keeper{directory.c_str(), words.data(), control->out.get(), status->in.get(), started->in.get(), log.get(), static_cast<int>(options_.grace.count())};
    // A signal that arrives between fork and the keeper's own handlers would run ours, in the wrong process.
    sigset_t all, old;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &old);
    pid_t pid = fork();
    if (pid == 0) keep(keeper);
    int number = errno;
    pthread_sigmask(SIG_SETMASK, &old, nullptr);
    if (pid < 0) return fail(ErrorKind::io, std::string("cannot start a process: ") + std::strerror(number));
    control->out.close();
    status->in.close();
    started->in.close();
    ssize_t got;
    do got = read(started->out.get(), &number, sizeof number);
    while (got < 0 && errno == EINTR);
    if (got == static_cast<ssize_t>(sizeof number)) {
      waitpid(pid, nullptr, 0);
      bool absent = number == ENOENT || number == EACCES || number == ENOEXEC;
      return fail(absent ? ErrorKind::not_found : ErrorKind::io, "cannot start " + command.words[0] + ": " + std::strerror(number), {},
                  absent ? "Is it installed, in the search path and executable? program=/path/to/it names another one." : "");
    }
    return std::make_unique<ChildProcess>(pid, std::move(control->in), std::move(status->out), std::move(log), before.st_size, options_.grace);
  }

 private:
  ChildProcessOptions options_;
};

}  // namespace

std::string ProcessEnd::text() const { return (by_signal ? "signal " : "exit ") + std::to_string(number); }

std::unique_ptr<ProcessLauncher> make_process_launcher(ChildProcessOptions options) { return std::make_unique<ChildProcessLauncher>(options); }

}  // namespace assay
