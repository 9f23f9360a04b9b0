#include <cmath>

#include "base/text.h"
#include "leaderboard/upload/google_reply.h"
#include "leaderboard/upload/result_upload.h"

namespace assay {
namespace {

constexpr std::string_view kScope = "https://www.googleapis.com/auth/datastore";
constexpr std::size_t kLongestName = 1500;  // bytes of a field's name

/// Firestore refuses a document for one field whose name is empty, reserved (__NAME__) or too long, and some names are what a judge
/// wrote: a slightly other name is better than no document.
std::string field_name(std::string_view name) {
  std::string out(name.substr(0, kLongestName));
  if (out.size() < name.size()) {
    while (!out.empty() && !is_valid_utf8(out)) out.pop_back();
  }
  if (out.empty()) return "(empty)";
  if (out.size() >= 4 && out.starts_with("__") && out.ends_with("__")) return "(" + out.substr(0, kLongestName - 2) + ")";
  return out;
}

json::value typed(const json::value& value) {
  switch (value.kind()) {
    case json::kind::null: return json::object{{"nullValue", nullptr}};
    case json::kind::bool_: return json::object{{"booleanValue", value.get_bool()}};
    case json::kind::int64: return json::object{{"integerValue", std::to_string(value.get_int64())}};  // 64 bits travel as text
    case json::kind::uint64: return json::object{{"doubleValue", static_cast<double>(value.get_uint64())}};  // beyond int64
    case json::kind::double_: {
      double number = value.get_double();
      if (std::isnan(number)) return json::object{{"doubleValue", "NaN"}};
      if (std::isinf(number)) return json::object{{"doubleValue", number > 0 ? "Infinity" : "-Infinity"}};
      return json::object{{"doubleValue", number}};
    }
    case json::kind::string: return json::object{{"stringValue", value.get_string()}};
    case json::kind::array: {
      json::array values;
      for (const json::value& item : value.get_array()) values.push_back(typed(item));
      return json::object{{"arrayValue", json::object{{"values", std::move(values)}}}};
    }
    case json::kind::object: return json::object{{"mapValue", firestore_document(value.get_object())}};
  }
  return nullptr;
}

}  // namespace

json::object firestore_document(const json::object& document) {
  json::object fields;
  for (const auto& [name, value] : document) fields[field_name(name)] = typed(value);
  return {{"fields", std::move(fields)}};
}

Async<std::string> upload_to_firestore(ServiceAccount account, std::string collection, json::object document, UploadOptions options) {
  if (account.project_id.empty())
    co_return fail(ErrorKind::data, "the service account's key file names no project", "", "download a new key for the service account, in JSON");
  if (collection.empty() || collection.find_first_of("/?#% ") != std::string::npos)
    co_return fail(ErrorKind::usage, "\"" + collection + "\" is no name of a collection");
  Result<Secret> token =
      co_await fetch_access_token(account, std::string(kScope), options.clock->unix_micros() / 1'000'000, *options.transport, options.timeout);
  if (!token) co_return std::unexpected(token.error());

  HttpRequest request;
  request.url = options.firestore_base + "/v1/projects/" + account.project_id + "/databases/(default)/documents/" + collection;
  request.headers.push_back({"Content-Type", "application/json"});
  request.headers.push_back({"Authorization", "Bearer ", *token});
  request.body = write_json(firestore_document(document));
  request.timeout = options.timeout;
  Result<HttpResponse> response = co_await options.transport->send(std::move(request));
  if (!response) co_return std::unexpected(response.error());
  if (response->status != 200) {
    Error error = google_error(*response, "Firestore refused the document for " + collection, *token);
    if (error.kind == ErrorKind::auth)
      error.hint = "give " + account.client_email + " the role \"Cloud Datastore User\" in the project " + account.project_id;
    if (error.kind == ErrorKind::not_found) error.hint = "has the project " + account.project_id + " a Firestore database named (default)?";
    co_return fail(std::move(error));
  }
  auto stored = parse_json(response->body);
  auto name = stored ? get_string(*stored, "name") : std::nullopt;
  if (!name) co_return fail(ErrorKind::bad_response, "Firestore took the document but its answer does not name it");
  co_return *name;
}

}  // namespace assay
