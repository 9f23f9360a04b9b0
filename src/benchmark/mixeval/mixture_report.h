// A page about a mixture: where its queries and entries lie, which benchmarks and lengths it has, how alike matches are, its hard part, and
// what it shares with earlier versions. One self-contained HTML file.
#pragma once

#include <string>
#include <vector>

#include "benchmark/mixeval/mixture_build.h"
#include "benchmark/mixeval/version_overlap.h"

namespace assay::mixeval {

struct EarlierVersion {
  std::string name;
  Overlap free_form, multiple_choice, both;
  std::optional<Overlap> queries;
  KinshipCounts kin;
};

struct MixturePage {
  std::string title;    // the version's name
  std::string program;  // version of the program
  std::vector<EarlierVersion> earlier;
};

std::string mixture_page(const Pool& pool, const std::vector<std::string>& queries, const MixtureWish& wish, const Mixture& mixture, const MixturePage& page, const BuildProgress& progress);

}  // namespace assay::mixeval
