// Filters that cut sequences into groups, and the walk along an attribute's path.
#include <algorithm>

#include "base/text.h"
#include "prompt/jinja_tables.h"

namespace assay {
namespace {

JinjaValue batch(JinjaRun& run, const JinjaValue& value, JinjaArguments& arguments) {
  const JinjaValue *count = arguments.get(0, "linecount"), *fill = arguments.get(1, "fill_with");
  if (!count || !count->is_integer() || count->whole() < 1) return run.fail("batch needs a number of elements");
  auto size = static_cast<std::size_t>(count->whole());
  JinjaValues out, group;
  for (JinjaValue& item : jinja_elements(run, value)) {
    if (group.size() == size) out.push_back(JinjaValue::list(std::exchange(group, {})));
    group.push_back(std::move(item));
  }
  if (!group.empty()) {
    if (fill && !fill->is_none()) {
      if (!run.spend(size)) return {};
      group.resize(std::max(size, group.size()), *fill);
    }
    out.push_back(JinjaValue::list(std::move(group)));
  }
  return JinjaValue::view(std::move(out), JinjaForm::iterator);
}

JinjaValue slices(JinjaRun& run, const JinjaValue& value, JinjaArguments& arguments) {
  const JinjaValue *count = arguments.get(0, "slices"), *fill = arguments.get(1, "fill_with");
  if (!count || !count->is_integer() || count->whole() < 1 || !run.spend(static_cast<std::size_t>(count->whole())))
    return run.fail("slice needs a number of lists");
  JinjaValues items = jinja_elements(run, value), out;
  auto slices = static_cast<std::size_t>(count->whole());
  std::size_t each = items.size() / slices, longer = items.size() % slices, at = 0;
  for (std::size_t i = 0; i < slices; ++i) {
    std::size_t end = at + each + (i < longer ? 1 : 0);
    JinjaValues part(items.begin() + static_cast<std::ptrdiff_t>(at), items.begin() + static_cast<std::ptrdiff_t>(end));
    if (fill && !fill->is_none() && i >= longer) part.push_back(*fill);
    out.push_back(JinjaValue::list(std::move(part)));
    at = end;
  }
  return JinjaValue::view(std::move(out), JinjaForm::iterator);
}

JinjaValue groupby(JinjaRun& run, const JinjaValue& value, JinjaArguments& arguments) {
  const JinjaValue *attribute = arguments.get(0, "attribute"), *fallback = arguments.get(1, "default"),
                   *exact = arguments.get(2, "case_sensitive");
  if (!attribute) return run.fail("groupby needs an attribute");
  bool case_sensitive = exact && exact->truthy();
  struct Entry {
    JinjaValue key, shown, item;
  };
  std::vector<Entry> entries;
  for (JinjaValue& item : jinja_elements(run, value)) {
    JinjaValue shown = jinja_dotted(run, item, attribute->str(), fallback);
    if (run.failed()) return {};
    JinjaValue key = !case_sensitive && shown.is_string() ? JinjaValue::string(lower(shown.text())) : shown;
    entries.push_back({std::move(key), std::move(shown), std::move(item)});
  }
  if (!run.spend(entries.size() * 8)) return {};
  for (std::size_t i = 1; i < entries.size(); ++i)
    if (!entries[0].key.less(entries[i].key) || !entries[i].key.less(entries[0].key))
      return run.fail("these values cannot be grouped");
  std::stable_sort(entries.begin(), entries.end(),
                   [](const Entry& a, const Entry& b) { return a.key.less(b.key).value_or(false); });
  JinjaValues out;
  for (std::size_t i = 0; i < entries.size();) {
    JinjaValues group;
    std::size_t first = i;
    for (; i < entries.size() && entries[i].key.equals(entries[first].key); ++i) group.push_back(entries[i].item);
    out.push_back(JinjaValue::list({entries[first].shown, JinjaValue::list(std::move(group))}, true));
    out.back().items().group = true;
  }
  return JinjaValue::list(std::move(out));
}

}  // namespace

JinjaValue jinja_dotted(JinjaRun& run, JinjaValue value, const std::string& path, const JinjaValue* fallback) {
  for (const std::string& part : split(path, '.')) {
    bool number = !part.empty() && part.size() < 10 && part.find_first_not_of("0123456789") == std::string::npos;
    value = number && value.is_list() ? jinja_item(run, value, JinjaValue::integer(std::stoll(part)))
                                      : jinja_item(run, value, JinjaValue::string(part));
    if (fallback && value.is_undefined()) value = *fallback;
    if (run.failed()) return {};
  }
  return value;
}

const JinjaMethodTable& jinja_sequence_filters() {
  static const JinjaMethodTable table = {{"batch", batch}, {"slice", slices}, {"groupby", groupby}};
  return table;
}

}  // namespace assay
