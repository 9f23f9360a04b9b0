// What the journal costs: CPU and wall time of put, commit, find, open and walk, memory, size of the file.
//   build/release/bin/journal_bench [FOLDER [ANSWERS [RESPONSE_BYTES]]]
// Build: g++ -std=c++23 -O2 -Isrc bench/journal_bench.cpp build/release/src/libassay_{journal,base}.a -lsqlite3 -lcrypto
//        -lutf8proc -lpcre2-8 -lsimdjson -lboost_json -lfmt -o build/release/bin/journal_bench
#include <sys/resource.h>
#include <time.h>

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <string>

#include "base/clock.h"
#include "journal/journal.h"

namespace {
using namespace assay;

double seconds(clockid_t clock) {
  timespec t{};
  ::clock_gettime(clock, &t);
  return static_cast<double>(t.tv_sec) + 1e-9 * static_cast<double>(t.tv_nsec);
}

struct Stopwatch {
  double wall = seconds(CLOCK_MONOTONIC), process = seconds(CLOCK_PROCESS_CPUTIME_ID), thread = seconds(CLOCK_THREAD_CPUTIME_ID);
  void report(const char* what, int n) const {
    double per = 1e6 / n;
    std::printf("%-34s %8.3f s wall  %7.2f us CPU each, of which %6.2f us in the calling thread\n", what,
                seconds(CLOCK_MONOTONIC) - wall, (seconds(CLOCK_PROCESS_CPUTIME_ID) - process) * per,
                (seconds(CLOCK_THREAD_CPUTIME_ID) - thread) * per);
  }
};

[[noreturn]] void give_up(const Error& error) {
  std::fprintf(stderr, "%s\n", to_string(error).c_str());
  std::exit(1);
}

Answer make_answer(int n, std::size_t response_bytes) {
  Answer answer;
  std::string number = std::to_string(n);
  answer.identity = R"({"backend":"openai","base":"http://127.0.0.1:8080/v1","model":"tiny"})";
  answer.request = R"({"kind":"generate","messages":[{"content":"Question )" + number + ". " + std::string(600, 'q') + number +
                   R"(","role":"user"}],"sampling":{"temperature":0}})";
  answer.draw = R"({"ask":0,"epoch":0,"iteration":1})";
  answer.origin = R"({"ask":0,"benchmark":"eq-bench@2","iteration":1,"role":"model","sample":")" + number + R"(","task":""})";
  answer.response = R"({"text":")" + std::string(response_bytes, 'a') + "\"}";
  answer.created = 1;
  answer.key = key_of(answer.request);
  return answer;
}
}  // namespace

int main(int count, char** arguments) {
  std::filesystem::path folder = count > 1 ? arguments[1] : std::filesystem::temp_directory_path() / "journal_bench";
  int n = count > 2 ? std::atoi(arguments[2]) : 200'000;
  std::size_t response_bytes = count > 3 ? static_cast<std::size_t>(std::atoll(arguments[3])) : 1000;
  auto path = folder / "bench.db";
  for (const char* suffix : {"", "-wal", "-shm"}) std::filesystem::remove(path.string() + suffix);
  {
    Stopwatch making;
    std::size_t bytes = 0;
    for (int i = 0; i < n; ++i) bytes += make_answer(i, response_bytes).request.size();
    making.report("make answers (subtract this)", n);
    auto journal = Journal::open(path, Journal::Mode::read_write, system_clock());
    if (!journal) give_up(journal.error());
    Stopwatch putting;
    for (int i = 0; i < n; ++i) {
      Answer answer = make_answer(i, response_bytes);
      Try attempt{answer.key, 1, 0.5, 200, "", ""};
      (*journal)->put_answer(std::move(answer));
      (*journal)->put_try(std::move(attempt));
    }
    if (auto done = (*journal)->flush(); !done) give_up(done.error());
    putting.report("put answers and tries, flush", n);
  }
  std::printf("file: %.1f MB\n", static_cast<double>(std::filesystem::file_size(path)) / 1e6);
  {
    Stopwatch opening;
    auto journal = Journal::open(path, Journal::Mode::read_write, system_clock());
    if (!journal) give_up(journal.error());
    opening.report("open", 1);
    Stopwatch finding;
    std::size_t found = 0;
    std::vector<Key> keys;
    for (int i = 0; i < n; ++i) keys.push_back(make_answer(i, 0).key);
    finding.report("(make keys)", n);
    finding = {};
    for (const Key& key : keys)
      if (auto answer = (*journal)->find(key); answer && *answer) ++found;
    finding.report("find what is there", n);
    if (found != keys.size()) std::printf("only %zu found\n", found);
    finding = {};
    for (Key key : keys) {
      key.bytes[5] ^= 1;
      if (auto answer = (*journal)->find(key); answer && *answer) ++found;
    }
    finding.report("find what is not there", n);
    Stopwatch walking;
    std::size_t bytes = 0;
    if (auto done = (*journal)->for_each_answer([&](const Answer& answer) { return (bytes += answer.response.size()) > 0; });
        !done)
      give_up(done.error());
    walking.report("walk all answers", n);
    Stopwatch counting;
    if (auto stats = (*journal)->stats(); !stats) give_up(stats.error());
    counting.report("stats", 1);
    Stopwatch verifying;
    auto problems = (*journal)->verify(
        [](std::string_view, std::string_view request, std::string_view) -> Result<Key> { return key_of(request); });
    if (!problems) give_up(problems.error());
    verifying.report("verify", n);
    std::printf("%zu problems\n", problems->size());
  }
  rusage usage{};
  ::getrusage(RUSAGE_SELF, &usage);
  std::printf("peak memory: %.1f MB\n", static_cast<double>(usage.ru_maxrss) / 1024);
}
