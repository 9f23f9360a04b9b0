#include "dataset/csv.h"

namespace assay {
namespace {

enum class State { start_field, in_field, in_quotes, quote_in_quotes };

std::unexpected<Error> bad(const CsvOptions& options, std::size_t line, std::string what) {
  std::string where = options.where.empty() ? "line " + std::to_string(line) : options.where + ":" + std::to_string(line);
  return fail(ErrorKind::data, "not readable as CSV: " + std::move(what), std::move(where));
}

}  // namespace

CsvReader::CsvReader(std::string_view text, CsvOptions options) : text_(text), options_(std::move(options)) {}

Result<bool> CsvReader::next(CsvRow& row) {
  row.clear();
  cut_ = false;
  if (at_ >= text_.size()) return false;
  row_line_ = line_;

  std::string field;
  State state = State::start_field;
  bool any = false;  // a field has begun, so the row is not an empty line
  auto end_field = [&] {
    row.push_back(std::move(field));
    field.clear();
    state = State::start_field;
  };

  while (at_ < text_.size()) {
    char c = text_[at_++];
    if (c == '\0') return bad(options_, line_, "a NUL byte");

    bool line_break = c == '\n' || c == '\r';
    if (line_break) {
      // "\r\n" counts as one line, inside quotes too, where both bytes are kept.
      if (!(c == '\n' && at_ >= 2 && text_[at_ - 2] == '\r')) ++line_;
      if (state != State::in_quotes) {
        if (c == '\r' && at_ < text_.size() && text_[at_] == '\n') ++at_;
        if (any) end_field();
        return true;
      }
    }
    any = true;
    switch (state) {
      case State::start_field:
        if (c == options_.quote) {
          state = State::in_quotes;
          break;
        }
        state = State::in_field;
        [[fallthrough]];
      case State::in_field:
        if (c == options_.delimiter) {
          end_field();
          if (row.size() >= options_.max_columns)
            return bad(options_, line_, "a row of more than " + std::to_string(options_.max_columns) + " fields");
        } else {
          field += c;
        }
        break;
      case State::in_quotes:
        if (c == options_.quote) {
          state = State::quote_in_quotes;
        } else {
          field += c;
        }
        break;
      case State::quote_in_quotes:
        if (c == options_.quote) {
          field += c;
          state = State::in_quotes;
        } else if (c == options_.delimiter) {
          end_field();
          if (row.size() >= options_.max_columns)
            return bad(options_, line_, "a row of more than " + std::to_string(options_.max_columns) + " fields");
        } else {
          field += c;
          state = State::in_field;
        }
        break;
    }
    if (field.size() > options_.max_field)
      return bad(options_, line_, "a field of more than " + std::to_string(options_.max_field) + " bytes");
  }
  cut_ = state == State::in_quotes;
  if (any) end_field();
  return true;
}

Result<std::vector<CsvRow>> parse_csv(std::string_view text, const CsvOptions& options) {
  CsvReader reader(text, options);
  std::vector<CsvRow> rows;
  for (CsvRow row;;) {
    auto more = reader.next(row);
    if (!more) return fail(more.error());
    if (!*more) return rows;
    if (!row.empty()) rows.push_back(std::move(row));
  }
}

std::string write_csv_row(std::span<const std::string> fields, const CsvOptions& options, std::string_view line_end,
                          CsvQuote quoting) {
  const char special[] = {options.delimiter, options.quote, '\r', '\n'};
  std::string out;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    if (i > 0) out += options.delimiter;
    const std::string& field = fields[i];
    // A lone empty field would read back as an empty line.
    bool quoted = quoting == CsvQuote::all || field.find_first_of(special, 0, sizeof special) != std::string::npos ||
                  (field.empty() && fields.size() == 1);
    if (!quoted) {
      out += field;
      continue;
    }
    out += options.quote;
    for (char c : field) {
      if (c == options.quote) out += c;
      out += c;
    }
    out += options.quote;
  }
  out += line_end;
  return out;
}

}  // namespace assay
