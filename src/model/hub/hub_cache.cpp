#include "model/hub/hub_cache.h"

#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kPrefix = "models--";
constexpr std::string_view kRecord = ".assay.json";

std::string text_of(const fs::path& path) {
  auto text = read_file(path, 4096);
  return text ? std::string(strip(valid_utf8(*text))) : std::string();
}

/// Relative paths of everything below `folder` that is no folder itself (links are not followed), sorted.
std::vector<std::string> files_below(const fs::path& folder) {
  std::vector<std::string> out;
  std::error_code code;
  for (fs::recursive_directory_iterator at(folder, fs::directory_options::skip_permission_denied, code), end; !code && at != end; at.increment(code)) {
    std::error_code ignored;
    if (at->is_directory(ignored) && !at->is_symlink(ignored)) continue;
    out.push_back(at->path().lexically_relative(folder).generic_string());
  }
  std::sort(out.begin(), out.end());
  return out;
}

/// Removes `folder` and the folders above it as long as they are empty, up to `stop`, which stays.
void remove_empty(fs::path folder, const fs::path& stop) {
  while (folder != stop && folder.native().size() > stop.native().size() && ::rmdir(folder.c_str()) == 0) folder = folder.parent_path();
}

std::uint64_t size_of(const fs::path& path) {
  std::error_code code;
  auto size = fs::file_size(path, code);
  return code ? 0 : size;
}

Error refused(const std::string& what, const std::error_code& code, const fs::path& path) {
  return Error{ErrorKind::io, what + ": " + code.message(), path.string(), "may this folder be written to, and is there room?"};
}

}  // namespace

std::string cache_name(const std::string& repository) {
  return (is_data_set(repository) ? std::string() : std::string(kPrefix)) + replace_all(repository, "/", "--");
}

std::optional<std::string> repository_of_cache_name(std::string_view name) {
  const bool model = name.starts_with(kPrefix);
  auto address = parse_hub_address(replace_all(model ? name.substr(kPrefix.size()) : name, "--", "/"));
  if (!address || is_data_set(address->repository) == model || !address->file.empty() || address->revision != "main") return std::nullopt;
  return address->repository;
}

fs::path HubCache::repository_folder(const std::string& repository) const { return folder_ / cache_name(repository); }
fs::path HubCache::blob(const std::string& repository, const FileSum& sum) const { return repository_folder(repository) / "blobs" / sum.hex; }
fs::path HubCache::snapshot(const std::string& repository, const std::string& commit) const {
  return repository_folder(repository) / "snapshots" / commit;
}

std::optional<std::string> HubCache::commit_of(const std::string& repository, const std::string& revision) const {
  std::string commit = text_of(repository_folder(repository) / "refs" / revision);
  if (is_commit(commit)) return commit;
  std::error_code code;
  if (is_commit(revision) && fs::is_directory(snapshot(repository, revision), code)) return revision;
  return std::nullopt;
}

std::optional<fs::path> HubCache::find(const HubAddress& address) const {
  auto commit = commit_of(address.repository, address.revision);
  if (!commit) return std::nullopt;
  fs::path path = snapshot(address.repository, *commit);
  std::error_code code;
  if (address.file.empty()) return fs::is_directory(path, code) ? std::optional(path) : std::nullopt;
  path /= address.file;
  return fs::is_regular_file(path, code) ? std::optional(path) : std::nullopt;
}

Result<void> HubCache::link(const std::string& repository, const std::string& commit, const std::string& path, const FileSum& sum) const {
  fs::path place = snapshot(repository, commit) / path;
  fs::path target = fs::path("..") / ".." / "blobs" / sum.hex;
  for (char c : path)
    if (c == '/') target = ".." / target;
  std::error_code code;
  if (fs::is_symlink(place, code) && fs::read_symlink(place, code) == target) return {};
  fs::create_directories(place.parent_path(), code);
  if (code) return fail(refused("cannot create the folder", code, place.parent_path()));
  fs::path temporary = place;
  temporary += ".assay-link" + std::to_string(::getpid());
  fs::remove(temporary, code);
  fs::create_symlink(target, temporary, code);
  if (code) return fail(refused("cannot make a link", code, temporary));
  fs::rename(temporary, place, code);
  if (!code) return {};
  std::error_code ignored;
  fs::remove(temporary, ignored);
  return fail(refused("cannot put the link into place", code, place));
}

Result<void> HubCache::write_ref(const std::string& repository, const std::string& revision, const std::string& commit) const {
  return write_file(repository_folder(repository) / "refs" / revision, commit);
}

Result<std::shared_ptr<void>> HubCache::lock(const std::string& repository, const FileSum& sum) const {
  fs::path path = folder_ / ".locks" / cache_name(repository) / (sum.hex + ".lock");
  std::error_code code;
  fs::create_directories(path.parent_path(), code);
  if (code) return fail(refused("cannot create the folder", code, path.parent_path()));
  int fd = ::open(path.c_str(), O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0644);
  if (fd < 0) return fail(ErrorKind::io, std::string("cannot write: ") + std::strerror(errno), path.string());
  struct Held {
    int fd;
    ~Held() { ::close(fd); }
  };
  auto held = std::make_shared<Held>(fd);
  if (::flock(fd, LOCK_EX | LOCK_NB) != 0)
    return fail(ErrorKind::io, "another program is fetching this file", path.string(), "wait for it to end, then run this again");
  return std::shared_ptr<void>(std::move(held));
}

