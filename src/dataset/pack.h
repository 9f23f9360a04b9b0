// A pack: versioned benchmark data with its licence and checksums. Its description (packs/NAME/pack.json, embedded) says where each
// official file comes from; the files themselves live under <data home>/packs/NAME/. The `sample` edition is embedded whole.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace assay {

struct PackFile {
  std::string name;     // role in the benchmark: "v2/questions/en"
  std::string path;     // inside the pack's folder: "data/eq_bench_v2_questions_171.json"
  std::string url;      // pinned address
  std::string sha256;
  std::string licence, origin;
  std::vector<std::string> import_from;  // paths tried under `data import --from DIR`
};

struct Pack {
  std::string name, title, licence, homepage, commit;
  std::vector<PackFile> files;  // official edition
};

/// A file compiled into the program.
struct EmbeddedFile {
  std::string_view pack, name, content;
};

/// All packs this program knows; parsed once from the embedded descriptions.
const std::vector<Pack>& packs();
/// usage error with the nearest names.
Result<const Pack*> find_pack(std::string_view name);
/// The embedded file of the `sample` edition, if there is one under that name.
const EmbeddedFile* embedded_file(std::string_view pack, std::string_view name);

enum class FileState { absent, ok, corrupt };
struct PackFileStatus {
  const PackFile* file;
  std::filesystem::path path;
  FileState state;
};
/// Checks sizes and sums of what lies under `data_home`.
std::vector<PackFileStatus> pack_status(const Pack& pack, const std::filesystem::path& data_home);

/// Copies what it finds under `from`, verifying each sum before anything is replaced. Files that are not there are reported in
/// `missing`; a wrong sum is a `data` error naming file, expected and found.
struct ImportResult {
  std::vector<std::string> imported, unchanged, missing;
};
Result<ImportResult> import_pack(const Pack& pack, const std::filesystem::path& data_home, const std::filesystem::path& from);

/// Where one official file lies, verified; `data` error with the commands that get it.
Result<std::filesystem::path> official_file(const Pack& pack, std::string_view name, const std::filesystem::path& data_home);

}  // namespace assay
