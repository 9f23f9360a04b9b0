#include "benchmark/harness/text_task.h"

#include "base/text.h"
#include "benchmark/harness/rows.h"

namespace assay::harness {
namespace {

/// Up to the next colon without a backslash before it, which is taken away.
std::optional<std::string> part_before_colon(std::string_view& rest) {
  std::string out;
  for (std::size_t i = 0; i < rest.size(); ++i) {
    if (rest[i] == '\\' && i + 1 < rest.size() && rest[i + 1] == ':') {
      out += ':';
      ++i;
    } else if (rest[i] == ':') {
      rest.remove_prefix(i + 1);
      return out;
    } else {
      out += rest[i];
    }
  }
  return std::nullopt;
}

}  // namespace

std::optional<TextTask> parse_text_task(std::string_view name) {
  if (!name.starts_with("json=")) return std::nullopt;
  name.remove_prefix(5);
  auto split = part_before_colon(name);
  if (!split) return std::nullopt;
  auto key = part_before_colon(name);
  if (!key || split->empty() || key->empty() || name.empty()) return std::nullopt;
  return TextTask{std::move(*split), std::move(*key), replace_all(name, "\\:", ":")};
}

Result<Documents> read_texts(std::string_view text, std::string_view key, std::string_view where) {
  Documents out;
  auto read = for_each_row(text, where, [&](const json::value& row, std::size_t number, const std::string& place) -> Result<void> {
    auto words = text_member(row, key, place);
    if (!words) return fail(words.error());
    out.push_back({.row = number, .query = std::move(*words)});
    return {};
  });
  if (!read) return fail(read.error());
  return out;
}

std::size_t count_words(std::string_view text) {
  std::size_t words = 1;
  bool in_space = false;
  while (!text.empty()) {
    const bool space = is_space(next_code_point(text));
    if (space && !in_space) ++words;
    in_space = space;
  }
  return words;
}

}  // namespace assay::harness
