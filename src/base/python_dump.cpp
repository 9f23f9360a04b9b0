#include "base/python_dump.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

namespace assay {
namespace {

class Dump {
 public:
  explicit Dump(PythonDump options) : options_(options) {}

  void write(const json::value& value, int depth) {
    if (const json::object* object = value.if_object()) {
      if (object->empty()) {
        out_ += "{}";
        return;
      }
      char open = '{';
      for (const auto& [key, member] : *object) {
        begin(open, depth + 1);
        open = ',';
        text(std::string_view(key.data(), key.size()));
        out_ += ": ";
        write(member, depth + 1);
      }
      begin('\0', depth);
      out_ += '}';
    } else if (const json::array* array = value.if_array()) {
      if (array->empty()) {
        out_ += "[]";
        return;
      }
      char open = '[';
      for (const json::value& item : *array) {
        begin(open, depth + 1);
        open = ',';
        write(item, depth + 1);
      }
      begin('\0', depth);
      out_ += ']';
    } else if (const json::string* string = value.if_string()) {
      text(std::string_view(string->data(), string->size()));
    } else {
      append_json(out_, value, JsonStyle::python);
    }
  }
  std::string take() { return std::move(out_); }

 private:
  void begin(char before, int depth) {
    if (before) out_ += before;
    if (options_.indent < 0) {
      if (before == ',') out_ += ' ';
      return;
    }
    out_ += '\n';
    out_.append(static_cast<std::size_t>(depth) * static_cast<std::size_t>(options_.indent), ' ');
  }
  void text(std::string_view value) {
    if (options_.ascii) {
      append_json(out_, json::value(json::string(value)), JsonStyle::python);
      return;
    }
    // Python leaves everything but quotes, backslashes and control characters as it is.
    out_ += '"';
    for (char c : value) {
      switch (c) {
        case '"': out_ += "\\\""; break;
        case '\\': out_ += "\\\\"; break;
        case '\n': out_ += "\\n"; break;
        case '\r': out_ += "\\r"; break;
        case '\t': out_ += "\\t"; break;
        case '\b': out_ += "\\b"; break;
        case '\f': out_ += "\\f"; break;
        default:
          if (static_cast<unsigned char>(c) < 0x20) {
            constexpr char kHex[] = "0123456789abcdef";
            out_ += "\\u00";
            out_ += kHex[static_cast<unsigned char>(c) >> 4];
            out_ += kHex[c & 15];
          } else {
            out_ += c;
          }
      }
    }
    out_ += '"';
  }

  PythonDump options_;
  std::string out_;
};

}  // namespace

std::string python_dumps(const json::value& value, PythonDump options) {
  Dump dump(options);
  dump.write(value, 0);
  return dump.take();
}

}  // namespace assay
