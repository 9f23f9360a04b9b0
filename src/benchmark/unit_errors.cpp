#include "benchmark/unit_errors.h"

namespace assay {

bool ends_unit(ErrorKind kind) {
  switch (kind) {
    case ErrorKind::cancelled:
    case ErrorKind::missing:
    case ErrorKind::unsupported:
    case ErrorKind::usage:
    case ErrorKind::internal:
      return true;
    default:
      return fatal_for_model(kind);
  }
}

}  // namespace assay
