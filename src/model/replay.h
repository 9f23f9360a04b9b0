// `replay:FILE_OR_DIR?run=INDEX`: a Model that gives recorded answers by their origin (sample, iteration, role, ask). It reads
//   - our journal export, one answer a line (docs/formats/journal.md, "Export"),
//   - upstream EQ-Bench result documents and raw_results.json: the texts under raw_inference.
// Foreign files: bounded, validated, never trusted to be complete.
#pragma once

#include <memory>

#include "model/model.h"
#include "model/model_spec.h"

namespace assay {

/// Reads the file, or every *.json and *.jsonl of the folder in the order of their names.
///
/// Where several recorded runs answer the same question, `run` picks one by its index (or its number in the list, from 1); without it
/// that is a usage error which lists them. Other errors: not_found, io, data (nothing recorded in it, wrong shape: file and line).
///
/// Upstream's results keep accepted answers alone: in a run that was finished, a question without one is answered with an empty text.
/// Any other request that has no recorded answer fails with bad_request: that sample fails, the run goes on. An ask that was not recorded gets
/// the answer of the latest recorded ask before it, so that a file with one text a sample answers every repetition with that text.
Result<std::unique_ptr<Model>> open_replay(const ModelSpec& spec);

}  // namespace assay
