// `template=NAME|FILE` of a model spec: which file is meant, and what is in it.
#pragma once

#include <filesystem>

#include "base/error.h"
#include "cli/context.h"
#include "prompt/prompt_template.h"

namespace assay::cli {

/// A file of that name; else NAME.yaml among EQ-Bench's instruction templates (the imported pack's), else in a folder
/// instruction-templates of the working directory, where the original program has them. Errors: usage, with the places looked at.
Result<std::filesystem::path> find_template(const Invocation& invocation, const std::string& name);

/// The same, read.
Result<PromptTemplate> read_template(const Invocation& invocation, const std::string& name);

}  // namespace assay::cli
