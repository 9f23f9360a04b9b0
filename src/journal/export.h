// The journal's answers as JSON lines (docs/formats/journal.md, section "Export"): what `assay journal export` writes and
// `replay:` reads.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "journal/journal.h"

namespace assay {

/// One answer as one line, without the line feed. Errors: data, when a stored text is not JSON (`where` names the key).
Result<std::string> export_line(const Answer& answer);

/// Takes one line, line feed included; an error ends the export.
using ExportSink = std::function<Result<void>(std::string_view line)>;

/// Every answer in the order stored; returns how many. One answer in memory at a time. Errors: the sink's and the journal's.
Result<std::int64_t> export_answers(Journal& journal, const ExportSink& sink);

}  // namespace assay
