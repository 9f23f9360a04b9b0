#include "run/answer_line.h"

#include <algorithm>
#include <boost/json/object.hpp>

#include "base/number.h"
#include "base/text.h"
#include "run/evidence_html.h"

namespace assay {

std::string answer_line(const SampleResult& sample) {
  constexpr std::size_t kMost = 700;
  std::string out;
  const json::value* chosen = sample.evidence.if_contains("chosen");
  if (chosen && chosen->is_object()) {
    out = get_string(*chosen, "choice").value_or(get_string(*chosen, "continuation").value_or(""));
    out = shorten(strip(out), kMost - 100);
    const auto value = get_number(*chosen, "loglikelihood");
    const std::string number = value ? "log-likelihood " + fixed(*value, 4) : "no log-likelihood";
    out += out.empty() ? number : " (" + number + ")";
  } else {
    out = shorten(evidence_preview(sample), kMost);
  }
  // Its line ends are mere blanks: this is a glance, the whole text is one step away.
  std::replace(out.begin(), out.end(), '\n', ' ');
  return out;
}

}  // namespace assay
