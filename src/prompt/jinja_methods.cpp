// Methods of Python's str, and how methods are found.
#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <memory>

#include "base/number.h"
#include "base/text.h"
#include "prompt/jinja_tables.h"

namespace assay {
namespace {

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

std::string text_argument(JinjaRun& run, JinjaArguments& arguments, std::size_t index, const char* name) {
  return jinja_text_argument(run, arguments, index, name);
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
  std::string part = text_argument(run, arguments, 0, "sub");
  std::size_t at = FromRight ? self.text().rfind(part) : self.text().find(part);
  if (at == std::string::npos) return MustExist ? run.fail("substring not found") : JinjaValue::integer(-1);
  return JinjaValue::integer(static_cast<std::int64_t>(count_code_points(std::string_view(self.text()).substr(0, at))));
}

JinjaValue count_method(JinjaRun& run, const JinjaValue& self, JinjaArguments& arguments) {
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

JinjaValue swapcase_method(JinjaRun&, const JinjaValue& self, JinjaArguments&) {
  std::string out;
  for (std::string_view text = self.text(); !text.empty();) {
    char32_t c = next_code_point(text);
    if (utf8proc_category(static_cast<utf8proc_int32_t>(c)) == UTF8PROC_CATEGORY_LU) {
      out += lowered(c);
    } else {
      append_upper(out, c);
    }
  }
  return JinjaValue::string(std::move(out));
}

JinjaValue casefold_method(JinjaRun& run, const JinjaValue& self, JinjaArguments&) {
  utf8proc_uint8_t* folded = nullptr;
  auto length = utf8proc_map(reinterpret_cast<const utf8proc_uint8_t*>(self.text().data()),
                             static_cast<utf8proc_ssize_t>(self.text().size()), &folded, UTF8PROC_CASEFOLD);
  std::unique_ptr<utf8proc_uint8_t, void (*)(void*)> owner(folded, std::free);
  if (length < 0) return run.fail("this text cannot be folded");
  return JinjaValue::string(std::string(reinterpret_cast<const char*>(folded), static_cast<std::size_t>(length)));
}

template <bool FromRight>
JinjaValue partition_method(JinjaRun& run, const JinjaValue& self, JinjaArguments& arguments) {
  std::string at = text_argument(run, arguments, 0, "sep");
  if (run.failed() || at.empty()) return run.fail("partition needs a text that is not empty");
  const std::string& text = self.text();
  std::size_t found = FromRight ? text.rfind(at) : text.find(at);
  auto three = [](std::string a, std::string b, std::string c) {
    return JinjaValue::list(
        {JinjaValue::string(std::move(a)), JinjaValue::string(std::move(b)), JinjaValue::string(std::move(c))}, true);
  };
  if (found == std::string::npos) return FromRight ? three("", "", text) : three(text, "", "");
  return three(text.substr(0, found), at, text.substr(found + at.size()));
}

// How many characters are missing up to the width that is the first argument; an error when that is too large.
std::size_t missing_to_width(JinjaRun& run, const JinjaValue& self, JinjaArguments& arguments) {
  const JinjaValue* width = arguments.get(0, "width");
  if (!width || !width->is_integer()) {
    run.fail("a width is needed");
    return 0;
  }
  auto size = static_cast<std::int64_t>(count_code_points(self.text()));
  if (width->whole() <= size || !run.fits(static_cast<std::size_t>(width->whole())) ||
      !run.spend(static_cast<std::size_t>(width->whole()) / 16))
    return 0;
  return static_cast<std::size_t>(width->whole() - size);
}

JinjaValue zfill_method(JinjaRun& run, const JinjaValue& self, JinjaArguments& arguments) {
  std::string zeros(missing_to_width(run, self, arguments), '0');
  bool sign = self.text().starts_with('+') || self.text().starts_with('-');
  return JinjaValue::string(self.text().substr(0, sign ? 1 : 0) + zeros + self.text().substr(sign ? 1 : 0));
}

enum class Side { left, right, both };
template <Side Where>
JinjaValue justify_method(JinjaRun& run, const JinjaValue& self, JinjaArguments& arguments) {
  std::size_t missing = missing_to_width(run, self, arguments);
  std::string fill = arguments.get(1, "fillchar") ? text_argument(run, arguments, 1, "fillchar") : " ";
  if (!run.failed() && count_code_points(fill) != 1) return run.fail("the character to fill with is one character");
  // Python's str.center puts the odd one to the left of a text of even width.
  auto size = count_code_points(self.text());
  std::size_t before = Where == Side::left ? 0 : Where == Side::right ? missing : missing / 2 + (missing & (missing + size) & 1);
  std::string out;
  for (std::size_t i = 0; i < before; ++i) out += fill;
  out += self.text();
  for (std::size_t i = before; i < missing; ++i) out += fill;
  return run.fits(out.size()) ? JinjaValue::string(std::move(out)) : JinjaValue();
}

}  // namespace

const JinjaMethodTable& jinja_string_methods() {
  static const JinjaMethodTable table = {
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
      {"format", jinja_format},
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
      {"isdecimal", [](JinjaRun&, const JinjaValue& s, JinjaArguments&) { return all_characters(s, is_digit); }},
      {"isascii",
       [](JinjaRun&, const JinjaValue& s, JinjaArguments&) {
         return JinjaValue::boolean(
             std::all_of(s.text().begin(), s.text().end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; }));
       }},
      {"swapcase", swapcase_method},
      {"casefold", casefold_method},
      {"partition", partition_method<false>},
      {"rpartition", partition_method<true>},
      {"zfill", zfill_method},
      {"ljust", justify_method<Side::left>},
      {"rjust", justify_method<Side::right>},
      {"center", justify_method<Side::both>},
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

JinjaValue jinja_method(const JinjaValue& value, std::string_view name) {
  const JinjaMethodTable* table = value.is_string() ? &jinja_string_methods()
                                  : value.is_list() ? &jinja_list_methods()
                                  : value.is_dict() ? &jinja_dict_methods()
                                                    : nullptr;
  if (!table) return JinjaValue::undefined(std::string(name));
  auto it = table->find(name);
  if (it == table->end()) return JinjaValue::undefined(std::string(name));
  if (value.is_list() && value.items().tuple && name != "index" && name != "count")
    return JinjaValue::undefined(std::string(name));
  JinjaMethod method = it->second;
  return JinjaValue::callable(std::make_shared<JinjaCallable>(JinjaCallable{
      std::string(name), [method, value](JinjaRun& run, JinjaArguments& arguments) { return method(run, value, arguments); }}));
}

std::string jinja_text_argument(JinjaRun& run, JinjaArguments& arguments, std::size_t index, const char* name) {
  const JinjaValue* value = arguments.get(index, name);
  if (value && value->is_string()) return value->text();
  run.fail(std::string("a text is needed as '") + name + "'" + (value ? ", not " + std::string(value->type_name()) : ""));
  return {};
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
