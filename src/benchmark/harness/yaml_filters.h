// What today's harness does to answers before it scores them: chains of filters named in a task's filter_list. Patterns and
// answers are foreign: matching has a step limit (base/python_regex.h), and what an answer turns into is never longer than the
// answers and options are.
#pragma once

#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"
#include "base/python_value.h"
#include "benchmark/harness/yaml_task.h"

namespace assay::harness {

/// Immutable; any thread.
class FilterChain {
 public:
  /// Errors: unsupported (a filter that needs Python, by its function's name; one that nobody knows; one behind take_first),
  /// usage (a malformed pattern, an option that does not fit). `file` is for messages.
  static Result<FilterChain> make(const FilterConfig& config, std::string_view file);
  /// The chain of tasks that name none: "none", take_first.
  static FilterChain plain();
  ~FilterChain();
  FilterChain(FilterChain&&) noexcept;
  FilterChain& operator=(FilterChain&&) noexcept;

  const std::string& name() const { return name_; }
  /// The chain ends in take_first: one value comes out, not a list of them.
  bool takes_one() const;
  /// Whether the chain does something to the text of an answer, which log-likelihoods do not have.
  bool needs_text() const;

  /// `answers`: a document's repeats, at least one, valid UTF-8. `row`: its fields (multi_choice_regex reads "choices"). A value,
  /// or a list where the chain does not end in take_first. `data` errors: a match that group_select asks for and that is not
  /// there, too few answers for take_first_k, a row without choices, a pattern that needs too many steps.
  Result<PythonValue> apply(std::span<const std::string> answers, const json::value& row) const;

  struct Step;

 private:
  FilterChain();
  std::string name_;
  std::vector<std::unique_ptr<const Step>> steps_;
};

/// A task's chains in order; plain() where it names none.
Result<std::vector<FilterChain>> filter_chains(const TaskConfig& task);

}  // namespace assay::harness
