// What assay mixeval does once its flags are read: answers into response files, judgements into judged files, scores.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "benchmark/mixeval/model_registry.h"
#include "cli/compat/mixeval_flags.h"
#include "cli/compat/mixeval_models.h"
#include "cli/context.h"
#include "cli/session.h"

namespace assay::compat {

struct MixevalWork {
  const cli::Invocation& invocation;
  MixevalFlags flags;
  mixeval::ModelRegistry registry;
  json::object document;  // under --json
  std::unique_ptr<cli::Session> opened;  // of the whole command: answers and verdicts come out of one budget, and one Ctrl-C ends both

  Result<cli::Session*> session();  // opened when it is first wanted
  void say(const std::string& lines) const;   // what the original prints
  void note(const std::string& line) const;   // ours, on standard error
  EnvironmentVariable variables() const;      // of this invocation, which must outlive it
  std::filesystem::path folder(const std::string& model) const;
  std::filesystem::path response_file(const std::string& model, mixeval::Split split) const;
};

/// The data of one version: below --data_path, else those of the edition that was wished for. `data` error that names the versions there are.
Result<std::string> version_data(const MixevalWork& work, mixeval::Split split);

/// Asks what the response files lack, then (unless --inference_only) scores. An exit code.
int evaluate(MixevalWork& work);
/// Judges where that is wanted and scores. An exit code.
int compute_metrics(MixevalWork& work, const std::vector<std::string>& names);

}  // namespace assay::compat
