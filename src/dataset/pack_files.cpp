// The official edition on disk: where it lies, whether it is right, and how it gets there from a folder.
#include <optional>
#include <system_error>

#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"
#include "dataset/judge_prompt_source.h"
#include "dataset/text_literal_source.h"
#include "dataset/pack.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

enum class Found { absent, file, link, other };

/// What lies at folder/relative. `link` when any part below `folder` is a symbolic link: verified data must not silently come
/// from, or go to, another place than the one that was named.
Found look(const fs::path& folder, const fs::path& relative) {
  fs::path at = folder;
  fs::file_type type = fs::file_type::not_found;
  for (const fs::path& part : relative) {
    at /= part;
    std::error_code code;
    type = fs::symlink_status(at, code).type();
    if (type == fs::file_type::symlink) return Found::link;
    if (type == fs::file_type::not_found) return Found::absent;
    if (type == fs::file_type::none) return Found::other;  // the system refuses to say
  }
  return type == fs::file_type::regular ? Found::file : Found::other;
}

struct Candidate {
  const PackFile* file;
  fs::path from, to;
};

std::string expected_found(const PackFile& file, std::string_view found) {
  return "expected sha256 " + file.sha256 + ", found " + std::string(found);
}

constexpr std::size_t kMostProgram = std::size_t{4} << 20;  // what something is taken out of

/// The file as it is taken out of what lies at `path`; null where nothing is to be taken out, or it is not in there.
std::optional<std::string> taken_out(const PackFile& file, const fs::path& path) {
  if (file.extract.empty()) return std::nullopt;
  auto content = read_file(path, kMostProgram);
  if (!content) return std::nullopt;
  return extracted(file, std::move(*content));
}

/// The first path under `from` with the right sum; nullopt when no candidate path exists.
Result<std::optional<fs::path>> find_source(const Pack& pack, const PackFile& file, const fs::path& from) {
  std::optional<Error> wrong;
  for (const std::string& relative : file.import_from) {
    fs::path path = from / relative;
    switch (look(from, relative)) {
      case Found::absent:
        continue;
      case Found::link:
        if (!wrong)
          wrong = Error{ErrorKind::data, relative + " is reached through a symbolic link, which an import does not follow",
                        path.string(), "copy the real file there, or name the folder that holds it with --from"};
        continue;
      case Found::other:
        if (!wrong) wrong = Error{ErrorKind::data, relative + " is not a file", path.string(), "name another folder with --from"};
        continue;
      case Found::file:
        break;
    }
    auto sum = sha256_file(path);
    if (!sum) return fail(sum.error());
    if (*sum == file.sha256) return path;
    if (auto taken = taken_out(file, path); taken && sha256_hex(*taken) == file.sha256) return path;
    if (!wrong)
      wrong =
          Error{ErrorKind::data,
                relative + " is not the file that pack " + pack.name + " describes: " + expected_found(file, *sum), path.string(),
                std::string(file.optional ? "it was left out" : "nothing was imported") + "; the folder holds another version: take " + file.origin +
                    ", or fetch the files with: assay data pull " + pack.name + (file.optional && file.needed_for.empty() ? " --files " + file.name : "")};
  }
  if (wrong) return fail(*wrong);
  return std::nullopt;
}

Result<const PackFile*> named(const Pack& pack, std::string_view name) {
  if (const PackFile* file = pack.file(name)) return file;
  std::vector<std::string> names;
  names.reserve(pack.files.size());
  for (const PackFile& file : pack.files) names.push_back(file.name);
  std::vector<std::string> near = did_you_mean(name, names);
  return fail(ErrorKind::usage, "pack " + pack.name + " has no official file \"" + shorten(valid_utf8(name), 80) + "\"", "",
              near.empty() ? "" : "did you mean " + join(near, ", ") + "?");
}

std::unexpected<Error> absent(const Pack& pack, const PackFile& file, const fs::path& path) {
  return fail(ErrorKind::data, "the official file " + file.path + " is not here", path.string(), how_to_get(pack, &file));
}

std::unexpected<Error> corrupt(const Pack& pack, const PackFile& file, const fs::path& path, std::string_view found) {
  return fail(ErrorKind::data, "the official file " + file.path + " is corrupt: " + expected_found(file, found), path.string(),
              how_to_get(pack, &file));
}

std::unexpected<Error> not_a_file(const Pack& pack, const PackFile& file, const fs::path& path) {
  return fail(ErrorKind::data, "the official file " + file.path + " is a symbolic link or no file at all", path.string(),
              "remove it; then " + how_to_get(pack, &file));
}

}  // namespace

