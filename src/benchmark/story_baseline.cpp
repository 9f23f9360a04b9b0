#include "benchmark/story_baseline.h"

#include "base/number.h"

namespace assay::story {

std::string baseline_judgement(BaselineAnswers::Kind kind, const std::vector<std::string>& criteria, Negatives negatives, Random& random,
                               double value, double quality) {
  std::string out = "[Scores]\n\n";
  for (const std::string& criterion : criteria) {
    double score = value;
    if (kind == BaselineAnswers::Kind::random) score = static_cast<double>(random.below(11));
    if (kind == BaselineAnswers::Kind::reference) score = counted_value(criterion, quality, negatives);
    out += criterion + ": " + python_repr(score) + "\n";
  }
  return out;
}

}  // namespace assay::story
