#include "benchmark/harness/yaml_patterns.h"

#include <utf8proc.h>

#include <algorithm>

#include "base/text.h"

namespace assay::harness {

const PythonValue* Options::value(std::string_view key) {
  read_.emplace_back(key);
  if (dict_.kind != PythonValue::Kind::dict) return nullptr;
  const PythonValue* found = dict_.find(key);
  return found && found->kind != PythonValue::Kind::none ? found : nullptr;
}

std::unexpected<Error> Options::wrong(std::string_view key, const char* wanted) const {
  return fail(ErrorKind::usage, what_ + ": " + std::string(key) + " must be " + wanted);
}

Result<std::string> Options::text(std::string_view key, std::string_view fallback) {
  const PythonValue* found = value(key);
  if (!found) return std::string(fallback);
  if (found->kind != PythonValue::Kind::text) return wrong(key, "a text");
  return found->text;
}

Result<std::int64_t> Options::whole(std::string_view key, std::int64_t fallback) {
  const PythonValue* found = value(key);
  if (!found) return fallback;
  if (found->kind != PythonValue::Kind::integer || !found->text.empty()) return wrong(key, "a whole number");
  return found->integer;
}

Result<bool> Options::flag(std::string_view key) {
  const PythonValue* found = value(key);
  if (!found) return false;
  if (found->kind != PythonValue::Kind::boolean && found->kind != PythonValue::Kind::integer) return wrong(key, "true or false");
  return found->integer != 0;
}

Result<PythonRegex> Options::pattern(std::string_view text) const {
  auto compiled = PythonRegex::compile(text);
  if (!compiled) return fail(ErrorKind::usage, what_ + ": " + compiled.error().message, compiled.error().where);
  return compiled;
}

Result<std::vector<PythonRegex>> Options::patterns(std::string_view key) {
  std::vector<PythonRegex> out;
  const PythonValue* found = value(key);
  if (!found) return out;
  if (!found->is_sequence()) return wrong(key, "a list of patterns");
  for (const PythonValue& item : found->items) {
    if (item.kind != PythonValue::Kind::text) return wrong(key, "a list of patterns");
    auto compiled = pattern(item.text);
    if (!compiled) return fail(compiled.error());
    out.push_back(std::move(*compiled));
  }
  return out;
}

Result<void> Options::done() const {
  if (dict_.kind != PythonValue::Kind::dict) return {};
  for (std::size_t i = 0; i + 1 < dict_.items.size(); i += 2) {
    const std::string& key = dict_.items[i].text;
    if (std::find(read_.begin(), read_.end(), key) == read_.end())
      return fail(ErrorKind::unsupported, what_ + ": the option \"" + key + "\" is not supported");
  }
  return {};
}

Result<std::string> deleted(const PythonRegex& pattern, std::string_view text) {
  auto matches = pattern.find_all(text);
  if (!matches) return fail(matches.error());
  std::string out;
  std::size_t at = 0;
  for (const Match& match : *matches) {
    out.append(text.substr(at, match.groups[0].begin - at));
    at = match.groups[0].end;
  }
  out.append(text.substr(at));
  return out;
}

Result<std::optional<std::string>> selected_match(const PythonRegex& pattern, std::string_view text, std::int64_t select) {
  auto matches = pattern.find_all(text);
  if (!matches) return fail(matches.error());
  if (matches->empty()) return std::optional<std::string>{};
  const auto n = static_cast<std::int64_t>(matches->size());
  const std::int64_t index = select < 0 ? select + n : select;
  if (index < 0 || index >= n)
    return fail(ErrorKind::data,
                "group_select is " + std::to_string(select) + ", but the pattern matches only " + std::to_string(n) + " times");
  const Match& match = (*matches)[static_cast<std::size_t>(index)];
  std::string_view found = match.text(text, match.groups.size() == 2 ? 1 : 0);
  if (match.groups.size() > 2) {
    found = {};
    for (std::size_t group = 1; group < match.groups.size() && found.empty(); ++group) found = match.text(text, group);
    if (found.empty()) return std::optional<std::string>{};
  }
  return std::optional<std::string>(strip(found));
}

std::string escaped(std::string_view text) {
  std::string out;
  for (char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = byte >= 0x80 || c == '_' || (c >= '0' && c <= '9') || (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
    if (!plain) out += '\\';
    out += c;
  }
  return out;
}

std::string without_punctuation(std::string_view text) {
  std::string out;
  while (!text.empty()) {
    const char* begin = text.data();
    const char32_t c = next_code_point(text);
    const auto category = utf8proc_category(static_cast<utf8proc_int32_t>(c));
    if (category < UTF8PROC_CATEGORY_PC || category > UTF8PROC_CATEGORY_PO) out.append(begin, static_cast<std::size_t>(text.data() - begin));
  }
  return out;
}

}  // namespace assay::harness
