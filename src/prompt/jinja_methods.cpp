// Methods of Python's str, and how methods are found.
#include <utf8proc.h>

#include <algorithm>
#include <cstdlib>
#include <memory>
#include <optional>

#include "base/python_case.h"
#include "base/text.h"
#include "prompt/jinja_tables.h"

namespace assay {
namespace {

std::string text_argument(JinjaRun& run, JinjaArguments& arguments, std::size_t index, const char* name) {
  return jinja_text_argument(run, arguments, index, name);
}

template <bool Left, bool Right>
JinjaValue strip_method(JinjaRun& run, const JinjaValue& self, JinjaArguments& arguments) {
  const JinjaValue* chars = arguments.get(0, "chars");
  if (chars && !chars->is_none() && !chars->is_string()) return run.fail("strip needs a text");
  if (chars && chars->is_string() && chars->text().empty()) return self;  // no character is to go
  return JinjaValue::string(python_strip(self.text(), chars && chars->is_string() ? chars->text() : "", Left, Right));
}

JinjaValue split_at_blanks_from_right(std::string_view text, std::int64_t left) {
  JinjaValues parts;
  for (text = rstrip(text); !text.empty(); text = rstrip(text)) {
    std::size_t begin = text.size();
    while (left > 0 && begin > 0) {
      std::size_t before = begin - 1;
      while (before > 0 && (static_cast<unsigned char>(text[before]) & 0xC0) == 0x80) --before;
      std::string_view character = text.substr(before);
      if (is_space(next_code_point(character))) break;
      begin = before;
    }
    if (left-- == 0) begin = 0;
    parts.push_back(JinjaValue::string(std::string(text.substr(begin))));
    text = text.substr(0, begin);
  }
  std::reverse(parts.begin(), parts.end());
  return JinjaValue::list(std::move(parts));
}

template <bool FromRight>
JinjaValue split_method(JinjaRun& run, const JinjaValue& self, JinjaArguments& arguments) {
  const JinjaValue *separator = arguments.get(0, "sep"), *limit = arguments.get(1, "maxsplit");
  if ((limit && !limit->is_integer()) || arguments.positional.size() > 2) return run.fail("split needs a text and a number");
  std::int64_t left = limit ? limit->whole() : -1;
  if (!run.spend(self.text().size())) return {};
  JinjaValues parts;
  std::string_view text = self.text();
  if (!separator || separator->is_none()) {  // at runs of white space, without empty ends
    if (FromRight && left >= 0) return split_at_blanks_from_right(text, left);
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

// The part of the text that the two arguments behind the first one name, as a slice does; none where it would end before it begins.
struct Window {
  std::size_t begin = 0, end = 0;     // bytes
  std::int64_t first = 0, count = 0;  // characters: before it, and in it
};
std::optional<Window> window(JinjaRun& run, const std::string& text, JinjaArguments& arguments) {
  const JinjaValue *from = arguments.get(1, "start"), *to = arguments.get(2, "end");
  for (const JinjaValue* bound : {from, to})
    if (bound && !bound->is_none() && !bound->is_integer()) {
      run.fail("a place in a text is a whole number");
      return std::nullopt;
    }
  if (!from && !to) return Window{0, text.size(), 0, -1};
  auto size = static_cast<std::int64_t>(count_code_points(text));
  auto place = [&](const JinjaValue* bound, std::int64_t usual) {
    std::int64_t at = bound && !bound->is_none() ? bound->whole() : usual;
    return at < 0 ? std::max<std::int64_t>(at + size, 0) : at;
  };
  std::int64_t begin = place(from, 0), end = std::min(place(to, size), size);
  if (begin > end) return std::nullopt;
  return Window{offset_of_code_point(text, static_cast<std::size_t>(begin)), offset_of_code_point(text, static_cast<std::size_t>(end)),
                begin, end - begin};
}

template <bool End>
JinjaValue affix_test(JinjaRun& run, const JinjaValue& self, JinjaArguments& arguments) {
  const JinjaValue* affix = arguments.get(0, "prefix");
  auto part = window(run, self.text(), arguments);
  std::string_view text = part ? std::string_view(self.text()).substr(part->begin, part->end - part->begin) : std::string_view();
  auto one = [&](const JinjaValue& v) { return part && (End ? text.ends_with(v.text()) : text.starts_with(v.text())); };
  if (affix && affix->is_string()) return JinjaValue::boolean(one(*affix));
  if (affix && affix->is_list() && affix->items().tuple) {
    const JinjaValues& all = affix->items().items;
    if (std::all_of(all.begin(), all.end(), [](const JinjaValue& v) { return v.is_string(); }))
      return JinjaValue::boolean(std::any_of(all.begin(), all.end(), one));
  }
  return run.fail("startswith and endswith need a text, or a tuple of texts");
}

template <bool FromRight, bool MustExist>
JinjaValue find_method(JinjaRun& run, const JinjaValue& self, JinjaArguments& arguments) {
  std::string part = text_argument(run, arguments, 0, "sub");
  auto place = window(run, self.text(), arguments);
  std::size_t at = std::string::npos;
  std::string_view text;
  if (place) {
    text = std::string_view(self.text()).substr(place->begin, place->end - place->begin);
    at = FromRight ? text.rfind(part) : text.find(part);
  }
  if (at == std::string::npos) return MustExist ? run.fail("substring not found") : JinjaValue::integer(-1);
  return JinjaValue::integer(place->first + static_cast<std::int64_t>(count_code_points(text.substr(0, at))));
}

JinjaValue count_method(JinjaRun& run, const JinjaValue& self, JinjaArguments& arguments) {
  std::string part = text_argument(run, arguments, 0, "sub");
  auto place = window(run, self.text(), arguments);
  if (!place) return JinjaValue::integer(0);
  std::string_view text = std::string_view(self.text()).substr(place->begin, place->end - place->begin);
  if (part.empty()) return JinjaValue::integer(static_cast<std::int64_t>(count_code_points(text)) + 1);
  std::int64_t count = 0;
  for (std::size_t at = text.find(part); at != std::string::npos; at = text.find(part, at + part.size())) ++count;
  return JinjaValue::integer(count);
}

JinjaValue replace_method(JinjaRun& run, const JinjaValue& self, JinjaArguments& arguments) {
  text_argument(run, arguments, 0, "old");
  text_argument(run, arguments, 1, "new");
  const JinjaValue* count = arguments.get(2, "count");
  if (count && !count->is_integer()) return run.fail("replace counts in whole numbers");
  return run.failed() ? JinjaValue() : jinja_filter(run, "replace", self, arguments);
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
  if (!run.spend(self.text().size())) return {};
  JinjaValues out;
  for (std::string& line : python_lines(self.text(), keep && keep->truthy())) out.push_back(JinjaValue::string(std::move(line)));
  return JinjaValue::list(std::move(out));
}

// str.isnumeric(), and with `digits` str.isdigit(), for one character.
bool numeric(char32_t c, bool digits) {
  if (is_digit(c)) return true;
  if (digits)
    return c == 0xB2 || c == 0xB3 || c == 0xB9 || c == 0x2070 || (c >= 0x2074 && c <= 0x2079) || (c >= 0x2080 && c <= 0x2089) ||
           (c >= 0x2460 && c <= 0x2468) || (c >= 0x2474 && c <= 0x247C) || (c >= 0x2488 && c <= 0x2490) || c == 0x24EA ||
           (c >= 0x24F5 && c <= 0x24FD) || c == 0x24FF || (c >= 0x2776 && c <= 0x277E) || (c >= 0x2780 && c <= 0x2788) ||
           (c >= 0x278A && c <= 0x2792);
  auto category = utf8proc_category(static_cast<utf8proc_int32_t>(c));
  if (category == UTF8PROC_CATEGORY_NL || category == UTF8PROC_CATEGORY_NO) return true;
  static constexpr char32_t kHan[] = {0x4E00, 0x4E03, 0x4E07, 0x4E09, 0x4E24, 0x4E5D, 0x4E8C, 0x4E94, 0x4EBF, 0x5146,
                                      0x516B, 0x516D, 0x5341, 0x5343, 0x56DB, 0x767E, 0x842C, 0x5104, 0x96F6};
  return std::find(std::begin(kHan), std::end(kHan), c) != std::end(kHan);
}

JinjaValue expandtabs_method(JinjaRun& run, const JinjaValue& self, JinjaArguments& arguments) {
  const JinjaValue* size = arguments.get(0, "tabsize");
  if (size && !size->is_integer()) return run.fail("expandtabs needs a whole number");
  std::int64_t stop = std::clamp<std::int64_t>(size ? size->whole() : 8, 0, 1000), column = 0;
  std::string out;
  for (char c : self.text()) {
    if (c == '\t') {
      std::int64_t blanks = stop > 0 ? stop - column % stop : 0;
      out.append(static_cast<std::size_t>(blanks), ' ');
      column += blanks;
    } else {
      out += c;
      if ((static_cast<unsigned char>(c) & 0xC0) != 0x80) ++column;
      if (c == '\n' || c == '\r') column = 0;
    }
    if (!run.fits(out.size())) return {};
  }
  return JinjaValue::string(std::move(out));
}

// True when the text is not empty and `test` holds for every character.
template <class Test>
JinjaValue all_characters(const JinjaValue& self, Test test) {
  std::string_view text = self.text();
  bool all = !text.empty();
  while (all && !text.empty()) all = test(next_code_point(text));
  return JinjaValue::boolean(all);
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
      {"rindex", find_method<true, true>},
      {"istitle", [](JinjaRun&, const JinjaValue& s, JinjaArguments&) { return JinjaValue::boolean(is_title(s.text())); }},
      {"expandtabs", expandtabs_method},
      {"count", count_method},
      {"join", join_method},
      {"format", jinja_format},
      {"isupper", [](JinjaRun&, const JinjaValue& s, JinjaArguments&) { return JinjaValue::boolean(is_upper(s.text())); }},
      {"islower", [](JinjaRun&, const JinjaValue& s, JinjaArguments&) { return JinjaValue::boolean(is_lower(s.text())); }},
      {"upper", [](JinjaRun&, const JinjaValue& s, JinjaArguments&) { return JinjaValue::string(upper(s.text())); }},
      {"lower", [](JinjaRun&, const JinjaValue& s, JinjaArguments&) { return JinjaValue::string(lower(s.text())); }},
      {"title", [](JinjaRun&, const JinjaValue& s, JinjaArguments&) { return JinjaValue::string(title(s.text())); }},
      {"capitalize",
       [](JinjaRun&, const JinjaValue& s, JinjaArguments&) { return JinjaValue::string(capitalize(s.text())); }},
      {"isdigit", [](JinjaRun&, const JinjaValue& s,
                     JinjaArguments&) { return all_characters(s, [](char32_t c) { return numeric(c, true); }); }},
      {"isnumeric", [](JinjaRun&, const JinjaValue& s,
                       JinjaArguments&) { return all_characters(s, [](char32_t c) { return numeric(c, false); }); }},
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
      {"swapcase", [](JinjaRun&, const JinjaValue& s, JinjaArguments&) { return JinjaValue::string(swapcase(s.text())); }},
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
  if (value.is_list() && !value.is_sequence()) return JinjaValue::undefined(std::string(name));
  if (value.is_list() && (value.items().tuple || !value.is_plain_list()) && name != "index" && name != "count")
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

std::vector<std::string> python_lines(std::string_view text, bool keep_ends) {
  std::vector<std::string> out;
  std::string line;
  while (!text.empty()) {
    std::string_view before = text;
    char32_t c = next_code_point(text);
    bool end =
        c == '\n' || c == '\r' || (c >= 0x0B && c <= 0x0C) || (c >= 0x1C && c <= 0x1E) || c == 0x85 || c == 0x2028 || c == 0x2029;
    if (!end || keep_ends) line += before.substr(0, before.size() - text.size());
    if (!end) continue;
    if (c == '\r' && text.starts_with('\n')) {
      text.remove_prefix(1);
      if (keep_ends) line += '\n';
    }
    out.push_back(std::exchange(line, {}));
  }
  if (!line.empty()) out.push_back(std::move(line));
  return out;
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

}  // namespace assay
