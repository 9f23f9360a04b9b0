#include "execute.h"

#include <stdlib.h>
#include <sys/stat.h>

#include <algorithm>
#include <map>
#include <set>
#include <vector>

#include "base/file.h"
#include "base/ports.h"
#include "base/python_regex.h"
#include "base/text.h"
#include "match.h"
#include "process.h"

namespace assay::cases {
namespace {

namespace fs = std::filesystem;
constexpr std::size_t kShown = 4000;  // bytes of an output that a report quotes

/// C's escapes; a backslash before anything else stands for itself.
std::string unescape(std::string_view text) {
  std::string bytes;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] != '\\' || i + 1 == text.size()) {
      bytes.push_back(text[i]);
      continue;
    }
    const char c = text[++i];
    const auto hex = [&](std::size_t at) -> int {
      if (at >= text.size()) return -1;
      const char h = text[at];
      return h >= '0' && h <= '9' ? h - '0' : h >= 'a' && h <= 'f' ? h - 'a' + 10 : h >= 'A' && h <= 'F' ? h - 'A' + 10 : -1;
    };
    if (c == 'n') bytes.push_back('\n');
    else if (c == 'r') bytes.push_back('\r');
    else if (c == 't') bytes.push_back('\t');
    else if (c == '0') bytes.push_back('\0');
    else if (c == '\\') bytes.push_back('\\');
    else if (c == 'x' && hex(i + 1) >= 0 && hex(i + 2) >= 0) {
      bytes.push_back(static_cast<char>(hex(i + 1) * 16 + hex(i + 2)));
      i += 2;
    } else {
      bytes.push_back('\\');
      bytes.push_back(c);
    }
  }
  return bytes;
}

std::string quoted(std::string_view title, std::string_view text) {
  std::string result = "  " + std::string(title) + (text.empty() ? ": nothing\n" : ":\n");
  const std::string safe = valid_utf8(text.substr(0, kShown));
  for (std::string_view line : split_lines(safe)) result.append("    | ").append(line).push_back('\n');
  if (text.size() > kShown) result += "    (" + std::to_string(text.size() - kShown) + " bytes more)\n";
  return result;
}

class Runner {
 public:
  Runner(const Case& test, const Setting& setting) : test_(test), setting_(setting) {}

  ~Runner() {
    servers_.clear();
    std::error_code ignored;
    if (!setting_.keep && !dir_.empty()) fs::remove_all(dir_, ignored);
  }

  Verdict run() {
    if (auto reason = unmet()) return {Verdict::Kind::skipped, {*reason}};
    std::string pattern = (fs::temp_directory_path() / "assay-case-XXXXXX").string();
    if (!mkdtemp(pattern.data())) return {Verdict::Kind::failed, {"cannot make a scratch folder: " + pattern}};
    dir_ = pattern;
    std::error_code ignored;
    fs::create_directories(dir_ / ".home", ignored);
    if (setting_.keep) verdict_.report.push_back("scratch folder: " + dir_.string());
    for (const Action& action : test_.actions) {
      if (!perform(action)) break;  // later actions build on this one
    }
    return std::move(verdict_);
  }

 private:
  std::optional<std::string> unmet() const {
    for (const std::string& need : test_.needs) {
      if (need.substr(0, 6) == "shared") {
        const fs::path path = setting_.shared / (need.size() > 7 ? need.substr(7) : "");
        if (setting_.shared.empty() || !fs::exists(path)) return "needs the shared data, and they are not here: " + path.string();
      } else if (need.substr(0, 8) == "program ") {
        if (!fs::exists(setting_.programs / need.substr(8))) return "needs " + need.substr(8) + ", which was not built";
      } else if (!setting_.have.contains(need)) {
        return "needs " + need + ", and this build is without it";
      }
    }
    return std::nullopt;
  }

  void problem(int line, const std::string& text) {
    verdict_.kind = Verdict::Kind::failed;
    verdict_.report.push_back(test_.file + ":" + std::to_string(line) + ": " + text);
  }

