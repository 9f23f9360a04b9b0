// From a pool of entries and a file of queries to a mixture's files.
#pragma once

#include <string>
#include <vector>

#include "base/error.h"
#include "benchmark/mixeval/mixture.h"

namespace assay::mixeval {

/// The pool: entries of any number of files, identical ones once.
struct Pool {
  std::vector<Entry> entries;
  std::vector<Split> splits;
  std::vector<std::string> ids;  // FILE:ID of the first of each
  std::size_t merged = 0;        // copies left out
};
/// Adds a file; a split is told by `options` in its entries. Errors as read_entries.
Result<void> add_to_pool(std::string_view text, const std::string& file, Pool& pool);

/// One query a line, or JSON lines with `query`; trimmed, empty ones and exact repetitions left out.
Result<std::vector<std::string>> read_queries(std::string_view text, const std::string& where);

/// What an entry is compared by: its prompt, with the context in front where the prompts of its source benchmark say nothing (one for
/// all, or fewer than 5 % different ones, or SIQA's).
std::vector<std::string> match_texts(const Pool& pool);

struct MixtureWish {
  MatchRules rules;
  std::size_t free_form = 2000, multiple_choice = 2000;
  std::int64_t seed = 42;
  bool dedupe = false;
};
struct Mixture {
  std::string free_form, multiple_choice;  // data files
  std::string record;                      // mixture.json
  std::size_t dropped = 0;                 // queries without a match
  Filled filled;
};
/// Lexical matching: no model is needed.
Mixture build_mixture(const Pool& pool, const std::vector<std::string>& queries, const MixtureWish& wish);

}  // namespace assay::mixeval
