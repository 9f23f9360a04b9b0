#include "leaderboard/upload/result_upload.h"

namespace assay {
namespace {

std::optional<ServiceAccount> account_in(const std::filesystem::path& file, std::string_view what, std::vector<Error>& warnings) {
  std::error_code code;
  if (!std::filesystem::exists(file, code)) return std::nullopt;
  auto account = load_service_account(file);
  if (account) return *account;
  Error error = account.error();
  error.message = "results are not sent to " + std::string(what) + ": " + error.message;
  if (error.where.empty()) error.where = file.string();
  warnings.push_back(std::move(error));
  return std::nullopt;
}

Error named(Error error, std::string_view what) {
  error.message = "the result was not sent to " + std::string(what) + " (it is kept here): " + error.message;
  return error;
}

}  // namespace

UploadTargets find_upload_targets(const std::filesystem::path& folder, std::string spreadsheet_url, std::vector<Error>& warnings) {
  UploadTargets out;
  out.firestore = account_in(folder / "firebase_creds.json", "Firestore", warnings);
  if (spreadsheet_url.empty()) return out;
  out.sheets = account_in(folder / "google_creds.json", "Google Sheets", warnings);
  if (out.sheets && !spreadsheet_id(spreadsheet_url)) {
    warnings.push_back(Error{ErrorKind::usage, "results are not sent to Google Sheets: google_spreadsheet_url holds no sheet's id", "",
                             "it looks like https://docs.google.com/spreadsheets/d/ID/edit"});
    out.sheets.reset();
  }
  if (out.sheets) out.spreadsheet_url = std::move(spreadsheet_url);
  return out;
}

Task<std::vector<Error>> upload_result(UploadTargets targets, UploadedResult result, UploadOptions options) {
  std::vector<Error> failed;
  if (targets.firestore && !result.collection.empty()) {
    Result<std::string> sent = co_await upload_to_firestore(*targets.firestore, result.collection, std::move(result.document), options);
    if (!sent) failed.push_back(named(sent.error(), "Firestore"));
  }
  if (targets.sheets && result.row) {
    Result<std::string> sent = co_await append_to_sheet(*targets.sheets, targets.spreadsheet_url, std::move(*result.row), options);
    if (!sent) failed.push_back(named(sent.error(), "Google Sheets"));
  }
  co_return failed;
}

}  // namespace assay
