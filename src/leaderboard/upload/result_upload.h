// Sends a finished run's result to where its owner collects results: a Firestore collection, a Google sheet. Off unless configured.
// Nothing here keeps or changes a result: write it to its files first, then upload; whatever comes back as an error is a warning.
//
//   auto targets = find_upload_targets(folder_of_config, spreadsheet_url, warnings);
//   auto errors = co_await upload_result(targets, result, {.transport = &transport, .clock = &clock});
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/async/async.h"
#include "base/clock.h"
#include "base/json.h"
#include "leaderboard/upload/service_account.h"
#include "model/transport.h"

namespace assay {

/// What is sent. For EQ-Bench's own documents see benchmark/eq_bench/upload_document.h.
struct UploadedResult {
  std::string collection;             // Firestore; "" = nothing goes there
  json::object document;              // null, bool, integer, double, string, array, object: typed as Firestore has them
  std::optional<json::array> row;     // Google Sheets; nullopt = nothing goes there
};

/// Where it is sent; both empty = nowhere.
struct UploadTargets {
  std::optional<ServiceAccount> firestore;
  std::optional<ServiceAccount> sheets;
  std::string spreadsheet_url;
  bool any() const { return firestore || sheets; }
};

/// firebase_creds.json in `folder` turns Firestore on; google_creds.json together with a non-empty `spreadsheet_url` turns Sheets on.
/// A file that is there and cannot be used, and an address without a sheet's id, are appended to `warnings` and that target stays off.
UploadTargets find_upload_targets(const std::filesystem::path& folder, std::string spreadsheet_url, std::vector<Error>& warnings);

struct UploadOptions {
  Transport* transport = nullptr;
  Clock* clock = nullptr;
  Duration timeout = std::chrono::seconds(60);  // of each request
  /// Overridable so that tests and private stand-ins can be talked to.
  std::string firestore_base = "https://firestore.googleapis.com";
  std::string sheets_base = "https://sheets.googleapis.com";
};

/// Adds `document` under an id that the server chooses; returns its resource name. Errors: auth, not_found (no such project),
/// quota, bad_request (too large: 1 MiB a document), network, timeout, server, bad_response, usage (offline).
Async<std::string> upload_to_firestore(ServiceAccount account, std::string collection, json::object document, UploadOptions options);

/// Appends `row` behind the first worksheet's last row, as it is (no formula is evaluated); returns the range that was written.
/// Errors as above; usage when `spreadsheet_url` holds no sheet's id.
Async<std::string> append_to_sheet(ServiceAccount account, std::string spreadsheet_url, json::array row, UploadOptions options);

/// Both, as far as `targets` and `result` want them; one after the other, a failure of one does not keep the other from being tried.
/// Returns what failed, in words fit for "warning: ...".
Task<std::vector<Error>> upload_result(UploadTargets targets, UploadedResult result, UploadOptions options);

/// The id in ".../spreadsheets/d/ID/edit"; nullopt without one.
std::optional<std::string> spreadsheet_id(std::string_view url);

/// {"fields": {...}}: the document in Firestore's typed JSON. Strings must be valid UTF-8.
json::object firestore_document(const json::object& document);

}  // namespace assay
