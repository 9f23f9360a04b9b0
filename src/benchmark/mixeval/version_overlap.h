// What versions of a mixture have in common: distinct entries, queries, and near copies that may have been seen before.
#pragma once

#include <cstddef>
#include <string>
#include <unordered_set>
#include <vector>

#include "benchmark/mixeval/version_folder.h"
#include "benchmark/mixeval/word_grams.h"

namespace assay::mixeval {

struct Overlap {
  std::size_t distinct_a = 0, distinct_b = 0, common = 0;
  /// 1 - |A and B| / |A or B|; 0 of two empty ones.
  double unique_ratio() const;
};
Overlap overlap(const std::unordered_set<std::string>& a, const std::unordered_set<std::string>& b);

/// Distinct entries of MixEval or MixEval-Hard; of both splits together an entry counts by split and identity.
Overlap split_overlap(const VersionFolder& a, const VersionFolder& b, bool hard, Split split);
Overlap version_overlap(const VersionFolder& a, const VersionFolder& b, bool hard);
/// Of the queries that have an entry; nothing where a version does not know them.
std::optional<Overlap> query_overlap(const VersionFolder& a, const VersionFolder& b);

/// How an entry stands to entries that others may have seen.
enum class Kinship {
  none,
  long_run,   // its question and answer share a run of 13 words with one of them
  same_text,  // context, prompt and options have the same words; case, signs and the right answer do not count
  identical,
};

class KnownEntries {
 public:
  void add(Split split, const Entry& entry);
  /// Text of a corpus: only long runs count.
  void add_text(std::string_view text) { grams_.add(text); }
  Kinship of(Split split, const Entry& entry) const;

 private:
  std::unordered_set<std::string> identities_, texts_;
  WordGrams grams_;
};

struct KinshipCounts {
  std::size_t distinct = 0, identical = 0, same_text = 0, long_run = 0;
};
/// Distinct entries of the MixEval part.
KinshipCounts count_kin(const VersionFolder& version, const KnownEntries& known);

}  // namespace assay::mixeval
