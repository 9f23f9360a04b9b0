#include "support/loop.h"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <deque>

namespace assay::test {

struct Loop::State {
  std::deque<asio::cancellation_signal> signals;
  std::exception_ptr bug;
  asio::io_context loop{1};
};

Loop::Loop() : state_(std::make_unique<State>()) {}
Loop::~Loop() = default;
asio::any_io_executor Loop::executor() {
  return state_->loop.get_executor();
}

std::size_t Loop::start(Task<void> task) {
  auto& signal = state_->signals.emplace_back();
  State& s = *state_;
  asio::co_spawn(s.loop, std::move(task), asio::bind_cancellation_slot(signal.slot(), [&s](const std::exception_ptr& error) {
                   if (error) s.bug = error;
                 }));
  return s.signals.size() - 1;
}

void Loop::cancel(std::size_t number) {
  state_->signals[number].emit(asio::cancellation_type::terminal);
}

void Loop::finish() {
  state_->loop.restart();
  state_->loop.run();
  if (state_->bug) std::rethrow_exception(std::exchange(state_->bug, nullptr));
}

void Loop::poll() {
  state_->loop.restart();
  state_->loop.poll();
  if (state_->bug) std::rethrow_exception(std::exchange(state_->bug, nullptr));
}

Task<void> answer_into(Model& model, Query query, std::optional<Result<Response>>& out) {
  out = co_await model.answer(std::move(query));
}
Task<void> send_into(Transport& transport, HttpRequest request, std::optional<Result<HttpResponse>>& out) {
  out = co_await transport.send(std::move(request));
}

Query question(std::string text) {
  Generate generate;
  generate.messages.push_back({"user", std::move(text)});
  Query query;
  query.request = std::move(generate);
  return query;
}

}  // namespace assay::test
