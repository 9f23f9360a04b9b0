// What filters, tests and methods see of a running template: its limits, and the first error, which sticks.
#pragma once

#include <algorithm>
#include <optional>
#include <string>
#include <string_view>

#include "prompt/jinja.h"
#include "prompt/jinja_value.h"

namespace assay {

class JinjaRun {
 public:
  explicit JinjaRun(const JinjaOptions& options) : options_(options) {}
  ~JinjaRun() {
    for (const JinjaValue& container : changed_) container.drop_elements();
  }
  JinjaRun(const JinjaRun&) = delete;
  JinjaRun& operator=(const JinjaRun&) = delete;

  const JinjaOptions& options() const { return options_; }
  bool failed() const { return error_.has_value(); }
  const Error& error() const { return *error_; }
  /// Notes the first error and returns undefined: callers go on harmlessly until the interpreter looks.
  JinjaValue fail(std::string message, ErrorKind kind = ErrorKind::bad_request) {
    if (!error_) error_.emplace(Error{kind, std::move(message), "template line " + std::to_string(line)});
    return {};
  }
  JinjaValue unsupported(std::string message) { return fail(std::move(message), ErrorKind::unsupported); }
  /// Counts work; false when the limit is reached.
  bool spend(std::size_t steps = 1) {
    steps_ += steps;
    if (steps_ > options_.max_steps) fail("the template takes too many steps", ErrorKind::data);
    return !failed();
  }
  /// False, with an error, for a text or list that has become too large.
  bool fits(std::size_t size) {
    if (size > options_.max_output) fail("the template makes a value that is too large", ErrorKind::data);
    return !failed();
  }
  /// Notes a container that is given an element: it may come to hold itself, or the end of a long chain, and is emptied at the
  /// end.
  void changed(const JinjaValue& container, const JinjaValue& element) {
    bool& noted = container.is_list() ? container.items().noted : container.entries().noted;
    int& nesting = container.is_list() ? container.items().nesting : container.entries().nesting;
    nesting = std::max(nesting, element.nesting() + 1);
    if (!noted) changed_.push_back(container);
    noted = true;
  }
  /// Whether the use of `value` is an error: it is undefined, and that is not fine here.
  bool refuses(const JinjaValue& value) const {
    return value.is_undefined() && options_.strict_undefined && !value.is_nothing();
  }
  int line = 0;  // of what is being evaluated

 private:
  const JinjaOptions& options_;
  std::size_t steps_ = 0;
  std::optional<Error> error_;
  JinjaValues changed_;
};

JinjaValue jinja_function(std::string name, std::function<JinjaValue(JinjaRun&, JinjaArguments&)> call);
/// `value | name(arguments)`. An unknown filter is an `unsupported` error of the run.
JinjaValue jinja_filter(JinjaRun& run, std::string_view name, const JinjaValue& value, JinjaArguments& arguments);
/// `value is name(arguments)`.
bool jinja_test(JinjaRun& run, std::string_view name, const JinjaValue& value, JinjaArguments& arguments);
/// Whether it may be asked of an undefined value even under strict_undefined.
bool jinja_test_takes_missing(std::string_view name);
bool is_jinja_filter(std::string_view name);
bool is_jinja_test(std::string_view name);
/// The method `name` of a string, list or dict, bound to `value`; undefined when it has none.
JinjaValue jinja_method(const JinjaValue& value, std::string_view name);
/// `value.name` and `value[key]`, which may be undefined.
JinjaValue jinja_attribute(JinjaRun& run, const JinjaValue& value, const std::string& name);
JinjaValue jinja_item(JinjaRun& run, const JinjaValue& value, const JinjaValue& key);
/// What `for` sees: the elements of a list, the keys of a dict, the characters of a string. Anything else is an error.
JinjaValues jinja_elements(JinjaRun& run, const JinjaValue& value);
/// left op right for + - * / // % ** ~.
JinjaValue jinja_arithmetic(JinjaRun& run, std::string_view op, const JinjaValue& left, const JinjaValue& right);
/// `element in container`.
bool jinja_contains(JinjaRun& run, const JinjaValue& container, const JinjaValue& element);
/// printf-style formatting of Python: "%s of %d" % (a, b).
JinjaValue jinja_percent(JinjaRun& run, const std::string& format, const JinjaValue& values);
/// str.strip() and friends; `chars` empty = white space.
std::string python_strip(std::string_view text, std::string_view chars, bool left, bool right);

}  // namespace assay
