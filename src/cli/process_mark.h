// Which process runs something, said so that another one can tell later whether it still does.
#pragma once

#include "base/json.h"

namespace assay::cli {

/// {"boot", "namespace", "pid", "started"} of this process; empty where /proc does not say.
json::object process_mark();

/// True when the process of that mark has certainly ended: killed, or before the machine's last start. False in doubt: no mark, a
/// mark of another machine's or container's process table.
bool process_gone(const json::value& mark);

}  // namespace assay::cli
