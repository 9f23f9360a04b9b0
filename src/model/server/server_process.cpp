#include "model/server/server_process.h"

#include <boost/asio/this_coro.hpp>

#include "base/number.h"
#include "base/shell_words.h"

namespace assay {
namespace {

constexpr Duration kWholeFailure = std::chrono::seconds(1);  // for the rest of a traceback to come
constexpr Duration kProbe = std::chrono::seconds(5);
constexpr std::size_t kTailLines = 20;

std::string seconds_text(Duration duration) { return fixed(std::chrono::duration<double>(duration).count(), 1) + " s"; }

}  // namespace

ServerProcess::ServerProcess(ServerOptions options, ServerSeams seams) : options_(std::move(options)), seams_(std::move(seams)), tail_(kTailLines) {}

ServerProcess::~ServerProcess() = default;

void ServerProcess::abandon() {
  abandoned_ = true;
  process_.reset();
}

std::optional<ProcessEnd> ServerProcess::ended() {
  if (!process_) return std::nullopt;
  return process_->ended();
}

std::string ServerProcess::last_words() {
  if (process_) tail_.feed(process_->take_output());
  std::string out;
  for (const std::string& line : tail_.lines()) out += "\n  | " + line;
  if (out.empty()) return "It wrote nothing. Its log would be " + options_.command.log.string();
  return "Its last lines (" + options_.command.log.string() + "):" + out;
}

Error ServerProcess::failed(const std::string& what) {
  return Error{ErrorKind::refused, options_.label + " did not start: " + what, {}, last_words() + "\nThe command was: " + (options_.shown.empty() ? join_shell_words(options_.command.words) : options_.shown)};
}

/// Whether whoever waits wants to wait no more.
Task<bool> ServerProcess::gave_up() const {
  auto state = co_await asio::this_coro::cancellation_state;
  bool cancelled = state.cancelled() != asio::cancellation_type::none;
  co_return abandoned_ || cancelled || (seams_.stopping && seams_.stopping());
}

Task<ServerProcess::Health> ServerProcess::probe() {
  std::string root = "http://127.0.0.1:" + std::to_string(options_.port);
  for (const std::string& path : options_.health) {
    HttpRequest request;
    request.method = "GET";
    request.url = root + path;
    request.connect_timeout = request.timeout = kProbe;
    request.max_body = std::size_t{1} << 20;
    Result<HttpResponse> response = co_await seams_.transport.send(std::move(request));
    if (!response) co_return response.error().kind == ErrorKind::bad_response ? Health::ready : Health::absent;
    int status = response->status;
    if (status == 404 || status == 405 || status == 501) continue;  // it has no such path: the next one
    co_return status < 500 && status != 429 ? Health::ready : Health::loading;
  }
  co_return Health::ready;  // it answers, if only that it knows none of the paths
}

std::optional<Error> ServerProcess::failure(Instant begin) {
  if (auto end = process_->ended()) {
    tail_.feed(process_->take_output());
    return failed("it ended with " + end->text() + " after " + seconds_text(now() - begin));
  }
  if (failure_line_.empty())
    for (const std::string& line : options_.failure_lines)
      if (tail_.seen(line)) {
        failure_line_ = line;
        failure_at_ = now();
      }
  if (!failure_line_.empty() && now() - failure_at_ >= kWholeFailure) return failed("it wrote \"" + failure_line_ + "\"");
  if (now() - begin > options_.start_timeout)
    return failed("it was not ready after " + seconds_text(now() - begin) + "; start_timeout=SECONDS in the model spec waits longer");
  return std::nullopt;
}

Async<void> ServerProcess::start() {
  Instant begin = now();
  // Whoever listens there already would answer in the server's place. After a stop the port may need a moment.
  while (!seams_.port_free(options_.port)) {
    if (now() - begin >= options_.grace)
      co_return fail(ErrorKind::refused, "port " + std::to_string(options_.port) + " is taken: " + options_.label + " could not listen there", {},
                     "End the program that listens there, or give port=N; without it a free port is chosen where the server can be told one.");
    bool enough = co_await gave_up();
    if (enough) co_return fail(ErrorKind::cancelled, "interrupted before " + options_.label + " was started");
    co_await seams_.timer.sleep(options_.poll);
  }
  tail_ = OutputTail(kTailLines);
  tail_.watch(options_.ready_line);
  for (const std::string& line : options_.failure_lines) tail_.watch(line);
  failure_line_.clear();
  auto process = seams_.launcher.start(options_.command);
  if (!process) {
    Error error = process.error();
    error.kind = ErrorKind::refused;
    error.message = options_.label + " did not start: " + error.message;
    co_return fail(std::move(error));
  }
  process_ = std::move(*process);

  begin = now();
  std::optional<Instant> settled;  // since when the line alone would do
  for (;;) {
    bool enough = co_await gave_up();
    if (enough || !process_) {
      co_await stop();
      co_return fail(ErrorKind::cancelled, "interrupted while " + options_.label + " was starting");
    }
    tail_.feed(process_->take_output());
    if (auto error = failure(begin)) {
      co_await stop();
      co_return fail(std::move(*error));
    }
    bool line = options_.ready_line.empty() || tail_.seen(options_.ready_line);
    if (line && failure_line_.empty()) {
      if (!options_.ready_line.empty() && !settled) settled = now() + options_.settle;
      Health health = co_await probe();
      if (!process_) continue;
      if ((health == Health::ready || (settled && now() >= *settled)) && !process_->ended()) break;
    }
    co_await seams_.timer.sleep(options_.poll);
  }
  start_time_ = now() - begin;
  co_return Result<void>();
}

Task<void> ServerProcess::stop() {
  if (!process_) co_return;
  process_->terminate();
  Instant begin = now();
  bool killed = false;
  while (process_ && !process_->ended()) {
    Duration waited = now() - begin;
    if (waited >= 2 * options_.grace) break;  // ~Process does what can still be done
    if (waited >= options_.grace && !killed) {
      process_->kill();
      killed = true;
    }
    co_await seams_.timer.sleep(std::min(options_.poll, Duration(std::chrono::milliseconds(20))));
  }
  if (!process_) co_return;
  tail_.feed(process_->take_output());
  process_.reset();
}

}  // namespace assay
