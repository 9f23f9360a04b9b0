#include "benchmark/creative_writing/baselines.h"

#include <array>
#include <unordered_map>

#include "base/number.h"
#include "base/text.h"
#include "benchmark/story_baseline.h"
#include "benchmark/story_rounds.h"

namespace assay::creative_writing {
namespace {

constexpr std::array<std::string_view, 16> kWords{"a",     "river", "the",  "old",  "waits", "under", "lamp", "and",
                                                  "seven", "stone", "says", "door", "green", "until", "rain", "never"};

class Texts final : public BaselineAnswers {
 public:
  Texts(std::shared_ptr<const std::vector<story::StoryPrompt>> prompts, std::vector<std::vector<std::string>> criteria,
        story::Negatives negatives)
      : prompts_(std::move(prompts)), criteria_(std::move(criteria)), negatives_(negatives) {
    for (std::size_t i = 0; i < prompts_->size(); ++i) by_id_.emplace((*prompts_)[i].id, i);
  }

  Result<std::string> answer(Kind kind, const Origin& origin, const Request&, Random& random, double value) override {
    auto it = by_id_.find(origin.sample);
    if (it == by_id_.end()) return fail(ErrorKind::data, "no prompt \"" + origin.sample + "\" to make a baseline answer for");
    if (origin.role == "judge") return story::baseline_judgement(kind, criteria_[it->second], negatives_, random, value, 10);
    std::string out;
    const std::string& reference = (*prompts_)[it->second].reference;
    while (count_code_points(out) < story::Rounds::kShortest) {
      if (kind == Kind::reference)
        out += (out.empty() ? "" : "\n\n") + reference;
      else if (kind == Kind::constant)
        out += "Nothing happened on day " + python_repr(value) + ". ";
      else
        out += std::string(kWords[random.below(kWords.size())]) + " ";
    }
    return out;
  }

 private:
  std::shared_ptr<const std::vector<story::StoryPrompt>> prompts_;
  std::vector<std::vector<std::string>> criteria_;
  story::Negatives negatives_;
  std::unordered_map<std::string_view, std::size_t> by_id_;
};

}  // namespace

std::shared_ptr<BaselineAnswers> make_baselines(std::shared_ptr<const std::vector<story::StoryPrompt>> prompts,
                                                std::vector<std::vector<std::string>> criteria, story::Negatives negatives) {
  return std::make_shared<Texts>(std::move(prompts), std::move(criteria), negatives);
}

}  // namespace assay::creative_writing
