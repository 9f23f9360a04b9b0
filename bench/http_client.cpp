// What one request costs the event loop: transport, dialect, limits and retries, without journal and benchmark.
//   bench-http [--requests N] [--window W] [--delay-ms D] [--url URL]
// Prints CPU microseconds a request of the client's thread alone; the simulator runs on another one (or elsewhere with --url).
#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/async/timer.h"
#include "base/limits.h"
#include "model/http/curl_transport.h"
#include "model/http/openai.h"
#include "model/limited.h"
#include "model/retrying.h"
#include "support/loop.h"
#include "support/simulator.h"

namespace {

using namespace assay;

double thread_cpu() {
  rusage usage{};
  getrusage(RUSAGE_THREAD, &usage);
  auto seconds = [](const timeval& t) { return static_cast<double>(t.tv_sec) + static_cast<double>(t.tv_usec) / 1e6; };
  return seconds(usage.ru_utime) + seconds(usage.ru_stime);
}

struct Work {
  std::size_t left = 0, failed = 0;
  std::string prompt;
};

Task<void> worker(Model& model, Work& work) {
  while (work.left > 0) {
    --work.left;
    Query query = test::question(work.prompt);
    std::get<Generate>(query.request).sampling = {.temperature = 0.01, .max_tokens = 60};
    Result<Response> response = co_await model.answer(std::move(query));
    if (!response && work.failed++ == 0) std::fprintf(stderr, "%s\n", to_string(response.error()).c_str());
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::size_t requests = 30'000, window = 64;
  long delay = 0;
  std::string url;
  for (int i = 1; i + 1 < argc; i += 2) {
    std::string_view flag = argv[i];
    if (flag == "--requests") requests = std::strtoul(argv[i + 1], nullptr, 10);
    if (flag == "--window") window = std::strtoul(argv[i + 1], nullptr, 10);
    if (flag == "--delay-ms") delay = std::strtol(argv[i + 1], nullptr, 10);
    if (flag == "--url") url = argv[i + 1];
  }
  (void)raise_open_files();
  test::Simulator::Options simulated;
  simulated.keep_requests = 0;
  simulated.delay = std::chrono::milliseconds(delay);
  test::Simulator simulator(std::move(simulated));
  simulator.otherwise(test::SimulatedReply::says(std::string(200, 'a')));

  test::Loop loop;
  auto timer = make_timer();
  Random random(1);
  CurlOptions curl;
  curl.max_in_flight = window;
  auto transport = make_curl_transport(loop.executor(), curl);
  OpenAiOptions options;
  options.base = url.empty() ? simulator.url() : url;
  options.model = "sim";
  options.key = Secret("sk-0123456789");
  options.hints = std::make_shared<RateHints>();
  auto backend = make_openai_model(options, *transport, timer->clock());
  auto limited = make_limited(*backend, *timer, {.start = window, .max_in_flight = window});
  auto model = make_retrying(*limited, *timer, random);

  Work work{requests, 0, std::string(600, 'p')};
  for (std::size_t i = 0; i < window; ++i) loop.start(worker(*model, work));
  auto begin = std::chrono::steady_clock::now();
  double cpu = thread_cpu();
  loop.finish();
  cpu = thread_cpu() - cpu;
  double wall = std::chrono::duration<double>(std::chrono::steady_clock::now() - begin).count();
  std::printf("requests %zu  window %zu  delay %ld ms  failed %zu  wall %.2f s  %.0f requests/s  client cpu %.1f us/request\n",
              requests, window, delay, work.failed, wall, static_cast<double>(requests) / wall,
              cpu * 1e6 / static_cast<double>(requests));
  return work.failed == 0 ? 0 : 1;
}
