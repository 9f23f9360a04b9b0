#include "benchmark/harness/baselines.h"

#include <unordered_map>

namespace assay::harness {
namespace {

class Guesses final : public BaselineAnswers {
 public:
  explicit Guesses(std::shared_ptr<const Prepared> prepared) : prepared_(std::move(prepared)) {}

  Result<std::string> answer(Kind, const Origin&, const Request&, Random&, double) override {
    return fail(ErrorKind::unsupported, "these tasks ask for log-likelihoods and for no text");
  }

  Result<std::vector<Loglikelihood>> loglikelihoods(Kind kind, const Origin& origin, const LoglikelihoodGroup& group, Random& random,
                                                    double) override {
    std::vector<Loglikelihood> out(group.items.size());
    const Document* document = kind == Kind::reference ? find(origin.sample) : nullptr;
    if (kind == Kind::reference && (!document || document->choices.size() != out.size()))
      return fail(ErrorKind::data, "no document \"" + origin.sample + "\" to make a baseline answer for");
    for (std::size_t i = 0; i < out.size(); ++i) {
      out[i].tokens = 1;
      switch (kind) {
        case Kind::random:
          out[i].sum = -32 * random.unit();
          break;
        case Kind::constant:
          out[i].sum = -1;
          break;
        case Kind::reference:
          // A code point of a long choice must not count less than one of a short one.
          out[i].sum = right(*document, i) ? -1e-3 : -1000 * (1 + static_cast<double>(document->choices[i].size()));
          break;
      }
    }
    return out;
  }

 private:
  static bool right(const Document& document, std::size_t i) {
    if (document.mc1 == 0) return i == document.gold;
    return i < document.mc1 ? i == 0 : i - document.mc1 < document.truths;
  }
  const Document* find(const std::string& sample) {
    if (units_.empty())
      for (std::size_t unit = 0; unit < prepared_->places.size(); ++unit) units_.emplace(prepared_->sample(unit), unit);
    auto it = units_.find(sample);
    return it == units_.end() ? nullptr : &prepared_->document(it->second);
  }

  std::shared_ptr<const Prepared> prepared_;
  std::unordered_map<std::string, std::size_t> units_;
};

}  // namespace

std::shared_ptr<BaselineAnswers> make_baselines(std::shared_ptr<const Prepared> prepared) {
  return std::make_shared<Guesses>(std::move(prepared));
}

}  // namespace assay::harness
