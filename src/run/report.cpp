#include "run/report.h"

namespace assay {

const Metric* Part::metric(std::string_view wanted) const {
  for (const Metric& metric : metrics)
    if (metric.name == wanted) return &metric;
  return nullptr;
}

}  // namespace assay
