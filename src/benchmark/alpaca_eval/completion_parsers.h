// From a judge's completion to labels: the parsers that AlpacaEval's evaluator configurations name (`fn_completion_parser`), with
// their quirks.
#pragma once

#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/python_value.h"

namespace assay::alpaca_eval {

/// One for each example of the prompt; NaN where the parser says that there is none.
using Labels = std::vector<PythonValue>;

/// Immutable; used from any thread.
class CompletionParser {
 public:
  /// `name` with or without the module path in front. `arguments`: a dict, or None. `usage` errors: an unknown parser or argument
  /// (with the nearest names), a missing argument, a malformed pattern.
  static Result<CompletionParser> make(std::string_view name, const PythonValue& arguments = {});

  /// The completion is a text, or what an earlier parser or the server gave as a value. `data` error where the original raises:
  /// then the whole batch has no preference.
  Result<Labels> parse(const PythonValue& completion) const;

  struct Implementation {
    virtual ~Implementation() = default;
    virtual Result<Labels> parse(const PythonValue& completion) const = 0;
  };

 private:
  explicit CompletionParser(std::shared_ptr<const Implementation> implementation) : implementation_(std::move(implementation)) {}
  std::shared_ptr<const Implementation> implementation_;
};

/// A label as a preference: a real number in [1, 2]; 0, an older way to write a tie, becomes 1.5. Nothing for all else, NaN
/// included.
std::optional<double> preference_of(const PythonValue& label);

}  // namespace assay::alpaca_eval
