#include "run/report.h"

namespace assay {

const Metric* Part::metric(std::string_view name) const {
  for (const Metric& metric : metrics)
    if (metric.name == name) return &metric;
  return nullptr;
}

}  // namespace assay
