// Response files: one line an entry, with what was asked and what the model answered. Read from any tool that writes them.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "benchmark/mixeval/entry.h"

namespace assay::mixeval {

/// A line of a response file. `entry.fields` is the whole line, so that nothing of it is lost in a judged file.
struct StoredResponse {
  Entry entry;
  std::string response;
};

/// `fields` (the data entry's, or a line's) with formated_input, id and response at their places, serialised as Python does; ends
/// with a line end.
std::string response_line(const json::object& fields, std::string_view formatted, std::string_view id, std::string_view response);

struct ResponseFile {
  std::vector<StoredResponse> lines;   // with data each id once, its first line; else all, and a repeated id's entries are called ID, ID#2, ID#3
  std::vector<std::string> doubled;    // ids of further lines
  std::vector<std::string> foreign;    // ids that the data do not have; left out. Empty without data
  std::vector<std::string> missing;    // ids of the data without a line. Empty without data
  std::optional<std::size_t> torn_at;  // byte offset of a half-written last line, which is left out
  std::size_t raw_lines = 0;           // as the original counts them: line ends, and a rest without one
};
/// JSON lines, as Python writes them, or one JSON array. A line needs `id`, `response` and what scoring needs; a line with `id` and `response`
/// alone takes the rest from `data` (null: no data are at hand, and a line without `id` is called "#" and its number). Ids may be numbers.
/// Errors (`data`): a line that is no JSON or lacks something, with its line and id.
Result<ResponseFile> read_responses(std::string_view text, Split split, const std::string& where, const std::vector<Entry>* data);

/// The id that the line has, whatever its entry is called here.
std::string line_id(const Entry& entry);

/// The same as JSON lines where `text` is one JSON array, behind which no line can be written; null where it is none. `data` errors.
Result<std::optional<std::string>> array_as_lines(std::string_view text, const std::string& where);

/// Where the original, strict as it is, would go on: batches that are done. `status` null: the file is not there.
struct StrictResume {
  bool complete = false;
  std::size_t batches = 0;
  double elapsed = 0;
};
/// Errors: not_found (no status file), usage (the arguments differ, named; or the number of lines does not fit), data (no status file).
Result<StrictResume> strict_resume(const std::optional<std::string>& status, const json::object& args, std::size_t raw_lines, std::size_t batch_size,
                                   const std::string& where);

/// The status file's text: indent 4, no final line end. `args` end with "split".
std::string status_text(const json::object& args, std::size_t batch_id, const json::value& elapsed, bool complete);
/// Whether a status file says "complete"; `data` error when it is none.
Result<bool> status_complete(std::string_view text, const std::string& where);

}  // namespace assay::mixeval
