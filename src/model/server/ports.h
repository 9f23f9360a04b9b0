// Ports of this machine that a launched server may take.
#pragma once

#include "base/error.h"

namespace assay {

/// One that nobody has now. Two calls rarely name the same one.
Result<int> free_loopback_port();
/// Whether a server could listen there: on this machine alone, and on all its addresses.
bool loopback_port_free(int port);

}  // namespace assay
