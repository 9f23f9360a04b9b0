// What log-likelihoods have cost so far. Written on the engine's thread, read on any.
#pragma once

#include <atomic>
#include <cstdint>

#include "base/json.h"

namespace assay {

struct ScoringCounters {
  std::atomic<std::int64_t> documents{0}, requests{0};  // groups answered, and their items
  std::atomic<std::int64_t> truncated{0};               // items that lost the beginning of their context
  std::atomic<std::int64_t> evaluated{0};               // tokens really computed
  std::atomic<std::int64_t> naive{0};                   // what one request at a time would have computed
  std::atomic<std::int64_t> unique{0};                  // nodes of the trees, a declared prefix counted once
  std::atomic<std::int64_t> nanoseconds{0};             // of the engine's thread

  json::object facts() const {
    double seconds = static_cast<double>(nanoseconds.load()) / 1e9;
    auto rate = [&](std::int64_t n) { return seconds > 0 ? static_cast<double>(n) / seconds : 0.0; };
    return {{"documents", documents.load()},
            {"requests", requests.load()},
            {"truncated", truncated.load()},
            {"seconds", seconds},
            {"documents_per_second", rate(documents)},
            {"requests_per_second", rate(requests)},
            {"tokens_evaluated", evaluated.load()},
            {"tokens_one_by_one", naive.load()},
            {"tokens_unique", unique.load()},
            {"tokens_saved", naive.load() - evaluated.load()}};
  }
};

}  // namespace assay
