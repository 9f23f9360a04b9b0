#include "benchmark/mixeval/mixture_pool.h"

#include <map>
#include <set>

#include "base/text.h"
#include "benchmark/mixeval/prompts.h"
#include "benchmark/mixeval/python_text.h"
#include "dataset/jsonl.h"

namespace assay::mixeval {
namespace {

/// What the first user of a chat wrote.
std::optional<std::string> first_message(const json::value& line) {
  struct Shape {
    const char *list, *who, *text;
  };
  for (const Shape& shape : {Shape{"conversation", "role", "content"}, Shape{"messages", "role", "content"}, Shape{"conversations", "from", "value"}}) {
    const json::value* list = find(line, shape.list);
    if (!list || !list->is_array()) continue;
    for (const json::value& message : list->get_array())
      if (auto who = get_string(message, shape.who); who && (*who == "user" || *who == "human")) return get_string(message, shape.text);
  }
  return std::nullopt;
}

constexpr std::pair<MatchText, std::string_view> kMatchTexts[] = {
    {MatchText::automatic, "auto"}, {MatchText::prompt, "prompt"}, {MatchText::context_prompt, "context+prompt"}, {MatchText::formatted, "formatted"}};

}  // namespace

Result<void> PoolReader::add(std::string_view text, const std::string& file) {
  // Read as free-form, every entry is one; those with options are then read again as what they are.
  auto read = read_entries(text, Split::free_form, file);
  if (!read) return std::unexpected(read.error());
  for (Entry& entry : *read) {
    const bool choice = entry.fields.contains("options");
    if (choice) {
      auto again = make_entry(Split::multiple_choice, std::move(entry.id), std::move(entry.fields), file);
      if (!again) return std::unexpected(again.error());
      if (auto fits = check_target(Split::multiple_choice, *again, file); !fits) return fits;
      entry = std::move(*again);
    }
    if (!known_.insert(identity(entry)).second) {
      ++pool_.merged;
      continue;
    }
    pool_.ids.push_back(file + ":" + entry.id);
    pool_.splits.push_back(choice ? Split::multiple_choice : Split::free_form);
    pool_.entries.push_back(std::move(entry));
  }
  return {};
}

Result<std::vector<std::string>> read_queries(std::string_view text, const std::string& where) {
  std::vector<std::string> out;
  std::unordered_set<std::string> seen;
  auto add = [&](std::string_view query) {
    std::string clean(strip(query));
    if (!clean.empty() && seen.insert(clean).second) out.push_back(std::move(clean));
  };
  const std::string valid = valid_utf8(text);
  if (std::string_view(valid).substr(0, valid.find('\n')).starts_with('{')) {
    auto lines = read_jsonl(valid, where);
    if (!lines) return std::unexpected(lines.error());
    for (const JsonlLine& line : lines->lines) {
      auto query = get_string(line.value, "query");
      if (!query) query = first_message(line.value);
      if (!query) return fail(ErrorKind::data, "the line has no text \"query\", and no chat with a user's message", where + ":" + std::to_string(line.line));
      add(*query);
    }
  } else {
    for (std::string_view line : split_lines(valid)) add(line);
  }
  if (out.empty()) return fail(ErrorKind::data, "the file holds no queries", where, "one a line, or JSON lines with \"query\"");
  return out;
}

std::string_view name(MatchText what) {
  for (const auto& [value, word] : kMatchTexts)
    if (value == what) return word;
  return "auto";
}

std::optional<MatchText> match_text_from(std::string_view name) {
  for (const auto& [value, word] : kMatchTexts)
    if (word == name) return value;
  return std::nullopt;
}

std::vector<std::string> match_texts(const Pool& pool, MatchText what) {
  struct Prompts {
    std::set<std::string_view> distinct;
    std::size_t n = 0;
  };
  std::map<std::string_view, Prompts> of;
  if (what == MatchText::automatic)
    for (const Entry& entry : pool.entries) {
      Prompts& prompts = of[entry.benchmark_name];
      prompts.distinct.insert(entry.prompt);
      ++prompts.n;
    }
  std::vector<std::string> out;
  out.reserve(pool.entries.size());
  for (std::size_t i = 0; i < pool.entries.size(); ++i) {
    const Entry& entry = pool.entries[i];
    bool with_context = what == MatchText::context_prompt;
    if (what == MatchText::automatic) {
      const Prompts& prompts = of[entry.benchmark_name];
      with_context = entry.benchmark_name == "SIQA" || prompts.distinct.size() == 1 || prompts.distinct.size() * 20 < prompts.n;
    }
    if (what == MatchText::formatted)
      if (auto text = formatted_input(pool.splits[i], entry)) {
        out.push_back(std::move(*text));
        continue;
      }
    out.push_back(with_context && entry.context ? *entry.context + "\n" + entry.prompt : entry.prompt);
  }
  return out;
}

}  // namespace assay::mixeval
