#include "support/simulator.h"

#include <sys/socket.h>

#include <atomic>
#include <boost/asio/as_tuple.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/http/parser.hpp>
#include <boost/beast/http/read.hpp>
#include <boost/beast/http/string_body.hpp>
#include <mutex>
#include <thread>

#include "base/async/async.h"
#include "base/text.h"
#include "support/simulator_dialects.h"

namespace assay::test {
namespace {

namespace beast = boost::beast;
namespace http = boost::beast::http;
using asio::ip::tcp;
constexpr auto kAsTuple = asio::as_tuple(asio::use_awaitable);

std::string_view reason_phrase(int status) {
  http::status known = http::int_to_status(static_cast<unsigned>(status));
  if (known == http::status::unknown) return "Other";
  auto text = http::obsolete_reason(known);
  return {text.data(), text.size()};
}

std::string wire(const SimulatedReply& reply, std::string_view target, std::size_t prompt_bytes) {
  if (reply.fault == SimulatedReply::Fault::raw) return reply.body;
  std::string body = reply.has_body ? reply.body : simulated_body(reply, target, prompt_bytes);
  if (reply.fault == SimulatedReply::Fault::truncated_json) body.resize(body.size() / 2);
  if (reply.fault == SimulatedReply::Fault::invalid_utf8)
    if (std::size_t at = body.find(reply.text); at != std::string::npos)
      body.insert(at + reply.text.size() / 2, "\xff\xc3(\x80\xed\xa0\x80");
  bool typed = false, sized = false;
  std::string out = "HTTP/1.1 " + std::to_string(reply.status) + " " + std::string(reason_phrase(reply.status)) + "\r\n";
  for (const auto& [name, value] : reply.headers) {
    std::string low = lower(name);
    typed = typed || low == "content-type";
    sized = sized || low == "content-length" || low == "transfer-encoding";
    out.append(name).append(": ").append(value).append("\r\n");
  }
  if (!typed) out += "Content-Type: application/json\r\n";
  if (!sized) out += "Content-Length: " + std::to_string(body.size()) + "\r\n";
  out += "\r\n";
  out += body;
  return out;
}

}  // namespace

SimulatedReply SimulatedReply::says(std::string text) {
  SimulatedReply out;
  out.text = std::move(text);
  return out;
}
SimulatedReply SimulatedReply::answers(int status, std::string body, std::vector<std::pair<std::string, std::string>> headers) {
  SimulatedReply out;
  out.status = status;
  out.has_body = true;
  out.body = std::move(body);
  out.headers = std::move(headers);
  return out;
}
SimulatedReply SimulatedReply::fails(Fault fault) {
  SimulatedReply out;
  out.fault = fault;
  out.text = "half of this is never sent";
  return out;
}

std::string SimulatedRequest::header(std::string_view name) const {
  for (const auto& [key, value] : headers)
    if (key == name) return value;
  return {};
}
json::value SimulatedRequest::json() const {
  return parse_json(body).value_or(nullptr);
}
json::value SimulatedRequest::record() const {
  json::object names;
  for (const auto& [name, value] : headers) names[name] = valid_utf8(value);
  json::value parsed = json();
  return json::object{{"method", method},
                      {"target", valid_utf8(target)},
                      {"headers", std::move(names)},
                      {"prompt", prompt},
                      {"body", parsed.is_null() ? json::value(valid_utf8(body)) : std::move(parsed)}};
}

struct Simulator::State {
  explicit State(Options options) : options(std::move(options)), acceptor(loop) {}

  /// Limits and accidents come before all rules. True: `out` is the answer.
  bool weather_says(const SimulatedRequest& request, SimulatedReply& out) {
    Instant now = system_clock().now();
    if (loads.empty()) first_request = now;
    auto tenth = static_cast<std::size_t>((now - first_request) / std::chrono::milliseconds(100));
    if (tenth < kMostLoads && loads.size() <= tenth) loads.resize(tenth + 1);
    Load& load = loads[std::min(tenth, loads.size() - 1)];
    double tokens = simulated_tokens(request);
    double unix_seconds = static_cast<double>(system_clock().unix_micros()) / 1e6;
    if (weather && !weather->admit(tokens, in_flight, now)) {
      ++load.refused;
      out = SimulatedReply::answers(429, R"({"error":{"message":"too many requests","type":"rate_limit_error"}})",
                                    weather->headers(true, tokens, now, unix_seconds));
      return true;
    }
    ++load.admitted;
    load.tokens += tokens;
    if (weather) weather_headers = weather->headers(false, tokens, now, unix_seconds);
    double draw = accidents.empty() ? 1 : random.unit();
    for (const auto& [share, reply] : accidents) {
      if ((draw -= share) >= 0) continue;
      ++load.accidents;
      out = reply;
      out.headers.insert(out.headers.end(), weather_headers.begin(), weather_headers.end());
      return true;
    }
    return false;
  }

