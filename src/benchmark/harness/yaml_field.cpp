#include "benchmark/harness/yaml_field.h"

#include <algorithm>

#include "base/python_literal.h"
#include "base/text.h"
#include "benchmark/harness/yaml_loader.h"

namespace assay::harness {
namespace {

bool digits_only(std::string_view text) {
  return !text.empty() && std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

/// Nothing for Jinja to do. (It would make "\r\n" one line end.)
bool is_plain(std::string_view text) {
  return text.find_first_of("{\r") == std::string_view::npos;
}

}  // namespace

JinjaOptions harness_jinja() {
  JinjaOptions options;
  options.keep_trailing_newline = true;
  options.strict_undefined = true;
  options.max_steps = 2'000'000;  // one field of one document
  options.max_output = std::size_t{64} << 20;
  return options;
}

Error YamlField::located(Error error, const std::string& where) const {
  error.message = name_ + ": " + error.message;
  std::string place = file_;
  for (const std::string& part : {error.where, where})
    if (!part.empty()) place += (place.empty() ? "" : ", ") + part;
  error.where = std::move(place);
  if (error.kind == ErrorKind::bad_request) error.kind = ErrorKind::data;  // no model was asked
  return error;
}

Result<YamlField> YamlField::compile(const TaskField& field, std::string name, std::string file, const Columns& columns) {
  YamlField out;
  out.name_ = std::move(name);
  out.file_ = std::move(file);
  if (!field.given()) return out;
  if (field.function) {
    out.function_ = find_row_function(*field.function);
    if (!out.function_)
      return fail(ErrorKind::unsupported, out.name_ + " needs the Python function " + field.function->name, field.function->file,
                  "assay list tasks DIR --why-not lists what can be run");
    out.kind_ = Kind::function;
    return out;
  }
  const bool is_text = field.value.kind == PythonValue::Kind::text;
  if (is_text && columns.contains(field.value.text)) {
    out.kind_ = Kind::column;
    out.column_ = field.value.text;
    return out;
  }
  if (!is_text || is_plain(field.value.text)) {
    out.kind_ = Kind::constant;
    out.constant_ = field.value;
    return out;
  }
  auto parsed = JinjaTemplate::parse(field.value.text, harness_jinja());
  if (!parsed) return fail(out.located(parsed.error(), ""));
  out.kind_ = Kind::templated;
  out.template_ = std::move(*parsed);
  return out;
}

Result<PythonValue> YamlField::value(const json::object& row, const std::string& where) const {
  switch (kind_) {
    case Kind::absent:
      return fail(located({ErrorKind::data, "is missing"}, where));
    case Kind::constant:
      return constant_;
    case Kind::column: {
      auto it = row.find(column_);
      if (it == row.end()) return fail(located({ErrorKind::data, "the row has no field \"" + column_ + "\""}, where));
      return python_value(it->value());
    }
    case Kind::function: {
      auto made = function_(row);
      if (!made) return fail(located(made.error(), where));
      return made;
    }
    case Kind::templated:
      break;
  }
  auto text = template_.render(row);
  if (!text) return fail(located(text.error(), where));
  return PythonValue::of(std::move(*text));
}

Result<PythonValue> YamlField::text(const json::object& row, bool has_choices, const std::string& where) const {
  auto made = value(row, where);
  if (!made || kind_ == Kind::column || kind_ == Kind::function) return made;
  if (made->kind == PythonValue::Kind::text && has_choices && digits_only(made->text)) {
    auto number = read_python_literal(made->text);
    if (!number) return fail(located(number.error(), where));
    return number;
  }
  return made;
}

Result<PythonValue> YamlField::target(const json::object& row, bool has_choices, const std::string& where) const {
  auto made = text(row, has_choices, where);
  if (!made || kind_ == Kind::column || kind_ == Kind::function || made->kind != PythonValue::Kind::text) return made;
  const std::string& text = made->text;
  if (text.size() >= 2 && text.front() == '[' && text.back() == ']')
    if (auto list = read_python_literal(text)) return list;
  return made;
}

Result<std::vector<std::string>> YamlField::choices(const json::object& row, const std::string& where) const {
  auto made = value(row, where);
  if (!made) return fail(made.error());
  if (made->kind == PythonValue::Kind::text && kind_ != Kind::column) {
    std::string printed = std::move(made->text);
    made = read_python_literal(printed);
    if (!made)
      return fail(located({ErrorKind::data,
                           "what the template gives is no Python list: " + shorten(printed, 80),
                           {},
                           "write it as \"{{[a, b]}}\""},
                          where));
  }
  std::vector<std::string> out;
  if (made->kind == PythonValue::Kind::dict) {
    // Of a mapping in the task's file the values; over one of the row or the template Python walks by its keys.
    for (std::size_t i = kind_ == Kind::constant ? 1 : 0; i < made->items.size(); i += 2) out.push_back(python_str(made->items[i]));
  } else if (made->is_sequence()) {
    for (const PythonValue& item : made->items) out.push_back(python_str(item));
  } else {
    return fail(located({ErrorKind::data, "choices must be a list"}, where));
  }
  if (out.empty()) return fail(located({ErrorKind::data, "there are no choices"}, where));
  return out;
}

Result<std::string> YamlField::line(const json::object& row, const std::string& where) const {
  if (kind_ == Kind::absent) return std::string();
  auto made = value(row, where);
  if (!made) return fail(made.error());
  return python_str(*made);
}

}  // namespace assay::harness
