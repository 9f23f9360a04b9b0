#include "model/hub/hub.h"

#include <unistd.h>

#include <algorithm>
#include <array>
#include <system_error>

#include "base/file.h"
#include "base/json.h"
#include "base/text.h"
#include "model/download.h"
#include "model/hub/file_pattern.h"
#include "model/hub/hub_error.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

constexpr std::string_view kFolderRecord = ".assay-downloads.json";
constexpr std::array<std::string_view, 2> kPartEndings = {".assay-part", ".assay-part.map"};
constexpr Duration kLongestWait = std::chrono::minutes(5);  // the hub counts requests in windows of five minutes

std::vector<HttpHeader> headers(const HubOptions& options) {
  std::vector<HttpHeader> out;
  if (!options.token.empty()) out.push_back({"Authorization", "Bearer ", options.token});
  return out;
}

std::string file_url(const HubOptions& options, const std::string& repository, const std::string& commit, const std::string& path) {
  return options.endpoint + "/" + repository + "/resolve/" + url_part(commit) + "/" + url_part(path, true);
}

/// GET or HEAD of an address of the hub itself; tried again as transfers are. Redirects are followed while they stay with the hub (a
/// repository that was renamed); one that leaves is the answer.
Async<HttpResponse> ask(HubOptions& options, HubAddress address, std::string method, std::string url) {
  for (int tried = 0;;) {
    Result<HttpResponse> response = fail(ErrorKind::bad_response, "the hub redirects in circles");
    std::string at = url;
    for (int hops = 0; hops < 5; ++hops) {
      if (options.stop && options.stop->requested()) co_return fail(ErrorKind::cancelled, "interrupted");
      HttpRequest request;
      request.method = method;
      request.url = at;
      request.headers = headers(options);
      request.headers.push_back({"Accept-Encoding", "identity"});
      request.timeout = std::chrono::seconds(120);
      request.stall_timeout = options.stall;
      response = co_await options.transport->send(std::move(request));
      if (!response || response->status / 100 != 3) break;
      std::string next = join_url(at, response->header("location"));
      if (next.empty() || url_origin(next) != url_origin(at)) break;
      at = std::move(next);
    }
    Error error;
    if (response && response->status < 400) co_return response;
    if (response) error = hub_error(*response, address, options);
    else error = response.error();
    if (options.stop && options.stop->requested()) co_return fail(ErrorKind::cancelled, "interrupted");
    if (!retryable(error.kind) || ++tried >= options.tries) co_return fail(std::move(error));
    if (!options.timer) continue;
    Duration wait = std::chrono::seconds(std::int64_t{1} << std::min(tried - 1, 5));
    if (error.retry_after) wait = std::max<Duration>(wait, *error.retry_after);
    co_await options.timer->sleep(std::min(wait, kLongestWait));
  }
}

/// Fills in a size and a sum that the listing lacked, from the headers of the file itself.
Async<bool> describe(HubOptions& options, const HubAddress& address, const std::string& commit, HubFile& file) {
  HubAddress one = address;
  one.file = file.path;
  Result<HttpResponse> head = co_await ask(options, one, "HEAD", file_url(options, address.repository, commit, file.path));
  if (!head) co_return std::unexpected(head.error());
  std::string etag = head->header("x-linked-etag"), size = head->header("x-linked-size");
  if (etag.empty()) etag = head->header("etag");
  if (size.empty() && head->status == 200) size = head->header("content-length");
  file.sum = sum_of_etag(etag);
  std::uint64_t bytes = 0;
  for (char c : size) bytes = c >= '0' && c <= '9' && bytes < std::uint64_t{1} << 50 ? bytes * 10 + static_cast<std::uint64_t>(c - '0') : std::uint64_t{1} << 50;
  if (!size.empty() && bytes < std::uint64_t{1} << 50) file.size = bytes;
  if (!file.sum || !file.size)
    co_return fail(ErrorKind::bad_response, "the hub names no size and sum of " + file.path + ", so it could not be checked", options.endpoint);
  co_return true;
}

/// The state of one pull. Lives on the frame of pull_from_hub(); its workers run on one thread and end before it.
struct Pull {
  HubRequest request;
  HubOptions options;
  HubCache cache;
  HubListing listing{};
  HubPull result{};
  HubProgress progress{};
  HubRecord record{};
  std::set<std::string> folder_files{};  // of ours, in a plain folder
  std::optional<Error> error{};

  bool in_folder() const { return !request.folder.empty(); }
  const std::string& repository() const { return request.address.repository; }
  void tell() const {
    if (options.progress) options.progress(progress);
  }
};

