// Comma- and tab-separated values as Python's csv module reads and writes them (its "excel" dialect, not strict; RFC 4180 is the
// part everybody agrees on). Bytes in, bytes out: decoding is the caller's business.
#pragma once

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace assay {

using CsvRow = std::vector<std::string>;

struct CsvOptions {
  char delimiter = ',';
  char quote = '"';
  std::size_t max_field = std::size_t{1} << 24;  // bytes; Python's default is 131,072
  std::size_t max_columns = 100'000;
  std::string where{};  // named in errors
};

/// Reads rows one after another. Rules: a row ends at "\n", "\r\n" or "\r" outside quotes; a quote opens a quoted field only at
/// its start; "" inside quotes is one quote; text after the closing quote is kept as it is; an empty line is a row without
/// fields; a quoted field that the text's end cuts off is taken as it is (as Python does when not strict), and `cut()` tells.
class CsvReader {
 public:
  /// `text` must outlive the reader.
  explicit CsvReader(std::string_view text, CsvOptions options = {});
  /// False at the end. `data` errors: a NUL byte, a field or row beyond the limits.
  Result<bool> next(CsvRow& row);
  /// Line (from 1) on which the last row began.
  std::size_t line() const { return row_line_; }
  /// The last row ended inside quotes, because the text did.
  bool cut() const { return cut_; }

 private:
  std::string_view text_;
  CsvOptions options_;
  std::size_t at_ = 0, line_ = 1, row_line_ = 1;
  bool cut_ = false;
};

/// All rows, empty lines left out (as csv.DictReader does).
Result<std::vector<CsvRow>> parse_csv(std::string_view text, const CsvOptions& options = {});

enum class CsvQuote {
  minimal,  // only where reading back needs it: delimiter, quote, "\r", "\n", or a row that is one empty field
  all,
};
/// One row with its line end ("\r\n" is Python's default). `delimiter` and `quote` of `options` are used.
std::string write_csv_row(std::span<const std::string> fields, const CsvOptions& options = {}, std::string_view line_end = "\r\n",
                          CsvQuote quoting = CsvQuote::minimal);

}  // namespace assay
