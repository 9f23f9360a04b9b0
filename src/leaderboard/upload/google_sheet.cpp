#include <limits>

#include "base/text.h"
#include "leaderboard/upload/google_reply.h"
#include "leaderboard/upload/result_upload.h"

namespace assay {
namespace {

constexpr std::string_view kScope = "https://www.googleapis.com/auth/spreadsheets";

std::string percent_encode(std::string_view text) {
  static constexpr char digits[] = "0123456789ABCDEF";
  std::string out;
  for (char c : text) {
    bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || std::string_view("-._~").contains(c);
    if (plain) out += c;
    else out.append({'%', digits[static_cast<unsigned char>(c) >> 4], digits[static_cast<unsigned char>(c) & 15]});
  }
  return out;
}

Error refused(const HttpResponse& response, const ServiceAccount& account, const Secret& token) {
  Error error = google_error(response, "Google Sheets refused", token);
  if (error.kind == ErrorKind::auth) error.hint = "share the sheet with " + account.client_email + " as an editor";
  if (error.kind == ErrorKind::not_found) error.hint = "is the sheet's address right, and is it shared with " + account.client_email + "?";
  return error;
}

/// The title of the worksheet that stands first.
std::optional<std::string> first_title(const json::value& spreadsheet) {
  const json::value* sheets = find(spreadsheet, "sheets");
  if (!sheets || !sheets->is_array()) return std::nullopt;
  std::optional<std::string> out;
  std::int64_t first = std::numeric_limits<std::int64_t>::max();
  for (const json::value& sheet : sheets->get_array()) {
    const json::value* properties = find(sheet, "properties");
    if (!properties) continue;
    auto title = get_string(*properties, "title");
    std::int64_t index = get_integer(*properties, "index").value_or(0);
    if (!title || index >= first) continue;
    first = index;
    out = title;
  }
  return out;
}

}  // namespace

std::optional<std::string> spreadsheet_id(std::string_view url) {
  constexpr std::string_view kMark = "/spreadsheets/d/";
  for (std::size_t at = url.find(kMark); at != std::string_view::npos; at = url.find(kMark, at + 1)) {
    std::string_view rest = url.substr(at + kMark.size());
    std::size_t size = 0;
    auto fits = [](char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' || c == '_'; };
    while (size < rest.size() && fits(rest[size])) ++size;
    if (size > 0) return std::string(rest.substr(0, size));
  }
  return std::nullopt;
}

Async<std::string> append_to_sheet(ServiceAccount account, std::string spreadsheet_url, json::array row, UploadOptions options) {
  auto id = spreadsheet_id(spreadsheet_url);
  if (!id) {
    co_return fail(ErrorKind::usage, "this is no address of a Google sheet: \"" + shorten(valid_utf8(spreadsheet_url), 100) + "\"", "",
                   "it looks like https://docs.google.com/spreadsheets/d/ID/edit");
  }
  Result<Secret> token =
      co_await fetch_access_token(account, std::string(kScope), options.clock->unix_micros() / 1'000'000, *options.transport, options.timeout);
  if (!token) co_return std::unexpected(token.error());
  const std::string sheet = options.sheets_base + "/v4/spreadsheets/" + *id;

  HttpRequest ask;
  ask.method = "GET";
  ask.url = sheet + "?fields=sheets.properties";
  ask.headers.push_back({"Authorization", "Bearer ", *token});
  ask.timeout = options.timeout;
  ask.max_body = std::size_t{4} << 20;
  Result<HttpResponse> about = co_await options.transport->send(std::move(ask));
  if (!about) co_return std::unexpected(about.error());
  if (about->status != 200) co_return fail(refused(*about, account, *token));
  auto spreadsheet = parse_json(about->body);
  auto title = spreadsheet ? first_title(*spreadsheet) : std::nullopt;
  if (!title) co_return fail(ErrorKind::bad_response, "Google Sheets names no worksheet of this sheet");

  HttpRequest append;
  append.url = sheet + "/values/" + percent_encode("'" + replace_all(*title, "'", "''") + "'") + ":append?valueInputOption=RAW";
  append.headers.push_back({"Content-Type", "application/json"});
  append.headers.push_back({"Authorization", "Bearer ", *token});
  json::array rows;
  rows.push_back(std::move(row));
  append.body = write_json(json::object{{"values", std::move(rows)}});
  append.timeout = options.timeout;
  append.max_body = std::size_t{4} << 20;
  Result<HttpResponse> response = co_await options.transport->send(std::move(append));
  if (!response) co_return std::unexpected(response.error());
  if (response->status != 200) co_return fail(refused(*response, account, *token));
  auto stored = parse_json(response->body);
  const json::value* updates = stored ? find(*stored, "updates") : nullptr;
  auto range = updates ? get_string(*updates, "updatedRange") : std::nullopt;
  if (!range) co_return fail(ErrorKind::bad_response, "Google Sheets took the row but its answer does not say where it went");
  co_return *range;
}

}  // namespace assay