HubRecord read_hub_record(std::string_view json_text) {
  HubRecord out;
  auto document = parse_json(json_text);
  if (!document) return out;
  for (auto [name, set] : {std::pair{"blobs", &out.blobs}, std::pair{"links", &out.links}, std::pair{"refs", &out.refs}}) {
    const json::value* list = assay::find(*document, name);
    if (!list || !list->is_array()) continue;
    for (const json::value& item : list->get_array())
      if (item.is_string() && is_safe_hub_path(item.get_string())) set->emplace(item.get_string());
  }
  return out;
}

std::string hub_record_text(const HubRecord& record) {
  json::object document{{"assay_hub", 1}};
  for (auto [name, set] : {std::pair{"blobs", &record.blobs}, std::pair{"links", &record.links}, std::pair{"refs", &record.refs}})
    document[name] = json::array(set->begin(), set->end());
  return write_json(document, JsonStyle::pretty) + "\n";
}

HubRecord HubCache::record(const std::string& repository) const {
  return read_hub_record(read_file(repository_folder(repository) / kRecord, std::size_t{64} << 20).value_or(""));
}

Result<void> HubCache::write_record(const std::string& repository, const HubRecord& record) const {
  return write_file(repository_folder(repository) / kRecord, hub_record_text(record));
}

std::vector<CachedRepository> HubCache::list() const {
  std::vector<CachedRepository> out;
  std::error_code code;
  for (fs::directory_iterator at(folder_, code), end; !code && at != end; at.increment(code)) {
    auto repository = repository_of_cache_name(at->path().filename().string());
    std::error_code ignored;
    if (!repository || !at->is_directory(ignored)) continue;
    CachedRepository one{.repository = *repository, .folder = at->path()};
    HubRecord own = record(*repository);
    for (const std::string& name : files_below(one.folder / "blobs")) {
      std::uint64_t size = size_of(one.folder / "blobs" / name);
      if (name.ends_with(".assay-part")) {
        one.partial_bytes += size;
      } else if (name.size() == 40 || name.size() == 64) {
        one.bytes += size;
        if (own.blobs.contains(name)) one.own_bytes += size;
      }
    }
    std::vector<std::string> refs = files_below(one.folder / "refs");
    for (fs::directory_iterator snapshot(one.folder / "snapshots", ignored), last; !ignored && snapshot != last; snapshot.increment(ignored)) {
      CachedRevision revision{.commit = snapshot->path().filename().string(), .refs = {}, .files = files_below(snapshot->path())};
      for (const std::string& ref : refs)
        if (text_of(one.folder / "refs" / ref) == revision.commit) revision.refs.push_back(ref);
      one.revisions.push_back(std::move(revision));
    }
    std::sort(one.revisions.begin(), one.revisions.end(), [](const auto& a, const auto& b) { return a.commit < b.commit; });
    out.push_back(std::move(one));
  }
  std::sort(out.begin(), out.end(), [](const auto& a, const auto& b) { return a.repository < b.repository; });
  return out;
}

Result<DeletedDownloads> HubCache::delete_downloads(const std::string& repository) const {
  const fs::path folder = repository_folder(repository);
  const HubRecord own = record(repository);
  if (own.blobs.empty() && own.links.empty() && own.refs.empty()) {
    std::error_code code;
    return fail(ErrorKind::not_found, fs::is_directory(folder, code) ? "nothing of " + repository + " was downloaded by this program" : repository + " is not in the cache",
                folder.string(), "assay models list shows what is there");
  }
  DeletedDownloads out;
  std::error_code code;
  for (const std::string& link : own.links) {
    fs::path place = folder / "snapshots" / link;
    if (!fs::is_symlink(place, code)) continue;
    if (!fs::remove(place, code) || code) return fail(refused("cannot delete", code, place));
    remove_empty(place.parent_path(), folder);
  }
  // What is still linked to is somebody else's link.
  std::set<std::string> used;
  for (const std::string& path : files_below(folder / "snapshots")) {
    fs::path place = folder / "snapshots" / path;
    ++out.kept;
    if (fs::is_symlink(place, code)) used.insert(fs::read_symlink(place, code).filename().string());
  }
  for (const std::string& name : own.blobs) {
    if (used.contains(name)) continue;
    for (const char* ending : {"", ".assay-part", ".assay-part.map"}) {
      fs::path place = folder / "blobs" / (name + ending);
      std::uint64_t size = size_of(place);
      bool there = fs::remove(place, code);
      if (code) return fail(refused("cannot delete", code, place));
      if (!there) continue;
      out.bytes += size;
      if (std::string_view(ending) != ".assay-part.map") ++out.files;
    }
    fs::remove(folder_ / ".locks" / cache_name(repository) / (name + ".lock"), code);
  }
  for (const std::string& ref : own.refs) {
    fs::path place = folder / "refs" / ref;
    std::string commit = text_of(place);
    if (is_commit(commit) && fs::exists(snapshot(repository, commit), code)) continue;  // others have files of that commit
    fs::remove(place, code);
    remove_empty(place.parent_path(), folder);
  }
  fs::remove(folder / kRecord, code);
  for (const char* name : {"blobs", "snapshots", "refs"}) ::rmdir((folder / name).c_str());
  ::rmdir(folder.c_str());
  ::rmdir((folder_ / ".locks" / cache_name(repository)).c_str());
  return out;
}

}  // namespace assay
