#include "prompt/jinja_json.h"

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/number.h"
#include "base/text.h"

namespace assay {
namespace {

constexpr int kMaxDepth = 100;  // of containers in containers

class Writer {
 public:
  Writer(const JinjaJsonStyle& style, std::size_t most) : style_(style), most_(most) {}

  void write(const JinjaValue& value, int depth) {
    using Kind = JinjaValue::Kind;
    if (depth > kMaxDepth || out.size() > most_) {
      out += "null";
      return;
    }
    switch (value.kind()) {
      case Kind::boolean:
        out += value.flag() ? "true" : "false";
        break;
      case Kind::integer:
        out += std::to_string(value.whole());
        break;
      case Kind::real: {
        double number = value.number();
        out += std::isnan(number) ? "NaN" : std::isinf(number) ? (number > 0 ? "Infinity" : "-Infinity") : python_repr(number);
        break;
      }
      case Kind::string:
        quote(value.text());
        break;
      case Kind::list: {
        refused = refused || !value.is_plain_list();
        const JinjaValues& items = value.items().items;
        if (items.empty()) {
          out += "[]";
          break;
        }
        out += '[';
        for (std::size_t i = 0; i < items.size() && out.size() <= most_; ++i) {
          begin_element(i, depth + 1);
          write(items[i], depth + 1);
        }
        end_elements(depth);
        out += ']';
        break;
      }
      case Kind::dict:
        write_dict(value, depth);
        break;
      default:
        refused = refused || !value.is_none();
        out += "null";
    }
  }

  std::string out;
  bool refused = false;

 private:
  void begin_element(std::size_t index, int depth) {
    if (index > 0) out += style_.between;
    end_elements(depth);
  }
  void end_elements(int depth) {
    if (!style_.indent) return;
    out += '\n';
    for (int i = 0; i < depth; ++i) out += *style_.indent;
  }

  void write_dict(const JinjaValue& value, int depth) {
    auto entries = value.entries().entries;
    refused = refused || value.entries().is_namespace;
    if (entries.empty()) {
      out += "{}";
      return;
    }
    for (const auto& [key, unused] : entries)
      refused = refused || key.is_list() || key.is_dict() || (style_.sort_keys && entries.size() > 1 && !entries[0].first.less(key));
    if (style_.sort_keys)
      std::stable_sort(entries.begin(), entries.end(),
                       [](const auto& a, const auto& b) { return a.first.less(b.first).value_or(false); });
    out += '{';
    for (std::size_t i = 0; i < entries.size() && out.size() <= most_; ++i) {
      begin_element(i, depth + 1);
      // Keys of other types are written as JSON writes them, in quotes.
      if (entries[i].first.is_string()) {
        quote(entries[i].first.text());
      } else {
        out += '"';
        write(entries[i].first, depth + 1);
        out += '"';
      }
      out += style_.after_key;
      write(entries[i].second, depth + 1);
    }
    end_elements(depth);
    out += '}';
  }

  void escape(unsigned unit) {
    char buffer[12];
    std::snprintf(buffer, sizeof buffer, "\\u%04x", unit);
    out += buffer;
  }

  void quote(std::string_view text) {
    out += '"';
    while (!text.empty()) {
      char32_t c = next_code_point(text);
      switch (c) {
        case '"':
          out += "\\\"";
          break;
        case '\\':
          out += "\\\\";
          break;
        case '\n':
          out += "\\n";
          break;
        case '\r':
          out += "\\r";
          break;
        case '\t':
          out += "\\t";
          break;
        case '\b':
          out += "\\b";
          break;
        case '\f':
          out += "\\f";
          break;
        default:
          if (c < 0x20 || (style_.ascii && c >= 0x7F && c < 0x10000) ||
              (style_.html_safe && (c == '<' || c == '>' || c == '&' || c == '\''))) {
            escape(c);
          } else if (style_.ascii && c >= 0x10000) {  // as two halves
            escape(0xD800 + ((c - 0x10000) >> 10));
            escape(0xDC00 + ((c - 0x10000) & 0x3FF));
          } else {
            append_utf8(out, c);
          }
      }
    }
    out += '"';
  }

  const JinjaJsonStyle& style_;
  const std::size_t most_;
};

}  // namespace

std::string jinja_json(const JinjaValue& value, const JinjaJsonStyle& style, std::size_t most, bool* whole) {
  Writer writer(style, most);
  writer.write(value, 0);
  if (whole) *whole = !writer.refused;
  return std::move(writer.out);
}

}  // namespace assay
