// The words of `assay mix build` as a plan; an update takes its plan from the record of the version before.
#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "benchmark/mixeval/mixture_build.h"
#include "cli/context.h"

namespace assay::cli {

struct MixPlan {
  std::vector<std::string> pool;  // files; "sample": the entries that are part of the program
  std::string queries;            // file; "sample"
  std::string embedding = "lexical";  // or "file:PATH", or a model spec
  std::string filter;                 // model spec; "" = none
  std::size_t batch = 64, most_characters = 0;
  std::vector<std::string> earlier;   // folders of versions to compare with, the one updated first
  std::vector<std::string> corpora;   // texts whose entries are told, or excluded
  bool exclude_earlier = false;
  std::vector<std::string> judged;
  std::string clusters;               // file of given clusters; "" = k-means
  mixeval::MixtureWish wish;
  std::string version;
  std::filesystem::path out, folder;  // folder = out/mixeval-version
  /// Of an update: the SHA-256 of the pool's files in the version before.
  std::optional<std::vector<std::string>> pool_before;
};

Result<MixPlan> mix_plan(const Invocation& invocation);

}  // namespace assay::cli
