#include "base/python_value.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <charconv>
#include <cmath>

#include "base/number.h"

namespace assay {
namespace {

bool is_number(const PythonValue& value) {
  return value.is_real() || value.kind == PythonValue::Kind::complex;
}

bool is_whole(const PythonValue& value) { return value.kind == PythonValue::Kind::boolean || value.kind == PythonValue::Kind::integer; }

// The decimal digits of a number without fraction; empty for all others.
std::string whole_digits(const PythonValue& value) {
  if (is_whole(value)) return value.text.empty() ? std::to_string(value.integer) : value.text;
  if (value.imaginary != 0 || !std::isfinite(value.real) || value.real != std::floor(value.real)) return {};
  return value.real == 0 ? "0" : fixed(value.real, 0);
}

// A dict's key as JSON writes it.
std::string key_text(const PythonValue& key) {
  using Kind = PythonValue::Kind;
  switch (key.kind) {
    case Kind::text:
      return key.text;
    case Kind::none:
      return "None";
    case Kind::boolean:
      return key.integer ? "True" : "False";
    case Kind::integer:
      return key.text.empty() ? std::to_string(key.integer) : key.text;
    case Kind::floating:
      return python_repr(key.real);
    default:
      return write_json(to_json(key));
  }
}

}  // namespace

PythonValue PythonValue::of(bool value) {
  PythonValue result;
  result.kind = Kind::boolean;
  result.integer = value;
  result.real = value;
  return result;
}

PythonValue PythonValue::of(std::int64_t value) {
  PythonValue result;
  result.kind = Kind::integer;
  result.integer = value;
  result.real = static_cast<double>(value);
  return result;
}

PythonValue PythonValue::of(double value) {
  PythonValue result;
  result.kind = Kind::floating;
  result.real = value;
  return result;
}

PythonValue PythonValue::of(std::string value) {
  PythonValue result;
  result.kind = Kind::text;
  result.text = std::move(value);
  return result;
}

PythonValue PythonValue::list_of(std::vector<PythonValue> items) {
  PythonValue result;
  result.kind = Kind::list;
  result.items = std::move(items);
  return result;
}

bool PythonValue::operator==(const PythonValue& other) const {
  if (is_number(*this) && is_number(other)) {
    if (is_whole(*this) && is_whole(other)) return integer == other.integer && text == other.text;
    // Of a whole number and another: to the last digit, which a whole number's nearest double need not have.
    if (is_whole(*this) || is_whole(other)) return whole_digits(*this) == whole_digits(other);
    return real == other.real && imaginary == other.imaginary;
  }
  return kind == other.kind && text == other.text && items == other.items;
}

const PythonValue* PythonValue::find(std::string_view key) const {
  if (kind != Kind::dict) return nullptr;
  for (std::size_t i = 0; i + 1 < items.size(); i += 2) {
    if (items[i].kind == Kind::text && items[i].text == key) return &items[i + 1];
  }
  return nullptr;
}

bool is_hashable(const PythonValue& value) {
  if (value.kind == PythonValue::Kind::list || value.kind == PythonValue::Kind::dict || value.kind == PythonValue::Kind::set)
    return false;
  for (const PythonValue& item : value.items) {
    if (!is_hashable(item)) return false;
  }
  return true;
}

std::string identity(const PythonValue& value) {
  switch (value.kind) {
    case PythonValue::Kind::none:
      return "N";
    case PythonValue::Kind::boolean:
    case PythonValue::Kind::integer:
      return "n" + whole_digits(value);
    case PythonValue::Kind::floating:
    case PythonValue::Kind::complex: {
      if (std::string digits = whole_digits(value); !digits.empty()) return "n" + digits;
      char buffer[80];
      char* end = std::to_chars(buffer, buffer + 40, value.real + 0.0).ptr;  // of two zeros the one without sign
      *end++ = '+';
      end = std::to_chars(end, buffer + sizeof buffer, value.imaginary + 0.0).ptr;
      return "f" + std::string(buffer, end);
    }
    case PythonValue::Kind::text:
      return "s" + value.text;
    case PythonValue::Kind::bytes:
      return "b" + value.text;
    default:
      break;
  }
  std::string result = "(";
  for (const PythonValue& item : value.items) {
    std::string part = identity(item);
    result += std::to_string(part.size()) + ":" + part;
  }
  return result;
}

PythonValue python_value(const json::value& value) {
  PythonValue result;
  switch (value.kind()) {
    case json::kind::null:
      return result;
    case json::kind::bool_:
      return PythonValue::of(value.get_bool());
    case json::kind::int64:
      return PythonValue::of(value.get_int64());
    case json::kind::uint64: {
      result = PythonValue::of(std::int64_t{0});
      result.text = std::to_string(value.get_uint64());
      result.real = static_cast<double>(value.get_uint64());
      return result;
    }
    case json::kind::double_:
      return PythonValue::of(value.get_double());
    case json::kind::string:
      return PythonValue::of(std::string(std::string_view(value.get_string())));
    case json::kind::array:
      result.kind = PythonValue::Kind::list;
      for (const json::value& item : value.get_array()) result.items.push_back(python_value(item));
      return result;
    case json::kind::object:
      result.kind = PythonValue::Kind::dict;
      for (const auto& [key, item] : value.get_object()) {
        result.items.push_back(PythonValue::of(std::string(std::string_view(key))));
        result.items.push_back(python_value(item));
      }
      return result;
  }
  return result;
}

json::value to_json(const PythonValue& value) {
  using Kind = PythonValue::Kind;
  switch (value.kind) {
    case Kind::none:
    case Kind::complex:
    case Kind::bytes:
      return nullptr;
    case Kind::boolean:
      return value.integer != 0;
    case Kind::integer:
      if (value.text.empty()) return value.integer;
      return value.real;
    case Kind::floating:
      return value.real;
    case Kind::text:
      return json::string(value.text);
    case Kind::list:
    case Kind::tuple:
    case Kind::set: {
      json::array array;
      for (const PythonValue& item : value.items) array.push_back(to_json(item));
      return array;
    }
    case Kind::dict: {
      json::object object;
      for (std::size_t i = 0; i + 1 < value.items.size(); i += 2) object[key_text(value.items[i])] = to_json(value.items[i + 1]);
      return object;
    }
  }
  return nullptr;
}

}  // namespace assay
