// Jinja's filters.
#include <algorithm>
#include <unordered_map>

#include "base/python_case.h"
#include "base/text.h"
#include "prompt/jinja_json.h"
#include "prompt/jinja_tables.h"

namespace assay {
namespace {

bool flag(JinjaArguments& arguments, std::size_t index, const char* name, bool fallback = false) {
  const JinjaValue* value = arguments.get(index, name);
  return value ? value->truthy() : fallback;
}

JinjaValue dotted(JinjaRun& run, const JinjaValue& value, const std::string& path) {
  return jinja_dotted(run, value, path);
}

JinjaValue length(JinjaRun& run, const JinjaValue& value, JinjaArguments&) {
  if (value.is_string()) return JinjaValue::integer(static_cast<std::int64_t>(count_code_points(value.text())));
  if (value.is_list() && !value.is_iterator()) return JinjaValue::integer(static_cast<std::int64_t>(value.items().items.size()));
  if (value.is_dict() && !value.entries().is_namespace) return JinjaValue::integer(static_cast<std::int64_t>(value.entries().entries.size()));
  if (value.is_undefined()) return JinjaValue::integer(0);
  return run.fail(std::string(value.type_name()) + " has no length");
}

JinjaValue fallback(JinjaRun&, const JinjaValue& value, JinjaArguments& arguments) {
  const JinjaValue* other = arguments.get(0, "default_value");
  bool use = value.is_undefined() || (flag(arguments, 1, "boolean") && !value.truthy());
  return !use ? value : other ? *other : JinjaValue::string("");
}

JinjaValue join(JinjaRun& run, const JinjaValue& value, JinjaArguments& arguments) {
  const JinjaValue *between = arguments.get(0, "d"), *attribute = arguments.get(1, "attribute");
  std::string out, separator = between ? between->str() : "";
  bool first = true;
  for (const JinjaValue& item : jinja_elements(run, value)) {
    if (!first) out += separator;
    first = false;
    JinjaValue part = attribute && !attribute->is_none() ? dotted(run, item, attribute->str()) : item;
    if (run.refuses(part)) return run.fail("'" + part.missing_name() + "' is undefined");
    out += part.str(run.options().max_output);
    if (!run.fits(out.size())) return {};
  }
  return JinjaValue::string(std::move(out));
}

JinjaValue replace(JinjaRun& run, const JinjaValue& value, JinjaArguments& arguments) {
  const JinjaValue *from = arguments.get(0, "old"), *to = arguments.get(1, "new"), *count = arguments.get(2, "count");
  if (!from || !to) return run.fail("replace needs what and by what");
  std::int64_t left = count && count->is_integer() ? count->whole() : -1;
  std::string text = value.str(), old = from->str(), fresh = to->str(), out;
  if (!run.spend(text.size() / 16)) return {};
  std::size_t at = 0;
  while (left != 0) {
    std::size_t found = text.find(old, at);
    if (found == std::string::npos) break;
    out += text.substr(at, found - at) + fresh;
    at = found + old.size();
    if (old.empty()) {  // between all characters
      if (at >= text.size()) break;
      std::size_t next = at + 1;
      while (next < text.size() && (static_cast<unsigned char>(text[next]) & 0xC0) == 0x80) ++next;
      out += text.substr(at, next - at);
      at = next;
    }
    if (left > 0) --left;
    if (!run.fits(out.size()) || !run.spend()) return {};
  }
  if (at < text.size()) out += text.substr(at);
  return JinjaValue::string(std::move(out));
}

JinjaValue sorted(JinjaRun& run, JinjaValues items, bool reverse, bool case_sensitive, const std::string& attribute) {
  struct Entry {
    JinjaValue key, item;
  };
  std::vector<Entry> entries;
  for (JinjaValue& item : items) {
    auto of = [&](const std::string& path) {
      JinjaValue key = path.empty() ? item : dotted(run, item, path);
      return !case_sensitive && key.is_string() ? JinjaValue::string(lower(key.text())) : key;
    };
    JinjaValue key;
    if (attribute.find(',') == std::string::npos) {
      key = of(attribute);
    } else {  // by several attributes, one after the other
      JinjaValues keys;
      for (const std::string& path : split(attribute, ',')) keys.push_back(of(path));
      key = JinjaValue::list(std::move(keys));
    }
    if (run.failed()) return {};
    entries.push_back({std::move(key), std::move(item)});
  }
  if (!run.spend(entries.size() * 8)) return {};
  bool orderable = true;
  for (std::size_t i = 1; i < entries.size(); ++i)
    orderable = orderable && (entries[0].key.equals(entries[i].key) || entries[0].key.less(entries[i].key));
  if (!orderable) return run.fail("these values cannot be sorted");
  std::stable_sort(entries.begin(), entries.end(), [&](const Entry& a, const Entry& b) {
    return reverse ? b.key.less(a.key).value_or(false) : a.key.less(b.key).value_or(false);
  });
  JinjaValues out;
  for (Entry& entry : entries) out.push_back(std::move(entry.item));
  return JinjaValue::list(std::move(out));
}

JinjaValue sort(JinjaRun& run, const JinjaValue& value, JinjaArguments& arguments) {
  const JinjaValue* attribute = arguments.get(2, "attribute");
  return sorted(run, jinja_elements(run, value), flag(arguments, 0, "reverse"), flag(arguments, 1, "case_sensitive"),
                attribute ? attribute->str() : "");
}

JinjaValue dictsort(JinjaRun& run, const JinjaValue& value, JinjaArguments& arguments) {
  if (!value.is_dict()) return run.fail("dictsort needs a dict");
  JinjaValues pairs;
  for (const auto& [key, item] : value.entries().entries) pairs.push_back(JinjaValue::list({key, item}, true));
  const JinjaValue* by = arguments.get(1, "by");
  if (by && by->str() != "key" && by->str() != "value") return run.fail("dictsort goes by key or by value");
  return sorted(run, std::move(pairs), flag(arguments, 2, "reverse"), flag(arguments, 0, "case_sensitive"),
                by && by->str() == "value" ? "1" : "0");
}

JinjaValue unique(JinjaRun& run, const JinjaValue& value, JinjaArguments& arguments) {
  bool case_sensitive = flag(arguments, 0, "case_sensitive");
  const JinjaValue* attribute = arguments.get(1, "attribute");
  JinjaValues seen, out;
  for (const JinjaValue& item : jinja_elements(run, value)) {
    JinjaValue key = attribute ? dotted(run, item, attribute->str()) : item;
    if (!case_sensitive && key.is_string()) key = JinjaValue::string(lower(key.text()));
    if (!run.spend(seen.size())) return {};
    if (!key.hashable()) return run.fail(std::string(key.type_name()) + " cannot be told apart by unique");
    if (std::any_of(seen.begin(), seen.end(), [&](const JinjaValue& s) { return s.equals(key); })) continue;
    seen.push_back(key);
    out.push_back(item);
  }
  return JinjaValue::view(std::move(out), JinjaForm::iterator);
}

JinjaValue map(JinjaRun& run, const JinjaValue& value, JinjaArguments& arguments) {
  const JinjaValue* attribute = nullptr;
  const JinjaValue* other = nullptr;
  for (const auto& [name, argument] : arguments.named) {
    if (name == "attribute") attribute = &argument;
    if (name == "default") other = &argument;
  }
  JinjaValues out;
  if (!value.truthy()) return JinjaValue::view({}, JinjaForm::iterator);  // as Jinja does: nothing, None included, maps to nothing
  if (!attribute && arguments.positional.empty()) return run.fail("map needs a filter's name or attribute=");
  for (const JinjaValue& item : jinja_elements(run, value)) {
    if (!run.spend()) return {};
    if (attribute) {
      JinjaValue found = other ? jinja_dotted(run, item, attribute->str(), other) : dotted(run, item, attribute->str());
      if (run.failed()) return {};
      out.push_back(std::move(found));
    } else {
      JinjaArguments rest;
      rest.positional.assign(arguments.positional.begin() + 1, arguments.positional.end());
      rest.named = arguments.named;
      out.push_back(jinja_filter(run, arguments.positional[0].str(), item, rest));
    }
  }
  return JinjaValue::view(std::move(out), JinjaForm::iterator);
}

// select, reject, selectattr, rejectattr: [attribute,] [test, its arguments].
template <bool Keep, bool ByAttribute>
JinjaValue choose(JinjaRun& run, const JinjaValue& value, JinjaArguments& arguments) {
  std::size_t at = 0;
  std::string attribute;
  if (ByAttribute) {
    if (arguments.positional.empty()) return run.fail("an attribute's name is needed");
    attribute = arguments.positional[at++].str();
  }
  JinjaValues out;
  if (!value.truthy()) return JinjaValue::view({}, JinjaForm::iterator);
  for (const JinjaValue& item : jinja_elements(run, value)) {
    if (!run.spend()) return {};
    JinjaValue subject = ByAttribute ? dotted(run, item, attribute) : item;
    bool holds = subject.truthy();
    if (at >= arguments.positional.size() && run.refuses(subject)) return run.fail("'" + subject.missing_name() + "' is undefined");
    if (at < arguments.positional.size()) {
      JinjaArguments rest;
      rest.positional.assign(arguments.positional.begin() + static_cast<std::ptrdiff_t>(at) + 1, arguments.positional.end());
      holds = jinja_test(run, arguments.positional[at].str(), subject, rest);
    }
    if (run.failed()) return {};
    if (holds == Keep) out.push_back(item);
  }
  return JinjaValue::view(std::move(out), JinjaForm::iterator);
}

template <bool Largest>
JinjaValue extreme(JinjaRun& run, const JinjaValue& value, JinjaArguments& arguments) {
  bool case_sensitive = flag(arguments, 0, "case_sensitive");
  const JinjaValue* attribute = arguments.get(1, "attribute");
  JinjaValue order = sorted(run, jinja_elements(run, value), Largest, case_sensitive, attribute ? attribute->str() : "");
  if (!order.is_list() || order.items().items.empty()) return JinjaValue::undefined("the extreme of nothing");
  return order.items().items.front();
}

JinjaValue sum(JinjaRun& run, const JinjaValue& value, JinjaArguments& arguments) {
  const JinjaValue *attribute = arguments.get(0, "attribute"), *start = arguments.get(1, "start");
  JinjaValue total = start ? *start : JinjaValue::integer(0);
  if (total.is_string()) return run.fail("sum does not add texts up");
  for (const JinjaValue& item : jinja_elements(run, value))
    total = jinja_arithmetic(run, "+", total, attribute && !attribute->is_none() ? dotted(run, item, attribute->str()) : item);
  return total;
}

JinjaValue reversed(JinjaRun& run, const JinjaValue& value, JinjaArguments&) {
  bool list = value.is_iterator();  // before it is walked through
  JinjaValues items = jinja_elements(run, value);
  std::reverse(items.begin(), items.end());
  if (list) return JinjaValue::list(std::move(items));
  if (!value.is_string()) return JinjaValue::view(std::move(items), JinjaForm::iterator);
  std::string out;
  for (const JinjaValue& item : items) out += item.text();
  return JinjaValue::string(std::move(out));
}

JinjaValue escaped(JinjaRun&, const JinjaValue& value, JinjaArguments&) {
  std::string text = replace_all(replace_all(value.str(), "&", "&amp;"), "<", "&lt;");
  return JinjaValue::string(replace_all(replace_all(replace_all(text, ">", "&gt;"), "'", "&#39;"), "\"", "&#34;"));
}

JinjaValue tojson(JinjaRun& run, const JinjaValue& value, JinjaArguments& arguments) {
  if (value.is_undefined() || value.is_callable()) return run.fail(std::string(value.type_name()) + " cannot be written as JSON");
  // Jinja's own filter takes (indent); the one that chat templates are given takes (ensure_ascii, indent, separators, sort_keys).
  bool own = run.options().html_safe_json;
  auto known = [own](const std::string& name) {
    return name == "indent" || (!own && (name == "ensure_ascii" || name == "separators" || name == "sort_keys"));
  };
  if (arguments.positional.size() > (own ? 1 : 4) ||
      !std::all_of(arguments.named.begin(), arguments.named.end(), [&](const auto& argument) { return known(argument.first); }))
    return run.fail("tojson is given an argument that it does not know");
  JinjaJsonStyle style;
  style.html_safe = own;
  style.ascii = own || flag(arguments, 0, "ensure_ascii");
  style.sort_keys = own || flag(arguments, 3, "sort_keys");
  const JinjaValue *indent = arguments.get(own ? 0 : 1, "indent"), *separators = own ? nullptr : arguments.get(2, "separators");
  if (indent && indent->is_integer()) {
    style.indent = std::string(static_cast<std::size_t>(std::clamp<std::int64_t>(indent->whole(), 0, 64)), ' ');
  } else if (indent && indent->is_string() && indent->text().size() <= 64) {
    style.indent = indent->text();
  }
  if (style.indent) style.between = ",";
  if (separators && !separators->is_none()) {
    bool two = separators->is_list() && separators->items().items.size() == 2 && separators->items().items[0].is_string() &&
               separators->items().items[1].is_string();
    if (!two) return run.fail("separators are two texts");
    style.between = separators->items().items[0].text();
    style.after_key = separators->items().items[1].text();
  }
  bool whole = true;
  std::string text = jinja_json(value, style, run.options().max_output, &whole);
  if (!whole) return run.fail("a part of the value cannot be written as JSON");
  if (!run.fits(text.size()) || !run.spend(text.size() / 16)) return {};
  return JinjaValue::string(std::move(text));
}

JinjaValue textual(JinjaRun& run, const JinjaValue& value, JinjaArguments&) {
  std::string text = value.str(run.options().max_output);
  return run.fits(text.size()) && run.spend(text.size() / 64) ? JinjaValue::string(std::move(text)) : JinjaValue();
}

JinjaValue ends(JinjaRun& run, const JinjaValue& value, bool last) {
  if (value.is_iterator()) {
    if (last) return run.fail("what is walked through once cannot be walked through from its end");
    JinjaValues& rest = value.items().items;
    if (rest.empty()) return JinjaValue::undefined("the first element of nothing");
    JinjaValue first = rest.front();
    if (run.spend(rest.size())) rest.erase(rest.begin());
    return first;
  }
  JinjaValues items = jinja_elements(run, value);
  if (items.empty()) return JinjaValue::undefined(last ? "the last element of nothing" : "the first element of nothing");
  return last ? items.back() : items.front();
}

const JinjaMethodTable& own_filters() {
  static const JinjaMethodTable table = {
      {"length", length},
      {"count", length},
      {"default", fallback},
      {"d", fallback},
      {"join", join},
      {"replace", replace},
      {"sort", sort},
      {"dictsort", dictsort},
      {"unique", unique},
      {"map", map},
      {"select", choose<true, false>},
      {"reject", choose<false, false>},
      {"selectattr", choose<true, true>},
      {"rejectattr", choose<false, true>},
      {"min", extreme<false>},
      {"max", extreme<true>},
      {"sum", sum},
      {"reverse", reversed},
      {"escape", escaped},
      {"e", escaped},
      {"tojson", tojson},
      {"first", [](JinjaRun& run, const JinjaValue& v, JinjaArguments&) { return ends(run, v, false); }},
      {"last", [](JinjaRun& run, const JinjaValue& v, JinjaArguments&) { return ends(run, v, true); }},
      {"safe", textual},
      {"string", textual},
      {"list", [](JinjaRun& run, const JinjaValue& v, JinjaArguments&) { return JinjaValue::list(jinja_elements(run, v)); }},
      {"upper", [](JinjaRun&, const JinjaValue& v, JinjaArguments&) { return JinjaValue::string(upper(v.str())); }},
      {"lower", [](JinjaRun&, const JinjaValue& v, JinjaArguments&) { return JinjaValue::string(lower(v.str())); }},
      {"capitalize",
       [](JinjaRun&, const JinjaValue& v, JinjaArguments&) { return JinjaValue::string(capitalize(v.str())); }},
      {"trim",
       [](JinjaRun&, const JinjaValue& v, JinjaArguments& a) {
         const JinjaValue* chars = a.get(0, "chars");
         if (chars && chars->is_string() && chars->text().empty()) return JinjaValue::string(v.str());
         return JinjaValue::string(python_strip(v.str(), chars && chars->is_string() ? chars->text() : "", true, true));
       }},
      {"items",
       [](JinjaRun& run, const JinjaValue& v, JinjaArguments& a) {
         if (v.is_undefined()) return JinjaValue::view({}, JinjaForm::iterator);
         if (!v.is_dict() || v.entries().is_namespace) return run.fail("items needs a dict");
         JinjaValue pairs = jinja_method(v, "items").function().call(run, a);
         pairs.items().form = JinjaForm::iterator;
         return pairs;
       }},
      {"attr",
       [](JinjaRun& run, const JinjaValue& v, JinjaArguments& a) {
         const JinjaValue* name = a.get(0, "name");
         if (!name) return run.fail("attr needs a name");
         // Elements of a dict are no attributes.
         return v.is_dict() && !v.entries().is_namespace ? jinja_method(v, name->str()) : jinja_attribute(run, v, name->str());
       }},
      {"format", [](JinjaRun& run, const JinjaValue& v,
                    JinjaArguments& a) {
         JinjaValue named = JinjaValue::dict();
         for (const auto& [name, argument] : a.named) named.entries().set(JinjaValue::string(name), argument);
         if (!a.named.empty() && !a.positional.empty()) return run.fail("format takes values or names, not both");
         return jinja_percent(run, v.str(), a.named.empty() ? JinjaValue::list(a.positional, true) : named);
       }},
      {"forceescape", escaped},
  };
  return table;
}

const JinjaMethodTable& filters() {
  static const JinjaMethodTable table = [] {
    JinjaMethodTable all = jinja_text_filters();
    for (const JinjaMethodTable* more : {&jinja_sequence_filters(), &jinja_number_filters(), &own_filters()}) all.insert(more->begin(), more->end());
    return all;
  }();
  return table;
}

}  // namespace

bool is_jinja_filter(std::string_view name) {
  return filters().contains(name);
}

JinjaValue jinja_filter(JinjaRun& run, std::string_view name, const JinjaValue& value, JinjaArguments& arguments) {
  if (!run.spend()) return {};
  auto it = filters().find(name);
  if (it == filters().end()) return run.unsupported("there is no filter '" + shorten(name, 40) + "'");
  if (run.refuses(value) && name != "default" && name != "d" && name != "items")
    return run.fail("'" + value.missing_name() + "' is undefined");
  return it->second(run, value, arguments);
}

}  // namespace assay
