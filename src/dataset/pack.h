// A pack: versioned benchmark data with its licence and checksums (docs/formats/pack.md). Its description (packs/NAME/pack.json)
// says where each official file comes from; the files themselves live under <data home>/packs/NAME/. Editions written for this
// project
// ("sample", "stand-in") are part of the program.
//
// This floor knows no pack by name: the program hands the table of its embedded files (packs/embedded.h) to PackStore::load().
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"

namespace assay {

/// A file of the official edition.
struct PackFile {
  std::string name;             // role in the benchmark: "v2/questions/en"
  std::string path;             // inside the pack's folder: "data/eq_bench_v2_questions_171.json"; relative, no "..", checked
  std::string url;              // pinned https address
  std::string extract;          // "judge-prompt", "text": taken out of what lies at `url` (dataset/judge_prompt_source.h, text_literal_source.h); "" = it is the file
  std::string sha256;           // 64 lower-case hex digits
  std::uint64_t size = 0;       // bytes; 0 = not known
  std::string licence, origin;  // origin: repository and commit, for people
  std::string benchmark;        // who wants it: "eq-bench"
  bool optional = false;        // `data pull` and `data status` leave it out unless it is asked for
  std::string needed_for;       // of an optional one: what cannot be computed without it; `data pull` brings it, and `doctor` says so
  bool with_custom = false;     // also serves folders of a user's own that lack it: texts that go with any questions
  std::vector<std::string> import_from;  // paths tried under `data import --from DIR`, in this order
};

/// A file of an edition written for this project, compiled into the program.
struct OwnFile {
  std::string edition;  // "sample", "stand-in"
  std::string name;     // role in the benchmark, as in PackFile
  std::string sha256;
  std::string_view content;
};

struct Pack {
  std::string name, title, licence, homepage;
  std::vector<PackFile> files;  // official edition
  std::vector<OwnFile> own;
  /// nullptr when there is none of that name.
  const PackFile* file(std::string_view name) const;
  const OwnFile* own_file(std::string_view edition, std::string_view name) const;
};

/// A file compiled into the program: `name` is its path below packs/PACK/ ("pack.json", "sample/...json").
struct EmbeddedFile {
  std::string_view pack, name, content;
};

/// One description, checked. `own` resolves the paths of the project's own files; `where` is named in errors.
/// Errors (data): not JSON, a key missing, unknown or of the wrong type, a bad sum, a path that leaves the folder, a name twice.
Result<Pack> parse_pack(std::string_view description, std::span<const EmbeddedFile> own, std::string_view where);

/// All packs of a program. Share it freely between threads; what it gives lives as long as any copy of it. The texts of the table outlive it.
class PackStore {
 public:
  /// Reads and checks all of them.
  static Result<PackStore> load(std::span<const EmbeddedFile> table);
  /// Reads a pack when it is first asked for; the table itself outlives it, too. A program's table is tested: a description that does not load is a bug (and throws).
  static PackStore on_demand(std::span<const EmbeddedFile> table);
  const std::vector<Pack>& packs() const;
  /// usage error with the nearest names.
  Result<const Pack*> find(std::string_view name) const;

 private:
  struct Shelf;
  explicit PackStore(std::shared_ptr<Shelf> shelf) : shelf_(std::move(shelf)) {}
  std::shared_ptr<Shelf> shelf_;
};

/// True for a path that stays below its folder wherever that is: relative, parts other than "", "." and "..", no control
/// characters or backslashes, at most 300 bytes.
bool is_safe_path(std::string_view path);

/// <data home>/packs/NAME
std::filesystem::path pack_folder(const std::filesystem::path& data_home, std::string_view pack);

/// Where an official file lies or will lie. data error when a part of the way below the pack's folder is a symbolic link, or when
/// something other than a file is there: verified data must not silently come from, or go to, another place.
Result<std::filesystem::path> official_path(const Pack& pack, const PackFile& file, const std::filesystem::path& data_home);

enum class FileState { absent, ok, corrupt };
struct PackFileStatus {
  const PackFile* file;
  std::filesystem::path path;
  FileState state;
};
/// Checks the sums of what lies under `data_home`. A symbolic link inside the pack's folder counts as corrupt.
std::vector<PackFileStatus> pack_status(const Pack& pack, const std::filesystem::path& data_home);

/// Copies what it finds under `from`, verifying every sum before anything is replaced: a wrong sum is a `data` error naming file,
/// expected and found, and then nothing was changed (a wrong optional file is left out and told in `rejected`, so that another
/// release of the data can still give what it shares with this one). Links below `from` are not followed. Names of files are
/// returned.
struct ImportResult {
  std::vector<std::string> imported, unchanged;
  std::vector<std::string> missing;  // needed ones that are not under `from`, and not yet there
  std::vector<std::string> missing_optional;
  std::vector<Error> rejected;  // optional ones with a wrong sum
};
Result<ImportResult> import_pack(const Pack& pack, const std::filesystem::path& data_home, const std::filesystem::path& from);

/// Where one official file lies, verified. Errors: usage (no such name), data (absent or corrupt; the hint has the commands that
/// get it).
Result<std::filesystem::path> official_file(const Pack& pack, std::string_view name, const std::filesystem::path& data_home);
/// Its content, verified on the very bytes returned. Errors as official_file.
Result<std::string> read_official_file(const Pack& pack, std::string_view name, const std::filesystem::path& data_home);

/// `content` as the source of `file` holds it, made into the file where `extract` says so. Null when the file is not in it.
std::optional<std::string> extracted(const PackFile& file, std::string content);

/// "assay data pull PACK" / "assay data import PACK --from DIR", as one hint. With `file`: for that file, if it is an optional one.
std::string how_to_get(const Pack& pack, const PackFile* file = nullptr);

}  // namespace assay
