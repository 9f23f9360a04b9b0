#include "benchmark/eq_bench/baselines.h"

#include <cmath>
#include <unordered_map>

#include "base/number.h"

namespace assay::eq_bench {
namespace {

/// As a model would write it: "7", "2.5".
std::string written(double value) {
  if (value == std::floor(value) && std::fabs(value) < 1e15) return std::to_string(static_cast<long long>(value));
  return python_repr(value);
}

struct Headings {
  const char *first, *between;
};
Headings headings(Language language) {
  switch (language) {
    case Language::de:
      return {"Erste Bewertung:\n", "\nKritik: keine.\n\nÜberarbeitete Bewertung:\n"};
    case Language::ja:
      return {"初回評価:\n", "\n再評価:\n"};
    case Language::en:
    case Language::jahalf:
      break;
  }
  return {"First pass scores:\n", "\nCritique: none.\n\nRevised scores:\n"};
}

class Texts final : public BaselineAnswers {
 public:
  Texts(std::shared_ptr<const std::vector<Question>> questions, Protocol protocol)
      : questions_(std::move(questions)), protocol_(std::move(protocol)) {
    for (const Question& question : *questions_) by_id_.emplace(question.id, &question);
  }
  Result<std::string> answer(Kind kind, const Origin& origin, const Request&, Random& random, double value) override {
    auto it = by_id_.find(origin.sample);
    if (it == by_id_.end()) return fail(ErrorKind::data, "no question \"" + origin.sample + "\" to make a baseline answer for");
    return baseline_answer(kind, *it->second, protocol_, random, value);
  }

 private:
  std::shared_ptr<const std::vector<Question>> questions_;
  Protocol protocol_;
  std::unordered_map<std::string_view, const Question*> by_id_;
};

}  // namespace

std::string baseline_answer(BaselineAnswers::Kind kind, const Question& question, const Protocol& protocol, Random& random,
                            double value) {
  const Reference& reference = protocol.version == 2 && question.fullscale ? *question.fullscale : question.reference;
  std::string lines;
  for (std::size_t i = 0; i < 4; ++i) {
    double score = value;
    if (kind == BaselineAnswers::Kind::random) score = static_cast<double>(random.below(11));
    if (kind == BaselineAnswers::Kind::reference) score = reference.scores[i];
    lines += reference.names[i] + ": " + written(score) + "\n";
  }
  if (!protocol.revise) {
    lines.pop_back();
    return lines;
  }
  Headings h = headings(protocol.language);
  return h.first + lines + h.between + lines;
}

std::shared_ptr<BaselineAnswers> make_baselines(std::shared_ptr<const std::vector<Question>> questions, Protocol protocol) {
  return std::make_shared<Texts>(std::move(questions), std::move(protocol));
}

}  // namespace assay::eq_bench
