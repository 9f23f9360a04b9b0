#include <charconv>
#include <csignal>
#include <utility>

#include "case.h"
#include "base/text.h"

namespace assay::cases {
namespace {

bool starts(std::string_view text, std::string_view with) { return text.substr(0, with.size()) == with; }

/// Takes the first word off `rest`, and the blanks after it.
std::string_view take_word(std::string_view& rest) {
  std::size_t end = rest.find(' ');
  std::string_view word = rest.substr(0, end);
  rest = end == std::string_view::npos ? std::string_view{} : rest.substr(end + 1);
  while (starts(rest, " ")) rest.remove_prefix(1);
  return word;
}

std::optional<long> to_long(std::string_view text) {
  long value = 0;
  auto [end, problem] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (problem != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

class Parser {
 public:
  Parser(std::string_view text, std::string file) : lines_(split_lines(text)) { case_.file = std::move(file); }

  Result<Case> parse() {
    while (at_ < lines_.size()) {
      std::string_view line = rstrip(lines_[at_]);
      number_ = static_cast<int>(++at_);
      if (line.empty()) continue;
      if (line[0] == '#') {
        if (case_.title.empty()) case_.title = std::string(strip(line.substr(1)));
        continue;
      }
      if (auto done = directive(line); !done) return std::unexpected(done.error());
    }
    if (case_.title.empty()) return wrong("a case begins with a comment that says what it proves");
    for (const Action& action : case_.actions) {
      if (action.kind == Action::Kind::command) return std::move(case_);
    }
    return wrong("no command ($ ...) in this case");
  }

 private:
  std::unexpected<Error> wrong(std::string message) const {
    return fail(ErrorKind::usage, std::move(message), case_.file + ":" + std::to_string(number_), "see docs/formats/case.md");
  }

  std::vector<std::string> body() {
    std::vector<std::string> lines;
    while (at_ < lines_.size() && starts(lines_[at_], "|")) {
      std::string_view line = lines_[at_++].substr(1);
      if (starts(line, " ")) line.remove_prefix(1);
      lines.emplace_back(line);
    }
    return lines;
  }

  Action& add(Action::Kind kind) {
    Action& action = case_.actions.emplace_back();
    action.kind = kind;
    action.line = number_;
    return action;
  }

  Action* command() {
    if (case_.actions.empty() || case_.actions.back().kind != Action::Kind::command) return nullptr;
    return &case_.actions.back();
  }

  Result<void> directive(std::string_view line) {
    std::string_view rest = line;
    const std::string_view word = take_word(rest);
    if (word == "|") return wrong("this body line follows nothing that takes a body");
    if (word == "needs" || word == "env" || word == "timeout") return setting(word, rest);
    if (word == "write" || word == "write-bytes" || word == "copy" || word == "cut" || word == "damage" || word == "remove" || word == "simulator" ||
        word == "$") {
      return action(word, rest);
    }
    Action* of = command();
    if (word == "stdin" || word == "interrupt" || word == "terminate" || word == "kill" || word == "file-limit") {
      if (!of) return wrong("'" + std::string(word) + "' belongs after a command");
      return manner(*of, word, rest);
    }
    if (word == "exit" || word == "stdout" || word == "stderr" || word == "file" || word == "json" || word == "requests") {
      if (!of) return wrong("'" + std::string(word) + "' belongs after a command");
      return check(*of, line, word, rest);
    }
    return wrong("unknown word '" + std::string(word) + "'");
  }

  Result<void> setting(std::string_view word, std::string_view rest) {
    if (rest.empty()) return wrong("'" + std::string(word) + "' of what?");
    Action* of = command();
    if (word == "needs") {
      if (of) return wrong("'needs' belongs before the first command");
      if (rest != "llama" && !starts(rest, "shared") && !starts(rest, "program ")) return wrong("'needs' knows shared, llama and program");
      case_.needs.emplace_back(rest);
    } else if (word == "env") {
      if (rest.find('=') == std::string_view::npos) return wrong("env NAME=VALUE");
      (of ? of->environment : case_.environment).emplace_back(rest);
    } else {
      auto seconds = to_long(rest);
      if (!seconds || *seconds < 1) return wrong("timeout SECONDS");
      (of ? of->timeout : case_.timeout) = static_cast<double>(*seconds);
    }
    return {};
  }

  Result<void> action(std::string_view word, std::string_view rest) {
    auto words = split_words(rest);
    if (!words) return wrong(words.error().message);
    if (word == "simulator") {
      Action& action = add(Action::Kind::simulator);
      std::size_t first = 0;
      if (!words->empty() && !starts((*words)[0], "-")) action.path = (*words)[first++];  // its name
      action.words.assign(words->begin() + static_cast<std::ptrdiff_t>(first), words->end());
      action.body = body();
      return {};
    }
    if (words->empty()) return wrong("'" + std::string(word) + "' of what?");
    if (word == "$") {
      add(Action::Kind::command).words = std::move(*words);
      return {};
    }
    if (word == "damage") {
      auto offset = words->size() == 3 ? to_long((*words)[1]) : std::nullopt, bytes = words->size() == 3 ? to_long((*words)[2]) : std::nullopt;
      if (!offset || !bytes || *offset < 0 || *bytes < 1) return wrong("damage PATH OFFSET BYTES");
      Action& action = add(Action::Kind::damage);
      action.path = (*words)[0];
      action.number = *offset;
      action.bytes = *bytes;
      return {};
    }
    const bool two = word == "copy" || word == "cut";
    if (words->size() != (two ? 2u : 1u)) return wrong("'" + std::string(word) + "' takes " + (two ? "two words" : "one path"));
    Action& action = add(word == "write"         ? Action::Kind::write
                         : word == "write-bytes" ? Action::Kind::write_bytes
                         : word == "copy"        ? Action::Kind::copy
                         : word == "cut"         ? Action::Kind::cut
                                                 : Action::Kind::remove);
    action.path = (*words)[two && word == "copy" ? 1 : 0];
    if (word == "copy") action.source = (*words)[0];
    if (word == "cut") {
      auto bytes = to_long((*words)[1]);
      if (!bytes || *bytes < 0) return wrong("cut PATH BYTES");
      action.number = *bytes;
    }
    if (starts(word, "write")) action.body = body();
    return {};
  }

  /// How the command above is run.
  Result<void> manner(Action& of, std::string_view word, std::string_view rest) {
    if (word == "stdin") {
      of.input = join(body(), "\n");
      if (!of.input->empty()) of.input->push_back('\n');
      return {};
    }
    if (word == "file-limit") {
      auto bytes = to_long(rest);
      if (!bytes || *bytes < 1) return wrong("file-limit BYTES");
      of.file_limit = *bytes;
      return {};
    }
    of.interrupt_signal = word == "kill" ? SIGKILL : word == "terminate" ? SIGTERM : SIGINT;
    const std::string_view after = take_word(rest);
    auto requests = to_long(take_word(rest));
    if (after != "after" || !requests || *requests < 1 || (take_word(rest) != "requests")) {
      return wrong(std::string(word) + " after N requests");
    }
    of.interrupt_after = *requests;
    if (rest == "twice") {
      of.interrupt_twice = true;
    } else if (!rest.empty()) {
      return wrong("only 'twice' may follow");
    }
    return {};
  }

  Result<void> check(Action& of, std::string_view line, std::string_view word, std::string_view rest) {
    Check check;
    check.line = number_;
    if (word == "exit") {
      if (starts(rest, "signal ")) {
        check.signal = true;
        take_word(rest);
      }
      auto code = to_long(rest);
      if (!code) return wrong("exit CODE or exit signal NUMBER");
      check.number = *code;
    } else if (word == "requests") {
      return requests_check(of, std::move(check), rest);
    } else {
      if (word == "json") {
        check.subject = Check::Subject::standard_output;
        rest = line;
      } else if (word == "file") {
        check.subject = Check::Subject::file;
        check.path = std::string(take_word(rest));
        if (check.path.empty()) return wrong("file PATH ...");
      } else {
        check.subject = word == "stdout" ? Check::Subject::standard_output : Check::Subject::standard_error;
      }
      if (auto done = text_check(check, rest); !done) return done;
    }
    of.checks.push_back(std::move(check));
    return {};
  }

  /// `requests [NAME] [<=|>=] N [containing TEXT]`
  Result<void> requests_check(Action& of, Check check, std::string_view rest) {
    check.subject = Check::Subject::requests;
    check.verb = Check::Verb::count;
    std::string_view word = take_word(rest);
    auto is_comparison = [&] { return word == "<=" || word == ">="; };
    auto count = to_long(word);
    if (!count && !is_comparison()) {
      check.path = std::string(word);
      word = take_word(rest);
      count = to_long(word);
    }
    if (!count && is_comparison()) {
      check.comparison = word[0];
      count = to_long(take_word(rest));
    }
    if (!count) return wrong("requests [SIMULATOR] [<=|>=] N [containing TEXT]");
    check.number = *count;
    if (!rest.empty()) {
      if (!starts(rest, "containing ")) return wrong("only 'containing TEXT' may follow");
      take_word(rest);
      check.text = std::string(rest);
    }
    of.checks.push_back(std::move(check));
    return {};
  }

  Result<void> text_check(Check& check, std::string_view rest) {
    if (rest.empty()) {
      check.body = body();
      if (check.body.empty()) return wrong("what is expected? body lines (| ...) or 'empty', 'contains', 'matches', 'json' ...");
      return {};
    }
    const std::string_view verb = take_word(rest);
    const bool of_file = check.subject == Check::Subject::file;
    if (verb == "empty") check.verb = Check::Verb::empty;
    else if (verb == "contains") check.verb = Check::Verb::contains;
    else if (verb == "lacks") check.verb = Check::Verb::lacks;
    else if (verb == "matches") check.verb = Check::Verb::matches;
    else if (verb == "lines") check.verb = Check::Verb::lines;
    else if (verb == "json") check.verb = Check::Verb::json;
    else if (verb == "exists" && of_file) check.verb = Check::Verb::exists;
    else if (verb == "absent" && of_file) check.verb = Check::Verb::absent;
    else if (verb == "same") check.verb = Check::Verb::same;
    else return wrong("unknown expectation '" + std::string(verb) + "'");

    if (check.verb == Check::Verb::json) return json_check(check, rest);
    const bool needs_text = check.verb == Check::Verb::contains || check.verb == Check::Verb::lacks ||
                            check.verb == Check::Verb::matches || check.verb == Check::Verb::lines || check.verb == Check::Verb::same;
    if (needs_text == rest.empty()) return wrong("'" + std::string(verb) + (needs_text ? "' what?" : "' takes nothing after it"));
    check.text = std::string(rest);
    if (check.verb == Check::Verb::lines) {
      auto count = to_long(rest);
      if (!count) return wrong("lines N");
      check.number = *count;
    }
    return {};
  }

  Result<void> json_check(Check& check, std::string_view rest) {
    // A path may hold blanks only inside ["..."].
    std::size_t end = 0;
    for (bool quoted = false; end < rest.size() && (quoted || rest[end] != ' '); ++end) {
      if (rest[end] == '"') quoted = !quoted;
    }
    check.json_path = std::string(rest.substr(0, end));
    rest.remove_prefix(end);
    while (starts(rest, " ")) rest.remove_prefix(1);
    check.json_operator = std::string(take_word(rest));
    check.text = std::string(rest);
    static constexpr std::string_view kKnown[] = {"=", "!=", "~", "<", "<=", ">", ">=", "exists", "absent", "length", "contains", "lacks", "matches"};
    bool known = false;
    for (std::string_view name : kKnown) known = known || name == check.json_operator;
    if (!known) return wrong("json PATH OPERATOR VALUE: unknown operator '" + check.json_operator + "'");
    const bool bare = check.json_operator == "exists" || check.json_operator == "absent";
    if (bare != check.text.empty()) return wrong("'" + check.json_operator + (bare ? "' takes no value" : "' needs a value"));
    return {};
  }

  std::vector<std::string_view> lines_;
  std::size_t at_ = 0;
  int number_ = 0;
  Case case_;
};

}  // namespace

Result<Case> parse_case(std::string_view text, std::string file) {
  if (!is_valid_utf8(text)) return fail(ErrorKind::usage, "not valid UTF-8", std::move(file), "write other bytes with write-bytes");
  return Parser(text, std::move(file)).parse();
}

Result<std::vector<std::string>> split_words(std::string_view text) {
  std::vector<std::string> words;
  std::string word;
  bool in_word = false;
  char quote = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (quote == '"' && c == '\\' && i + 1 < text.size() && (text[i + 1] == '"' || text[i + 1] == '\\')) {
      word.push_back(text[++i]);
    } else if (quote) {
      if (c == quote) quote = 0;
      else word.push_back(c);
    } else if (c == '\'' || c == '"') {
      quote = c;
      in_word = true;
    } else if (c == ' ') {
      if (in_word) words.push_back(std::exchange(word, {}));
      in_word = false;
    } else {
      word.push_back(c);
      in_word = true;
    }
  }
  if (quote) return fail(ErrorKind::usage, std::string("a ") + quote + " is not closed");
  if (in_word) words.push_back(std::move(word));
  return words;
}

}  // namespace assay::cases
