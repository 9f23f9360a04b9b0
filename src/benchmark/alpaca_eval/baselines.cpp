#include "benchmark/alpaca_eval/baselines.h"

#include <array>
#include <unordered_map>

#include "base/number.h"
#include "benchmark/alpaca_eval/judge_completion.h"

namespace assay::alpaca_eval {
namespace {

constexpr std::array<std::string_view, 16> kWords{"stone", "of",   "blue",  "perhaps", "seven", "and",  "river", "never",
                                                  "the",   "when", "bread", "counts",  "under", "year", "no",    "lamp"};

/// Words that one parser or another takes for "the first" and "the second".
constexpr std::array<std::array<std::string_view, 2>, 6> kVerdicts{{
    {"Output (a)", "Output (b)"},
    {"[{'model': 'model_1', 'rank': 1}, {'model': 'model_2', 'rank': 2}]", "[{'model': 'model_1', 'rank': 2}, {'model': 'model_2', 'rank': 1}]"},
    {"{\"ordered_models\": [{\"model\": \"model_1\", \"rank\": 1}, {\"model\": \"model_2\", \"rank\": 2}]}",
     "{\"ordered_models\": [{\"model\": \"model_1\", \"rank\": 2}, {\"model\": \"model_2\", \"rank\": 1}]}"},
    {"{\"ordered_models\": [{\"model\": \"m\", \"rank\": 1}, {\"model\": \"M\", \"rank\": 2}]}",
     "{\"ordered_models\": [{\"model\": \"m\", \"rank\": 2}, {\"model\": \"M\", \"rank\": 1}]}"},
    {"9 1", "1 9"},
    {"m", "M"},
}};

class Texts final : public BaselineAnswers {
 public:
  Texts(std::shared_ptr<const std::vector<Reference>> references, std::shared_ptr<const EvaluatorConfig> evaluator)
      : references_(std::move(references)), evaluator_(std::move(evaluator)) {
    for (std::size_t i = 0; i < references_->size(); ++i) by_id_.emplace((*references_)[i].id, i);
  }

  Result<std::string> answer(Kind kind, const Origin& origin, const Request&, Random& random, double value) override {
    if (origin.role == "judge") return verdict(kind, random, value);
    auto it = by_id_.find(origin.sample);
    if (it == by_id_.end()) return fail(ErrorKind::data, "no instruction \"" + origin.sample + "\" to make a baseline answer for");
    if (kind == Kind::reference) return (*references_)[it->second].output;
    if (kind == Kind::constant) return "The answer is " + python_repr(value) + ".";
    std::string out;
    for (std::size_t i = 0, n = 20 + random.below(180); i < n; ++i) out += std::string(i ? " " : "") + std::string(kWords[random.below(kWords.size())]);
    return out;
  }

 private:
  Result<std::string> verdict(Kind kind, Random& random, double value) const {
    if (kind == Kind::reference)
      return fail(ErrorKind::unsupported, "there is no reference for judgements", {}, "as a judge: baseline:random or baseline:constant?value=1");
    for (const AnnotatorConfig& annotator : evaluator_->annotators) {
      std::vector<bool> second(annotator.batch_size);
      for (auto&& place : second) place = kind == Kind::random ? random.below(2) == 1 : value >= 2;
      if (auto text = judgement_text(annotator, second)) return *text;
    }
    return fail(ErrorKind::unsupported, "no baseline can judge for the evaluator " + evaluator_->name + ": its answers are not read from a text", {},
                "choose another with --option annotator=NAME, or another judge");
  }

  std::shared_ptr<const std::vector<Reference>> references_;
  std::shared_ptr<const EvaluatorConfig> evaluator_;
  std::unordered_map<std::string_view, std::size_t> by_id_;
};

}  // namespace

std::optional<std::string> judgement_text(const AnnotatorConfig& annotator, const std::vector<bool>& second) {
  for (const auto& words : kVerdicts) {
    bool understood = true;
    for (std::size_t label : {0u, 1u}) {
      std::string all, why;
      for (std::size_t i = 0; i < annotator.batch_size; ++i) all += std::string(i ? "\n\n" : "") + std::string(words[label]);
      auto labels = read_labels(annotator, json::value(all), why);
      understood = understood && labels.front() == static_cast<double>(label + 1);
    }
    if (!understood) continue;
    std::string out;
    for (std::size_t i = 0; i < second.size(); ++i) out += std::string(i ? "\n\n" : "") + std::string(words[second[i] ? 1 : 0]);
    return out;
  }
  return std::nullopt;
}

std::shared_ptr<BaselineAnswers> make_baselines(std::shared_ptr<const std::vector<Reference>> references, std::shared_ptr<const EvaluatorConfig> evaluator) {
  return std::make_shared<Texts>(std::move(references), std::move(evaluator));
}

}  // namespace assay::alpaca_eval
