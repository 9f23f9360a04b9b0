// UnitResults over the journal's run_unit rows: nothing is held in memory, so a run may have any number of samples.
#pragma once

#include <memory>
#include <string>

#include "journal/journal.h"
#include "run/evaluation.h"

namespace assay {

/// A prompt that is known beforehand is not stored with every result: take_prompts() removes `evidence.prompt` where the evaluation can
/// give it back, put_prompts() gives it back.
void take_prompts(UnitResult& result, const Evaluation& evaluation, std::size_t ordinal);
void put_prompts(UnitResult& result, const Evaluation& evaluation, std::size_t ordinal);

/// `journal` and `evaluation` outlive the result. Units without a row come with every sample `missing` and reason "not run".
std::unique_ptr<UnitResults> journal_results(Journal& journal, std::string run, std::shared_ptr<const Evaluation> evaluation);

}  // namespace assay
