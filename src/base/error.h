// Errors are values: every function that can fail for a reason outside the program returns Result<T>.
// Exceptions are for bugs and exhausted memory. An Error says what happened, where, and what to do.
#pragma once

#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <string_view>

namespace assay {

enum class ErrorKind {
  usage,          // the caller asked for something that does not exist or does not fit (exit 2)
  not_found,      // a file, a row, an endpoint is not there
  data,           // data missing or corrupt (exit 4)
  io,             // the operating system refused
  auth,           // 401, 403: the key is wrong or lacks rights (fatal for that model, exit 3)
  model_missing,  // 404: the server does not know that model (fatal, exit 3)
  quota,          // money or quota is used up (fatal, exit 3)
  refused,        // the server refuses every request alike (fatal, exit 3)
  bad_request,    // 400 and the like: this request cannot be answered
  rate_limited,   // 429
  server,         // 5xx, 529, 408, 409
  network,        // could not connect, reset
  timeout,        // a deadline passed
  bad_response,   // an answer came that is not what the protocol promises
  unsupported,    // this back end cannot do that
  identity,       // an endpoint or file is no longer what the journal knows (exit 2)
  missing,        // not in the journal, and nothing may be asked (Recorded)
  cancelled,      // interrupted
  internal,       // a bug, reported rather than crashed
};

struct Error {
  ErrorKind kind = ErrorKind::internal;
  std::string message;  // what happened, one sentence, no trailing newline
  std::string where{};  // file:line:column, URL, sample id; may be empty
  std::string hint{};   // what to do; may be empty
  std::optional<std::chrono::milliseconds> retry_after{};  // the server's own wish, if it named one
  int http_status = 0;  // 0 where no HTTP answer was involved
};

template <class T>
using Result = std::expected<T, Error>;

/// `return fail(ErrorKind::data, "...", where, hint);`
[[nodiscard]] inline std::unexpected<Error> fail(ErrorKind kind, std::string message, std::string where = {}, std::string hint = {}) {
  return std::unexpected(Error{kind, std::move(message), std::move(where), std::move(hint)});
}
[[nodiscard]] inline std::unexpected<Error> fail(Error error) { return std::unexpected(std::move(error)); }

/// The stable lower-case name used in JSON, journal and reports: "rate_limited".
std::string_view name(ErrorKind kind);
/// Inverse of name(); `internal` for an unknown name.
ErrorKind error_kind(std::string_view name);

/// Worth trying again unchanged: rate_limited, server, network, timeout, bad_response.
bool retryable(ErrorKind kind);
/// Ends the work of that model at once: auth, model_missing, quota, identity, refused; data and io, since a damaged model file or a
/// journal that cannot be written does not get better with the next sample.
bool fatal_for_model(ErrorKind kind);

/// "message (where)" + "\n  hint" - for people.
std::string to_string(const Error& error);

}  // namespace assay
