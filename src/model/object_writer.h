// Writes the members of a JSON object straight into a text, in the order in which they are given; for canonical JSON that is to be
// the sorted one. For documents that are made by the ten thousand, where a JSON value in between would cost most of the time.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"
#include "base/number.h"

namespace assay {

/// Keys are written as they are: plain names alone. `out` outlives the writer; nothing else is appended between two members.
class ObjectWriter {
 public:
  explicit ObjectWriter(std::string& out) : out_(out) { out_ += '{'; }
  void end() { out_ += '}'; }
  std::string& member(std::string_view key) {
    if (!first_) out_ += ',';
    first_ = false;
    out_ += '"';
    out_ += key;
    out_ += "\":";
    return out_;
  }
  void text(std::string_view key, std::string_view value) { append_json_string(member(key), value); }
  void text_if(std::string_view key, std::string_view value) {
    if (!value.empty()) text(key, value);
  }
  void real_if(std::string_view key, const std::optional<double>& value) {
    if (value) append_python_repr(member(key), *value);
  }
  template <class Integer>
  void integer_if(std::string_view key, const std::optional<Integer>& value) {
    if (value) member(key) += std::to_string(*value);
  }
  void value_if(std::string_view key, const json::value& value) {
    if (!value.is_null()) append_json(member(key), value, JsonStyle::canonical);
  }

 private:
  std::string& out_;
  bool first_ = true;
};

}  // namespace assay