  /// {dir} {shared} {repo} {programs} {free_port} {url} {url:NAME}; other braces are text.
  std::string fill(std::string_view text) const {
    std::string result = replace_all(text, "{dir}", dir_.string());
    result = replace_all(result, "{shared}", setting_.shared.string());
    result = replace_all(result, "{repo}", setting_.repository.string());
    result = replace_all(result, "{programs}", setting_.programs.string());
    if (result.find("{free_port}") != std::string::npos) {
      // Asked for when first needed, and the same in the whole case.
      if (!free_port_) free_port_ = free_loopback_port().value_or(0);
      result = replace_all(result, "{free_port}", std::to_string(free_port_));
    }
    for (const auto& [name, url] : urls_) result = replace_all(result, name.empty() ? "{url}" : "{url:" + name + "}", url);
    return result;
  }
  fs::path path(const std::string& text) const { return dir_ / fill(text); }

  bool perform(const Action& action) {
    std::error_code error;
    switch (action.kind) {
      case Action::Kind::write:
      case Action::Kind::write_bytes: return write(action);
      case Action::Kind::copy: {
        const fs::path to = path(action.path);
        fs::create_directories(to.parent_path(), error);
        fs::copy(path(action.source), to, fs::copy_options::recursive | fs::copy_options::overwrite_existing, error);
        // What is copied is there to be changed, even when the original is read-only.
        if (!error && fs::is_regular_file(to)) fs::permissions(to, fs::perms::owner_write, fs::perm_options::add, error);
        break;
      }
      case Action::Kind::cut: fs::resize_file(path(action.path), static_cast<std::uintmax_t>(action.number), error); break;
      case Action::Kind::damage: return damage(action);
      case Action::Kind::remove: fs::remove_all(path(action.path), error); break;
      case Action::Kind::simulator: return simulate(action);
      case Action::Kind::command: return command(action);
    }
    if (error) problem(action.line, error.message());
    return !error;
  }

  bool damage(const Action& action) {
    auto content = read_file(path(action.path));
    if (!content) return problem(action.line, to_string(content.error())), false;
    const auto from = static_cast<std::size_t>(action.number), bytes = static_cast<std::size_t>(action.bytes);
    if (from + bytes > content->size()) {
      problem(action.line, action.path + " has only " + std::to_string(content->size()) + " bytes");
      return false;
    }
    content->replace(from, bytes, bytes, '\xA5');
    auto done = write_file(path(action.path), *content);
    if (!done) problem(action.line, to_string(done.error()));
    return done.has_value();
  }

  bool write(const Action& action) {
    std::string content;
    for (const std::string& line : action.body) {
      content += action.kind == Action::Kind::write ? fill(line) + "\n" : unescape(fill(line));
    }
    auto done = write_file(path(action.path), content);
    if (!done) problem(action.line, to_string(done.error()));
    return done.has_value();
  }

  std::vector<std::string> environment(const Action& action) const {
    std::vector<std::string> all{"PATH=/usr/bin:/bin",           "HOME=" + (dir_ / ".home").string(), "ASSAY_DATA=" + (dir_ / "data").string(),
                                 "TMPDIR=" + dir_.string(), "LANG=C.UTF-8",                      "TERM=dumb",
                                 "TZ=UTC"};
    all.insert(all.end(), setting_.environment.begin(), setting_.environment.end());
    const auto set = [&](const std::vector<std::string>& from) {
      for (const std::string& written : from) {
        const std::string variable = fill(written), name = variable.substr(0, variable.find('=') + 1);
        std::erase_if(all, [&](const std::string& old) { return old.substr(0, name.size()) == name; });
        if (variable.size() > name.size()) all.push_back(variable);  // NAME= takes it away
      }
    };
    set(test_.environment);
    set(action.environment);
    return all;
  }

  bool simulate(const Action& action) {
    const std::string name = action.path;
    const fs::path dialogue = dir_ / (".dialogue-" + name + ".json"), log = dir_ / (".requests-" + name + ".jsonl");
    Command command;
    command.program = setting_.programs / "assay-simulator";
    command.environment = environment(action);
    command.directory = dir_;
    command.timeout = 20;
    if (!action.body.empty()) {
      if (auto done = write_file(dialogue, fill(join(action.body, "\n")) + "\n"); !done) {
        problem(action.line, to_string(done.error()));
        return false;
      }
      command.arguments.push_back(dialogue.string());
    }
    for (const std::string& word : action.words) command.arguments.push_back(fill(word));
    command.arguments.insert(command.arguments.end(), {"--log", log.string()});
    // Starting one of the same name again replaces it; the requests so far stay counted.
    servers_.erase(name);
    auto server = start_elsewhere(command);
    if (!server) {
      problem(action.line, to_string(server.error()));
      return false;
    }
    urls_[name] = server->first_line();
    logs_[name] = log;
    servers_.emplace(name, std::move(*server));
    return true;
  }