Error named(Error error, const std::string& path) {
  if (error.kind == ErrorKind::cancelled) return error;
  error.message = "cannot get " + path + ": " + error.message;
  if (retryable(error.kind)) error.hint += std::string(error.hint.empty() ? "" : "\n  ") + "run the same command again: what came so far is kept";
  return error;
}

/// Whether the file's content is here already; for a file in a plain folder its sum is computed.
Async<bool> is_here(Pull& pull, const PulledFile& file) {
  std::error_code code;
  if (!pull.in_folder()) {
    fs::path blob = pull.cache.blob(pull.repository(), file.sum);
    co_return fs::is_regular_file(blob, code) && fs::file_size(blob, code) == file.size && !code;
  }
  if (!fs::is_regular_file(file.place, code) || fs::file_size(file.place, code) != file.size || code) co_return false;
  pull.progress.file = file.path;
  pull.progress.verifying = true;
  pull.tell();
  Result<std::string> sum = co_await file_sum(file.place, file.sum.kind, pull.options.stop);
  pull.progress.verifying = false;
  if (!sum && sum.error().kind == ErrorKind::cancelled) co_return fail(sum.error());
  co_return sum && *sum == file.sum.hex;
}

Async<bool> fetch(Pull& pull, PulledFile& file, std::size_t ranges) {
  FileDownload download;
  download.url = file_url(pull.options, pull.repository(), pull.result.commit, file.path);
  download.headers = headers(pull.options);
  download.size = file.size;
  download.sum = file.sum;
  std::shared_ptr<void> held;
  if (pull.in_folder()) {
    download.place = file.place;
    download.part = file.place;
    download.part += ".assay-part";
  } else {
    auto lock = pull.cache.lock(pull.repository(), file.sum);
    if (!lock) co_return fail(named(lock.error(), file.path));
    held = std::move(*lock);
    download.place = pull.cache.blob(pull.repository(), file.sum);
    download.part = download.place;
    download.part += ".assay-part";
  }
  HubAddress one = pull.request.address;
  one.file = file.path;
  download.explain = [&pull, one](const HttpResponse& response) { return hub_error(response, one, pull.options); };

  DownloadRules rules;
  rules.tries = pull.options.tries;
  rules.patient = true;
  rules.timer = pull.options.timer;
  rules.longest_wait = kLongestWait;
  rules.stall = pull.options.stall;
  rules.parallel = ranges;
  rules.segment = pull.options.segment;
  rules.stop = pull.options.stop;
  rules.free_space = pull.options.free_space;
  std::uint64_t counted = 0;  // of this file, in progress.done
  rules.progress = [&pull, &file, &counted](const TransferProgress& progress) {
    std::uint64_t grown = progress.done > counted ? progress.done - counted : 0;
    pull.progress.done = pull.progress.done + progress.done - counted;
    if (progress.done > progress.resumed) pull.progress.received += grown;
    counted = progress.done;
    pull.progress.file = file.path;
    pull.progress.verifying = progress.verifying;
    pull.tell();
  };
  Result<TransferResult> got = co_await download_file(std::move(download), *pull.options.transport, std::move(rules));
  if (!got) co_return fail(named(got.error(), file.path));
  pull.progress.done = pull.progress.done - counted + file.size;
  pull.result.received += got->received;
  pull.result.resumed += got->resumed;
  file.downloaded = true;
  co_return true;
}

/// Links the file into its snapshot, and counts it.
Result<void> finish(Pull& pull, const PulledFile& file) {
  if (!pull.in_folder())
    if (auto linked = pull.cache.link(pull.repository(), pull.result.commit, file.path, file.sum); !linked) return linked;
  ++pull.progress.files_done;
  pull.progress.file = file.path;
  pull.tell();
  return {};
}

/// Fetches small files, each whole, until none is left.
Task<void> small_files(Pull& pull, std::vector<PulledFile*>& files, std::size_t& next) {
  while (next < files.size() && !pull.error) {
    PulledFile& file = *files[next++];
    Result<bool> got = co_await fetch(pull, file, 1);
    if (got) {
      if (auto done = finish(pull, file); !done && !pull.error) pull.error = done.error();
    } else if (!pull.error) {
      pull.error = got.error();
    }
  }
}

