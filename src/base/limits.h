// What the operating system allows this process.
#pragma once

#include <cstddef>

#include "base/error.h"

namespace assay {

/// Raises the soft limit of open descriptors to the hard one and returns what now holds. A window of 1,024 requests needs as many
/// sockets, and common soft limits are 1,024 in all. Errors: io.
Result<std::size_t> raise_open_files();

}  // namespace assay
