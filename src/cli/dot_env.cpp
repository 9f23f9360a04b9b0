#include "cli/dot_env.h"

#include <optional>

#include "base/text.h"

namespace assay::cli {
namespace {

class Reader {
 public:
  explicit Reader(std::string_view text) : rest_(text) {}

  bool at_end() {
    rest_ = lstrip(rest_);
    return rest_.empty();
  }

  /// One entry and the end of its line; nullopt for what is none, and then the whole line is passed over.
  std::optional<std::pair<std::string, std::optional<std::string>>> entry() {
    if (rest_.starts_with("export") && blank(rest_.substr(6))) {
      rest_.remove_prefix(6);
      skip_blanks();
    }
    std::pair<std::string, std::optional<std::string>> out;
    bool sound = true;
    if (!rest_.starts_with('#')) {
      sound = name(out.first);
      if (sound) skip_blanks();
      if (sound && rest_.starts_with('=')) {
        rest_.remove_prefix(1);
        skip_blanks();
        out.second.emplace();
        sound = value(*out.second);
      }
    }
    if (sound) {
      skip_blanks();
      if (rest_.starts_with('#')) take_line();
    }
    sound = sound && (rest_.empty() || rest_[0] == '\n' || rest_[0] == '\r');
    take_line();
    if (!sound) return std::nullopt;
    return out;
  }

 private:
  static bool blank(std::string_view text) { return !text.empty() && text[0] != '\n' && text[0] != '\r' && lstrip(text).size() < text.size(); }

  void skip_blanks() {
    std::string_view line = rest_.substr(0, rest_.find_first_of("\r\n"));
    rest_.remove_prefix(line.size() - lstrip(line).size());
  }

  std::string_view take_line() {
    std::string_view line = rest_.substr(0, rest_.find_first_of("\r\n"));
    rest_.remove_prefix(line.size());
    return line;
  }

  bool name(std::string& out) {
    if (rest_.starts_with('\'')) {
      const std::size_t end = rest_.find('\'', 1);
      if (end == std::string_view::npos || end == 1) return false;
      out = rest_.substr(1, end - 1);
      rest_.remove_prefix(end + 1);
      return true;
    }
    std::string_view plain = rest_.substr(0, rest_.find_first_of("=#\r\n"));
    std::size_t size = 0;
    while (size < plain.size() && !blank(plain.substr(size))) ++size;
    out = plain.substr(0, size);
    rest_.remove_prefix(size);
    return size > 0;
  }

  bool value(std::string& out) {
    if (rest_.starts_with('"') || rest_.starts_with('\'')) return quoted(out);
    std::string_view line = take_line();
    // A comment begins at a '#' behind a blank; the value's own blanks at its end go as well.
    for (std::size_t at = line.find('#'); at != std::string_view::npos; at = line.find('#', at + 1))
      if (rstrip(line.substr(0, at)).size() < at) {
        line = line.substr(0, at);
        break;
      }
    out = rstrip(line);
    return true;
  }

  /// May go over several lines.
  bool quoted(std::string& out) {
    const char quote = rest_[0];
    constexpr std::string_view kLetters = "\\'\"abfnrtv", kMeaning = "\\'\"\a\b\f\n\r\t\v";
    for (std::size_t at = 1; at < rest_.size(); ++at) {
      if (rest_[at] == quote) {
        rest_.remove_prefix(at + 1);
        return true;
      }
      const std::size_t i = rest_[at] == '\\' && at + 1 < rest_.size() ? kLetters.substr(0, quote == '"' ? kLetters.size() : 2).find(rest_[at + 1]) : std::string_view::npos;
      if (i == std::string_view::npos) {
        if (!rest_.substr(at).starts_with("\r\n")) out += rest_[at];
      } else {
        out += kMeaning[i];
        ++at;
      }
    }
    return false;
  }

  std::string_view rest_;
};

}  // namespace

std::map<std::string, std::string, std::less<>> read_dot_env(std::string_view text) {
  std::map<std::string, std::string, std::less<>> out;
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  Reader reader(text);
  while (!reader.at_end())
    if (auto entry = reader.entry(); entry && entry->second) out.insert_or_assign(std::move(entry->first), std::move(*entry->second));
  return out;
}

}  // namespace assay::cli
