#include "base/error.h"

#include <array>
#include <utility>

namespace assay {
namespace {
constexpr std::array<std::pair<ErrorKind, std::string_view>, 19> kNames{{
    {ErrorKind::usage, "usage"},
    {ErrorKind::not_found, "not_found"},
    {ErrorKind::data, "data"},
    {ErrorKind::io, "io"},
    {ErrorKind::auth, "auth"},
    {ErrorKind::model_missing, "model_missing"},
    {ErrorKind::quota, "quota"},
    {ErrorKind::refused, "refused"},
    {ErrorKind::bad_request, "bad_request"},
    {ErrorKind::rate_limited, "rate_limited"},
    {ErrorKind::server, "server"},
    {ErrorKind::network, "network"},
    {ErrorKind::timeout, "timeout"},
    {ErrorKind::bad_response, "bad_response"},
    {ErrorKind::unsupported, "unsupported"},
    {ErrorKind::identity, "identity"},
    {ErrorKind::missing, "missing"},
    {ErrorKind::cancelled, "cancelled"},
    {ErrorKind::internal, "internal"},
}};
}  // namespace

std::string_view name(ErrorKind kind) {
  for (const auto& [k, n] : kNames)
    if (k == kind) return n;
  return "internal";
}

ErrorKind error_kind(std::string_view name) {
  for (const auto& [k, n] : kNames)
    if (n == name) return k;
  return ErrorKind::internal;
}

bool retryable(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::rate_limited:
    case ErrorKind::server:
    case ErrorKind::network:
    case ErrorKind::timeout:
    case ErrorKind::bad_response: return true;
    default: return false;
  }
}

bool fatal_for_model(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::data:
    case ErrorKind::io:
    case ErrorKind::auth:
    case ErrorKind::model_missing:
    case ErrorKind::quota:
    case ErrorKind::refused:
    case ErrorKind::identity: return true;
    default: return false;
  }
}

std::string to_string(const Error& error) {
  std::string out = error.message;
  if (!error.where.empty()) out += " (" + error.where + ")";
  if (!error.hint.empty()) out += "\n  " + error.hint;
  return out;
}

}  // namespace assay