/// Before the first byte: what this program is about to put there. Should it be killed, deleting still knows what is ours.
Result<void> remember(Pull& pull, const std::vector<PulledFile*>& lacking) {
  std::error_code code;
  if (pull.in_folder()) {
    if (auto text = read_file(pull.request.folder / kFolderRecord))
      if (auto document = parse_json(*text))
        if (const json::value* files = find(*document, "files"); files && files->is_array())
          for (const json::value& file : files->get_array())
            if (file.is_string()) pull.folder_files.emplace(file.get_string());
    for (const PulledFile* file : lacking)
      if (!fs::exists(file->place, code)) pull.folder_files.insert(file->path);
    if (pull.folder_files.empty()) return {};
    return write_file(pull.request.folder / kFolderRecord,
                      write_json(json::object{{"assay_hub", 1}, {"files", json::array(pull.folder_files.begin(), pull.folder_files.end())}}, JsonStyle::pretty) + "\n");
  }
  pull.record = pull.cache.record(pull.repository());
  const HubRecord before = pull.record;
  fs::path folder = pull.cache.repository_folder(pull.repository());
  for (const PulledFile* file : lacking) pull.record.blobs.insert(file->sum.hex);
  for (const PulledFile& file : pull.result.files)
    if (std::string link = pull.result.commit + "/" + file.path; !fs::exists(fs::symlink_status(folder / "snapshots" / link, code))) pull.record.links.insert(link);
  const std::string& revision = pull.request.address.revision;
  if (!is_commit(revision) && !fs::exists(folder / "refs" / revision, code)) pull.record.refs.insert(revision);
  if (before.blobs == pull.record.blobs && before.links == pull.record.links && before.refs == pull.record.refs) return {};
  return pull.cache.write_record(pull.repository(), pull.record);
}

/// A name of what this program notes down in a folder: a repository that was filled from such a folder has them, too.
bool is_own_note(std::string_view path) {
  return path == kFolderRecord || std::any_of(kPartEndings.begin(), kPartEndings.end(), [&](std::string_view ending) { return path.ends_with(ending); });
}

/// The files that are asked for, with sizes and sums.
Async<bool> choose(Pull& pull) {
  const HubAddress& address = pull.request.address;
  std::vector<std::string> known;
  for (HubFile& file : pull.listing.files) {
    if (pull.in_folder() && is_own_note(file.path)) continue;
    known.push_back(file.path);
    bool take = address.file.empty() ? wanted_file(file.path, pull.request.include, pull.request.exclude) : file.path == address.file;
    if (!take) continue;
    if (!file.sum || !file.size) {
      Result<bool> described = co_await describe(pull.options, address, pull.listing.commit, file);
      if (!described) co_return described;
    }
    fs::path place = pull.result.folder / file.path;
    pull.result.files.push_back({.path = file.path, .place = std::move(place), .size = *file.size, .sum = *file.sum});
    pull.progress.total += *file.size;
  }
  pull.progress.files = pull.result.files.size();
  if (!pull.result.files.empty()) co_return true;
  std::string where = address.repository + " at " + address.revision;
  if (!address.file.empty()) {
    std::vector<std::string> near = did_you_mean(address.file, known);
    co_return fail(ErrorKind::not_found, where + " has no file " + address.file, "", near.empty() ? "assay models pull " + address.repository + " --dry-run lists its files" : "did you mean " + join(near, " or ") + "?");
  }
  std::string some = join(std::vector<std::string>(known.begin(), known.begin() + static_cast<std::ptrdiff_t>(std::min<std::size_t>(known.size(), 8))), ", ");
  co_return fail(ErrorKind::usage, "no file of " + where + " matches", "", known.empty() ? "the repository is empty" : "it has " + std::to_string(known.size()) + " files: " + some + (known.size() > 8 ? ", ..." : ""));
}

Async<HubListing> listing_of(HubAddress address, HubOptions& options) {
  std::string url = options.endpoint + "/api/" + (is_data_set(address.repository) ? "" : "models/") + address.repository + "/revision/" + url_part(address.revision) + "?blobs=true";
  Result<HttpResponse> response = co_await ask(options, address, "GET", url);
  if (!response) co_return std::unexpected(response.error());
  co_return read_hub_listing(response->body, url);
}