  /// The system may give a port again that another simulator of this case had. To the program it is then the same model, whose answers the
  /// journal has: unless the case names the port itself, such a one is held and another started.
  Result<Server> start_elsewhere(const Command& command) {
    const bool named = std::find(command.arguments.begin(), command.arguments.end(), "--port") != command.arguments.end();
    std::vector<Server> held;
    for (int again = 0; again < 8; ++again) {
      auto server = Server::start(command);
      if (!server || named || known_urls_.insert(server->first_line()).second) return server;
      held.push_back(std::move(*server));
    }
    return Server::start(command);
  }

  /// The requests a simulator has seen since the case began, one JSON line each.
  std::string requests_of(const std::string& name) const {
    auto log = logs_.find(name);
    if (log == logs_.end()) return {};
    return read_file(log->second).value_or("");
  }

  bool command(const Action& action) {
    const std::string& name = action.words[0];
    if (name != "assay" && name.substr(0, 6) != "assay-") {
      problem(action.line, "only assay and its helpers (assay-...) can be run, not '" + name + "'");
      return false;
    }
    Command command;
    command.program = setting_.programs / name;
    for (std::size_t i = 1; i < action.words.size(); ++i) command.arguments.push_back(fill(action.words[i]));
    command.environment = environment(action);
    command.directory = dir_;
    if (action.input) command.input = fill(*action.input);
    command.file_limit = action.file_limit;
    command.timeout = action.timeout > 0 ? action.timeout : test_.timeout;
    std::map<std::string, std::size_t> before;
    for (const auto& log : logs_) before[log.first] = requests_of(log.first).size();
    int sent = 0;
    if (action.interrupt_signal) {
      command.watch = [&]() -> int {
        if (sent == (action.interrupt_twice ? 2 : 1)) return 0;
        std::size_t count = 0;
        for (const auto& log : logs_) count += split_lines(std::string_view(requests_of(log.first)).substr(before[log.first])).size();
        if (count < static_cast<std::size_t>(action.interrupt_after)) return 0;
        ++sent;
        return action.interrupt_signal;
      };
    }
    auto outcome = run_command(command);
    if (!outcome) {
      problem(action.line, to_string(outcome.error()));
      return false;
    }
    std::map<std::string, std::string> requests;
    for (const auto& log : logs_) requests[log.first] = requests_of(log.first).substr(before[log.first]);

    std::vector<std::string> problems;
    if (outcome->timed_out) problems.push_back("did not end within " + fixed_seconds(command.timeout) + " s and was killed");
    if (action.interrupt_signal && !sent) problems.push_back("ended before it was interrupted");
    bool exit_checked = false;
    for (const Check& check : action.checks) {
      exit_checked = exit_checked || check.subject == Check::Subject::exit;
      if (auto wrong = mismatch(check, *outcome, requests)) problems.push_back("line " + std::to_string(check.line) + ": " + *wrong);
    }
    if (!exit_checked && !outcome->timed_out) {
      Check success;
      if (auto wrong = mismatch(success, *outcome, requests)) problems.push_back(*wrong);
    }
    const std::string outputs = quoted("stdout", outcome->out) + quoted("stderr", outcome->err);
    if (!problems.empty()) {
      std::string text = "$ " + join(action.words, " ") + "\n";
      for (const std::string& one : problems) text += "  " + replace_all(strip(one), "\n", "\n    ") + "\n";
      problem(action.line, text + outputs);
    } else if (setting_.verbose) {
      verdict_.report.push_back("$ " + join(action.words, " ") + "\n" + outputs);
    }
    return problems.empty();
  }

  static std::string fixed_seconds(double seconds) { return std::to_string(static_cast<long>(seconds)); }

