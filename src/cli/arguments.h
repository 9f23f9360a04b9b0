// Commands as data: name, options, examples, and the function that does the work. One translation unit turns them into a CLI11 parser,
// so a command file costs little to compile and only the chosen command's options are ever built.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace assay::cli {

struct OptionSpec {
  std::string names;  // "--limit" or "-m,--model"
  std::string value;  // what the help calls its value; "" = a flag
  std::string help;
  bool repeat = false;
};

struct Arguments {
  std::vector<std::string> positional;
  std::map<std::string, std::vector<std::string>> options;  // by long name without dashes

  bool has(std::string_view name) const { return options.contains(std::string(name)); }
  std::optional<std::string> get(std::string_view name) const;
  const std::vector<std::string>& all(std::string_view name) const;
  /// Parsed as a whole number >= least; usage error naming the option.
  Result<std::optional<long long>> integer(std::string_view name, long long least) const;
  Result<std::optional<double>> number(std::string_view name) const;
};

struct Invocation;  // cli/context.h

struct CommandSpec {
  std::string name, summary;
  std::string positional;       // "BENCHMARK...", "" = none
  std::string positional_help;
  int least = 0, most = 0;      // positional arguments; most < 0 = any number
  std::vector<OptionSpec> options;
  std::vector<std::string> examples;
  /// A front end with another program's habits: puts the words as typed into ours before they are read.
  std::vector<std::string> (*translate)(const std::vector<std::string>&) = nullptr;
  int (*work)(Invocation&) = nullptr;
  /// A front end whose commands have flags of their own: the command that the words ask help for; its name begins with this one's.
  CommandSpec (*help_of)(const std::vector<std::string>&) = nullptr;
};

/// What every command takes: --data --store --json --quiet --offline --help.
const std::vector<OptionSpec>& common_options();

struct HelpWanted {
  std::string text;
};
/// Usage errors name the nearest option. `HelpWanted` through the optional when --help was given.
Result<Arguments> parse_arguments(const CommandSpec& command, const std::vector<std::string>& words, std::optional<HelpWanted>& help);
std::string help_text(const CommandSpec& command);

}  // namespace assay::cli
