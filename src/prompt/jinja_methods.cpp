// Methods of Python's str, list and dict.
#include <utf8proc.h>

#include <algorithm>
#include <unordered_map>

#include "base/number.h"
#include "base/text.h"
#include "prompt/jinja_run.h"

namespace assay {
namespace {

using Method = JinjaValue (*)(JinjaRun&, const JinjaValue& self, JinjaArguments&);

bool cased(char32_t c) {
  auto category = utf8proc_category(static_cast<utf8proc_int32_t>(c));
  return category == UTF8PROC_CATEGORY_LU || category == UTF8PROC_CATEGORY_LL || category == UTF8PROC_CATEGORY_LT;
}
void append_upper(std::string& out, char32_t c) {
  if (c == 0xDF) {  // the one common letter whose capital is two
    out += "SS";
  } else {
    append_utf8(out, static_cast<char32_t>(utf8proc_toupper(static_cast<utf8proc_int32_t>(c))));
  }
}
std::string lowered(char32_t c) {
  std::string one;
  append_utf8(one, c);
  return lower(one);
}

// The argument as text, or an error.
std::string text_argument(JinjaRun& run, JinjaArguments& arguments, std::size_t index, const char* name) {
  const JinjaValue* value = arguments.get(index, name);
  if (value && value->is_string()) return value->text();
  run.fail(std::string("a text is needed as '") + name + "'" + (value ? ", not " + std::string(value->type_name()) : ""));
  return {};
}

template <bool Left, bool Right>
JinjaValue strip_method(JinjaRun& run, const JinjaValue& self, JinjaArguments& arguments) {
  const JinjaValue* chars = arguments.get(0, "chars");
  if (chars && !chars->is_none() && !chars->is_string()) return run.fail("strip needs a text");
  return JinjaValue::string(python_strip(self.text(), chars && chars->is_string() ? chars->text() : "", Left, Right));
}

template <bool FromRight>
JinjaValue split_method(JinjaRun& run, const JinjaValue& self, JinjaArguments& arguments) {
  const JinjaValue *separator = arguments.get(0, "sep"), *limit = arguments.get(1, "maxsplit");
  std::int64_t left = limit && limit->is_integer() ? limit->whole() : -1;
  if (!run.spend(self.text().size())) return {};
  JinjaValues parts;
  std::string_view text = self.text();
  if (!separator || separator->is_none()) {  // at runs of white space, without empty ends
    if (FromRight && left >= 0) return run.unsupported("rsplit(maxsplit) at white space is not supported");
    text = lstrip(text);
    while (!text.empty()) {
      if (left-- == 0) {
        parts.push_back(JinjaValue::string(std::string(text)));
        break;
      }
      std::string_view rest = text;
      while (!rest.empty()) {
        std::string_view before = rest;
        if (is_space(next_code_point(rest))) {
          rest = before;
          break;
        }
      }
      parts.push_back(JinjaValue::string(std::string(text.substr(0, text.size() - rest.size()))));
      text = lstrip(rest);
      if (text.empty()) break;
    }
    return JinjaValue::list(std::move(parts));
  }
  if (!separator->is_string() || separator->text().empty()) return run.fail("split needs a text that is not empty");
  const std::string& at = separator->text();
  if (FromRight) {
    for (std::size_t found; left != 0 && (found = text.rfind(at)) != std::string_view::npos; --left) {
      parts.push_back(JinjaValue::string(std::string(text.substr(found + at.size()))));
      text = text.substr(0, found);
    }
    parts.push_back(JinjaValue::string(std::string(text)));
    std::reverse(parts.begin(), parts.end());
  } else {
    for (std::size_t found; left != 0 && (found = text.find(at)) != std::string_view::npos; --left) {
      parts.push_back(JinjaValue::string(std::string(text.substr(0, found))));
      text = text.substr(found + at.size());
    }
    parts.push_back(JinjaValue::string(std::string(text)));
  }
  return JinjaValue::list(std::move(parts));
}

template <bool End>
JinjaValue affix_test(JinjaRun& run, const JinjaValue& self, JinjaArguments& arguments) {
  const JinjaValue* affix = arguments.get(0, "prefix");
  auto one = [&](const JinjaValue& v) {
    return v.is_string() && (End ? self.text().ends_with(v.text()) : self.text().starts_with(v.text()));
  };
  if (affix && affix->is_string()) return JinjaValue::boolean(one(*affix));
  if (affix && affix->is_list())
    return JinjaValue::boolean(std::any_of(affix->items().items.begin(), affix->items().items.end(), one));
  return run.fail("startswith and endswith need a text");
}

template <bool FromRight, bool MustExist>
JinjaValue find_method(JinjaRun& run, const JinjaValue& self, JinjaArguments& arguments) {
  if (self.is_list()) {
    const JinjaValue* wanted = arguments.get(0, "value");
    const JinjaValues& items = self.items().items;
    auto it = std::find_if(items.begin(), items.end(), [&](const JinjaValue& v) { return wanted && v.equals(*wanted); });
    if (it == items.end()) return run.fail("the value is not in the list");
    return JinjaValue::integer(it - items.begin());
  }
  std::string part = text_argument(run, arguments, 0, "sub");
  std::size_t at = FromRight ? self.text().rfind(part) : self.text().find(part);
  if (at == std::string::npos) return MustExist ? run.fail("substring not found") : JinjaValue::integer(-1);
  return JinjaValue::integer(static_cast<std::int64_t>(count_code_points(std::string_view(self.text()).substr(0, at))));
}

JinjaValue count_method(JinjaRun& run, const JinjaValue& self, JinjaArguments& arguments) {
  if (self.is_list()) {
    const JinjaValue* wanted = arguments.get(0, "value");
    const JinjaValues& items = self.items().items;
    return JinjaValue::integer(
        std::count_if(items.begin(), items.end(), [&](const JinjaValue& v) { return wanted && v.equals(*wanted); }));
  }
  std::string part = text_argument(run, arguments, 0, "sub");
  if (part.empty()) return JinjaValue::integer(static_cast<std::int64_t>(count_code_points(self.text())) + 1);
  std::int64_t count = 0;
  for (std::size_t at = self.text().find(part); at != std::string::npos; at = self.text().find(part, at + part.size())) ++count;
  return JinjaValue::integer(count);
}

JinjaValue replace_method(JinjaRun& run, const JinjaValue& self, JinjaArguments& arguments) {
  return jinja_filter(run, "replace", self, arguments);
}

JinjaValue join_method(JinjaRun& run, const JinjaValue& self, JinjaArguments& arguments) {
  const JinjaValue* parts = arguments.get(0, "iterable");
  std::string out;
  bool first = true;
  for (const JinjaValue& part : jinja_elements(run, parts ? *parts : JinjaValue::none())) {
    if (!part.is_string()) return run.fail("join needs texts, not " + std::string(part.type_name()));
    if (!first) out += self.text();
    first = false;
    out += part.text();
    if (!run.fits(out.size())) return {};
  }
  return JinjaValue::string(std::move(out));
}

JinjaValue format_method(JinjaRun& run, const JinjaValue& self, JinjaArguments& arguments) {
  const std::string& format = self.text();
  std::string out;
  std::size_t next = 0;
  for (std::size_t i = 0; i < format.size(); ++i) {
    char c = format[i];
    if ((c == '{' || c == '}') && i + 1 < format.size() && format[i + 1] == c) {
      out += c;
      ++i;
      continue;
    }
    if (c == '}') return run.fail("a single '}' in a format");
    if (c != '{') {
      out += c;
      continue;
    }
    std::size_t close = format.find('}', i);
    if (close == std::string::npos) return run.fail("a single '{' in a format");
    std::string field = format.substr(i + 1, close - i - 1), spec;
    if (std::size_t colon = field.find(':'); colon != std::string::npos) {
      spec = field.substr(colon + 1);
      field.resize(colon);
    }
    i = close;
    const JinjaValue* value = nullptr;
    if (field.empty()) {
      value = arguments.get(next++, "");
    } else if (field.size() < 4 && field.find_first_not_of("0123456789") == std::string::npos) {
      value = arguments.get(static_cast<std::size_t>(std::stoi(field)), "");
    } else {
      value = arguments.get(static_cast<std::size_t>(-1), field);
    }
    if (!value) return run.fail("the format has no value for '{" + shorten(field, 40) + "}'");
    if (spec.empty() || spec == "s") {
      out += value->str();
    } else if (spec == "d" || (spec.size() <= 4 && (spec.back() == 'f' || spec.back() == 'd'))) {
      JinjaValue text = jinja_percent(run, "%" + spec, *value);
      if (run.failed()) return {};
      out += text.text();
    } else {
      return run.unsupported("the format {:" + shorten(spec, 20) + "} is not supported");
    }
    if (!run.fits(out.size())) return {};
  }
  return JinjaValue::string(std::move(out));
}

JinjaValue splitlines_method(JinjaRun& run, const JinjaValue& self, JinjaArguments& arguments) {
  const JinjaValue* keep = arguments.get(0, "keepends");
  bool keepends = keep && keep->truthy();
  JinjaValues out;
  if (!run.spend(self.text().size())) return {};
  std::string line;
  std::string_view text = self.text();
  while (!text.empty()) {
    std::string_view before = text;
    char32_t c = next_code_point(text);
    bool end =
        c == '\n' || c == '\r' || (c >= 0x0B && c <= 0x0C) || (c >= 0x1C && c <= 0x1E) || c == 0x85 || c == 0x2028 || c == 0x2029;
    if (!end || keepends) line += before.substr(0, before.size() - text.size());
    if (!end) continue;
    if (c == '\r' && !text.empty() && text[0] == '\n') {
      text.remove_prefix(1);
      if (keepends) line += '\n';
    }
    out.push_back(JinjaValue::string(std::exchange(line, {})));
  }
  if (!line.empty()) out.push_back(JinjaValue::string(std::move(line)));
  return JinjaValue::list(std::move(out));
}

// True when the text is not empty and `test` holds for every character.
template <class Test>
JinjaValue all_characters(const JinjaValue& self, Test test) {
  std::string_view text = self.text();
  bool all = !text.empty();
  while (all && !text.empty()) all = test(next_code_point(text));
  return JinjaValue::boolean(all);
}

template <bool Upper>
JinjaValue case_test(JinjaRun&, const JinjaValue& self, JinjaArguments&) {
  std::string_view text = self.text();
  bool any = false;
  while (!text.empty()) {
    char32_t c = next_code_point(text);
    if (!cased(c)) continue;
    any = true;
    bool upper = utf8proc_category(static_cast<utf8proc_int32_t>(c)) == UTF8PROC_CATEGORY_LU;
    if (upper != Upper) return JinjaValue::boolean(false);
  }
  return JinjaValue::boolean(any);
}

const std::unordered_map<std::string_view, Method>& string_methods() {
  static const std::unordered_map<std::string_view, Method> table = {
      {"strip", strip_method<true, true>},
      {"lstrip", strip_method<true, false>},
      {"rstrip", strip_method<false, true>},
      {"split", split_method<false>},
      {"rsplit", split_method<true>},
      {"splitlines", splitlines_method},
      {"startswith", affix_test<false>},
      {"endswith", affix_test<true>},
      {"replace", replace_method},
      {"find", find_method<false, false>},
      {"rfind", find_method<true, false>},
      {"index", find_method<false, true>},
      {"count", count_method},
      {"join", join_method},
      {"format", format_method},
      {"isupper", case_test<true>},
      {"islower", case_test<false>},
      {"upper", [](JinjaRun&, const JinjaValue& s, JinjaArguments&) { return JinjaValue::string(python_upper(s.text())); }},
      {"lower", [](JinjaRun&, const JinjaValue& s, JinjaArguments&) { return JinjaValue::string(lower(s.text())); }},
      {"title", [](JinjaRun&, const JinjaValue& s, JinjaArguments&) { return JinjaValue::string(python_title(s.text())); }},
      {"capitalize",
       [](JinjaRun&, const JinjaValue& s, JinjaArguments&) { return JinjaValue::string(python_capitalize(s.text())); }},
      {"isdigit", [](JinjaRun&, const JinjaValue& s, JinjaArguments&) { return all_characters(s, is_digit); }},
      {"isnumeric", [](JinjaRun&, const JinjaValue& s, JinjaArguments&) { return all_characters(s, is_digit); }},
      {"isspace", [](JinjaRun&, const JinjaValue& s, JinjaArguments&) { return all_characters(s, is_space); }},
      {"isalnum", [](JinjaRun&, const JinjaValue& s,
                     JinjaArguments&) { return all_characters(s, [](char32_t c) { return c != '_' && is_word(c); }); }},
      {"isalpha",
       [](JinjaRun&, const JinjaValue& s, JinjaArguments&) {
         return all_characters(s, [](char32_t c) {
           auto category = utf8proc_category(static_cast<utf8proc_int32_t>(c));
           return category >= UTF8PROC_CATEGORY_LU && category <= UTF8PROC_CATEGORY_LO;
         });
       }},
      {"removeprefix",
       [](JinjaRun& run, const JinjaValue& s, JinjaArguments& a) {
         std::string prefix = text_argument(run, a, 0, "prefix");
         return JinjaValue::string(s.text().starts_with(prefix) ? s.text().substr(prefix.size()) : s.text());
       }},
      {"removesuffix",
       [](JinjaRun& run, const JinjaValue& s, JinjaArguments& a) {
         std::string suffix = text_argument(run, a, 0, "suffix");
         return JinjaValue::string(s.text().ends_with(suffix) ? s.text().substr(0, s.text().size() - suffix.size()) : s.text());
       }},
  };
  return table;
}

JinjaValue pairs(const JinjaValue& self) {
  JinjaValues out;
  for (const auto& [key, value] : self.entries().entries) out.push_back(JinjaValue::list({key, value}, true));
  return JinjaValue::list(std::move(out));
}

const std::unordered_map<std::string_view, Method>& dict_methods() {
  static const std::unordered_map<std::string_view, Method> table = {
      {"items", [](JinjaRun&, const JinjaValue& s, JinjaArguments&) { return pairs(s); }},
      {"keys", [](JinjaRun& run, const JinjaValue& s, JinjaArguments&) { return JinjaValue::list(jinja_elements(run, s)); }},
      {"values",
       [](JinjaRun&, const JinjaValue& s, JinjaArguments&) {
         JinjaValues out;
         for (const auto& [key, value] : s.entries().entries) out.push_back(value);
         return JinjaValue::list(std::move(out));
       }},
      {"get",
       [](JinjaRun& run, const JinjaValue& s, JinjaArguments& a) {
         const JinjaValue *key = a.get(0, "key"), *fallback = a.get(1, "default");
         if (!key) return run.fail("get needs a key");
         const JinjaValue* found = s.entries().find(*key);
         return found ? *found : fallback ? *fallback : JinjaValue::none();
       }},
      {"copy",
       [](JinjaRun&, const JinjaValue& s, JinjaArguments&) {
         JinjaValue out = JinjaValue::dict();
         out.entries().entries = s.entries().entries;
         return out;
       }},
      {"update",
       [](JinjaRun& run, const JinjaValue& s, JinjaArguments& a) {
         const JinjaValue* other = a.get(0, "other");
         if (other && !other->is_dict()) return run.fail("update needs a dict");
         if (other && &other->entries() != &s.entries())
           for (const auto& [key, value] : other->entries().entries) {
             run.changed(s, value);
             s.entries().set(key, value);
           }
         for (const auto& [key, value] : a.named) {
           run.changed(s, value);
           s.entries().set(JinjaValue::string(key), value);
         }
         run.spend(s.entries().entries.size());
         return JinjaValue::none();
       }},
  };
  return table;
}

const std::unordered_map<std::string_view, Method>& list_methods() {
  static const std::unordered_map<std::string_view, Method> table = {
      {"index", find_method<false, true>},
      {"count", count_method},
      {"append",
       [](JinjaRun& run, const JinjaValue& s, JinjaArguments& a) {
         const JinjaValue* value = a.get(0, "object");
         if (!value) return run.fail("append needs a value");
         run.changed(s, *value);
         s.items().items.push_back(*value);
         return JinjaValue::none();
       }},
      {"extend",
       [](JinjaRun& run, const JinjaValue& s, JinjaArguments& a) {
         const JinjaValue* other = a.get(0, "iterable");
         JinjaValues more = jinja_elements(run, other ? *other : JinjaValue::none());
         for (const JinjaValue& value : more) run.changed(s, value);
         s.items().items.insert(s.items().items.end(), more.begin(), more.end());
         return JinjaValue::none();
       }},
      {"pop",
       [](JinjaRun& run, const JinjaValue& s, JinjaArguments& a) {
         const JinjaValue* index = a.get(0, "index");
         auto size = static_cast<std::int64_t>(s.items().items.size());
         std::int64_t at = index && index->is_integer() ? index->whole() : -1;
         if (at < 0) at += size;
         if (at < 0 || at >= size) return run.fail("pop from outside the list");
         JinjaValue value = s.items().items[static_cast<std::size_t>(at)];
         s.items().items.erase(s.items().items.begin() + at);
         return value;
       }},
  };
  return table;
}

}  // namespace

JinjaValue jinja_method(const JinjaValue& value, std::string_view name) {
  const auto* table = value.is_string() ? &string_methods()
                      : value.is_list() ? &list_methods()
                      : value.is_dict() ? &dict_methods()
                                        : nullptr;
  if (!table) return JinjaValue::undefined(std::string(name));
  auto it = table->find(name);
  if (it == table->end()) return JinjaValue::undefined(std::string(name));
  if (value.is_list() && value.items().tuple && name != "index" && name != "count")
    return JinjaValue::undefined(std::string(name));
  Method method = it->second;
  return JinjaValue::callable(std::make_shared<JinjaCallable>(JinjaCallable{
      std::string(name), [method, value](JinjaRun& run, JinjaArguments& arguments) { return method(run, value, arguments); }}));
}

std::string python_strip(std::string_view text, std::string_view chars, bool left, bool right) {
  if (chars.empty()) {
    if (left) text = lstrip(text);
    if (right) text = rstrip(text);
    return std::string(text);
  }
  std::vector<char32_t> set;
  while (!chars.empty()) set.push_back(next_code_point(chars));
  auto in_set = [&](char32_t c) { return std::find(set.begin(), set.end(), c) != set.end(); };
  while (left && !text.empty()) {
    std::string_view rest = text;
    if (!in_set(next_code_point(rest))) break;
    text = rest;
  }
  while (right && !text.empty()) {
    std::size_t at = text.size() - 1;
    while (at > 0 && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80) --at;
    std::string_view last = text.substr(at);
    if (!in_set(next_code_point(last))) break;
    text = text.substr(0, at);
  }
  return std::string(text);
}

std::string python_upper(std::string_view text) {
  std::string out;
  while (!text.empty()) append_upper(out, next_code_point(text));
  return out;
}

std::string python_title(std::string_view text) {
  std::string out;
  bool inside = false;  // a word: a run of letters that have case
  while (!text.empty()) {
    char32_t c = next_code_point(text);
    if (!inside) {
      append_upper(out, c);
    } else {
      out += lowered(c);
    }
    inside = cased(c);
  }
  return out;
}

std::string python_capitalize(std::string_view text) {
  std::string out;
  if (!text.empty()) append_upper(out, next_code_point(text));
  return out + lower(text);
}

}  // namespace assay
