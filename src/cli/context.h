// What a command gets: its arguments, the environment (read here and nowhere below cli/), the terminal, and the few paths that follow.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/secret.h"
#include "cli/arguments.h"
#include "cli/exit_code.h"
#include "journal/journal.h"

namespace assay::cli {

struct Terminal {
  bool out = false, err = false;  // is standard output / error a terminal
  int width = 80;
  bool colour = false, utf8 = true;
};

class Environment {
 public:
  /// The process's variables, and a `.env` file in the working directory (KEY=VALUE lines; the process wins). The folder may be somebody else's: of
  /// that file only what belongs to providers is taken, no places, no libraries, and no address for a key of elsewhere.
  static Environment of_process();
  /// Of the process alone.
  std::optional<std::string> get(std::string_view name) const;
  /// A setting of a provider: of the process, else of `.env`.
  std::optional<std::string> provider(std::string_view name) const;
  /// Where requests go that carry the key of variable `key`: as provider(). `usage` error where only `.env` says it and the key is not from there.
  Result<std::optional<std::string>> address(std::string_view name, std::string_view key) const;
  /// Of add_secret(), of the process, else of `.env`.
  Secret secret(std::string_view name) const;
  /// A key that a configuration file holds, under a name that model specs give as key_env=; it wins over a variable of that name.
  void add_secret(std::string name, Secret secret);

 private:
  std::map<std::string, std::string, std::less<>> from_file_;
  std::map<std::string, Secret, std::less<>> secrets_;
};

struct Invocation {
  const CommandSpec& command;
  Arguments arguments;
  Environment environment;
  Terminal terminal;

  bool json() const { return arguments.has("json"); }
  bool quiet() const { return arguments.has("quiet"); }
  bool offline() const { return arguments.has("offline"); }
  Result<std::filesystem::path> data_home() const;
  Result<std::filesystem::path> store() const;
  Result<std::unique_ptr<Journal>> open_journal(Journal::Mode mode) const;

  void out(std::string_view text) const;  // standard output
  void err(std::string_view text) const;  // standard error
  /// A line of ours on standard error. What files and servers put into it cannot move the cursor or rename the window.
  void say(std::string_view line) const;
  /// Prints the error as "assay: ..." (and as JSON on standard output under --json); returns its exit code.
  int report(const Error& error) const;
  /// The same for one item of several: the words go to standard error, the caller puts the document into its own.
  int report(const Error& error, json::object& document) const;
};

/// Whether standard output is a pipe that nobody reads any more (`assay ... | head`).
bool reader_gone();

/// All commands, in the order of --help.
const std::vector<CommandSpec>& commands();

}  // namespace assay::cli
