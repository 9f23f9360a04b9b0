// A report as the journal keeps it. A run of many iterations has a part for each; as a tree the document takes several times the
// memory of its text, so it is written part by part.
#pragma once

#include <string>

#include "run/report.h"

namespace assay {

/// write_json(to_json(report)), byte for byte.
std::string stored_json(const Report& report);

}  // namespace assay
