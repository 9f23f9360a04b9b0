// Methods of Python's list, tuple and dict.
#include <algorithm>

#include "prompt/jinja_tables.h"

namespace assay {
namespace {

JinjaValue index_method(JinjaRun& run, const JinjaValue& self, JinjaArguments& arguments) {
  const JinjaValue *wanted = arguments.get(0, "value"), *from = arguments.get(1, "start"), *to = arguments.get(2, "stop");
  const JinjaValues& items = self.items().items;
  auto size = static_cast<std::int64_t>(items.size());
  if (!wanted || (from && !from->is_integer()) || (to && !to->is_integer())) return run.fail("index needs a value");
  auto place = [size](const JinjaValue* bound, std::int64_t usual) {
    std::int64_t at = bound ? bound->whole() : usual;
    return std::clamp<std::int64_t>(at < 0 ? at + size : at, 0, size);
  };
  run.spend(items.size());
  std::int64_t begin = place(from, 0), end = std::max(begin, place(to, size));
  auto it = std::find_if(items.begin() + begin, items.begin() + end, [&](const JinjaValue& v) { return v.equals(*wanted); });
  if (it == items.begin() + end) return run.fail("the value is not in the list");
  return JinjaValue::integer(it - items.begin());
}

JinjaValue count_method(JinjaRun& run, const JinjaValue& self, JinjaArguments& arguments) {
  const JinjaValue* wanted = arguments.get(0, "value");
  if (!wanted) return run.fail("count needs a value");
  const JinjaValues& items = self.items().items;
  run.spend(items.size());
  return JinjaValue::integer(
      std::count_if(items.begin(), items.end(), [&](const JinjaValue& v) { return wanted && v.equals(*wanted); }));
}

JinjaValue insert_method(JinjaRun& run, const JinjaValue& self, JinjaArguments& arguments) {
  const JinjaValue *index = arguments.get(0, "index"), *value = arguments.get(1, "object");
  if (!index || !index->is_integer() || !value) return run.fail("insert needs a place and a value");
  JinjaValues& items = self.items().items;
  auto size = static_cast<std::int64_t>(items.size());
  std::int64_t at = index->whole() < 0 ? std::max<std::int64_t>(index->whole() + size, 0) : std::min(index->whole(), size);
  run.spend(items.size());
  run.changed(self, *value);
  items.insert(items.begin() + at, *value);
  return JinjaValue::none();
}

JinjaValue remove_method(JinjaRun& run, const JinjaValue& self, JinjaArguments& arguments) {
  JinjaValue at = index_method(run, self, arguments);
  if (!run.failed()) self.items().items.erase(self.items().items.begin() + at.whole());
  return JinjaValue::none();
}

JinjaValue sort_method(JinjaRun& run, const JinjaValue& self, JinjaArguments& arguments) {
  JinjaArguments exact;  // list.sort() tells capitals apart, the filter of that name does not
  const JinjaValue* reverse = arguments.get(static_cast<std::size_t>(-1), "reverse");
  exact.positional = {JinjaValue::boolean(reverse && reverse->truthy()), JinjaValue::boolean(true)};
  JinjaValue sorted = jinja_filter(run, "sort", self, exact);
  if (!run.failed()) self.items().items = sorted.items().items;
  return JinjaValue::none();
}

JinjaValue pop_key_method(JinjaRun& run, const JinjaValue& self, JinjaArguments& arguments) {
  const JinjaValue *key = arguments.get(0, "key"), *fallback = arguments.get(1, "default");
  if (!key) return run.fail("pop needs a key");
  auto& entries = self.entries().entries;
  auto it = std::find_if(entries.begin(), entries.end(), [&](const auto& entry) { return entry.first.equals(*key); });
  if (it == entries.end()) return fallback ? *fallback : run.fail("the dict has no key " + key->repr());
  JinjaValue out = it->second;
  entries.erase(it);
  return out;
}

JinjaValue setdefault_method(JinjaRun& run, const JinjaValue& self, JinjaArguments& arguments) {
  const JinjaValue *key = arguments.get(0, "key"), *fallback = arguments.get(1, "default");
  if (!key) return run.fail("setdefault needs a key");
  if (const JinjaValue* found = self.entries().find(*key)) return *found;
  JinjaValue value = fallback ? *fallback : JinjaValue::none();
  run.changed(self, value);
  self.entries().set(*key, value);
  return value;
}

JinjaValue pairs(const JinjaValue& self) {
  JinjaValues out;
  for (const auto& [key, value] : self.entries().entries) out.push_back(JinjaValue::list({key, value}, true));
  return JinjaValue::view(std::move(out), JinjaForm::items);
}

}  // namespace

const JinjaMethodTable& jinja_dict_methods() {
  static const JinjaMethodTable table = {
      {"items", [](JinjaRun&, const JinjaValue& s, JinjaArguments&) { return pairs(s); }},
      {"keys", [](JinjaRun& run, const JinjaValue& s, JinjaArguments&) { return JinjaValue::view(jinja_elements(run, s), JinjaForm::keys); }},
      {"values",
       [](JinjaRun&, const JinjaValue& s, JinjaArguments&) {
         JinjaValues out;
         for (const auto& [key, value] : s.entries().entries) out.push_back(value);
         return JinjaValue::view(std::move(out), JinjaForm::values);
       }},
      {"get",
       [](JinjaRun& run, const JinjaValue& s, JinjaArguments& a) {
         const JinjaValue *key = a.get(0, "key"), *fallback = a.get(1, "default");
         if (!key || !key->hashable() || !a.named.empty()) return run.fail("get needs a key, and perhaps a default");
         const JinjaValue* found = s.entries().find(*key);
         return found ? *found : fallback ? *fallback : JinjaValue::none();
       }},
      {"pop", pop_key_method},
      {"popitem",
       [](JinjaRun& run, const JinjaValue& s, JinjaArguments&) {
         auto& entries = s.entries().entries;
         if (entries.empty()) return run.fail("popitem from an empty dict");
         JinjaValue out = JinjaValue::list({entries.back().first, entries.back().second}, true);
         entries.pop_back();
         return out;
       }},
      {"setdefault", setdefault_method},
      {"clear",
       [](JinjaRun&, const JinjaValue& s, JinjaArguments&) {
         s.entries().entries.clear();
         return JinjaValue::none();
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

const JinjaMethodTable& jinja_list_methods() {
  static const JinjaMethodTable table = {
      {"index", index_method},
      {"count", count_method},
      {"insert", insert_method},
      {"remove", remove_method},
      {"reverse",
       [](JinjaRun& run, const JinjaValue& s, JinjaArguments&) {
         run.spend(s.items().items.size());
         std::reverse(s.items().items.begin(), s.items().items.end());
         return JinjaValue::none();
       }},
      {"sort", sort_method},
      {"copy", [](JinjaRun& run, const JinjaValue& s, JinjaArguments&) { return JinjaValue::list(jinja_elements(run, s)); }},
      {"clear",
       [](JinjaRun&, const JinjaValue& s, JinjaArguments&) {
         s.items().items.clear();
         return JinjaValue::none();
       }},
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
         if (index && !index->is_integer()) return run.fail("pop needs a whole number");
         std::int64_t at = index ? index->whole() : -1;
         if (at < 0) at += size;
         if (at < 0 || at >= size) return run.fail("pop from outside the list");
         JinjaValue value = s.items().items[static_cast<std::size_t>(at)];
         s.items().items.erase(s.items().items.begin() + at);
         return value;
       }},
  };
  return table;
}

}  // namespace assay