  Mismatch mismatch(const Check& check, const Outcome& outcome, const std::map<std::string, std::string>& requests) const {
    switch (check.subject) {
      case Check::Subject::exit: {
        const bool good = check.signal ? outcome.signal == check.number : !outcome.signal && outcome.code == check.number;
        if (good) return std::nullopt;
        return "ended with " + (outcome.signal ? "signal " + std::to_string(outcome.signal) : "exit " + std::to_string(outcome.code)) +
               " instead of " + (check.signal ? "signal " : "exit ") + std::to_string(check.number);
      }
      case Check::Subject::requests: {
        auto found = requests.find(check.path);
        if (found == requests.end()) return "no simulator of that name has run";
        const std::string text = fill(check.text);
        long count = 0;
        for (std::string_view line : split_lines(found->second)) count += text.empty() || contains(line, text);
        const bool good = check.comparison == '<' ? count <= check.number : check.comparison == '>' ? count >= check.number : count == check.number;
        if (good) return std::nullopt;
        return std::to_string(count) + " requests" + (text.empty() ? "" : " containing '" + text + "'") + " instead of " +
               (check.comparison == '=' ? "" : check.comparison == '<' ? "at most " : "at least ") + std::to_string(check.number);
      }
      case Check::Subject::file: {
        const fs::path file = path(check.path);
        if (check.verb == Check::Verb::exists) return fs::exists(file) ? std::nullopt : Mismatch(check.path + " is not there");
        if (check.verb == Check::Verb::absent) return fs::exists(file) ? Mismatch(check.path + " is there") : std::nullopt;
        auto content = read_file(file);
        if (!content) return to_string(content.error());
        auto wrong = text_mismatch(check, *content);
        return wrong ? check.path + ": " + *wrong : wrong;
      }
      case Check::Subject::standard_output:
        if (auto wrong = text_mismatch(check, outcome.out)) return "stdout: " + *wrong;
        return std::nullopt;
      case Check::Subject::standard_error:
        if (auto wrong = text_mismatch(check, outcome.err)) return "stderr: " + *wrong;
        return std::nullopt;
    }
    return std::nullopt;
  }

  Mismatch text_mismatch(const Check& check, const std::string& text) const {
    const std::string wanted = fill(check.text);
    switch (check.verb) {
      case Check::Verb::is: {
        std::vector<std::string> body;
        for (const std::string& line : check.body) body.push_back(fill(line));
        return match_lines(body, text);
      }
      case Check::Verb::empty: return text.empty() ? std::nullopt : Mismatch("is not empty");
      case Check::Verb::contains: return contains(text, wanted) ? std::nullopt : Mismatch("does not contain '" + wanted + "'");
      case Check::Verb::lacks: return contains(text, wanted) ? Mismatch("contains '" + wanted + "'") : std::nullopt;
      case Check::Verb::matches: {
        auto regex = PythonRegex::compile(wanted, {.multiline = true});
        if (!regex) return to_string(regex.error());
        auto found = regex->search(valid_utf8(text));
        if (!found) return to_string(found.error());
        return found->has_value() ? std::nullopt : Mismatch("does not match '" + wanted + "'");
      }
      case Check::Verb::lines: {
        const std::size_t count = split_lines(text).size();
        return static_cast<long>(count) == check.number ? std::nullopt
                                                        : Mismatch("has " + std::to_string(count) + " lines instead of " + std::to_string(check.number));
      }
      case Check::Verb::same: {
        auto other = read_file(path(check.text));
        if (!other) return to_string(other.error());
        if (*other == text) return std::nullopt;
        std::size_t at = 0;
        while (at < text.size() && at < other->size() && text[at] == (*other)[at]) ++at;
        return "differs from " + wanted + " from byte " + std::to_string(at) + " on (" + std::to_string(text.size()) + " and " +
               std::to_string(other->size()) + " bytes)";
      }
      case Check::Verb::json: {
        auto document = read_json(text);
        if (!document) return "is not JSON: " + to_string(document.error());
        auto wrong = match_json(*document, fill(check.json_path), check.json_operator, wanted);
        return wrong ? Mismatch(check.json_path + " " + check.json_operator + " " + wanted + ": " + *wrong) : std::nullopt;
      }
      case Check::Verb::exists:
      case Check::Verb::absent:
      case Check::Verb::count: break;
    }
    return std::nullopt;
  }

  const Case& test_;
  const Setting& setting_;
  fs::path dir_;
  std::map<std::string, Server> servers_;
  std::map<std::string, std::string> urls_;
  std::set<std::string> known_urls_;  // of all simulators so far
  mutable int free_port_ = 0;  // 0 = nobody asked yet
  std::map<std::string, fs::path> logs_;
  Verdict verdict_;
};

}  // namespace

Verdict run_case(const Case& test, const Setting& setting) { return Runner(test, setting).run(); }

}  // namespace assay::cases
