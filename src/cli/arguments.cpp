#include "cli/arguments.h"

#include <CLI/CLI.hpp>

#include "base/text.h"

namespace assay::cli {
namespace {

std::string long_name(const std::string& names) {
  std::size_t at = names.rfind("--");
  return at == std::string::npos ? names : names.substr(at + 2);
}

std::vector<const OptionSpec*> options_of(const CommandSpec& command) {
  std::vector<const OptionSpec*> all;
  all.reserve(command.options.size() + common_options().size());
  for (const OptionSpec& option : command.options) all.push_back(&option);
  for (const OptionSpec& option : common_options()) all.push_back(&option);
  return all;
}

std::string left_column(const OptionSpec& option) {
  std::string out = replace_all(option.names, ",", ", ");
  if (!option.value.empty()) out += " " + option.value;
  if (option.repeat) out += " ...";
  return out;
}

void append_options(std::string& out, const std::vector<OptionSpec>& options) {
  for (const OptionSpec& option : options) {
    std::string left = "  " + left_column(option);
    const std::string indent(32, ' ');
    if (left.size() > 42) left += "\n" + indent;  // what is a little too long keeps its line
    else left.resize(std::max<std::size_t>(left.size() + 2, 32), ' ');
    out += left + replace_all(option.help, "\n", "\n" + indent) + "\n";
  }
}

Error unknown_option(const CommandSpec& command, const std::string& word) {
  std::vector<std::string> names;
  for (const OptionSpec* option : options_of(command)) names.push_back("--" + long_name(option->names));
  std::string bare = word.substr(0, word.find('='));
  // Of a single letter: what it may have been short for.
  if (bare.size() == 3 && bare.starts_with("--")) bare.erase(0, 1);
  std::vector<std::string> near = did_you_mean(bare, names);
  if (bare.size() == 2 && bare[0] == '-') {
    near.clear();
    for (const std::string& name : names)
      if (name[2] == bare[1] && near.size() < 8) near.push_back(name);
  }
  std::string hint = near.empty() ? "" : "did you mean " + join(near, " or ") + "? ";
  return Error{ErrorKind::usage, "unknown option " + bare + " of assay " + command.name, "", hint + "see assay " + command.name + " --help"};
}

}  // namespace

std::optional<std::string> Arguments::get(std::string_view name) const {
  auto it = options.find(std::string(name));
  if (it == options.end() || it->second.empty()) return std::nullopt;
  return it->second.back();
}

const std::vector<std::string>& Arguments::all(std::string_view name) const {
  static const std::vector<std::string> none;
  auto it = options.find(std::string(name));
  return it == options.end() ? none : it->second;
}

Result<std::optional<long long>> Arguments::integer(std::string_view name, long long least) const {
  auto text = get(name);
  if (!text) return std::optional<long long>{};
  char* end = nullptr;
  errno = 0;
  long long value = std::strtoll(text->c_str(), &end, 10);
  if (errno != 0 || end == text->c_str() || *end != '\0' || value < least)
    return fail(ErrorKind::usage, "--" + std::string(name) + " takes a whole number of at least " + std::to_string(least) + ", not \"" + *text + "\"");
  return std::optional<long long>{value};
}

Result<std::optional<double>> Arguments::number(std::string_view name) const {
  auto text = get(name);
  if (!text) return std::optional<double>{};
  char* end = nullptr;
  double value = std::strtod(text->c_str(), &end);
  if (end == text->c_str() || *end != '\0') return fail(ErrorKind::usage, "--" + std::string(name) + " takes a number, not \"" + *text + "\"");
  return std::optional<double>{value};
}

const std::vector<OptionSpec>& common_options() {
  static const std::vector<OptionSpec> options{
      {"--data", "DIR", "data home (default: $ASSAY_DATA, else $XDG_DATA_HOME/assay, else ~/.local/share/assay)"},
      {"--store", "FILE", "journal (default: $ASSAY_STORE, else assay.db in the data home)"},
      {"--json", "", "one JSON document on standard output; everything else goes to standard error"},
      {"--quiet", "", "no progress"},
      {"--offline", "", "refuse every address but loopback"},
      {"-h,--help", "", "this text"},
  };
  return options;
}

std::string help_text(const CommandSpec& command) {
  std::string out = "assay " + command.name + " - " + command.summary + "\n\nUsage: assay " + command.name;
  if (!command.positional.empty()) out += " " + command.positional;
  out += " [OPTION...]\n";
  if (!command.positional_help.empty()) out += "\n  " + command.positional_help + "\n";
  if (!command.options.empty()) {
    out += "\nOptions\n";
    append_options(out, command.options);
  }
  out += "\nCommon options\n";
  append_options(out, common_options());
  if (!command.examples.empty()) {
    out += "\nExamples\n";
    for (const std::string& example : command.examples) out += "  " + example + "\n";
  }
  return out;
}

Result<Arguments> parse_arguments(const CommandSpec& command, const std::vector<std::string>& words, std::optional<HelpWanted>& help) {
  if (command.translate) {
    CommandSpec ours = command;
    ours.translate = nullptr;
    return parse_arguments(ours, command.translate(words), help);
  }
  for (const std::string& word : words) {
    if (word == "--") break;
    if (word == "--help" || word == "-h") {
      help = HelpWanted{help_text(command.help_of ? command.help_of(words) : command)};
      return Arguments{};
    }
  }
  CLI::App app;
  app.set_help_flag();
  app.allow_extras(true);
  std::map<std::string, std::vector<std::string>> values;
  std::vector<std::pair<std::string, CLI::Option*>> added;
  for (const OptionSpec* option : options_of(command)) {
    std::string name = long_name(option->names);
    if (name == "help") continue;
    CLI::Option* parsed = nullptr;
    if (option->value.empty()) {
      parsed = app.add_flag(option->names);
    } else {
      parsed = app.add_option(option->names, values[name])->expected(1)->allow_extra_args(false);
      parsed->multi_option_policy(option->repeat ? CLI::MultiOptionPolicy::TakeAll : CLI::MultiOptionPolicy::TakeLast);
    }
    added.emplace_back(name, parsed);
  }
  // The parser's own words for a missing value name C++ types.
  for (std::size_t i = 0; i < words.size() && words[i] != "--"; ++i)
    for (const OptionSpec* option : options_of(command)) {
      if (option->value.empty()) continue;
      std::string name = "--" + long_name(option->names), brief = option->names.starts_with("--") ? name : option->names.substr(0, 2);
      if (words[i] == name + "=" || ((words[i] == name || words[i] == brief) && i + 1 == words.size()))
        return fail(ErrorKind::usage, name + " needs a value: " + option->value, "", "see assay " + command.name + " --help");
    }
  try {
    std::vector<std::string> reversed(words.rbegin(), words.rend());
    app.parse(reversed);
  } catch (const CLI::ParseError& error) {
    return fail(ErrorKind::usage, error.what(), "", "see assay " + command.name + " --help");
  }
  Arguments out;
  for (auto& [name, option] : added)
    if (option->count() > 0) out.options[name] = values[name];
  bool only_words = false;
  for (const std::string& word : app.remaining()) {
    if (word == "--" && !only_words) {
      only_words = true;
    } else if (!only_words && word.size() > 1 && word[0] == '-') {
      return fail(unknown_option(command, word));
    } else {
      out.positional.push_back(word);
    }
  }
  auto count = static_cast<int>(out.positional.size());
  if (count < command.least || (command.most >= 0 && count > command.most)) {
    std::string wanted = command.positional.empty() ? "no arguments" : command.positional;
    return fail(ErrorKind::usage, "assay " + command.name + " takes " + wanted + (count < command.least ? "; something is missing" : "; \"" + out.positional.back() + "\" is too much"),
                "", "see assay " + command.name + " --help");
  }
  return out;
}

}  // namespace assay::cli
