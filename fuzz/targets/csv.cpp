// CSV and TSV (dataset/csv): rows that were read are written and read back the same.
#include "dataset/csv.h"
#include "fuzz.h"

namespace assay::fuzz {

void fuzz_one(std::string_view input) {
  CsvOptions options;
  std::uint8_t bits = take_byte(input);
  options.delimiter = bits & 1 ? '\t' : ',';
  options.max_field = bits & 2 ? 16 : 1 << 20;
  options.max_columns = bits & 4 ? 4 : 1000;
  auto rows = parse_csv(input, options);
  if (!rows) {
    REQUIRE(rows.error().kind == ErrorKind::data);
    return;
  }
  std::string written;
  for (const CsvRow& row : *rows) {
    REQUIRE(!row.empty() && row.size() <= options.max_columns);
    written += write_csv_row(row, options, bits & 8 ? "\n" : "\r\n", bits & 16 ? CsvQuote::all : CsvQuote::minimal);
  }
  auto again = parse_csv(written, options);
  REQUIRE(again.has_value() && *again == *rows);
}

}  // namespace assay::fuzz
