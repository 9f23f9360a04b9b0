#include "benchmark/mixeval/python_text.h"

#include "base/number.h"
#include "prompt/jinja_value.h"

namespace assay::mixeval {
namespace {

std::string_view view(const json::string& text) { return {text.data(), text.size()}; }

void append_python(std::string& out, const json::value& value, bool repr) {
  switch (value.kind()) {
    case json::kind::null: out += "None"; return;
    case json::kind::bool_: out += value.get_bool() ? "True" : "False"; return;
    case json::kind::int64: out += std::to_string(value.get_int64()); return;
    case json::kind::uint64: out += std::to_string(value.get_uint64()); return;
    case json::kind::double_: append_python_repr(out, value.get_double()); return;
    case json::kind::string:
      if (repr)
        out += python_quoted(view(value.get_string()));
      else
        out += view(value.get_string());
      return;
    case json::kind::array: {
      out += '[';
      bool first = true;
      for (const json::value& item : value.get_array()) {
        if (!first) out += ", ";
        first = false;
        append_python(out, item, true);
      }
      out += ']';
      return;
    }
    case json::kind::object: {
      out += '{';
      bool first = true;
      for (const auto& member : value.get_object()) {
        if (!first) out += ", ";
        first = false;
        out += python_quoted(std::string_view(member.key().data(), member.key().size()));
        out += ": ";
        append_python(out, member.value(), true);
      }
      out += '}';
      return;
    }
  }
}

void append_indented(std::string& out, const json::value& value, std::size_t level) {
  auto line = [&](std::size_t depth) {
    out += '\n';
    out.append(4 * depth, ' ');
  };
  if (value.is_array() && !value.get_array().empty()) {
    out += '[';
    bool first = true;
    for (const json::value& item : value.get_array()) {
      if (!first) out += ',';
      first = false;
      line(level + 1);
      append_indented(out, item, level + 1);
    }
    line(level);
    out += ']';
  } else if (value.is_object() && !value.get_object().empty()) {
    out += '{';
    bool first = true;
    for (const auto& member : value.get_object()) {
      if (!first) out += ',';
      first = false;
      line(level + 1);
      append_json(out, json::value(member.key()), JsonStyle::python);
      out += ": ";
      append_indented(out, member.value(), level + 1);
    }
    line(level);
    out += '}';
  } else {
    append_json(out, value, JsonStyle::python);
  }
}

}  // namespace

std::string python_text(const json::value& value) {
  std::string out;
  append_python(out, value, false);
  return out;
}

std::string indented_json(const json::value& value) {
  std::string out;
  append_indented(out, value, 0);
  return out;
}

}  // namespace assay::mixeval
