#include "benchmark/mixeval/baselines.h"

#include <algorithm>
#include <unordered_map>

#include "base/number.h"
#include "benchmark/mixeval/evaluation.h"
#include "benchmark/mixeval/rule_freeform.h"
#include "benchmark/mixeval/rule_multichoice.h"

namespace assay::mixeval {
namespace {

class Answers final : public BaselineAnswers {
 public:
  explicit Answers(std::shared_ptr<const Prepared> prepared) : p_(std::move(prepared)) {
    for (Split split : {Split::free_form, Split::multiple_choice})
      for (std::size_t i = 0; i < p_->side(split).entries.size(); ++i) places_.emplace(sample_id(split, p_->side(split).entries[i].id), std::pair(split, i));
  }

  Result<std::string> answer(Kind kind, const Origin& origin, const Request& request, Random& random, double value) override {
    auto it = places_.find(origin.sample);
    if (it == places_.end()) return fail(ErrorKind::data, "no entry \"" + origin.sample + "\" to make a baseline answer for");
    const auto [split, index] = it->second;
    const Entry& entry = p_->side(split).entries[index];
    if (origin.role == "model") return split == Split::free_form ? free_answer(kind, entry, random, value) : std::string(1, option_letter(choice(kind, entry, random)));
    if (kind == Kind::reference) return "By rule: " + by_rule(split, entry, request);
    if (split == Split::multiple_choice) return "[[" + std::string(1, option_letter(choice(kind, entry, random))) + "]]";
    const double score = kind == Kind::random ? static_cast<double>(random.below(11)) / 10 : std::clamp(value, 0.0, 1.0);
    return "[[" + python_repr(score) + "]]";
  }

 private:
  std::string free_answer(Kind kind, const Entry& entry, Random& random, double value) const {
    if (kind == Kind::constant) return python_repr(value);
    if (kind == Kind::reference) return entry.targets.empty() ? std::string() : entry.targets.front();
    const std::vector<Entry>& all = p_->free_form.entries;
    const Entry& other = all[static_cast<std::size_t>(random.below(all.size()))];
    return other.targets.empty() ? std::string() : other.targets.front();
  }

  static std::size_t choice(Kind kind, const Entry& entry, Random& random) {
    if (kind == Kind::random) return static_cast<std::size_t>(random.below(std::max<std::size_t>(entry.options.size(), 1)));
    return kind == Kind::reference ? entry.answer : 0;
  }

  std::string by_rule(Split split, const Entry& entry, const Request& request) const {
    const Generate* generate = std::get_if<Generate>(&request);
    if (!generate || generate->messages.empty()) return {};
    const std::string& asked = generate->messages.back().content;
    // What the template holds around the answer is known.
    const std::string empty = judge_messages(p_->texts, split, entry, "").back().content;
    if (asked.size() < empty.size()) return {};
    std::size_t same = 0;
    while (same < empty.size() && empty[empty.size() - 1 - same] == asked[asked.size() - 1 - same]) ++same;
    const std::size_t tail = std::min(same, empty.size() - empty.rfind("Model's Answer: ") - 16);
    const std::string answer = asked.substr(empty.size() - tail, asked.size() - empty.size());
    if (split == Split::free_form) return answer_matches(parse_answer(answer), entry.targets) ? "[[1.0]]" : "[[0.0]]";
    auto option = find_option(answer, entry.options);
    return option ? "[[" + std::string(1, option_letter(*option)) + "]]" : "none of the options";
  }

  std::shared_ptr<const Prepared> p_;
  std::unordered_map<std::string, std::pair<Split, std::size_t>> places_;
};

}  // namespace

std::shared_ptr<BaselineAnswers> make_baselines(std::shared_ptr<const Prepared> prepared) { return std::make_shared<Answers>(std::move(prepared)); }

}  // namespace assay::mixeval