fs::path pack_folder(const fs::path& data_home, std::string_view pack) {
  return data_home / "packs" / pack;
}

std::optional<std::string> extracted(const PackFile& file, std::string content) {
  if (file.extract.empty()) return content;
  if (file.extract == "text") return text_with_sum(content, file.sha256);
  return judge_prompt_from_program(content);
}

std::string how_to_get(const Pack& pack, const PackFile* file) {
  const std::string only = file && file->optional ? " --files " + file->benchmark : "";
  return "get the official data with: assay data pull " + pack.name + only + "   (or, from a copy of them: assay data import " +
         pack.name + " --from DIR)";
}

Result<fs::path> official_path(const Pack& pack, const PackFile& file, const fs::path& data_home) {
  fs::path folder = pack_folder(data_home, pack.name);
  Found there = look(folder, file.path);
  if (there == Found::link || there == Found::other) return not_a_file(pack, file, folder / file.path);
  return folder / file.path;
}

std::vector<PackFileStatus> pack_status(const Pack& pack, const fs::path& data_home) {
  std::vector<PackFileStatus> out;
  fs::path folder = pack_folder(data_home, pack.name);
  for (const PackFile& file : pack.files) {
    PackFileStatus status{&file, folder / file.path, FileState::absent};
    switch (look(folder, file.path)) {
      case Found::absent:
        break;
      case Found::file: {
        auto sum = sha256_file(status.path);
        status.state = sum && *sum == file.sha256 ? FileState::ok : FileState::corrupt;
        break;
      }
      default:
        status.state = FileState::corrupt;
    }
    out.push_back(std::move(status));
  }
  return out;
}

Result<ImportResult> import_pack(const Pack& pack, const fs::path& data_home, const fs::path& from) {
  std::error_code code;
  if (!fs::is_directory(from, code))
    return fail(ErrorKind::not_found, "the folder to import from is not there", from.string(),
                "name the folder that holds the files with --from DIR");

  // First look at everything, then change anything.
  ImportResult result;
  std::vector<Candidate> wanted;
  for (const PackFile& file : pack.files) {
    auto to = official_path(pack, file, data_home);
    if (!to) return fail(to.error());
    auto sum = sha256_file(*to);
    bool good = sum && *sum == file.sha256;
    auto source = find_source(pack, file, from);
    if (!source) {
      if (!file.optional) return fail(source.error());
      result.rejected.push_back(source.error());
      continue;
    }
    if (good) {
      result.unchanged.push_back(file.name);
    } else if (!*source) {
      (file.optional ? result.missing_optional : result.missing).push_back(file.name);
    } else {
      wanted.push_back({&file, **source, *to});
    }
  }
  for (const Candidate& candidate : wanted) {
    auto content = read_file(candidate.from);
    if (!content) return fail(content.error());
    if (auto taken = taken_out(*candidate.file, candidate.from); taken && sha256_hex(*content) != candidate.file->sha256)
      content = std::move(*taken);
    if (std::string sum = sha256_hex(*content); sum != candidate.file->sha256)
      return fail(ErrorKind::data, "the file changed while it was imported: " + expected_found(*candidate.file, sum),
                  candidate.from.string(), "import again");
    if (auto written = write_file(candidate.to, *content); !written) return fail(written.error());
    result.imported.push_back(candidate.file->name);
  }
  return result;
}

Result<fs::path> official_file(const Pack& pack, std::string_view name, const fs::path& data_home) {
  auto file = named(pack, name);
  if (!file) return fail(file.error());
  auto path = official_path(pack, **file, data_home);
  if (!path) return path;
  auto sum = sha256_file(*path);
  if (!sum && sum.error().kind == ErrorKind::not_found) return absent(pack, **file, *path);
  if (!sum) return fail(sum.error());
  if (*sum != (*file)->sha256) return corrupt(pack, **file, *path, *sum);
  return path;
}

Result<std::string> read_official_file(const Pack& pack, std::string_view name, const fs::path& data_home) {
  auto file = named(pack, name);
  if (!file) return fail(file.error());
  auto path = official_path(pack, **file, data_home);
  if (!path) return fail(path.error());
  auto content = read_file(*path);
  if (!content && content.error().kind == ErrorKind::not_found) return absent(pack, **file, *path);
  if (!content) return content;
  if (std::string sum = sha256_hex(*content); sum != (*file)->sha256) return corrupt(pack, **file, *path, sum);
  return content;
}

}  // namespace assay
