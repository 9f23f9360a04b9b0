// Ports of this machine that a server may take. Thread-safe.
#pragma once

#include "base/error.h"

namespace assay {

/// One that nobody has now, outside the range that outgoing connections draw from where such a one is free. Two calls, also of two
/// processes, rarely name the same one. Errors: io.
Result<int> free_loopback_port();
/// Whether a server could listen there: on this machine alone, and on all its addresses.
bool loopback_port_free(int port);

}  // namespace assay
