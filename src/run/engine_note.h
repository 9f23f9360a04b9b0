// What the log-likelihood engine of a GGUF model did for a run, in one line.
#pragma once

#include <string>

#include "base/json.h"

namespace assay {

/// "36 documents at 2.4/s, 27,176 of 135,457 tokens computed (80 % were shared), 3 cut at the context's length", from the
/// manifest's models.ROLE.loglikelihood. Empty where no engine scored anything. The manifest may come from a file: what is not a
/// sane number is left out.
std::string engine_note(const json::object& manifest);

}  // namespace assay
