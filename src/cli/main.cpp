// assay: the command line. Reads like its manual: version, help, or one command.
#include <sys/ioctl.h>
#include <unistd.h>

#include <algorithm>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <exception>

#include "base/limits.h"
#include "base/text.h"
#include "cli/context.h"
#include "cli/heap.h"
#include "dataset/duckdb_library.h"

namespace assay::cli {
namespace {

std::string overview() {
  std::string out =
      "assay " ASSAY_VERSION " - measures language models with the field's own benchmarks\n\n"
      "Usage: assay COMMAND [ARGUMENT...] [OPTION...]\n\nCommands\n";
  for (const CommandSpec& command : commands()) {
    std::string left = "  " + command.name;
    left.resize(16, ' ');
    out += left + command.summary + "\n";
  }
  out +=
      "\nExamples\n"
      "  assay quickstart\n"
      "  assay data pull eq-bench\n"
      "  assay run eq-bench --model openai:gpt-4o\n"
      "  assay run eq-bench --model http://127.0.0.1:8080/v1#my-model --model gguf:model.gguf\n"
      "  assay leaderboard\n\n"
      "assay COMMAND --help tells more. Exit codes: 0 done, 1 something failed, 2 usage, 3 a model refused, 4 data, 130 interrupted.\n";
  return out;
}

Terminal detect_terminal(const Environment& environment) {
  Terminal t;
  t.out = isatty(STDOUT_FILENO) == 1;
  t.err = isatty(STDERR_FILENO) == 1;
  winsize size{};
  if (ioctl(t.out ? STDOUT_FILENO : STDERR_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 20) t.width = size.ws_col;
  else if (!t.out) t.width = 120;
  t.colour = t.out && !environment.get("NO_COLOR") && environment.get("TERM").value_or("") != "dumb";
  std::string locale;
  for (const char* name : {"LC_ALL", "LC_CTYPE", "LANG"})
    if (locale.empty()) locale = environment.get(name).value_or("");
  t.utf8 = !t.out || lower(locale).find("utf") != std::string::npos;
  return t;
}

// Where parquet's library may lie: as told, in the data home, beside the program, and where tools/fetch-duckdb puts it.
std::vector<std::filesystem::path> duckdb_places(const Invocation& invocation) {
  constexpr const char* kLibrary = "libduckdb.so";
  std::vector<std::filesystem::path> places;
  if (auto told = invocation.environment.get("ASSAY_DUCKDB")) places.emplace_back(*told);
  if (auto home = invocation.data_home()) places.push_back(*home / "lib" / kLibrary);
  std::error_code code;
  if (auto program = std::filesystem::read_symlink("/proc/self/exe", code); !code)
    places.push_back(program.parent_path().parent_path() / "lib" / kLibrary);
  std::optional<std::string> cache = invocation.environment.get("ASSAY_CACHE");
  if (!cache) {
    if (auto home = invocation.environment.get("HOME")) cache = *home + "/.cache/assay";
  }
  if (cache) places.push_back(std::filesystem::path(*cache) / "duckdb-1.5.6" / kLibrary);
  return places;
}

const CommandSpec* find_command(const std::string& name) {
  for (const CommandSpec& command : commands())
    if (command.name == name) return &command;
  return nullptr;
}

int no_command(const std::string& word) {
  std::vector<std::string> names;
  for (const CommandSpec& command : commands()) names.push_back(command.name);
  if (word.starts_with("-")) {
    std::fprintf(stderr, "assay: \"%s\" stands where the command belongs\n  options come after it: assay COMMAND %s; assay --help lists the commands\n",
                 valid_utf8(word).c_str(), valid_utf8(word).c_str());
    return kUsage;
  }
  std::vector<std::string> near = did_you_mean(word, names);
  std::fprintf(stderr, "assay: there is no command \"%s\"\n  %sassay --help lists them\n", valid_utf8(word).c_str(),
               near.empty() ? "" : ("did you mean " + join(near, " or ") + "? ").c_str());
  return kUsage;
}

int main_(int argc, char** argv) {
  std::vector<std::string> words(argv + 1, argv + argc);
  if (words.empty() || words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
    if (words.size() > 1 && words[0] == "help") {
      const CommandSpec* command = find_command(words[1]);
      if (!command) return no_command(words[1]);
      std::fputs(help_text(*command).c_str(), stdout);
      return kDone;
    }
    std::fputs(overview().c_str(), words.empty() ? stderr : stdout);
    return words.empty() ? kUsage : kDone;
  }
  if (words[0] == "--version" || words[0] == "version") {
    std::puts("assay " ASSAY_VERSION);
    return kDone;
  }
  const CommandSpec* chosen = find_command(words[0]);
  if (!chosen) return no_command(words[0]);
  words.erase(words.begin());
  std::optional<HelpWanted> help;
  auto arguments = parse_arguments(*chosen, words, help);
  Environment environment = Environment::of_process();
  Terminal terminal = detect_terminal(environment);
  Invocation invocation{*chosen, arguments ? *arguments : Arguments{}, std::move(environment), terminal};
  if (!arguments) {
    // What was wrong with the words does not change in what form the caller wants to hear it.
    if (std::find(words.begin(), words.end(), "--json") != words.end()) invocation.arguments.options["json"];
    return invocation.report(arguments.error());
  }
  if (help) {
    std::fputs(help->text.c_str(), stdout);
    return kDone;
  }
  prepare_heap();
  set_duckdb_places(duckdb_places(invocation));
  (void)raise_open_files();  // refused only where it is not needed: the window is cut to what holds
  // Signals that would end the program in the middle of paid work: the reader of a pipe has gone, or a file has reached the limit
  // of `ulimit -f`. As errors of a write they reach whoever writes: the journal reports its own, output is looked at below.
  std::signal(SIGPIPE, SIG_IGN);
  std::signal(SIGXFSZ, SIG_IGN);
  int code = chosen->work(invocation);
  if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0) {
    if (reader_gone()) return code;  // it has seen what it wanted; everything else was done
    std::fputs("assay: cannot write to standard output\n", stderr);
    return kFailed;
  }
  return code;
}

}  // namespace
}  // namespace assay::cli

// An exception that comes here is a bug, or memory that ran out. Said in one line: the terminate handler of the GGUF engine's library
// would start a debugger. What was answered is in the journal.
int main(int argc, char** argv) try {
  return assay::cli::main_(argc, argv);
} catch (const std::exception& error) {
  std::fprintf(stderr, "assay: a fault in the program itself: %s\n  please report it with the command that led here; answers are kept, and the same command goes on\n",
               error.what());
  return assay::cli::kFailed;
}
