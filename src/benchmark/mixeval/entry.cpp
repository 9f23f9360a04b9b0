#include "benchmark/mixeval/entry.h"

#include <unordered_map>
#include <unordered_set>

#include "base/python_json.h"
#include "base/text.h"
#include "benchmark/mixeval/python_text.h"
#include "dataset/jsonl.h"

namespace assay::mixeval {
namespace {

constexpr std::size_t kMostEntries = 5'000'000;

std::string sample_where(const std::string& where, const std::string& id) {
  return where + ", id " + shorten(id, 40);
}

}  // namespace

std::string_view name(Split split) { return split == Split::free_form ? "free-form" : "multiple-choice"; }
std::string_view short_name(Split split) { return split == Split::free_form ? "ff" : "mc"; }

std::string option_lines(const std::vector<std::string>& options) {
  std::string out;
  for (std::size_t i = 0; i < options.size(); ++i) {
    if (i) out += '\n';
    out += option_letter(i);
    out += ". ";
    out += options[i];
  }
  return out;
}

std::optional<std::string> usable_context(const json::value& context) {
  std::string text = python_text(context);
  if (text.find_first_not_of(' ') == std::string::npos) return std::nullopt;
  // Only such short texts can become "none" or "null": lower-casing passages of many pages would be in vain.
  if (text.size() <= 16) {
    const std::string low = lower(text);
    if (low == "none" || low == "null") return std::nullopt;
  }
  return text;
}

Result<Entry> make_entry(Split split, std::string id, json::object fields, const std::string& where) {
  Entry out;
  out.id = std::move(id);
  out.fields = std::move(fields);
  auto wrong = [&](const std::string& what) { return fail(ErrorKind::data, what, sample_where(where, out.id)); };
  const json::value* prompt = out.fields.if_contains("prompt");
  if (!prompt) return wrong("the entry has no \"prompt\"");
  out.prompt = python_text(*prompt);
  const json::value* benchmark = out.fields.if_contains("benchmark_name");
  if (!benchmark) return wrong("the entry has no \"benchmark_name\"");
  out.benchmark_name = python_text(*benchmark);
  if (const json::value* context = out.fields.if_contains("context")) out.context = usable_context(*context);
  const json::value* target = out.fields.if_contains("target");
  if (!target) return wrong("the entry has no \"target\"");
  if (!target->is_array()) return wrong("\"target\" is no list");
  if (split == Split::free_form) {
    for (const json::value& answer : target->get_array()) out.targets.push_back(python_text(answer));
    return out;
  }
  const json::array& right = target->get_array();
  if (right.empty()) return wrong("\"target\" is empty");
  std::int64_t index = -1;
  if (right[0].is_int64()) index = right[0].get_int64();
  if (index < 0) return wrong("\"target\" does not begin with the index of an option");
  out.answer = static_cast<std::size_t>(index);
  const json::value* options = out.fields.if_contains("options");
  if (!options) return wrong("the entry has no \"options\"");
  if (!options->is_array()) return wrong("\"options\" is no list");
  if (options->get_array().size() > kMostOptions)
    return wrong("the entry has " + std::to_string(options->get_array().size()) + " options, and letters end with the " + std::to_string(kMostOptions) + "nd");
  for (const json::value& option : options->get_array()) out.options.push_back(python_text(option));
  return out;
}

Result<void> check_target(Split split, const Entry& entry, const std::string& where) {
  if (split == Split::free_form || entry.answer < entry.options.size()) return {};
  return fail(ErrorKind::data, "\"target\" names option " + std::to_string(entry.answer) + " (from 0), and there are " + std::to_string(entry.options.size()),
              sample_where(where, entry.id));
}

Result<std::vector<Entry>> read_entries(std::string_view text, Split split, const std::string& where) {
  std::vector<Entry> out;
  std::unordered_set<std::string> seen;
  auto add = [&](std::string id, json::object fields) -> Result<void> {
    if (out.size() >= kMostEntries) return fail(ErrorKind::data, "the file holds more than " + std::to_string(kMostEntries) + " entries", where);
    if (!seen.insert(id).second) return fail(ErrorKind::data, "the id \"" + shorten(id, 40) + "\" is there twice", where);
    auto entry = make_entry(split, std::move(id), std::move(fields), where);
    if (!entry) return std::unexpected(entry.error());
    if (auto fits = check_target(split, *entry, where); !fits) return fits;
    out.push_back(std::move(*entry));
    return {};
  };
  auto add_object = [&](json::value& value, const std::string& at) -> Result<void> {
    if (!value.is_object()) return fail(ErrorKind::data, "an entry is no JSON object", at);
    json::object& fields = value.get_object();
    const json::value* id = fields.if_contains("id");
    if (!id) return fail(ErrorKind::data, "an entry has no \"id\"", at);
    std::string id_text = python_text(*id);
    return add(std::move(id_text), std::move(fields));
  };

  auto whole = parse_json(text, where);
  if (!whole && is_valid_utf8(text))
    if (auto lenient = read_python_json(text)) whole = to_json(*lenient);  // NaN where a table had nothing
  if (whole && whole->is_object() && !(whole->get_object().contains("prompt") && whole->get_object().contains("id"))) {
    out.reserve(whole->get_object().size());
    for (auto& member : whole->get_object()) {
      if (!member.value().is_object())
        return fail(ErrorKind::data, "the entry \"" + shorten(std::string(member.key()), 40) + "\" is no JSON object", where);
      if (auto added = add(std::string(member.key()), std::move(member.value().get_object())); !added) return std::unexpected(added.error());
    }
  } else if (whole && whole->is_array()) {
    for (json::value& item : whole->get_array())
      if (auto added = add_object(item, where); !added) return std::unexpected(added.error());
  } else {
    auto lines = read_jsonl(text, where, JsonlRules::python);
    if (!lines) return std::unexpected(whole ? lines.error() : whole.error());
    if (lines->half_written || lines->lines.empty() || !lines->lines.front().value.is_object()) {
      if (!whole) return std::unexpected(whole.error());
      return fail(ErrorKind::data, "the file holds no entries", where, "it is a JSON object id -> entry, or one entry with its id a line");
    }
    for (JsonlLine& line : lines->lines)
      if (auto added = add_object(line.value, where + ":" + std::to_string(line.line)); !added) return std::unexpected(added.error());
  }
  if (out.empty()) return fail(ErrorKind::data, "the file holds no entries", where);
  return out;
}

std::string identity(const Entry& entry) {
  json::array parts;
  for (const char* key : {"benchmark_name", "context", "prompt", "options", "target"}) {
    const json::value* value = entry.fields.if_contains(key);
    parts.push_back(value ? *value : json::value(nullptr));
  }
  return write_json(parts);
}

std::vector<std::size_t> clusters_of(const std::vector<Entry>& entries) {
  std::unordered_map<std::string, std::size_t> known;
  std::vector<std::size_t> out;
  out.reserve(entries.size());
  for (const Entry& entry : entries) out.push_back(known.try_emplace(identity(entry), known.size()).first->second);
  return out;
}

}  // namespace assay::mixeval
