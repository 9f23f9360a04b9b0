#include "stats/classification.h"

#include <cmath>
#include <map>
#include <string>

namespace assay {
namespace {

struct Label {
  double both = 0, right = 0, said = 0;
  double f1() const { return right + said == 0 ? 0 : 2 * both / (right + said); }
};

std::map<std::int64_t, Label> by_label(const LabelCounts& pairs) {
  std::map<std::int64_t, Label> out;
  for (const auto& [pair, times] : pairs) {
    if (times == 0) continue;
    const auto n = static_cast<double>(times);
    out[pair.first].right += n;
    out[pair.second].said += n;
    if (pair.first == pair.second) out[pair.first].both += n;
  }
  return out;
}

}  // namespace

LabelCounts count_labels(std::span<const LabelPair> pairs) {
  std::map<LabelPair, std::uint64_t> counted;
  for (const LabelPair& pair : pairs) ++counted[pair];
  return {counted.begin(), counted.end()};
}

Result<F1Average> f1_average(std::string_view name) {
  if (name == "binary") return F1Average::binary;
  if (name == "micro") return F1Average::micro;
  if (name == "macro") return F1Average::macro;
  if (name == "weighted") return F1Average::weighted;
  return fail(ErrorKind::usage, "f1 has no average \"" + std::string(name) + "\"", "", "binary, micro, macro or weighted");
}

Result<double> f1_score(const LabelCounts& pairs, F1Average average) {
  const std::map<std::int64_t, Label> labels = by_label(pairs);
  if (labels.empty()) return fail(ErrorKind::data, "f1 of nothing");
  if (average == F1Average::binary) {
    if (labels.size() > 2) return fail(ErrorKind::data, "f1 is for two labels, and there are " + std::to_string(labels.size()), "", "set average");
    auto one = labels.find(1);
    if (one != labels.end()) return one->second.f1();
    if (labels.size() == 2) return fail(ErrorKind::data, "f1 is of label 1, which neither documents nor answers have");
    return 0.0;
  }
  Label all;
  double sum = 0, weights = 0;
  for (const auto& [name, label] : labels) {
    all.both += label.both;
    all.right += label.right;
    all.said += label.said;
    const double weight = average == F1Average::weighted ? label.right : 1;
    sum += label.f1() * weight;
    weights += weight;
  }
  return average == F1Average::micro ? all.f1() : sum / weights;
}

double matthews_correlation(const LabelCounts& pairs) {
  double n = 0, correct = 0, cross = 0, said = 0, right = 0;
  for (const auto& [name, label] : by_label(pairs)) {
    n += label.right;
    correct += label.both;
    cross += label.right * label.said;
    said += label.said * label.said;
    right += label.right * label.right;
  }
  const double together = correct * n - cross, spread = (n * n - said) * (n * n - right);
  return spread == 0 ? 0 : together / std::sqrt(spread);
}

}  // namespace assay
