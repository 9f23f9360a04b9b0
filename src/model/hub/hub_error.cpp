#include "model/hub/hub_error.h"

#include <algorithm>

#include "base/json.h"
#include "base/text.h"

namespace assay {
namespace {

/// The hub's own words: a header, else {"error": "..."} of the body. Without the token before they are cut, or a part of it would stay.
std::string said(const HttpResponse& response, const Secret& token) {
  std::string out = response.header("x-error-message");
  if (out.empty())
    if (auto document = parse_json(response.body)) out = get_string(*document, "error").value_or("");
  out = shorten(valid_utf8(token.redact(std::move(out))), 300);
  for (char& c : out)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = ' ';
  return out;
}

/// "Retry-After: 30", or the hub's "RateLimit: "api";r=0;t=55".
std::optional<std::chrono::milliseconds> wait_of(const HttpResponse& response) {
  if (auto wait = retry_after_seconds(response.header("retry-after"))) return wait;
  for (const std::string& part : split(response.header("ratelimit"), ';')) {
    std::string_view word = strip(part);
    if (word.starts_with("t=")) return retry_after_seconds(word.substr(2));
  }
  return std::nullopt;
}

}  // namespace

Error hub_error(const HttpResponse& response, const HubAddress& address, const HubOptions& options) {
  const std::string code = response.header("x-error-code"), words = said(response, options.token);
  const std::string page = options.endpoint + "/" + address.repository;
  const std::string& source = options.token_source;
  Error out{ErrorKind::data, {}, page};
  out.http_status = response.status;
  const bool gated = code == "GatedRepo" || lower(words).find("gated") != std::string::npos;
  if (response.status == 401 || response.status == 403) {
    out.kind = ErrorKind::auth;
    if (gated) {
      out.message = address.repository + " is gated: its licence has to be accepted first";
      out.hint = "accept it at " + page + " while signed in, then " +
                 (options.token.empty() ? "set " + source + " to a token of that account (" + options.endpoint + "/settings/tokens)"
                                        : "run this again; the token in " + source + " must be of that account and may read gated repositories");
    } else if (options.token.empty()) {
      out.message = address.repository + " is private, or there is no such repository";
      out.hint = "is the name right? For a private one set " + source + " to a token of an account that may read it (" + options.endpoint + "/settings/tokens)";
    } else {
      out.message = "the hub does not accept the token in " + source + " for " + address.repository;
      out.hint = "make a new one at " + options.endpoint + "/settings/tokens, or check that its account may read the repository";
    }
  } else if (response.status == 404 || response.status == 410) {
    out.kind = ErrorKind::not_found;
    if (code == "RevisionNotFound") out.message = address.repository + " has no revision " + address.revision;
    else if (code == "EntryNotFound" || !address.file.empty()) out.message = address.repository + " at " + address.revision + " has no file " + address.file;
    else out.message = "the hub has no repository " + address.repository;
  } else if (response.status == 429) {
    out.kind = ErrorKind::rate_limited;
    out.message = "the hub asks for a pause";
    out.retry_after = wait_of(response);
    if (options.token.empty()) out.hint = "a token in " + source + " gives a higher limit";
  } else if (response.status >= 500 || response.status == 408) {
    out.kind = ErrorKind::server;
    out.message = "the hub is in trouble (status " + std::to_string(response.status) + ")";
    out.retry_after = wait_of(response);
  } else {
    out.message = "the hub answered " + std::to_string(response.status);
  }
  if (!words.empty()) out.message += " (\"" + words + "\")";
  return out;
}

}  // namespace assay
