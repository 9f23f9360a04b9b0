// A benchmark's data from a pack: the official edition, one of the project's own, or files of the user's.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

#include "benchmark/benchmark.h"
#include "dataset/pack.h"

namespace assay {

class PackData final : public DataSource {
 public:
  /// `wish` (the command line's word) is one of:
  ///   "auto", ""            the official edition; when it is not here an error that says how to get it. Never another edition in
  ///   silence. "official"            the same "sample", "stand-in"  the edition written for this project; usage error when the
  ///   pack has none a path                of a file, or of a folder that holds the files; edition "custom", no sums are checked.
  ///   A path has a '/'
  ///                         or a '.', or exists.
  /// A wish that cannot be met (usage: no such word, with the nearest; not_found: no such path) is what every file() then
  /// answers. `pack` outlives the object.
  PackData(const Pack& pack, std::string_view wish, std::filesystem::path data_home);

  /// "official", "sample", "stand-in", "custom"; "" when the wish cannot be met.
  const std::string& edition() const { return edition_; }

  /// Official: verified content. Own edition: the embedded content; usage error when that edition lacks the file. Custom: a file
  /// that was named serves one role; in a folder, the role's usual paths are tried (those of `data import`), then NAME.json. Any
  /// valid role of the pack may be asked for; others are usage errors. Read once, then kept.
  Result<DataFile> file(std::string_view name) override;

 private:
  Result<void> choose(std::string_view wish);
  Result<DataFile> read(std::string_view name) const;
  Result<DataFile> read_custom(std::string_view name) const;

  const Pack* pack_;
  std::filesystem::path data_home_;
  std::string edition_;
  std::filesystem::path custom_;
  std::string served_;  // the role that a custom file stands for, once asked
  std::map<std::string, DataFile, std::less<>> kept_;
  Result<void> choice_;  // last, as choosing fills the members above
};

}  // namespace assay
