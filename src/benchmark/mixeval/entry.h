// An entry of a MixEval data file: a question of some source benchmark, free-form or multiple-choice (docs/formats/mixeval.md).
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace assay::mixeval {

enum class Split { free_form, multiple_choice };
/// "free-form", "multiple-choice": the data files' names.
std::string_view name(Split split);
/// "ff", "mc": in sample ids and judged files.
std::string_view short_name(Split split);

struct Entry {
  std::string id;          // unique within one file only
  json::object fields;     // as the file has them, in order, unknown ones included
  std::string prompt, benchmark_name;
  std::optional<std::string> context;  // where there is one by the original's rule
  std::vector<std::string> options;    // multiple-choice: as text
  std::vector<std::string> targets;    // free-form: acceptable answers, as text
  std::size_t answer = 0;              // multiple-choice: index of the right option; may lie beyond them, as foreign data may
};

inline constexpr std::size_t kMostOptions = 62;  // letters from 'A' to the end of ASCII

/// 'A' + index; behind 'Z' comes '[', as in the original.
inline char option_letter(std::size_t index) { return static_cast<char>('A' + static_cast<int>(index)); }
/// "A. first\nB. second"
std::string option_lines(const std::vector<std::string>& options);

/// A context counts unless its text is "none" or "null" in any case, or nothing but blanks. JSON's null has the text "None".
std::optional<std::string> usable_context(const json::value& context);

/// `data` error naming the key: prompt, benchmark_name, target (a list; multiple-choice: it begins with the index of an option), options (a list of at
/// most kMostOptions; multiple-choice alone).
Result<Entry> make_entry(Split split, std::string id, json::object fields, const std::string& where);

/// `data` error for a multiple-choice entry whose right option does not exist: nothing could be drawn or be right.
Result<void> check_target(Split split, const Entry& entry, const std::string& where);

/// A data file: one JSON object id -> entry in the order of the file; also a JSON array or JSON lines of entries that carry their `id`.
/// Errors (`data`): not JSON, no entries, an id twice, an entry that does not fit (id named).
Result<std::vector<Entry>> read_entries(std::string_view text, Split split, const std::string& where);

/// Equal for copies of one entry: benchmark, context, prompt, options and target. Mixtures hold copies on purpose.
std::string identity(const Entry& entry);
/// One number a distinct entry, in the order of first appearance.
std::vector<std::size_t> clusters_of(const std::vector<Entry>& entries);

}  // namespace assay::mixeval
