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
    "  --echo WHAT       log-probabilities of prompts that come with \"echo\": on, or how they are wrong (docs/formats/simulator.md)\n"
    "  --delay-ms N      wait before each answer\n"
    "  --log FILE        append each request for an answer to FILE, one JSON line, before it is answered\n"
    "  --until-eof       end when standard input ends\n"
    "As a server that a test launches:\n"
    "  --ready-after-ms N  503 at /health and /v1/models until then\n"
    "  --say TEXT        print TEXT as a line once it listens\n"
    "  --traceback       print a Python traceback once it listens\n"
    "  --crash-after N   die of the request after so many, with a traceback\n"
    "  --hang-after N    never answer the requests after so many\n"
    "  --fault-once FILE crash and hang only while FILE does not exist; makes it\n"
    "  --model X, -m X, --host X, --model-dir X, --api, --trust-remote-code: ignored; --api-port is --port\n"
    "Requests so far: GET /simulator/requests\n";

constexpr std::string_view kTraceback = "Traceback (most recent call last):\n  File \"server.py\", line 1, in <module>\n";

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
  std::string dialogue, text, log, say, fault_once;
  std::optional<assay::test::EchoBehaviour> echo;
  bool emotion = false, has_text = false, until_eof = false, traceback = false;
  long ready_after = 0, crash_after = -1, hang_after = -1;
  for (int i = 1; i < argc; ++i) {
    std::string_view flag = argv[i];
    auto value = [&]() -> std::string_view { return i + 1 < argc ? argv[++i] : ""; };
    auto count = [&](long& out) {
      auto found = number(value());
      if (found) out = *found;
      return found.has_value();
    };
    if (flag == "--help") {
      std::fputs(kHelp.data(), stdout);
      return 0;
    } else if (flag == "--port" || flag == "--api-port") {
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
    } else if (flag == "--echo") {
      auto behaviour = assay::test::read_echo_behaviour(value());
      if (!behaviour) return usage("--echo: " + assay::to_string(behaviour.error()));
      echo = *behaviour;
    } else if (flag == "--until-eof") {
      until_eof = true;
    } else if (flag == "--ready-after-ms" || flag == "--crash-after" || flag == "--hang-after") {
      if (!count(flag == "--crash-after" ? crash_after : flag == "--hang-after" ? hang_after : ready_after))
        return usage(std::string(flag) + " takes a number");
    } else if (flag == "--say") {
      say = value();
    } else if (flag == "--traceback") {
      traceback = true;
    } else if (flag == "--fault-once") {
      fault_once = value();
    } else if (flag == "--model" || flag == "-m" || flag == "--host" || flag == "--model-dir") {
      value();
    } else if (flag == "--api" || flag == "--trust-remote-code") {
      continue;
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

  if (!fault_once.empty()) {
    int made = open(fault_once.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    if (made < 0) crash_after = hang_after = -1;
    else close(made);
  }
  int log_file = -1;
  if (!log.empty()) {
    log_file = open(log.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
    if (log_file < 0) return usage("cannot write " + log);
  }
  Simulator* self = nullptr;  // requests come only once it is set: the port is not told before
  options.observe = [&, seen = 0L](const SimulatedRequest& request) mutable {
    std::string line = log_file < 0 ? "" : assay::write_json(request.record()) + "\n";
    if (log_file >= 0 && write(log_file, line.data(), line.size()) < 0) std::perror("assay-simulator: log");
    ++seen;
    if (crash_after >= 0 && seen > crash_after) {
      std::fprintf(stderr, "%.*sRuntimeError: request %ld was too much\n", static_cast<int>(kTraceback.size()), kTraceback.data(), seen);
      _exit(1);
    }
    if (hang_after >= 0 && seen == hang_after + 1) self->accident(1, SimulatedReply::fails(SimulatedReply::Fault::hang));
  };
  Simulator simulator(std::move(options));
  self = &simulator;
  if (!dialogue.empty()) {
    auto content = assay::read_file(dialogue);
    auto loaded = content ? assay::test::load_dialogue(simulator, *content) : std::unexpected(content.error());
    if (!loaded) {
      std::fprintf(stderr, "assay-simulator: %s\n", assay::to_string(loaded.error()).c_str());
      return 4;
    }
  }
  if (echo) simulator.echo(*echo);
  if (emotion || has_text)
    simulator.otherwise([=](const SimulatedRequest& request) {
      return SimulatedReply::says(emotion ? assay::test::answer_emotions(request.prompt) : text);
    });
  if (ready_after > 0)
    for (const char* path : {"/health", "/v1/models"}) simulator.serve(path, SimulatedReply::answers(503, R"({"error":{"message":"Loading model"}})"));
  std::printf("%s\n", simulator.url().c_str());
  if (traceback) std::printf("%.*sOSError: no such weights\n", static_cast<int>(kTraceback.size()), kTraceback.data());
  if (!say.empty()) std::printf("%s\n", say.c_str());
  std::fflush(stdout);
  if (ready_after > 0) {
    timespec wait{ready_after / 1000, ready_after % 1000 * 1'000'000};
    if (sigtimedwait(&ends, nullptr, &wait) > 0) return 0;
    simulator.serve("/health", SimulatedReply::answers(200, R"({"status":"ok"})"));
    simulator.serve("/v1/models", SimulatedReply::answers(200, Simulator::Options().models));
  }
  if (until_eof) {
    char byte;
    while (read(STDIN_FILENO, &byte, 1) > 0) continue;
  } else {
    int got = 0;
    sigwait(&ends, &got);
  }
  return 0;
}
