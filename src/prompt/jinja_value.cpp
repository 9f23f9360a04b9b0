#include "prompt/jinja_value.h"

#include <utf8proc.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "base/number.h"
#include "base/text.h"

namespace assay {
namespace {

constexpr std::size_t kMaxComparisons = 10'000'000;  // of two containers whose parts are the same ones many times
constexpr int kMaxDepth = 100;                       // of containers in containers; a value that holds itself prints dots

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

}  // namespace

JinjaValue JinjaValue::list(JinjaValues items, bool tuple) {
  auto list = std::make_shared<JinjaList>(JinjaList{std::move(items), tuple});
  for (const JinjaValue& item : list->items) list->nesting = std::max(list->nesting, item.nesting() + 1);
  return JinjaValue(Store(std::move(list)));
}
JinjaValue JinjaValue::view(JinjaValues items, JinjaForm form, std::string shown) {
  JinjaValue out = list(std::move(items));
  out.items().form = form;
  out.items().shown = std::move(shown);
  return out;
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

bool JinjaValue::hashable() const {
  if (is_dict()) return entries().is_namespace;
  if (!is_list() || !is_plain_list()) return true;
  return items().tuple && nesting() < kMaxDepth &&
         std::all_of(items().items.begin(), items().items.end(), [](const JinjaValue& item) { return item.hashable(); });
}

bool JinjaValue::is_sequence() const {
  return is_list() && (items().form == JinjaForm::list || items().form == JinjaForm::range);
}
bool JinjaValue::is_plain_list() const {
  return is_list() && items().form == JinjaForm::list;
}
bool JinjaValue::is_iterator() const {
  return is_list() && items().form == JinjaForm::iterator;
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
      return is_iterator() || !items().items.empty();
    case Kind::dict:
      return entries().is_namespace || !entries().entries.empty();
    case Kind::callable:
      return true;
  }
  return false;
}

bool JinjaValue::equals(const JinjaValue& other) const {
  std::size_t steps = kMaxComparisons;
  return equals(other, 0, steps);
}

bool JinjaValue::equals(const JinjaValue& other, int depth, std::size_t& steps) const {
  if (depth > kMaxDepth || steps == 0) return false;
  --steps;
  if (is_number() && other.is_number())
    return is_integer() && other.is_integer() ? whole() == other.whole() : number() == other.number();
  if (kind() != other.kind()) return false;
  switch (kind()) {
    case Kind::string:
      return text() == other.text();
    case Kind::list: {
      const JinjaValues &a = items().items, &b = other.items().items;
      JinjaForm form = items().form;
      if (form != other.items().form || form == JinjaForm::iterator || form == JinjaForm::values) return same_object(other);
      if (form == JinjaForm::keys || form == JinjaForm::items)  // sets
        return a.size() == b.size() && std::all_of(a.begin(), a.end(), [&](const JinjaValue& x) {
                 return std::any_of(b.begin(), b.end(), [&](const JinjaValue& y) { return x.equals(y, depth + 1, steps); });
               });
      return items().tuple == other.items().tuple && a.size() == b.size() &&
             std::equal(a.begin(), a.end(), b.begin(),
                        [&](const JinjaValue& x, const JinjaValue& y) { return x.equals(y, depth + 1, steps); });
    }
    case Kind::dict: {
      const auto &a = entries().entries, &b = other.entries().entries;
      if (entries().is_namespace || other.entries().is_namespace) return same_object(other);
      return a.size() == b.size() && std::all_of(a.begin(), a.end(), [&](const auto& entry) {
               const JinjaValue* found = other.entries().find(entry.first);
               return found && entry.second.equals(*found, depth + 1, steps);
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
  if (is_plain_list() && other.is_plain_list() && items().tuple == other.items().tuple) {
    const JinjaValues &a = items().items, &b = other.items().items;
    for (std::size_t i = 0; i < std::min(a.size(), b.size()); ++i)
      if (!a[i].equals(b[i])) return a[i].less(b[i], depth + 1);
    return a.size() < b.size();
  }
  return std::nullopt;
}

std::string JinjaValue::str(std::size_t most) const {
  if (is_undefined()) return {};
  if (is_string()) return text();
  return repr(most);
}

std::string JinjaValue::repr(std::size_t most) const {
  std::string out;
  append_repr(out, 0, most);
  return out;
}

void JinjaValue::append_repr(std::string& out, int depth, std::size_t most) const {
  if (depth > kMaxDepth || out.size() > most) {
    out += "...";
    return;
  }
  auto separate = [&, first = true]() mutable {
    if (!first) out += ", ";
    first = false;
  };
  switch (kind()) {
    case Kind::undefined:
      out += "Undefined";
      break;
    case Kind::none:
      out += "None";
      break;
    case Kind::boolean:
      out += flag() ? "True" : "False";
      break;
    case Kind::integer:
      out += std::to_string(whole());
      break;
    case Kind::real:
      out += python_repr(number());
      break;
    case Kind::string:
      out += python_quoted(text());
      break;
    case Kind::list:
      if (items().form == JinjaForm::range || items().form == JinjaForm::iterator) {
        out += is_iterator() ? "<generator object>" : items().shown;
        break;
      }
      if (items().form != JinjaForm::list) out += std::string(type_name()) + "(";
      out += items().tuple ? '(' : '[';
      for (const JinjaValue& item : items().items) {
        separate();
        item.append_repr(out, depth + 1, most);
        if (out.size() > most) break;
      }
      if (items().tuple && items().items.size() == 1) out += ',';
      out += items().tuple ? ')' : ']';
      if (items().form != JinjaForm::list) out += ')';
      break;
    case Kind::dict:
      out += entries().is_namespace ? "<Namespace {" : "{";
      for (const auto& [key, value] : entries().entries) {
        separate();
        key.append_repr(out, depth + 1, most);
        out += ": ";
        value.append_repr(out, depth + 1, most);
        if (out.size() > most) break;
      }
      out += entries().is_namespace ? "}>" : "}";
      break;
    case Kind::callable:
      out += "<function " + function().name + ">";
      break;
  }
}

std::string_view JinjaValue::type_name() const {
  static constexpr std::string_view names[] = {"undefined", "None", "bool", "int", "float", "str", "list", "dict", "function"};
  static constexpr std::string_view forms[] = {"list", "range", "dict_keys", "dict_values", "dict_items", "generator"};
  if (is_list() && !items().tuple) return forms[static_cast<std::size_t>(items().form)];
  return is_list() ? "tuple" : names[static_cast<std::size_t>(kind())];
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

}  // namespace assay
