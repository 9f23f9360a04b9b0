// The doc_to_... fields at work: a column, a template, a constant or a function, applied to a row. Templates print values as
// Python prints them, and some of what they print is read back as a Python literal; both are the harness's ways, and numbers
// depend on them.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "benchmark/harness/yaml_functions.h"
#include "benchmark/harness/yaml_task.h"
#include "prompt/jinja.h"

namespace assay::harness {

using Columns = std::set<std::string, std::less<>>;

/// How the harness sets up its templates: an undefined variable is an error, a last line end stays.
JinjaOptions harness_jinja();

/// Immutable; any thread.
class YamlField {
 public:
  YamlField() = default;  // absent
  /// `name` and `file` are for messages. `columns` are the fields of the evaluated split: a text that equals one is that column.
  /// Errors: a template that is no Jinja (data, with the line), a construct or a function that is not supported (unsupported).
  static Result<YamlField> compile(const TaskField& field, std::string name, std::string file, const Columns& columns);

  bool given() const { return kind_ != Kind::absent; }

  // Each names the file, the template's line and `where` (the document) in its errors.

  /// doc_to_text: a text, or an integer (several inputs): what is digits only, where the task has choices.
  Result<PythonValue> text(const json::object& row, bool has_choices, const std::string& where) const;
  /// doc_to_target: an integer, a text, or a list.
  Result<PythonValue> target(const json::object& row, bool has_choices, const std::string& where) const;
  /// doc_to_choice, each as Python's str() has it.
  Result<std::vector<std::string>> choices(const json::object& row, const std::string& where) const;
  /// description, gen_prefix: a text. "" where absent.
  Result<std::string> line(const json::object& row, const std::string& where) const;

 private:
  enum class Kind { absent, column, constant, templated, function };
  Result<PythonValue> value(const json::object& row, const std::string& where) const;
  Error located(Error error, const std::string& where) const;

  Kind kind_ = Kind::absent;
  std::string name_, file_, column_;
  PythonValue constant_;
  JinjaTemplate template_;
  RowFunction function_ = nullptr;
};

}  // namespace assay::harness
