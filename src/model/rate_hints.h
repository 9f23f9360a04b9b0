// What a provider said of its own limits in the headers of its latest answer. A back end writes it, `limited` reads it.
#pragma once

#include <cstdint>
#include <optional>

#include "base/clock.h"

namespace assay {

struct RateHints {
  struct Budget {
    std::optional<double> limit;     // of one period
    std::optional<double> left;      // of the running period
    std::optional<Duration> refill;  // until it is whole again
  };
  Budget requests, tokens;
  std::uint64_t updates = 0;  // raised with every answer that said something
};

}  // namespace assay