  SimulatedReply choose(SimulatedRequest request) {
    bool generation = request.method == "POST" && is_simulated_generation(request.target);
    if (!generation) return other(request.target);
    if (options.observe) options.observe(request);
    {
      std::lock_guard lock(mutex);
      SimulatedReply out;
      weather_headers.clear();
      if (weather_says(request, out)) {
        record(std::move(request));
        return out;
      }
    }
    std::function<SimulatedReply(const SimulatedRequest&)> call;
    SimulatedReply out;
    {
      std::lock_guard lock(mutex);
      if (!refuses(request, out) && !by_rule(request.prompt, out)) call = fallback;
    }
    if (call) out = call(request);  // without the lock: it may look at the simulator
    std::lock_guard lock(mutex);
    if (out.generate_most > 0) out.text = nonsense(seed, request.prompt, out.generate_least, out.generate_most);
    if (out.repeat > 1) {
      std::string once = out.text;
      for (out.text.reserve(once.size() * out.repeat); out.repeat > 1; --out.repeat) out.text += once;
    }
    out.headers.insert(out.headers.end(), weather_headers.begin(), weather_headers.end());
    if (slow) out.delay += std::chrono::microseconds(static_cast<std::int64_t>(slow->draw(random) * 1000));
    record(std::move(request));
    return out;
  }

  void record(SimulatedRequest request) {
    ++count;
    if (log.size() < options.keep_requests) log.push_back(std::move(request));
  }

  /// For scripts: a line for each tenth of a second.
  std::string load_text() const {
    std::string out = "tenth admitted refused accidents tokens\n";
    for (std::size_t i = 0; i < loads.size(); ++i)
      out += std::to_string(i) + " " + std::to_string(loads[i].admitted) + " " + std::to_string(loads[i].refused) + " " +
             std::to_string(loads[i].accidents) + " " + std::to_string(static_cast<long long>(loads[i].tokens)) + "\n";
    return out;
  }

  bool refuses(const SimulatedRequest& request, SimulatedReply& out) {
    if (refused.empty()) return false;
    const json::value body = request.json();
    for (const std::string& name : refused) {
      if (!find(body, name)) continue;
      json::object error{{"message", "Unsupported parameter: '" + name + "' is not supported with this model."}, {"type", "invalid_request_error"},
                         {"param", name}, {"code", "unsupported_parameter"}};
      out = SimulatedReply::answers(400, write_json(json::object{{"error", std::move(error)}}));
      return true;
    }
    return false;
  }

  bool by_rule(const std::string& prompt, SimulatedReply& out) {
    for (Rule& rule : rules) {
      if (!contains(prompt, rule.match)) continue;
      out = rule.replies[std::min(rule.next, rule.replies.size() - 1)];
      ++rule.next;
      return true;
    }
    return false;
  }

  SimulatedReply other(const std::string& target) {
    std::lock_guard lock(mutex);
    std::string path = target.substr(0, target.find('?'));
    if (auto it = paths.find(path); it != paths.end()) return it->second;
    if (path.ends_with("/models")) return SimulatedReply::answers(options.models_status, options.models);
    if (path == "/simulator/load") return SimulatedReply::answers(200, load_text(), {{"Content-Type", "text/plain"}});
    if (path == "/simulator/requests") return SimulatedReply::answers(200, summary());
    return SimulatedReply::answers(404, R"({"error":{"message":"no such path","type":"not_found_error"}})");
  }

  std::string summary() const {
    json::array by_rule, prompts;
    for (const Rule& rule : rules) by_rule.push_back(json::object{{"match", rule.match}, {"requests", rule.next}});
    for (const SimulatedRequest& request : log) prompts.emplace_back(request.prompt);
    return write_json(json::object{{"requests", count},
                                   {"peak_in_flight", peak.load()},
                                   {"connections", accepted.load()},
                                   {"rules", std::move(by_rule)},
                                   {"prompts", std::move(prompts)}});
  }

  Task<void> accept() {
    while (true) {
      auto [code, socket] = co_await acceptor.async_accept(kAsTuple);
      if (code == asio::error::operation_aborted || code == asio::error::bad_descriptor) co_return;
      if (code) {  // out of descriptors, most likely: do not spin
        asio::steady_timer pause(loop, std::chrono::milliseconds(5));
        co_await pause.async_wait(kAsTuple);
        continue;
      }
      ++accepted;
      boost::system::error_code ignored;
      socket.set_option(tcp::no_delay(true), ignored);
      asio::co_spawn(loop, serve(std::move(socket)), asio::detached);
    }
  }

