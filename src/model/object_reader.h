// Reads the members of a JSON object into C++ values and remembers the first that is not what it should be, so that a reader of
// many members checks once, at the end.
#pragma once

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/json.h"
#include "base/number.h"

namespace assay {

/// Absent and null members leave what is read into alone. `value` and `what` ("the request", for messages) outlive the reader.
class ObjectReader {
 public:
  ObjectReader(const json::value& value, std::string_view what) : object_(value.if_object()), what_(what) {
    if (!object_) wrong_ = std::string(what) + " is not an object";
  }
  const json::value* member(std::string_view key) {
    if (!object_) return nullptr;
    const json::value* v = object_->if_contains(key);
    return v && !v->is_null() ? v : nullptr;
  }
  void text(std::string_view key, std::string& out) {
    if (const json::value* v = member(key)) {
      if (const json::string* s = v->if_string()) {
        out.assign(s->data(), s->size());
      } else {
        blame(key, "a string");
      }
    }
  }
  void real(std::string_view key, double& out) {
    if (const json::value* v = member(key)) {
      if (auto number = as_real(*v)) {
        out = *number;
      } else {
        blame(key, "a number");
      }
    }
  }
  void real(std::string_view key, std::optional<double>& out) {
    double value = 0;
    if (member(key)) real(key, value), out = value;
  }
  template <class Integer>
  void integer(std::string_view key, Integer& out) {
    if (!member(key)) return;
    auto value = get_integer(*object_, key);
    if (!value || *value < std::numeric_limits<Integer>::min() || *value > std::numeric_limits<Integer>::max())
      return blame(key, "an integer");
    out = static_cast<Integer>(*value);
  }
  template <class Integer>
  void integer(std::string_view key, std::optional<Integer>& out) {
    Integer value = 0;
    if (member(key)) integer(key, value), out = value;
  }
  void boolean(std::string_view key, bool& out) {
    if (const json::value* v = member(key)) {
      if (v->is_bool()) {
        out = v->get_bool();
      } else {
        blame(key, "true or false");
      }
    }
  }
  void boolean(std::string_view key, std::optional<bool>& out) {
    bool value = false;
    if (member(key)) boolean(key, value), out = value;
  }
  const json::array* array(std::string_view key) {
    const json::value* v = member(key);
    if (!v) return nullptr;
    if (!v->is_array()) blame(key, "an array");
    return v->if_array();
  }
  void copy(std::string_view key, json::value& out) {
    if (const json::value* v = member(key)) out = *v;
  }
  void blame(std::string_view key, std::string_view wanted) {
    if (wrong_.empty()) wrong_ = "\"" + std::string(key) + "\" of " + std::string(what_) + " is not " + std::string(wanted);
  }
  void take(const ObjectReader& inner) {
    if (wrong_.empty()) wrong_ = inner.wrong_;
  }
  /// An error of kind data that names the first wrong member.
  Result<void> done() const {
    if (!wrong_.empty()) return fail(ErrorKind::data, wrong_);
    return {};
  }
  /// A number, or one of the texts "inf", "-inf" and "nan" that stand for what JSON has no number for (real_json).
  static std::optional<double> as_real(const json::value& value) {
    const json::string* s = value.if_string();
    if (!s) return as_number(value);
    if (*s == "inf") return std::numeric_limits<double>::infinity();
    if (*s == "-inf") return -std::numeric_limits<double>::infinity();
    if (*s == "nan") return std::numeric_limits<double>::quiet_NaN();
    return std::nullopt;
  }

 private:
  const json::object* object_;
  std::string_view what_;
  std::string wrong_;
};

/// What ObjectReader::real reads back: JSON has no infinities, and a log-probability of zero probability is one.
inline json::value real_json(double value) {
  if (std::isfinite(value)) return value;
  return json::value(python_repr(value));
}

/// The text of a JSON string; "" of anything else.
inline std::string text_of(const json::value& value) {
  const json::string* s = value.if_string();
  return s ? std::string(s->data(), s->size()) : std::string();
}

}  // namespace assay
