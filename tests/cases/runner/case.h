// A .case file as a value: what to set up, what to run, what to expect. The format is docs/formats/case.md.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace assay::cases {

/// One expectation, as written. Which fields are used depends on subject and verb.
struct Check {
  int line = 0;
  enum class Subject { exit, standard_output, standard_error, file, requests } subject = Subject::exit;
  std::string path;  // of Subject::file; which simulator for Subject::requests
  enum class Verb { is, empty, contains, lacks, matches, lines, json, exists, absent, same, count } verb = Verb::is;
  std::string text;               // what follows the verb
  std::vector<std::string> body;  // Verb::is
  std::string json_path, json_operator;
  long number = 0;          // exit code, lines, requests
  char comparison = '=';    // requests: '=', '<' (at most), '>' (at least)
  bool signal = false;      // exit by that signal
};

struct Action {
  int line = 0;
  enum class Kind { write, write_bytes, copy, cut, damage, remove, simulator, command } kind = Kind::command;
  std::string path, source;        // write, copy, cut, damage, remove
  std::vector<std::string> words;  // command and its arguments; options of a simulator
  std::vector<std::string> body;   // content, dialogue
  long number = 0;                 // cut: bytes to keep; damage: where
  long bytes = 0;                  // damage: how many
  // Of a command:
  std::optional<std::string> input;
  std::vector<std::string> environment;
  int interrupt_signal = 0;  // sent when a simulator has seen `interrupt_after` requests
  long interrupt_after = 0;
  bool interrupt_twice = false;
  long file_limit = 0;  // bytes, 0 = none
  double timeout = 0;   // seconds, 0 = the case's
  std::vector<Check> checks;
};

struct Case {
  std::string file, title;
  std::vector<std::string> needs;  // "shared", "shared/golden/eq-bench", "llama", "program assay-fixture"
  std::vector<std::string> environment;
  double timeout = 30;  // seconds a command
  std::vector<Action> actions;
};

/// A usage error names `file:line`.
Result<Case> parse_case(std::string_view text, std::string file);

/// Splits at blanks; '...' and "..." group, \" and \\ inside double quotes. No expansion of any kind.
Result<std::vector<std::string>> split_words(std::string_view text);

}  // namespace assay::cases
