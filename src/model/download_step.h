// Inside of download.cpp and segmented_download.cpp: what the two ways of fetching one file share.
#pragma once

#include "model/download.h"
#include "model/part_file.h"

namespace assay::download_detail {

struct Fetch {
  FileDownload file;
  Transport& transport;
  DownloadRules rules;
  std::filesystem::path part_path, map_path;
  TransferProgress progress{};
  TransferResult result{};
  std::string resolved{};   // where the redirects led
  bool no_ranges = false;   // the server was seen to send the whole file whatever is asked for
};

/// What a try ended with. A `wrong_start` costs no try: what was kept from earlier turned out to be useless.
enum class Step { done, wrong_start };

void tell(Fetch& fetch);
Error refused(const Fetch& fetch, const HttpResponse& response);
/// Sleeps before try number `tried` + 1.
Task<void> pause(Fetch& fetch, int tried, const Error& error);
/// The first byte of "bytes 100-199/200" and the size behind the slash (0 when it is "*"); nullopt when it is something else.
struct Range {
  std::uint64_t first = 0, size = 0;
};
std::optional<Range> content_range(std::string_view header);
/// Sends `request` to the file's address and on along its redirects.
Async<HttpResponse> send_along(Fetch& fetch, HttpRequest request);
/// Fetches what lacks in several ranges; afterwards `part` holds the whole file, not yet verified. Retries by itself. wrong_start: the
/// server sends no ranges (fetch.no_ranges), and nothing is kept.
Async<Step> fetch_segments(Fetch& fetch, PartFile& part);

}  // namespace assay::download_detail
