// HellaSwag: which of four endings goes on with what was told.
#pragma once

#include <string>
#include <string_view>

#include "base/error.h"
#include "benchmark/harness/document.h"

namespace assay::harness {

/// The original's preprocess(): stripped, " [title]" made a full stop, what stands in brackets (on one line) taken out, and each pair of
/// blanks made one, once. A text that began with a bracket keeps the blank behind it. `text` is valid UTF-8.
std::string clean_hellaswag(std::string_view text);

/// JSON lines with activity_label, ctx_a, ctx_b (may be missing), endings (4), label (0 to 3, number or text). `data` errors name the
/// line.
Result<Documents> read_hellaswag(std::string_view text, std::string_view where);

}  // namespace assay::harness
