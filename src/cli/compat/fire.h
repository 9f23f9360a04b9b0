// Command lines as Python's `fire` takes them: `--flag value`, `--flag=value`, `--flag` for True, `--noflag` for False, `-f` for the one flag that
// begins so, `-` and `_` alike, and values that are Python literals where they can be read as such. Pure.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/python_value.h"

namespace assay::compat {

struct FireFlags {
  std::vector<std::string> flags;      // of the original, with '_'
  std::vector<std::string> switches;   // of ours, without a value: "--json"
  std::vector<std::string> valued;     // of ours, with one: "--store"
  std::vector<std::string> letters{};  // what a single letter may stand for, where that is less than all flags: those that the command itself names
};

/// Words as typed become `--flag=value` for the original's flags; ours and words that are no flags stay as they are. A letter that
/// several flags begin with becomes `--LETTER=...`, which no parser knows. `-- --help`, fire's way to ask for help, becomes `--help`.
std::vector<std::string> fire_words(const std::vector<std::string>& words, const FireFlags& known);

/// A literal, a container with bare words in it (`[gpt4, claude]`), else the text itself.
PythonValue fire_value(std::string_view text);

/// The values of flags by name, with getters whose errors (`usage`) name the flag.
class FireValues {
 public:
  void set(std::string name, PythonValue value) { values_[std::move(name)] = std::move(value); }
  bool has(std::string_view name) const { return get(name) != nullptr; }
  const PythonValue* get(std::string_view name) const;  // null where it was not given
  const std::map<std::string, PythonValue, std::less<>>& all() const { return values_; }

  Result<bool> flag(std::string_view name, bool standard) const;
  Result<std::int64_t> whole(std::string_view name, std::int64_t standard) const;
  Result<std::optional<std::int64_t>> whole_or_none(std::string_view name) const;
  Result<double> number(std::string_view name, double standard) const;
  /// A number is taken for its digits: fire has made it one of a name.
  Result<std::string> text(std::string_view name, std::string standard) const;
  Result<std::optional<std::string>> text_or_none(std::string_view name) const;
  Result<std::vector<std::string>> texts(std::string_view name, std::vector<std::string> standard) const;

 private:
  std::map<std::string, PythonValue, std::less<>> values_;
};

}  // namespace assay::compat
