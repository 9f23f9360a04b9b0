// A value of Python's plain types, as literals in model answers, command lines and JSON give them.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.h"

namespace assay {

struct PythonValue {
  enum class Kind { none, boolean, integer, floating, complex, text, bytes, list, tuple, set, dict };
  Kind kind = Kind::none;
  std::int64_t integer = 0;        // integer; boolean as 0 or 1
  double real = 0, imaginary = 0;  // floating, complex; an integer's nearest double
  /// text (valid UTF-8), bytes (any), or the decimal digits of an integer that does not fit `integer`.
  std::string text;
  std::vector<PythonValue> items;  // list, tuple, set; a dict's keys and values in turn

  static PythonValue of(bool value);
  static PythonValue of(std::int64_t value);
  static PythonValue of(double value);
  static PythonValue of(std::string value);
  static PythonValue of(const char* value) { return of(std::string(value)); }
  static PythonValue list_of(std::vector<PythonValue> items);

  bool is_sequence() const { return kind == Kind::list || kind == Kind::tuple; }
  /// int, float or bool.
  bool is_real() const { return kind == Kind::boolean || kind == Kind::integer || kind == Kind::floating; }
  /// Python's ==, with 1 == 1.0 == True == 1+0j. Sets and dicts compare in order.
  bool operator==(const PythonValue& other) const;
  /// The value of a dict's text key; null where there is none.
  const PythonValue* find(std::string_view key) const;
};

/// May be a dict's key or a set's member: holds no list, dict or set.
bool is_hashable(const PythonValue& value);
/// Equal for equal values: how the members of a set and the keys of a dict are told apart.
std::string identity(const PythonValue& value);

/// Objects become dicts with text keys, arrays lists. The other way: tuples and sets become arrays, keys their texts; NaN and
/// infinities stay numbers; complex numbers and bytes, which JSON lacks, become null.
PythonValue python_value(const json::value& value);
json::value to_json(const PythonValue& value);

}  // namespace assay
