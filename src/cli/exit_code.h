// The exit codes of every command (README.md lists them too).
#pragma once

#include "base/error.h"

namespace assay::cli {

enum Exit : int {
  kDone = 0,
  kFailed = 1,        // the work ran but something in it failed (said which)
  kUsage = 2,         // usage or configuration
  kRefused = 3,       // a model or server refused or is out of reach: auth, quota, unknown model, no connection
  kData = 4,          // data missing or corrupt
  kInterrupted = 130  // interrupted, and resumable
};

inline int exit_code(const Error& error) {
  switch (error.kind) {
    case ErrorKind::usage:
    case ErrorKind::unsupported:
    case ErrorKind::identity: return kUsage;
    case ErrorKind::auth:
    case ErrorKind::quota:
    case ErrorKind::refused:
    case ErrorKind::network:   // a model or server that cannot be reached or used at all; single failed requests never come here
    case ErrorKind::timeout:
    case ErrorKind::server:
    case ErrorKind::rate_limited:
    case ErrorKind::bad_response:
    case ErrorKind::model_missing: return kRefused;
    case ErrorKind::not_found:
    case ErrorKind::data:
    case ErrorKind::missing: return kData;
    case ErrorKind::cancelled: return kInterrupted;
    default: return kFailed;
  }
}

}  // namespace assay::cli
