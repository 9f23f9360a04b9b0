#include "prompt/jinja_value.h"

#include <utf8proc.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/number.h"
#include "base/text.h"

namespace assay {
namespace {

constexpr int kMaxDepth = 100;  // of containers in containers; a value that holds itself prints dots

// str.isprintable() for one character.
bool printable(char32_t c) {
  switch (utf8proc_category(static_cast<utf8proc_int32_t>(c))) {
    case UTF8PROC_CATEGORY_CN:
    case UTF8PROC_CATEGORY_CC:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_CS:
    case UTF8PROC_CATEGORY_CO:
    case UTF8PROC_CATEGORY_ZL:
    case UTF8PROC_CATEGORY_ZP:
      return false;
    case UTF8PROC_CATEGORY_ZS:
      return c == ' ';
    default:
      return true;
  }
}

void append_escape(std::string& out, char32_t c) {
  char buffer[16];
  std::snprintf(buffer, sizeof buffer, c <= 0xFF ? "\\x%02x" : c <= 0xFFFF ? "\\u%04x" : "\\U%08x", static_cast<unsigned>(c));
  out += buffer;
}

std::string joined(const JinjaValues& items, int depth) {
  std::string out;
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (i > 0) out += ", ";
    out += items[i].repr(depth + 1);
  }
  return out;
}

std::string json_string(std::string_view text, bool html_safe) {
  std::string out = "\"";
  for (char c : text) {
    char buffer[8];
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
        if (static_cast<unsigned char>(c) < 0x20 || (html_safe && (c == '<' || c == '>' || c == '&' || c == '\''))) {
          std::snprintf(buffer, sizeof buffer, "\\u%04x", static_cast<unsigned>(c));
          out += buffer;
        } else {
          out += c;
        }
    }
  }
  return out + "\"";
}

}  // namespace

JinjaValue JinjaValue::list(JinjaValues items, bool tuple) {
  auto list = std::make_shared<JinjaList>(JinjaList{std::move(items), tuple});
  for (const JinjaValue& item : list->items) list->nesting = std::max(list->nesting, item.nesting() + 1);
  return JinjaValue(Store(std::move(list)));
}
JinjaValue JinjaValue::dict() {
  return JinjaValue(Store(std::make_shared<JinjaDict>()));
}

JinjaValue JinjaValue::from_json(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null:
      return none();
    case json::kind::bool_:
      return boolean(value.get_bool());
    case json::kind::int64:
      return integer(value.get_int64());
    case json::kind::uint64:
      return real(static_cast<double>(value.get_uint64()));
    case json::kind::double_:
      return real(value.get_double());
    case json::kind::string:
      return string(std::string(value.get_string()));
    case json::kind::array: {
      JinjaValues items;
      for (const json::value& item : value.get_array()) items.push_back(from_json(item));
      return list(std::move(items));
    }
    case json::kind::object: {
      JinjaValue out = dict();
      for (const auto& member : value.get_object()) {
        auto& [key, item] = out.entries().entries.emplace_back(string(std::string(member.key())), from_json(member.value()));
        out.entries().nesting = std::max(out.entries().nesting, item.nesting() + 1);
      }
      return out;
    }
  }
  return none();
}

bool JinjaValue::same_object(const JinjaValue& other) const {
  if (kind() != other.kind()) return false;
  switch (kind()) {
    case Kind::list:
      return &items() == &other.items();
    case Kind::dict:
      return &entries() == &other.entries();
    case Kind::callable:
      return &function() == &other.function();
    default:
      return equals(other);
  }
}

int JinjaValue::nesting() const {
  return is_list() ? items().nesting : is_dict() ? entries().nesting : 0;
}

void JinjaValue::drop_elements() const {
  // Out first, then away: an element may be the container itself.
  if (is_list()) JinjaValues(std::exchange(items().items, {}));
  if (is_dict()) std::vector<std::pair<JinjaValue, JinjaValue>>(std::exchange(entries().entries, {}));
}

bool JinjaValue::truthy() const {
  switch (kind()) {
    case Kind::undefined:
    case Kind::none:
      return false;
    case Kind::boolean:
      return flag();
    case Kind::integer:
      return whole() != 0;
    case Kind::real:
      return number() != 0;
    case Kind::string:
      return !text().empty();
    case Kind::list:
      return !items().items.empty();
    case Kind::dict:
      return entries().is_namespace || !entries().entries.empty();
    case Kind::callable:
      return true;
  }
  return false;
}

bool JinjaValue::equals(const JinjaValue& other, int depth) const {
  if (depth > kMaxDepth) return false;
  if (is_number() && other.is_number())
    return is_integer() && other.is_integer() ? whole() == other.whole() : number() == other.number();
  if (kind() != other.kind()) return false;
  switch (kind()) {
    case Kind::string:
      return text() == other.text();
    case Kind::list: {
      const JinjaValues &a = items().items, &b = other.items().items;
      return items().tuple == other.items().tuple && a.size() == b.size() &&
             std::equal(a.begin(), a.end(), b.begin(),
                        [&](const JinjaValue& x, const JinjaValue& y) { return x.equals(y, depth + 1); });
    }
    case Kind::dict: {
      const auto &a = entries().entries, &b = other.entries().entries;
      return a.size() == b.size() && std::all_of(a.begin(), a.end(), [&](const auto& entry) {
               const JinjaValue* found = other.entries().find(entry.first);
               return found && entry.second.equals(*found, depth + 1);
             });
    }
    case Kind::callable:
      return same_object(other);
    default:
      return true;  // undefined, none
  }
}