  Task<void> serve(tcp::socket socket) {
    struct Open {
      std::atomic<std::size_t>& count;
      explicit Open(std::atomic<std::size_t>& of) : count(of) { ++count; }
      ~Open() { --count; }
    } counted(open);
    beast::flat_buffer buffer;
    while (true) {
      http::request_parser<http::string_body> parser;
      parser.body_limit(std::uint64_t{256} << 20);
      auto [code, bytes] = co_await http::async_read(socket, buffer, parser, kAsTuple);
      if (code) co_return;
      ++in_flight;
      if (in_flight > peak) peak = in_flight.load();
      bool keep = co_await reply(socket, parser.get());
      --in_flight;
      if (!keep) co_return;
    }
  }

  Task<bool> reply(tcp::socket& socket, http::request<http::string_body>& message) {
    using Fault = SimulatedReply::Fault;
    SimulatedRequest request;
    request.method = {message.method_string().data(), message.method_string().size()};
    request.target = {message.target().data(), message.target().size()};
    for (const auto& field : message) {
      std::string name = lower(std::string_view(field.name_string().data(), field.name_string().size()));
      request.headers.emplace_back(std::move(name), std::string(field.value().data(), field.value().size()));
    }
    bool keep = message.keep_alive();
    request.body = std::move(message.body());
    if (auto body = parse_json(request.body)) request.prompt = simulated_prompt(*body);
    std::string target = request.target;
    std::size_t prompt_bytes = request.prompt.size();
    json::value embedded = is_simulated_embedding(target) ? request.json() : json::value();
    json::value asked = echoes ? request.json() : json::value();
    SimulatedReply reply = choose(std::move(request));
    if (!embedded.is_null() && !reply.has_body && reply.status == 200) {
      reply.body = simulated_embeddings(reply, embedded);
      reply.has_body = true;
    }
    if (!asked.is_null() && !reply.has_body && reply.status == 200 && is_simulated_echo(target, asked)) {
      std::lock_guard lock(mutex);
      if (auto echoed = echo->answer(asked)) {
        reply.status = echoed->first;
        reply.body = std::move(echoed->second);
        reply.has_body = true;
      }
    }

    if (auto delay = reply.delay + options.delay; delay.count() > 0) {
      asio::steady_timer pause(loop, delay);
      co_await pause.async_wait(kAsTuple);
    }
    while (reply.until && !reply.until()) {
      asio::steady_timer pause(loop, std::chrono::milliseconds(2));
      auto [code] = co_await pause.async_wait(kAsTuple);
      if (code) co_return false;
    }
    if (reply.fault == Fault::hang) {
      char byte;
      co_await socket.async_read_some(asio::buffer(&byte, 1), kAsTuple);  // until the client closes
      co_return false;
    }
    std::string bytes = wire(reply, target, prompt_bytes);
    std::size_t length = bytes.size();
    if (reply.fault == Fault::reset) length = 0;
    if (reply.fault == Fault::reset_inside || reply.fault == Fault::close_inside) length /= 2;
    std::size_t step = reply.drip == 0 ? length : reply.drip;
    for (std::size_t sent = 0; sent < length; sent += step) {
      if (sent > 0) {
        asio::steady_timer pause(loop, reply.drip_every);
        co_await pause.async_wait(kAsTuple);
      }
      auto [code, written] =
          co_await asio::async_write(socket, asio::buffer(bytes.data() + sent, std::min(step, length - sent)), kAsTuple);
      if (code) co_return false;
    }
    if (reply.fault == Fault::reset || reply.fault == Fault::reset_inside) {
      // Give the half a chance to arrive: a reset throws away what is still under way.
      if (length > 0) {
        asio::steady_timer pause(loop, std::chrono::milliseconds(5));
        co_await pause.async_wait(kAsTuple);
      }
      linger abort{1, 0};
      setsockopt(socket.native_handle(), SOL_SOCKET, SO_LINGER, &abort, sizeof abort);
    }
    co_return keep && (reply.fault == Fault::none || reply.fault == Fault::truncated_json || reply.fault == Fault::invalid_utf8);
  }

  struct Rule {
    std::string match;
    std::vector<SimulatedReply> replies;
    std::size_t next = 0;
  };

  Options options;
  asio::io_context loop{1};
  tcp::acceptor acceptor;
  std::thread thread;
  std::uint16_t port = 0;
  std::atomic<std::size_t> accepted{0};

  mutable std::mutex mutex;
  std::vector<Rule> rules;
  std::function<SimulatedReply(const SimulatedRequest&)> fallback = [](const SimulatedRequest&) {
    return SimulatedReply::says("ok");
  };
  std::map<std::string, SimulatedReply> paths;
  std::vector<std::string> refused;  // members of a request's body
  std::optional<EchoServer> echo;
  std::atomic<bool> echoes{false};
  std::size_t count = 0;
  std::vector<SimulatedRequest> log;
  std::atomic<std::size_t> in_flight{0}, peak{0}, open{0};

