// What a mixture is built from: entries of benchmarks, and texts of users.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/error.h"
#include "benchmark/mixeval/entry.h"

namespace assay::mixeval {

/// The pool: entries of any number of files, identical ones once.
struct Pool {
  std::vector<Entry> entries;
  std::vector<Split> splits;
  std::vector<std::string> ids;  // FILE:ID of the first of each
  std::size_t merged = 0;        // copies left out
};
/// Adds files one after another; each is a MixEval data file or JSON lines of entries with their `id`. An entry with `options` is
/// multiple-choice, else free-form. Errors as read_entries.
class PoolReader {
 public:
  Result<void> add(std::string_view text, const std::string& file);
  Pool& pool() { return pool_; }

 private:
  Pool pool_;
  std::unordered_set<std::string> known_;
};

/// One query a line, or JSON lines with `query`, or with a chat whose first user message is taken (`conversation` or `messages` of
/// {role, content}; `conversations` of {from, value}); trimmed, empty ones and exact repetitions left out. `data` error for none.
Result<std::vector<std::string>> read_queries(std::string_view text, const std::string& where);

enum class MatchText {
  automatic,       // the prompt, with the context in front where the prompts of its source benchmark say nothing: one for all, or fewer than
                   // 5 % different ones, or SIQA's
  prompt,
  context_prompt,
  formatted,       // what a chat model is asked
};
std::string_view name(MatchText what);
std::optional<MatchText> match_text_from(std::string_view name);

/// What each entry is compared by.
std::vector<std::string> match_texts(const Pool& pool, MatchText what = MatchText::automatic);

}  // namespace assay::mixeval
