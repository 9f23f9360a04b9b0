#include "model/download_step.h"
#include "model/segment_map.h"

namespace assay::download_detail {
namespace {

/// What the workers of one file share. They run on one thread.
struct Segments {
  Fetch& fetch;
  PartFile& part;
  SegmentMap& map;
  std::size_t next = 0;        // the first segment that nobody has taken
  std::optional<Error> error;  // the first one that ends it; the others then stop
  bool stopped() const { return error || fetch.no_ranges || (fetch.rules.stop && fetch.rules.stop->requested()); }
};

/// Asks once for what lacks of segment `i`.
Async<bool> ask(Segments& s, std::size_t i) {
  const std::uint64_t first = s.map.next(i), end = s.map.end(i);
  bool disk_full = false, beyond = false, other_file = false, whole = false, abandoned = false;
  HttpRequest request;
  request.method = "GET";
  request.timeout = s.fetch.rules.stall > Duration::zero() ? Duration::zero() : std::chrono::minutes(10) + std::chrono::seconds((end - first) / 50'000);
  request.stall_timeout = s.fetch.rules.stall;
  request.headers.push_back({"Accept-Encoding", "identity"});
  request.headers.push_back({"Range", "bytes=" + std::to_string(first) + "-" + std::to_string(end - 1)});
  request.begin = [&](const HttpResponse& head) {
    if (head.status != 206) return whole = true, false;
    auto range = content_range(head.header("content-range"));
    if (!range || range->first != first || (range->size && range->size != s.fetch.file.size)) return other_file = true, false;
    return true;
  };
  request.sink = [&](std::string_view bytes) {
    if (s.stopped()) return abandoned = true, false;
    std::uint64_t at = s.map.next(i);
    if (bytes.size() > end - at) return beyond = true, false;
    if (!s.part.write_at(at, bytes) || !s.map.advance(i, bytes.size())) return disk_full = true, false;
    s.fetch.result.received += bytes.size();
    s.fetch.progress.done += bytes.size();
    tell(s.fetch);
    return true;
  };
  Result<HttpResponse> response = co_await send_along(s.fetch, std::move(request));
  if (whole) {
    s.fetch.no_ranges = true;
    co_return true;
  }
  if (disk_full) co_return fail(s.part.error());
  if (beyond || other_file)
    co_return fail(ErrorKind::data, "the server sends another part of the file than was asked for, or its file has not the " +
                                        std::to_string(s.fetch.file.size) + " bytes that are described");
  if (abandoned) co_return fail(ErrorKind::cancelled, "interrupted");
  if (!response) co_return fail(response.error());
  if (response->status != 206) co_return fail(refused(s.fetch, *response));
  if (s.map.next(i) < end) co_return fail(ErrorKind::network, "the answer ended too early");
  co_return true;
}

Task<void> worker(Segments& s) {
  while (!s.stopped() && s.next < s.map.count()) {
    const std::size_t i = s.next++;
    for (int tried = 0; !s.stopped() && s.map.next(i) < s.map.end(i);) {
      const std::uint64_t before = s.map.next(i);
      Result<bool> got = co_await ask(s, i);
      if (got || s.stopped()) continue;
      if (s.fetch.rules.patient && s.map.next(i) > before) tried = 0;
      if (!retryable(got.error().kind) || ++tried >= s.fetch.rules.tries) {
        s.error = got.error();
        co_return;
      }
      co_await pause(s.fetch, tried, got.error());
    }
  }
}

}  // namespace

Async<Step> fetch_segments(Fetch& fetch, PartFile& part) {
  const std::uint64_t size = fetch.file.size;
  auto map = SegmentMap::open(fetch.map_path, size, fetch.file.sum.hex, std::max<std::uint64_t>(1, fetch.rules.segment), part.size());
  if (!map) co_return fail(map.error());
  if (part.size() != size && !part.truncate(size)) co_return fail(part.error());
  fetch.progress.done = fetch.progress.resumed = (*map)->total_done();
  if (fetch.result.received == 0) fetch.result.resumed = fetch.progress.done;
  tell(fetch);

  Segments segments{.fetch = fetch, .part = part, .map = **map, .next = 0, .error = {}};
  std::vector<Task<void>> workers;
  const std::size_t count = std::clamp<std::size_t>(fetch.rules.parallel, 1, (*map)->count());
  workers.reserve(count);
  for (std::size_t i = 0; i < count; ++i) workers.push_back(worker(segments));
  co_await run_together(std::move(workers), fetch.rules.stop);

  if (fetch.rules.stop && fetch.rules.stop->requested()) co_return fail(ErrorKind::cancelled, "interrupted");
  if (fetch.no_ranges) {
    std::error_code ignored;
    std::filesystem::remove(fetch.map_path, ignored);
    if (!part.truncate(0)) co_return fail(part.error());
    fetch.progress.done = fetch.progress.resumed = 0;
    co_return Step::wrong_start;
  }
  if (segments.error) {
    // The workers have tried as often as the rules say: what is left of the error is final.
    Error error = *segments.error;
    fetch.rules.tries = 0;
    co_return fail(std::move(error));
  }
  co_return Step::done;
}

}  // namespace assay::download_detail
