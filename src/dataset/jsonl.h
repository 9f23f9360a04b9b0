// JSON lines: one document a line. Files that a killed program left behind end in the middle of a line; that line is told apart
// from lines that were never right.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace assay {

struct JsonlLine {
  std::size_t line = 0;  // from 1
  json::value value;
};

/// A line that is not valid JSON.
struct JsonlFault {
  std::size_t line = 0;
  bool half_written = false;  // the last line, and no line end after it
  Error error;                // where = "file:line:column"
};

/// What a line may hold: JSON alone, or also what Python's json.dumps writes - NaN, infinities, halves of surrogate pairs (which become U+FFFD).
enum class JsonlRules { strict, python };

inline constexpr std::size_t kLongestJsonLine = std::size_t{256} << 20;

/// Reads line by line. Lines end at '\n' (a '\r' before it is white space); lines of white space alone are skipped.
class JsonlReader {
 public:
  /// `text` must outlive the reader. `where` is named in errors. A longer line than `max_line` bytes is a fault.
  JsonlReader(std::string_view text, std::string where, std::size_t max_line = kLongestJsonLine, JsonlRules rules = JsonlRules::strict);
  /// nullopt at the end. After a fault, reading goes on with the next line.
  std::expected<std::optional<JsonlLine>, JsonlFault> next();

 private:
  std::string_view text_;
  std::string where_;
  std::size_t max_line_, at_ = 0, line_ = 0;
  JsonlRules rules_;
};

struct JsonlContent {
  std::vector<JsonlLine> lines;
  std::optional<JsonlFault> half_written;  // told, never fatal: what came before it stands
};
/// The whole file. A fault that is not a half-written last line is a `data` error.
Result<JsonlContent> read_jsonl(std::string_view text, std::string_view where, JsonlRules rules = JsonlRules::strict);

}  // namespace assay