Async<bool> run(Pull& pull) {
  Result<HubListing> listing = co_await listing_of(pull.request.address, pull.options);
  if (!listing) co_return std::unexpected(listing.error());
  pull.listing = std::move(*listing);
  pull.result.commit = pull.listing.commit;
  pull.result.folder = pull.in_folder() ? pull.request.folder : pull.cache.snapshot(pull.repository(), pull.result.commit);
  Result<bool> chosen = co_await choose(pull);
  if (!chosen) co_return std::unexpected(chosen.error());

  std::vector<PulledFile*> lacking, here;
  for (PulledFile& file : pull.result.files) {
    Result<bool> present = co_await is_here(pull, file);
    if (!present) co_return std::unexpected(present.error());
    (*present ? here : lacking).push_back(&file);
  }
  if (auto remembered = remember(pull, lacking); !remembered) co_return std::unexpected(remembered.error());
  for (PulledFile* file : here) {
    pull.progress.done += file->size;
    if (auto done = finish(pull, *file); !done) co_return std::unexpected(done.error());
  }

  // Small files, several at once; then the large ones, one after the other in several ranges. Twins (two paths of one content, as some
  // repositories have them) come once: the second time the blob is there.
  std::vector<PulledFile*> small, large;
  std::set<std::string> taken;
  std::vector<PulledFile*> twins;
  for (PulledFile* file : lacking) {
    if (!pull.in_folder() && !taken.insert(file->sum.hex).second) twins.push_back(file);
    else (file->size < 2 * pull.options.segment ? small : large).push_back(file);
  }
  std::size_t next = 0;
  std::vector<Task<void>> workers;
  for (std::size_t i = 0; i < std::min(std::max<std::size_t>(1, pull.options.parallel), small.size()); ++i) workers.push_back(small_files(pull, small, next));
  co_await run_together(std::move(workers), pull.options.stop);
  if (pull.error) co_return fail(*pull.error);
  for (PulledFile* file : large) {
    Result<bool> got = co_await fetch(pull, *file, pull.options.parallel);
    if (!got) co_return std::unexpected(got.error());
    if (auto done = finish(pull, *file); !done) co_return std::unexpected(done.error());
  }
  for (PulledFile* file : twins) {
    pull.progress.done += file->size;
    if (auto done = finish(pull, *file); !done) co_return std::unexpected(done.error());
  }
  const std::string& revision = pull.request.address.revision;
  if (!pull.in_folder() && !is_commit(revision))
    if (auto written = pull.cache.write_ref(pull.repository(), revision, pull.result.commit); !written) co_return std::unexpected(written.error());
  co_return true;
}

Task<void> run_into(Pull& pull, Result<bool>& out) { out = co_await run(pull); }

}  // namespace

Async<HubListing> list_hub_repository(HubAddress address, HubOptions options) {
  Result<HubListing> listing = co_await listing_of(address, options);
  co_return listing;
}

Async<HubPull> pull_from_hub(HubRequest request, HubOptions options) {
  Pull pull{.request = std::move(request), .options = std::move(options), .cache = HubCache({})};
  pull.cache = HubCache(pull.options.cache);
  Result<bool> done = fail(ErrorKind::cancelled, "interrupted");
  std::vector<Task<void>> all;
  all.push_back(run_into(pull, done));
  co_await run_together(std::move(all), pull.options.stop);  // what waits for the network is woken when the switch is turned
  if (!done) co_return std::unexpected(done.error());
  co_return std::move(pull.result);
}

Async<fs::path> hub_file(HubAddress address, HubOptions options) {
  if (address.file.empty()) co_return fail(ErrorKind::usage, to_string(address) + " names no file", "", "write ORG/NAME:FILE");
  if (auto path = HubCache(options.cache).find(address)) co_return *path;
  HubRequest request;
  request.address = address;
  Result<HubPull> pulled = co_await pull_from_hub(std::move(request), std::move(options));
  if (!pulled) co_return std::unexpected(pulled.error());
  co_return pulled->files.front().place;
}

Result<DeletedDownloads> delete_folder_downloads(const fs::path& folder) {
  auto text = read_file(folder / kFolderRecord, std::size_t{64} << 20);
  auto document = text ? parse_json(*text) : Result<json::value>(std::unexpected(text.error()));
  const json::value* files = document ? find(*document, "files") : nullptr;
  if (!files || !files->is_array()) return fail(ErrorKind::not_found, "nothing in this folder was downloaded by this program", folder.string());
  DeletedDownloads out;
  std::error_code code;
  for (const json::value& item : files->get_array()) {
    if (!item.is_string() || !is_safe_hub_path(item.get_string())) continue;
    for (const char* ending : {"", ".assay-part", ".assay-part.map"}) {
      fs::path place = folder / (std::string(item.get_string()) + ending);
      std::uint64_t size = fs::is_regular_file(place, code) ? fs::file_size(place, code) : 0;
      if (!fs::remove(place, code)) {
        if (code) return fail(ErrorKind::io, "cannot delete: " + code.message(), place.string());
        continue;
      }
      out.bytes += size;
      if (std::string_view(ending) != ".assay-part.map") ++out.files;
      for (fs::path above = place.parent_path(); above != folder && ::rmdir(above.c_str()) == 0;) above = above.parent_path();
    }
  }
  fs::remove(folder / kFolderRecord, code);
  return out;
}

}  // namespace assay
