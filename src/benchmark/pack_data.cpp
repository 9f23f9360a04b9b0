#include "benchmark/pack_data.h"

#include <system_error>

#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

constexpr std::size_t kMaxCustom = std::size_t{1} << 30;

/// Names of the roles that any edition of the pack has.
std::vector<std::string> roles(const Pack& pack) {
  std::vector<std::string> out;
  out.reserve(pack.files.size() + pack.own.size());
  for (const PackFile& file : pack.files) out.push_back(file.name);
  for (const OwnFile& file : pack.own)
    if (!pack.file(file.name)) out.push_back(file.name);
  return out;
}

std::vector<std::string> roles_of_edition(const Pack& pack, std::string_view edition) {
  std::vector<std::string> out;
  for (const OwnFile& file : pack.own)
    if (file.edition == edition) out.push_back(file.name);
  return out;
}

bool looks_like_path(std::string_view wish) {
  return wish.find_first_of("/.") != std::string_view::npos;
}

}  // namespace

PackData::PackData(const Pack& pack, std::string_view wish, fs::path data_home)
    : pack_(&pack), data_home_(std::move(data_home)), choice_(choose(wish)) {}

Result<void> PackData::choose(std::string_view wish) {
  if (wish.empty() || wish == "auto" || wish == "official") {
    edition_ = "official";
    return {};
  }
  if (wish == "sample" || wish == "stand-in") {
    if (roles_of_edition(*pack_, wish).empty())
      return fail(ErrorKind::usage, "pack " + pack_->name + " has no edition \"" + std::string(wish) + "\"", "",
                  how_to_get(*pack_));
    edition_ = wish;
    return {};
  }
  std::error_code code;
  if (wish.find('\0') == std::string_view::npos && fs::exists(fs::path(wish), code)) {
    edition_ = "custom";
    custom_ = wish;
    return {};
  }
  if (looks_like_path(wish))
    return fail(ErrorKind::not_found, "there is no such file or folder of benchmark data", shorten(valid_utf8(wish), 300),
                "name a file, a folder, or one of: official, sample");
  std::vector<std::string> near = did_you_mean(wish, {"official", "sample", "stand-in", "auto"});
  return fail(ErrorKind::usage, "\"" + shorten(valid_utf8(wish), 60) + "\" is no edition and no file", "",
              near.empty() ? "editions: official, sample, or a path" : "did you mean " + join(near, ", ") + "?");
}

Result<DataFile> PackData::file(std::string_view name) {
  if (!choice_) return fail(choice_.error());
  if (auto it = kept_.find(name); it != kept_.end()) return it->second;
  if (std::error_code code; !custom_.empty() && !fs::is_directory(custom_, code)) {
    if (!served_.empty())
      return fail(ErrorKind::usage, "one file cannot be both " + served_ + " and " + std::string(name), custom_.string(),
                  "name a folder that holds both");
  }
  auto out = read(name);
  if (!out) return out;
  served_ = name;
  kept_.emplace(std::string(name), *out);
  return out;
}

Result<DataFile> PackData::read(std::string_view name) const {
  if (edition_ == "official") {
    auto content = read_official_file(*pack_, name, data_home_);
    if (!content) {
      Error error = content.error();
      // Who only wants to see it work need not fetch anything; but it is their choice, as such a score is not the official one.
      if (error.kind == ErrorKind::data && pack_->own_file("sample", name))
        error.hint += "\n  or try the project's own small set with: --edition sample";
      return fail(std::move(error));
    }
    return DataFile{
        .name = std::string(name), .content = std::move(*content), .sha256 = pack_->file(name)->sha256, .edition = edition_};
  }
  std::vector<std::string> known = roles(*pack_);
  if (std::find(known.begin(), known.end(), name) == known.end()) {
    std::vector<std::string> near = did_you_mean(name, known);
    return fail(ErrorKind::usage, "pack " + pack_->name + " has no file \"" + shorten(valid_utf8(name), 80) + "\"", "",
                near.empty() ? "" : "did you mean " + join(near, ", ") + "?");
  }
  if (edition_ == "custom") return read_custom(name);
  const OwnFile* own = pack_->own_file(edition_, name);
  if (!own)
    return fail(ErrorKind::usage, "the " + edition_ + " edition of pack " + pack_->name + " has no " + std::string(name), "",
                "it has: " + join(roles_of_edition(*pack_, edition_), ", "));
  return DataFile{.name = own->name, .content = std::string(own->content), .sha256 = own->sha256, .edition = edition_};
}

Result<DataFile> PackData::read_custom(std::string_view name) const {
  fs::path path = custom_;
  std::error_code code;
  if (fs::is_directory(custom_, code)) {
    std::vector<std::string> candidates;
    if (const PackFile* file = pack_->file(name)) candidates = file->import_from;
    candidates.push_back(std::string(name) + ".json");
    auto found = std::find_if(candidates.begin(), candidates.end(),
                              [&](const std::string& candidate) { return fs::is_regular_file(custom_ / candidate, code); });
    // Data of a hub lie as Parquet; benchmarks that read it know it by its first bytes.
    if (const std::string parquet = std::string(name) + ".parquet"; found == candidates.end() && fs::is_regular_file(custom_ / parquet, code))
      found = candidates.insert(candidates.end(), parquet);
    if (found == candidates.end()) {
      // Texts that go with any questions are taken from the official files, where they are here; the edition stays the user's.
      if (const PackFile* file = pack_->file(name); file && file->with_custom) {
        auto content = read_official_file(*pack_, name, data_home_);
        if (!content) {
          Error error = content.error();
          if (!candidates.empty()) error.hint += "\n  or put a text of your own there: " + (custom_ / candidates.front()).string();
          return fail(std::move(error));
        }
        return DataFile{.name = std::string(name), .content = std::move(*content), .sha256 = file->sha256, .edition = edition_};
      }
      return fail(ErrorKind::data, "the folder has no " + std::string(name), custom_.string(),
                  "put one of these there: " + join(candidates, ", "));
    }
    path = custom_ / *found;
  } else if (!fs::is_regular_file(custom_, code)) {
    return fail(ErrorKind::data, "this is neither a file nor a folder", custom_.string(),
                "name a file or a folder of benchmark data");
  }
  auto content = read_file(path, kMaxCustom);
  if (!content) return fail(content.error());
  // A text may lie there as it is, or inside the program or document it comes from.
  if (const PackFile* file = pack_->file(name); file && !file->extract.empty())
    if (auto taken = extracted(*file, *content)) *content = std::move(*taken);
  std::string sum = sha256_hex(*content);
  return DataFile{.name = std::string(name), .content = std::move(*content), .sha256 = std::move(sum), .edition = edition_, .path = path.string()};
}

}  // namespace assay
