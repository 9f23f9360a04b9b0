#include "benchmark/harness/rows.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include "base/text.h"
#include "dataset/jsonl.h"
#include "dataset/parquet.h"

namespace assay::harness {
namespace {

constexpr std::size_t kMostLine = std::size_t{4} << 20;

std::unexpected<Error> no_object(const std::string& where) {
  return fail(ErrorKind::data, "a row must be a JSON object", where);
}

}  // namespace

Result<std::string> lines_of_parquet(const std::filesystem::path& file) {
  constexpr std::size_t kMost = std::size_t{1} << 30;
  std::string out;
  auto read = read_parquet(file, {}, [&](const json::object& row) -> Result<void> {
    append_json(out, row);
    out += '\n';
    if (out.size() > kMost) return fail(ErrorKind::data, "the file's rows are more than 1 GiB of text", file.string());
    return {};
  });
  if (!read) return fail(read.error());
  return out;
}

Result<std::string_view> readable(std::string_view text, std::string_view where) {
  if (text.starts_with("PAR1"))
    return fail(ErrorKind::data, "this is a Parquet file", std::string(where),
                "export it as JSON lines or CSV (duckdb: COPY (FROM 'x.parquet') TO 'x.jsonl' (FORMAT json))");
  if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
  if (!is_valid_utf8(text)) return fail(ErrorKind::data, "the file is not UTF-8 text", std::string(where));
  return text;
}

Result<void> for_each_row(std::string_view text, std::string_view where,
                          const std::function<Result<void>(const json::value&, std::size_t, const std::string&)>& visit) {
  auto clean = readable(text, where);
  if (!clean) return fail(clean.error());
  std::size_t number = 0;
  std::string_view start = lstrip(clean->substr(0, 4096));
  if (start.starts_with('[')) {
    auto document = parse_json(*clean, where);
    if (!document) return fail(document.error());
    for (const json::value& row : document->get_array()) {
      std::string place = std::string(where) + "[" + std::to_string(number) + "]";
      if (!row.is_object()) return no_object(place);
      if (auto done = visit(row, number++, place); !done) return done;
    }
  } else {
    JsonlReader reader(*clean, std::string(where), kMostLine);
    for (;;) {
      auto line = reader.next();
      if (!line) return fail(line.error().error);
      if (!*line) break;
      std::string place = std::string(where) + ":" + std::to_string((*line)->line);
      if (!(*line)->value.is_object()) return no_object(place);
      if (auto done = visit((*line)->value, number++, place); !done) return done;
    }
  }
  if (number == 0) return fail(ErrorKind::data, "the file holds no rows", std::string(where));
  return {};
}

Result<std::string> text_member(const json::value& row, std::string_view key, const std::string& where) {
  const json::value* member = find(row, key);
  if (!member || !member->is_string())
    return fail(ErrorKind::data, "\"" + std::string(key) + "\" must be there and a string", where);
  return std::string(member->get_string());
}

Result<std::vector<std::string>> texts_of(const json::value* list, std::string_view key, const std::string& where) {
  if (!list || !list->is_array()) return fail(ErrorKind::data, "\"" + std::string(key) + "\" must be there and an array of strings", where);
  std::vector<std::string> out;
  out.reserve(list->get_array().size());
  for (const json::value& item : list->get_array()) {
    if (!item.is_string()) return fail(ErrorKind::data, "\"" + std::string(key) + "\" must hold strings only", where);
    out.emplace_back(item.get_string());
  }
  return out;
}

}  // namespace assay::harness
