#include "run/pack_download.h"

#include "base/file.h"
#include "base/hash.h"
#include "base/text.h"
#include "model/download.h"

namespace assay {
namespace {

namespace fs = std::filesystem;

struct Fetch {
  const Pack& pack;
  const PackFile& file;
  const DownloadOptions& options;
  DownloadProgress progress;
};

void tell(Fetch& fetch) {
  if (fetch.options.progress) fetch.options.progress(fetch.progress);
}

Error with_address(Error error, const Fetch& fetch) {
  error.message = "cannot get " + fetch.file.name + ": " + error.message;
  error.where = error.where.empty() || error.kind != ErrorKind::io ? fetch.file.url : error.where;
  if (!error.hint.empty()) error.hint += "\n  ";
  if (error.kind == ErrorKind::data || error.kind == ErrorKind::usage) {
    error.hint += "if you have a copy of the original files: assay data import " + fetch.pack.name + " --from DIR";
  } else if (error.kind != ErrorKind::io) {
    error.hint += "try again (what came so far is kept): assay data pull " + fetch.pack.name +
                  "\n  or, from a copy of the files: assay data import " + fetch.pack.name + " --from DIR";
  }
  return error;
}

/// A file that has to be taken out of another: that one is small, of an unknown sum, and not kept.
Async<TransferResult> fetch_source(Fetch& fetch, Transport& transport, fs::path place) {
  constexpr std::size_t kMost = std::size_t{4} << 20;
  for (int tries = 1;; ++tries) {
    std::string body;
    HttpRequest request;
    request.url = fetch.file.url;
    request.follow_redirects = true;
    request.sink = [&body](std::string_view piece) {
      body += piece;
      return body.size() <= kMost;
    };
    Result<HttpResponse> response = co_await transport.send(std::move(request));
    Error error;
    if (response && response->status == 200) {
      const std::uint64_t received = body.size();
      auto taken = extracted(fetch.file, std::move(body));
      if (!taken || sha256_hex(*taken) != fetch.file.sha256)
        co_return fail(with_address(Error{ErrorKind::data, "what lies there is not what the pack describes"}, fetch));
      auto written = write_file(place, *taken);
      if (!written) co_return fail(with_address(written.error(), fetch));
      TransferResult out;
      out.received = received;
      co_return out;
    }
    if (!response)
      error = response.error();
    else if (response->status == 429 || response->status >= 500)
      error = Error{ErrorKind::server, "the server answered " + std::to_string(response->status)};
    else
      error = Error{ErrorKind::data, "the server answered " + std::to_string(response->status)};
    if (!retryable(error.kind) || tries >= fetch.options.tries) co_return fail(with_address(std::move(error), fetch));
    if (fetch.options.timer) co_await fetch.options.timer->sleep(std::chrono::seconds(1 << std::min(tries - 1, 5)));
  }
}

Async<TransferResult> fetch_file(Fetch& fetch, Transport& transport, fs::path place) {
  if (!fetch.file.extract.empty()) {
    Result<TransferResult> got = co_await fetch_source(fetch, transport, std::move(place));
    co_return got;
  }
  FileDownload file;
  file.url = fetch.file.url;
  file.place = std::move(place);
  file.size = fetch.file.size;
  file.sum = {FileSum::Kind::sha256, fetch.file.sha256};
  DownloadRules rules;
  rules.tries = fetch.options.tries;
  rules.timer = fetch.options.timer;
  rules.progress = [&fetch](const TransferProgress& progress) {
    if (progress.verifying) return;
    fetch.progress.done = progress.done;
    fetch.progress.resumed = progress.resumed;
    tell(fetch);
  };
  Result<TransferResult> got = co_await download_file(std::move(file), transport, std::move(rules));
  if (!got) co_return fail(with_address(got.error(), fetch));
  co_return got;
}

/// The files that are asked for, in the order of the pack.
Result<std::vector<const PackFile*>> chosen(const Pack& pack, const std::vector<std::string>& wanted) {
  std::vector<bool> take(pack.files.size(), false);
  for (std::size_t i = 0; i < take.size(); ++i) take[i] = wanted.empty() && (!pack.files[i].optional || !pack.files[i].needed_for.empty());
  for (const std::string& wish : wanted) {
    bool any = false;
    for (std::size_t i = 0; i < take.size(); ++i) {
      const PackFile& file = pack.files[i];
      if (file.name == wish || file.benchmark == wish || (wish.ends_with('/') && file.name.starts_with(wish)))
        take[i] = any = true;
    }
    if (any) continue;
    std::vector<std::string> names;
    names.reserve(pack.files.size());
    for (const PackFile& file : pack.files) names.push_back(file.name);
    std::vector<std::string> near = did_you_mean(wish, names);
    return fail(ErrorKind::usage, "pack " + pack.name + " has no file \"" + shorten(valid_utf8(wish), 80) + "\"", "",
                near.empty() ? "" : "did you mean " + join(near, ", ") + "?");
  }
  std::vector<const PackFile*> out;
  for (std::size_t i = 0; i < take.size(); ++i)
    if (take[i]) out.push_back(&pack.files[i]);
  return out;
}

}  // namespace

Async<DownloadResult> download_pack(const Pack& pack, fs::path data_home, Transport& transport, DownloadOptions options) {
  auto files = chosen(pack, options.wanted);
  if (!files) co_return fail(files.error());
  DownloadResult result;
  for (std::size_t i = 0; i < files->size(); ++i) {
    const PackFile& file = *(*files)[i];
    auto place = official_path(pack, file, data_home);
    if (!place) co_return fail(place.error());
    if (auto sum = sha256_file(*place); sum && *sum == file.sha256) {
      result.unchanged.push_back(file.name);
      continue;
    }
    Fetch fetch{.pack = pack, .file = file, .options = options, .progress = {}};
    fetch.progress = {
        .file = &file, .number = i + 1, .count = files->size(), .done = 0, .resumed = 0, .total = file.size, .finished = false};
    Result<TransferResult> got = co_await fetch_file(fetch, transport, *place);
    if (!got) co_return fail(got.error());
    result.bytes += got->received;
    result.downloaded.push_back(file.name);
    std::error_code ignored;
    fetch.progress.done = fs::file_size(*place, ignored);
    fetch.progress.finished = true;
    tell(fetch);
  }
  co_return result;
}

Async<DownloadResult> download_pack(const Pack& pack, fs::path data_home, Transport& transport,
                                    std::function<void(std::string_view)> say) {
  DownloadOptions options;
  options.progress = [say = std::move(say)](const DownloadProgress& progress) {
    if (progress.finished && say)
      say("[" + std::to_string(progress.number) + "/" + std::to_string(progress.count) + "] " + progress.file->name + "  " +
          std::to_string(progress.done) + " bytes, sum verified");
  };
  return download_pack(pack, std::move(data_home), transport, std::move(options));
}

}  // namespace assay
