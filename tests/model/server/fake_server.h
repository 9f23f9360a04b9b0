// A pretended machine with one port: programs that live and die by a virtual clock, and the HTTP that reaches them.
#pragma once

#include <functional>

#include "base/async/timer.h"
#include "model/server/server_process.h"

namespace assay::test {

/// What one start of the program does, in time since its start.
struct Life {
  Duration ready{};                          // health is 503 before
  std::optional<Duration> dies{};
  ProcessEnd end{false, 1};
  std::vector<std::pair<Duration, std::string>> writes{};
  bool deaf = false;                         // does not mind SIGTERM
};

class FakeMachine final : public ProcessLauncher, public Transport {
 public:
  explicit FakeMachine(Timer& timer) : timer_(timer) {}
  std::function<Life(int start)> life = [](int) { return Life{}; };
  std::optional<Error> cannot_start;
  std::vector<ProcessCommand> commands;
  int alive = 0, terminated = 0, killed = 0, probes = 0;
  int health_status = 200;  // when ready
  bool port_free = true;
  bool stopping = false;

  ServerSeams seams() {
    return {*this, *this, timer_, [this](int) { return port_free; }, [this] { return stopping; }};
  }
  bool up() const { return running_ && now() - running_->begin >= running_->life.ready && !running_->dead(); }
  /// The program that runs dies now.
  void crash() {
    if (running_) running_->life.dies = now() - running_->begin;
  }

  Result<std::unique_ptr<Process>> start(const ProcessCommand& command) override {
    if (cannot_start) return fail(*cannot_start);
    commands.push_back(command);
    return std::make_unique<Program>(*this, life(static_cast<int>(commands.size())));
  }

  Async<HttpResponse> send(HttpRequest request) override {
    ++probes;
    if (!running_ || running_->dead()) co_return fail(ErrorKind::network, "refused");
    HttpResponse response;
    response.status = request.url.ends_with("/health") ? (up() ? health_status : 503) : 200;
    co_return response;
  }

 private:
  struct Program final : Process {
    Program(FakeMachine& machine, Life life) : machine(machine), life(std::move(life)), begin(machine.now()) {
      machine.running_ = this;
      ++machine.alive;
    }
    ~Program() override {
      --machine.alive;
      if (machine.running_ == this) machine.running_ = nullptr;
    }
    bool dead() const { return (life.dies && machine.now() - begin >= *life.dies) || ended_by_signal; }
    std::string take_output() override {
      std::string out;
      while (written < life.writes.size() && machine.now() - begin >= life.writes[written].first) out += life.writes[written++].second;
      return out;
    }
    std::optional<ProcessEnd> ended() override {
      if (!dead()) return std::nullopt;
      return ended_by_signal ? ProcessEnd{true, ended_by_signal} : life.end;
    }
    void terminate() override {
      ++machine.terminated;
      if (!life.deaf) ended_by_signal = 15;
    }
    void kill() override {
      ++machine.killed;
      ended_by_signal = 9;
    }
    FakeMachine& machine;
    Life life;
    Instant begin;
    std::size_t written = 0;
    int ended_by_signal = 0;
  };
  Instant now() const { return timer_.clock().now(); }
  Timer& timer_;
  Program* running_ = nullptr;
};

}  // namespace assay::test
