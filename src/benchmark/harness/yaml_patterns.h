// Options of filters and metrics, and the pattern work that both do.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/python_regex.h"
#include "base/python_value.h"

namespace assay::harness {

/// Reads a dict of options and remembers what it was asked for, so that options nobody reads can be named.
class Options {
 public:
  /// `what`: "filter regex of gsm8k.yaml", for messages. None counts as an empty dict.
  Options(const PythonValue& dict, std::string what) : dict_(dict), what_(std::move(what)) {}

  const PythonValue* value(std::string_view key);
  /// The default where it is absent or None; `usage` error for another kind of value.
  Result<std::string> text(std::string_view key, std::string_view fallback);
  Result<std::int64_t> whole(std::string_view key, std::int64_t fallback);
  Result<bool> flag(std::string_view key);
  /// A list of patterns, compiled; empty where it is absent.
  Result<std::vector<PythonRegex>> patterns(std::string_view key);
  Result<PythonRegex> pattern(std::string_view text) const;
  /// `usage` error that names the first option that was not read.
  Result<void> done() const;

 private:
  std::unexpected<Error> wrong(std::string_view key, const char* wanted) const;
  const PythonValue& dict_;
  std::string what_;
  std::vector<std::string> read_;
};

/// re.sub(pattern, "", text).
Result<std::string> deleted(const PythonRegex& pattern, std::string_view text);
/// Of re.findall(text) the `select`-th (negative: from the end): the match, its only group, or the first of several groups that
/// is not empty; stripped. Nothing where nothing matches, or every group is empty. `data` error when there are fewer matches.
Result<std::optional<std::string>> selected_match(const PythonRegex& pattern, std::string_view text, std::int64_t select);
/// re.escape.
std::string escaped(std::string_view text);
/// Without code points of the categories P*.
std::string without_punctuation(std::string_view text);

}  // namespace assay::harness
