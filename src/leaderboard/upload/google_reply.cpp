#include "leaderboard/upload/google_reply.h"

#include "base/json.h"
#include "base/text.h"

namespace assay {
namespace {

std::string said(const std::string& body, const Secret& secret) {
  auto document = parse_json(body);
  if (!document) return {};
  std::string out;
  if (const json::value* error = find(*document, "error")) {
    if (error->is_string()) out = std::string(error->as_string());
    if (auto message = get_string(*error, "message")) out = *message;
  }
  if (auto description = get_string(*document, "error_description")) out += (out.empty() ? "" : ", ") + *description;
  out = secret.redact(std::move(out));  // before it is cut, or a part would stay
  for (char& c : out)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  return shorten(valid_utf8(out), 400);
}

}  // namespace

Error google_error(const HttpResponse& response, std::string what, const Secret& secret) {
  Error out{ErrorKind::bad_request, std::move(what) + ": status " + std::to_string(response.status)};
  out.http_status = response.status;
  if (std::string words = said(response.body, secret); !words.empty()) out.message += ", \"" + words + "\"";
  if (response.status == 401 || response.status == 403) out.kind = ErrorKind::auth;
  else if (response.status == 404) out.kind = ErrorKind::not_found;
  else if (response.status == 429) out.kind = ErrorKind::rate_limited;
  else if (response.status >= 500 || response.status == 408) out.kind = ErrorKind::server;
  else if (response.status < 400) out.kind = ErrorKind::bad_response;
  return out;
}

}  // namespace assay
