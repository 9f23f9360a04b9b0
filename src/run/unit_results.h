// UnitResults over the journal's run_unit rows: nothing is held in memory, so a run may have any number of samples.
#pragma once

#include <memory>
#include <string>

#include "journal/journal.h"
#include "run/evaluation.h"

namespace assay {

/// Takes out each `evidence.prompt` that the evaluation can give back from what is known beforehand. No row keeps them.
void take_prompts(UnitResult& result, const Evaluation& evaluation, std::size_t ordinal);
/// What a row keeps of a unit: write_json(to_json(result)), made without the value in between.
std::string stored_json(const UnitResult& result);
/// Gives the prompts back.
void put_prompts(UnitResult& result, const Evaluation& evaluation, std::size_t ordinal);

/// `journal` and `evaluation` outlive the result. Units without a row come with every sample `missing` and reason "not run".
std::unique_ptr<UnitResults> journal_results(Journal& journal, std::string run, std::shared_ptr<const Evaluation> evaluation);

}  // namespace assay