std::optional<bool> JinjaValue::less(const JinjaValue& other, int depth) const {
  if (depth > kMaxDepth) return std::nullopt;
  if (is_number() && other.is_number())
    return is_integer() && other.is_integer() ? whole() < other.whole() : number() < other.number();
  if (is_string() && other.is_string()) return text() < other.text();  // UTF-8 sorts as its code points do
  if (is_list() && other.is_list()) {
    const JinjaValues &a = items().items, &b = other.items().items;
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
      if (!a[i].equals(b[i])) return a[i].less(b[i], depth + 1);
    return a.size() < b.size();
  }
  return std::nullopt;
}

std::string JinjaValue::str() const {
  if (is_undefined()) return {};
  if (is_string()) return text();
  return repr();
}

std::string JinjaValue::repr(int depth) const {
  if (depth > kMaxDepth) return "...";
  switch (kind()) {
    case Kind::undefined:
      return "Undefined";
    case Kind::none:
      return "None";
    case Kind::boolean:
      return flag() ? "True" : "False";
    case Kind::integer:
      return std::to_string(whole());
    case Kind::real:
      return python_repr(number());
    case Kind::string:
      return python_quoted(text());
    case Kind::list:
      if (!items().tuple) return "[" + joined(items().items, depth) + "]";
      return "(" + joined(items().items, depth) + (items().items.size() == 1 ? ",)" : ")");
    case Kind::dict: {
      std::string out = entries().is_namespace ? "<Namespace {" : "{";
      bool first = true;
      for (const auto& [key, value] : entries().entries) {
        if (!first) out += ", ";
        first = false;
        out += key.repr(depth + 1) + ": " + value.repr(depth + 1);
      }
      return out + (entries().is_namespace ? "}>" : "}");
    }
    case Kind::callable:
      return "<function " + function().name + ">";
  }
  return {};
}

std::string_view JinjaValue::type_name() const {
  static constexpr std::string_view names[] = {"undefined", "None", "bool", "int", "float", "str", "list", "dict", "function"};
  return is_list() && items().tuple ? "tuple" : names[static_cast<std::size_t>(kind())];
}

const JinjaValue* JinjaDict::find(const JinjaValue& key) const {
  for (const auto& [name, value] : entries)
    if (name.equals(key)) return &value;
  return nullptr;
}
const JinjaValue* JinjaDict::find(std::string_view key) const {
  for (const auto& [name, value] : entries)
    if (name.is_string() && name.text() == key) return &value;
  return nullptr;
}
void JinjaDict::set(const JinjaValue& key, JinjaValue value) {
  nesting = std::max({nesting, value.nesting() + 1, key.nesting() + 1});
  for (auto& [name, old] : entries)
    if (name.equals(key)) {
      old = std::move(value);
      return;
    }
  entries.emplace_back(key, std::move(value));
}

const JinjaValue* JinjaArguments::get(std::size_t index, std::string_view name) const {
  if (index < positional.size()) return &positional[index];
  for (const auto& [key, value] : named)
    if (key == name) return &value;
  return nullptr;
}

std::string python_quoted(std::string_view text) {
  char quote = text.find('\'') != std::string_view::npos && text.find('"') == std::string_view::npos ? '"' : '\'';
  std::string out(1, quote);
  while (!text.empty()) {
    char32_t c = next_code_point(text);
    if (c == static_cast<char32_t>(quote) || c == '\\') {
      out += '\\';
      append_utf8(out, c);
    } else if (c == '\n') {
      out += "\\n";
    } else if (c == '\r') {
      out += "\\r";
    } else if (c == '\t') {
      out += "\\t";
    } else if (printable(c)) {
      append_utf8(out, c);
    } else {
      append_escape(out, c);
    }
  }
  return out + quote;
}

std::string jinja_json(const JinjaValue& value, int indent, bool html_safe, int depth) {
  if (depth > kMaxDepth) return "null";
  auto open = [&](int level) {
    return indent < 0 ? std::string()
                      : "\n" + std::string(static_cast<std::size_t>(indent) * static_cast<std::size_t>(level), ' ');
  };
  const std::string separator = indent < 0 ? ", " : ",";
  using Kind = JinjaValue::Kind;
  switch (value.kind()) {
    case Kind::boolean:
      return value.flag() ? "true" : "false";
    case Kind::integer:
      return std::to_string(value.whole());
    case Kind::real: {
      double number = value.number();
      if (std::isnan(number)) return "NaN";
      if (std::isinf(number)) return number > 0 ? "Infinity" : "-Infinity";
      return python_repr(number);
    }
    case Kind::string:
      return json_string(value.text(), html_safe);
    case Kind::list: {
      if (value.items().items.empty()) return "[]";
      std::string out = "[";
      for (std::size_t i = 0; i < value.items().items.size(); ++i)
        out += (i > 0 ? separator : "") + open(depth + 1) + jinja_json(value.items().items[i], indent, html_safe, depth + 1);
      return out + open(depth) + "]";
    }
    case Kind::dict: {
      auto entries = value.entries().entries;
      if (entries.empty()) return "{}";
      if (html_safe)
        std::stable_sort(entries.begin(), entries.end(),
                         [](const auto& a, const auto& b) { return a.first.less(b.first).value_or(false); });
      std::string out = "{";
      for (std::size_t i = 0; i < entries.size(); ++i) {
        // Keys of other types are written as JSON writes them, in quotes.
        const JinjaValue& key = entries[i].first;
        std::string name =
            key.is_string() ? json_string(key.text(), html_safe) : "\"" + jinja_json(key, -1, html_safe, depth + 1) + "\"";
        out += (i > 0 ? separator : "") + open(depth + 1) + name + ": " +
               jinja_json(entries[i].second, indent, html_safe, depth + 1);
      }
      return out + open(depth) + "}";
    }
    default:
      return "null";
  }
}

}  // namespace assay
