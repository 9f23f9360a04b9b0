#include "model/limit_history.h"

#include <cmath>

namespace assay {

void LimitHistory::add(Instant now, const char* what, double allowed, std::size_t in_flight, std::optional<double> per_minute) {
  Row row{std::chrono::duration<double>(now - begin_).count(), allowed, what, in_flight, per_minute};
  if (first_.size() < kFirst) {
    first_.push_back(row);
  } else {
    if (latest_.size() < kLatest) latest_.resize(kLatest);
    latest_[(added_ - kFirst) % kLatest] = row;
  }
  ++added_;
}

json::array LimitHistory::to_json() const {
  json::array out;
  auto put = [&](const Row& row) {
    json::object one{{"seconds", std::round(row.seconds * 1000) / 1000},
                     {"event", row.what},
                     {"allowed", std::floor(row.allowed)},
                     {"in_flight", row.in_flight}};
    if (row.per_minute) one["requests_per_minute"] = std::round(*row.per_minute * 10) / 10;
    out.push_back(std::move(one));
  };
  for (const Row& row : first_) put(row);
  std::size_t later = added_ - first_.size(), kept = std::min(later, kLatest);
  if (later > kept) out.push_back(json::object{{"left_out", later - kept}});
  for (std::size_t i = later - kept; i < later; ++i) put(latest_[i % kLatest]);
  return out;
}

}  // namespace assay
