// assay-simulator: a language-model provider on loopback for tests and benches (docs/formats/simulator.md).
// Prints its URL, then serves until SIGTERM, SIGINT, or the end of its standard input when --until-eof is given.
//
//   assay-simulator [DIALOGUE.json] [--OPTION...]
#include "support/simulator.h"

#include <fcntl.h>
#include <signal.h>
#include <unistd.h>

#include <charconv>
#include <cstdio>
#include <optional>
#include <string>
#include <string_view>

#include "base/file.h"
#include "base/limits.h"

namespace {

using assay::test::SimulatedReply;
using assay::test::SimulatedRequest;
using assay::test::Simulator;

constexpr std::string_view kHelp =
    "assay-simulator: a language-model provider on loopback\n"
    "  --port N          listen there (default: any free port)\n"
    "  DIALOGUE.json     what to answer (docs/formats/simulator.md)\n"
    "  --emotion         answer EQ-Bench-like prompts with parseable scores (where the dialogue has no rule)\n"
    "  --text TEXT       answer TEXT (where the dialogue has no rule)\n"
    "  --delay-ms N      wait before each answer\n"
    "  --log FILE        append each request for an answer to FILE, one JSON line, before it is answered\n"
    "  --port N          listen there (default: any free port)\n"
    "  --until-eof       end when standard input ends\n"
    "Requests so far: GET /simulator/requests\n";

int usage(const std::string& problem) {
  std::fprintf(stderr, "assay-simulator: %s\n%.*s", problem.c_str(), static_cast<int>(kHelp.size()), kHelp.data());
  return 2;
}

std::optional<long> number(std::string_view text) {
  long value = 0;
  auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (code != std::errc() || end != text.data() + text.size() || value < 0) return std::nullopt;
  return value;
}

}  // namespace

int main(int argc, char** argv) {
  Simulator::Options options;
  std::string dialogue, text, log;
  bool emotion = false, has_text = false, until_eof = false;
  for (int i = 1; i < argc; ++i) {
    std::string_view flag = argv[i];
    auto value = [&]() -> std::string_view { return i + 1 < argc ? argv[++i] : ""; };
    if (flag == "--help") {
      std::fputs(kHelp.data(), stdout);
      return 0;
    } else if (flag == "--port") {
      auto port = number(value());
      if (!port || *port > 65535) return usage("--port takes a number from 0 to 65535");
      options.port = static_cast<std::uint16_t>(*port);
    } else if (flag == "--delay-ms") {
      auto ms = number(value());
      if (!ms) return usage("--delay-ms takes a number");
      options.delay = std::chrono::milliseconds(*ms);
    } else if (flag == "--log") {
      log = value();
    } else if (!flag.starts_with("-") && dialogue.empty()) {
      dialogue = flag;
    } else if (flag == "--text") {
      text = value();
      has_text = true;
    } else if (flag == "--emotion") {
      emotion = true;
    } else if (flag == "--until-eof") {
      until_eof = true;
    } else {
      return usage("unknown option " + std::string(flag));
    }
  }

  sigset_t ends;
  sigemptyset(&ends);
  sigaddset(&ends, SIGTERM);
  sigaddset(&ends, SIGINT);
  pthread_sigmask(SIG_BLOCK, &ends, nullptr);  // before the simulator's thread starts, so that it does not take them
  (void)assay::raise_open_files();

  int log_file = -1;
  if (!log.empty()) {
    log_file = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (log_file < 0) return usage("cannot write " + log);
    options.observe = [log_file](const SimulatedRequest& request) {
      std::string line = assay::write_json(request.record()) + "\n";
      if (write(log_file, line.data(), line.size()) < 0) std::perror("assay-simulator: log");
    };
  }

  Simulator simulator(std::move(options));
  if (!dialogue.empty()) {
    auto content = assay::read_file(dialogue);
    auto loaded = content ? assay::test::load_dialogue(simulator, *content) : std::unexpected(content.error());
    if (!loaded) {
      std::fprintf(stderr, "assay-simulator: %s\n", assay::to_string(loaded.error()).c_str());
      return 4;
    }
  }
  if (emotion || has_text)
    simulator.otherwise([=](const SimulatedRequest& request) {
      return SimulatedReply::says(emotion ? assay::test::answer_emotions(request.prompt) : text);
    });
  std::printf("%s\n", simulator.url().c_str());
  std::fflush(stdout);
  if (until_eof) {
    char byte;
    while (read(STDIN_FILENO, &byte, 1) > 0) continue;
  } else {
    int got = 0;
    sigwait(&ends, &got);
  }
  return 0;
}
