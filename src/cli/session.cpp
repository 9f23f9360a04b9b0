#include "cli/session.h"

#include <unistd.h>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/signal_set.hpp>
#include <csignal>
#include <exception>
#include <random>

#include "base/number.h"
#include "model/http/curl_transport.h"

namespace assay::cli {
namespace {

std::uint64_t true_random() {
  std::random_device device;
  return static_cast<std::uint64_t>(device()) << 32 | device();
}

CurlOptions transport_options(const Invocation& invocation) {
  CurlOptions options;
  options.offline = invocation.offline();
  return options;
}

void wait_for_signal(asio::signal_set& signals, Session& session) {
  signals.async_wait([&](const boost::system::error_code& code, int) {
    if (code) return;
    session.stop().request();
    if (session.stop().level() == 1) {
      session.invocation().err("\nstopping: waiting for the answers in flight; Ctrl-C again drops them\n");
    } else if (session.stop().level() > 2) {
      _exit(kInterrupted);
    }
    wait_for_signal(signals, session);
  });
}

}  // namespace

Session::Session(const Invocation& invocation)
    : invocation_(invocation), loop_(1), timer_(make_timer()), random_(true_random()) {}

Transport& Session::transport() {
  if (!transport_) transport_ = make_curl_transport(loop_.get_executor(), transport_options(invocation_));
  return *transport_;
}

Session::~Session() = default;

std::unique_ptr<Session> Session::without_journal(const Invocation& invocation) {
  return std::unique_ptr<Session>(new Session(invocation));
}

Result<std::unique_ptr<Session>> Session::open(const Invocation& invocation) {
  auto journal = invocation.open_journal(Journal::Mode::read_write);
  if (!journal) return std::unexpected(journal.error());
  auto session = without_journal(invocation);
  session->journal_ = std::move(*journal);
  if (invocation.arguments.has("max-cost")) {
    auto limit = invocation.arguments.number("max-cost");
    if (!limit) return std::unexpected(limit.error());
    if (!*limit || !(**limit >= 0) || **limit > 1e9) return fail(ErrorKind::usage, "--max-cost takes an amount of money in USD, e.g. --max-cost 5");
    session->budget_ = std::make_unique<Budget>(**limit);
    session->budget_->on_used_up = [raw = session.get()] {
      raw->invocation().err("\nstopping: the budget of $" + fixed(raw->budget()->limit(), 2) + " allows no further request; the answers in flight are kept\n");
      if (raw->stop().level() == 0) raw->stop().request();
    };
  }
  return session;
}

void Session::spawn(Task<void> work) {
  asio::signal_set signals(loop_, SIGINT, SIGTERM);
  wait_for_signal(signals, *this);
  std::exception_ptr bug;
  asio::co_spawn(loop_, std::move(work), [&](const std::exception_ptr& error) {
    bug = error;
    loop_.stop();
  });
  loop_.restart();
  loop_.run();
  if (bug) std::rethrow_exception(bug);
}

}  // namespace assay::cli
