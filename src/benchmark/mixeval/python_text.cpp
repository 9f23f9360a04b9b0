#include "benchmark/mixeval/python_text.h"

#include <cstdio>

#include "base/number.h"
#include "base/text.h"

namespace assay::mixeval {
namespace {

/// repr() of a text: single quotes unless only those occur in it; what cannot be printed is escaped. Which characters Python holds for
/// printable is a table of its own; here control characters and the common separators are escaped, which covers what data files hold.
void append_repr(std::string& out, std::string_view text) {
  const char quote = contains(text, "'") && !contains(text, "\"") ? '"' : '\'';
  out += quote;
  while (!text.empty()) {
    std::string_view rest = text;
    const char32_t c = next_code_point(rest);
    const std::string_view bytes = text.substr(0, text.size() - rest.size());
    text = rest;
    char buffer[12];
    if (c == static_cast<unsigned char>(quote) || c == '\\') {
      out += '\\';
      out += bytes;
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (c < 0x20 || (c >= 0x7F && c <= 0xA0) || c == 0xAD) {
      std::snprintf(buffer, sizeof buffer, "\\x%02x", static_cast<unsigned>(c));
      out += buffer;
    } else if (c > 0xA0 && c <= 0xFFFF && (is_space(c) || (c >= 0x200B && c <= 0x200F) || (c >= 0x202A && c <= 0x202E) || c == 0xFEFF || (c >= 0xE000 && c <= 0xF8FF))) {
      std::snprintf(buffer, sizeof buffer, "\\u%04x", static_cast<unsigned>(c));
      out += buffer;
    } else {
      out += bytes;
    }
  }
  out += quote;
}

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
        append_repr(out, view(value.get_string()));
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
        append_repr(out, std::string_view(member.key().data(), member.key().size()));
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
