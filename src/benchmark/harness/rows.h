// Rows of a data set as JSON: lines, or one array.
#pragma once

#include <filesystem>
#include <functional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "base/json.h"

namespace assay::harness {

/// Calls `visit` for each row in file order with its place from 0 and "FILE:LINE" (or "FILE[ROW]") for messages; stops at its first
/// error. `data` errors: not UTF-8, no JSON, a row that is no object, no rows, or a Parquet file (which says what to do).
Result<void> for_each_row(std::string_view text, std::string_view where,
                          const std::function<Result<void>(const json::value& row, std::size_t number, const std::string& where)>& visit);

/// A member that must be a string. `data` error naming it.
Result<std::string> text_member(const json::value& row, std::string_view key, const std::string& where);
/// An array of strings, likewise.
Result<std::vector<std::string>> texts_of(const json::value* list, std::string_view key, const std::string& where);

/// The rows of a Parquet file as JSON lines, which every reader here takes. Errors as read_parquet(); `data` where the lines would be more than 1 GiB.
Result<std::string> lines_of_parquet(const std::filesystem::path& file);

/// Refuses what no reader here takes: Parquet (give such a file to lines_of_parquet() first), text that is not UTF-8. The text without a byte order mark otherwise.
Result<std::string_view> readable(std::string_view text, std::string_view where);

}  // namespace assay::harness
