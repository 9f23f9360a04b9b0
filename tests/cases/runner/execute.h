// Runs a case in a scratch folder of its own.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <vector>

#include "case.h"

namespace assay::cases {

struct Setting {
  std::filesystem::path programs;    // the folder of `assay` and its helpers
  std::filesystem::path shared;      // official data, may be absent
  std::filesystem::path repository;
  std::set<std::string> have;        // optional parts that were built: "llama"
  std::vector<std::string> environment;  // passed on to commands (sanitizer options)
  bool keep = false;     // the scratch folder stays
  bool verbose = false;  // outputs are reported even when all is well
};

struct Verdict {
  enum class Kind { passed, failed, skipped } kind = Kind::passed;
  std::vector<std::string> report;  // why not, or what was skipped; each entry may hold several lines
};

Verdict run_case(const Case& test, const Setting& setting);

}  // namespace assay::cases