  static constexpr std::size_t kMostLoads = 72'000;  // two hours
  std::optional<ProviderWeather> weather;
  std::optional<ProviderLatency> slow;
  std::vector<std::pair<double, SimulatedReply>> accidents;
  std::uint64_t seed = 1;
  Random random{1};
  Instant first_request{};
  std::vector<Load> loads;
  ProviderWeather::HeaderList weather_headers;  // of the request being answered
};

Simulator::Simulator() : Simulator(Options{}) {}

Simulator::Simulator(Options options) : state_(std::make_unique<State>(std::move(options))) {
  State& s = *state_;
  tcp::endpoint endpoint(asio::ip::address_v4::loopback(), s.options.port);
  s.acceptor.open(endpoint.protocol());
  s.acceptor.set_option(tcp::acceptor::reuse_address(true));
  s.acceptor.bind(endpoint);
  s.acceptor.listen(4096);
  s.port = s.acceptor.local_endpoint().port();
  asio::co_spawn(s.loop, s.accept(), asio::detached);
  s.thread = std::thread([&s] { s.loop.run(); });
}

Simulator::~Simulator() {
  state_->loop.stop();
  state_->thread.join();
}

std::string Simulator::root() const {
  return "http://127.0.0.1:" + std::to_string(state_->port);
}
std::string Simulator::url() const {
  return root() + "/v1";
}

void Simulator::on(std::string match, std::vector<SimulatedReply> replies) {
  if (replies.empty()) return;
  std::lock_guard lock(state_->mutex);
  state_->rules.push_back({std::move(match), std::move(replies)});
}
void Simulator::otherwise(SimulatedReply reply) {
  otherwise([reply = std::move(reply)](const SimulatedRequest&) { return reply; });
}
void Simulator::otherwise(std::function<SimulatedReply(const SimulatedRequest&)> callback) {
  std::lock_guard lock(state_->mutex);
  state_->fallback = std::move(callback);
}
void Simulator::serve(std::string path, SimulatedReply reply) {
  std::lock_guard lock(state_->mutex);
  state_->paths[std::move(path)] = std::move(reply);
}

void Simulator::echo(EchoBehaviour behaviour) {
  std::lock_guard lock(state_->mutex);
  state_->echo.emplace(behaviour);
  state_->echoes = true;
}

void Simulator::refuse(std::string parameter) {
  std::lock_guard lock(state_->mutex);
  state_->refused.push_back(std::move(parameter));
}
void Simulator::limit(ProviderLimits limits) {
  std::lock_guard lock(state_->mutex);
  state_->weather.emplace(limits, system_clock().now());
}
void Simulator::latency(ProviderLatency latency) {
  std::lock_guard lock(state_->mutex);
  state_->slow = latency;
}
void Simulator::accident(double share, SimulatedReply reply) {
  std::lock_guard lock(state_->mutex);
  state_->accidents.emplace_back(share, std::move(reply));
}
void Simulator::seed(std::uint64_t seed) {
  std::lock_guard lock(state_->mutex);
  state_->seed = seed;
  state_->random = Random(seed);
}
std::vector<Simulator::Load> Simulator::load() const {
  std::lock_guard lock(state_->mutex);
  return state_->loads;
}

std::size_t Simulator::requests() const {
  std::lock_guard lock(state_->mutex);
  return state_->count;
}
std::size_t Simulator::requests(std::string_view part) const {
  std::lock_guard lock(state_->mutex);
  return static_cast<std::size_t>(std::count_if(state_->log.begin(), state_->log.end(),
                                                [&](const SimulatedRequest& request) { return contains(request.prompt, part); }));
}
std::vector<SimulatedRequest> Simulator::recorded() const {
  std::lock_guard lock(state_->mutex);
  return state_->log;
}
std::size_t Simulator::peak_in_flight() const {
  return state_->peak;
}
void Simulator::settle() const {
  // Connections are accepted in turn: once this one is answered, no older one waits.
  asio::io_context own;
  tcp::socket probe(own);
  boost::system::error_code code;
  probe.connect({asio::ip::address_v4::loopback(), state_->port}, code);
  const std::string request = "GET /v1/models HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n";
  asio::write(probe, asio::buffer(request), code);
  std::string answer;
  asio::read(probe, asio::dynamic_buffer(answer), code);
  while (state_->open > 0) std::this_thread::sleep_for(std::chrono::milliseconds(1));
}
std::size_t Simulator::connections() const {
  return state_->accepted;
}

}  // namespace assay::test
