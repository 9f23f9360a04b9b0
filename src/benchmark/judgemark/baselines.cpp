#include "benchmark/judgemark/baselines.h"

#include <algorithm>
#include <unordered_map>

#include "base/number.h"
#include "benchmark/story_baseline.h"

namespace assay::judgemark {
namespace {

class Judgements final : public BaselineAnswers {
 public:
  explicit Judgements(const Prepared& prepared) : negatives_(prepared.settings.protocol.negatives), criteria_(prepared.criteria) {
    for (const Item& item : prepared.items) by_sample_.emplace(item.sample, Known{item.prompt, quality(prepared, prepared.models[item.model])});
  }

  Result<std::string> answer(Kind kind, const Origin& origin, const Request&, Random& random, double value) override {
    auto it = by_sample_.find(origin.sample);
    if (it == by_sample_.end()) return fail(ErrorKind::data, "no story \"" + origin.sample + "\" to make a baseline answer for");
    return story::baseline_judgement(kind, criteria_[it->second.prompt], negatives_, random, value, it->second.quality);
  }

 private:
  struct Known {
    std::size_t prompt;
    double quality;
  };

  /// 1 for the lowest of the table, 9 for the highest, in two decimals.
  static double quality(const Prepared& prepared, const std::string& model) {
    const std::size_t slash = model.rfind('/');
    const std::string name = slash == std::string::npos ? model : model.substr(slash + 1);
    std::optional<double> low, high, own;
    for (const Reference& reference : prepared.references) {
      if (!reference.eq_bench) continue;
      low = std::min(low.value_or(*reference.eq_bench), *reference.eq_bench);
      high = std::max(high.value_or(*reference.eq_bench), *reference.eq_bench);
      if (reference.model == name) own = reference.eq_bench;
    }
    if (!own || !(*high > *low)) return 5;
    return round2(1 + 8 * (*own - *low) / (*high - *low));
  }

  story::Negatives negatives_;
  std::vector<std::vector<std::string>> criteria_;
  std::unordered_map<std::string, Known> by_sample_;
};

}  // namespace

std::shared_ptr<BaselineAnswers> make_baselines(const Prepared& prepared) {
  return std::make_shared<Judgements>(prepared);
}

}  // namespace assay::judgemark
