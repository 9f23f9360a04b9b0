#include "model/baseline.h"

#include <cmath>

#include "base/number.h"
#include "base/text.h"

namespace assay {
namespace {

using Kind = BaselineAnswers::Kind;

class Baseline final : public Model {
 public:
  Baseline(Kind kind, std::string name, std::int64_t seed, double value, std::shared_ptr<BaselineAnswers> answers)
      : kind_(kind), name_(std::move(name)), seed_(seed), value_(value), answers_(std::move(answers)) {}

  Async<ModelIdentity> identify() override {
    json::object facts{{"backend", "baseline"}, {"name", name_}};
    if (kind_ == Kind::random) facts["seed"] = seed_;
    if (kind_ == Kind::constant) facts["value"] = value_;
    std::string label = "baseline:" + name_;
    co_return make_identity(std::move(facts), std::move(label));
  }

  Async<Response> answer(Query query) override {
    Random random = random_for(query.origin);
    const auto* group = std::get_if<LoglikelihoodGroup>(&query.request);
    LoglikelihoodGroup whole;
    if (const auto* rolling = std::get_if<Rolling>(&query.request)) {
      whole.items.push_back({"", rolling->text});
      group = &whole;
    }
    if (group) {
      auto answers = answers_->loglikelihoods(kind_, query.origin, *group, random, value_);
      if (!answers) co_return std::unexpected(answers.error());
      Response response;
      response.loglikelihoods = std::move(*answers);
      response.finish = Finish::stop;
      co_return response;
    }
    Result<std::string> text = answers_->answer(kind_, query.origin, query.request, random, value_);
    if (!text) co_return std::unexpected(text.error());
    Response response;
    response.text = std::move(*text);
    response.finish = Finish::stop;
    co_return response;
  }

  Capabilities capabilities() const override {
    Capabilities out;
    out.chat = out.completion = out.loglikelihood = out.rolling = true;
    out.recorded_by_origin = true;
    return out;
  }

  Result<Rendering> render(const Generate& request) const override {
    Rendering out;
    out.text = request.prompt;
    for (const Message& message : request.messages) out.text += (out.text.empty() ? "" : "\n\n") + message.content;
    out.renderer = "none: a baseline does not read the prompt";
    return out;
  }

 private:
  // (seed, sample, iteration, ask) and nothing else: neither order nor other samples nor the benchmark's settings.
  Random random_for(const Origin& origin) const {
    Key key = key_of(std::to_string(seed_) + "\n" + std::to_string(origin.iteration) + "\n" + std::to_string(origin.ask) + "\n" + origin.sample);
    std::uint64_t seed = 0;
    for (int i = 0; i < 8; ++i) seed = seed << 8 | key.bytes[static_cast<std::size_t>(i)];
    return Random(seed);
  }

  Kind kind_;
  std::string name_;
  std::int64_t seed_;
  double value_;
  std::shared_ptr<BaselineAnswers> answers_;
};

}  // namespace

Result<std::vector<Loglikelihood>> BaselineAnswers::loglikelihoods(Kind, const Origin&, const LoglikelihoodGroup&, Random&, double) {
  return fail(ErrorKind::unsupported, "this benchmark has no baselines for log-likelihoods");
}

Result<std::unique_ptr<Model>> make_baseline(const ModelSpec& spec, std::shared_ptr<BaselineAnswers> answers) {
  Kind kind;
  if (spec.name == "random") {
    kind = Kind::random;
  } else if (spec.name == "constant") {
    kind = Kind::constant;
  } else if (spec.name == "reference") {
    kind = Kind::reference;
  } else {
    auto near = did_you_mean(spec.name, {"random", "constant", "reference"});
    return fail(ErrorKind::usage, "there is no baseline \"" + shorten(spec.name, 60) + "\"", "",
                (near.empty() ? std::string() : "did you mean " + join(near, " or ") + "? ") + "baselines: random, constant, reference");
  }
  auto refuse = [&](const std::string& key) {
    return fail(ErrorKind::usage, key + " of baseline:" + spec.name + " is not possible", "", "seed belongs to baseline:random, value to baseline:constant; both are numbers");
  };
  std::int64_t seed = 1;
  if (auto it = spec.settings.find("seed"); it != spec.settings.end()) {
    auto number = python_float(it->second);
    if (kind != Kind::random || !number || !(std::abs(*number) < 9e15) || *number != std::floor(*number)) return refuse("seed");
    seed = static_cast<std::int64_t>(*number);
  }
  double value = 5;
  if (auto it = spec.settings.find("value"); it != spec.settings.end()) {
    auto number = python_float(it->second);
    if (kind != Kind::constant || !number || !std::isfinite(*number)) return refuse("value");
    value = *number;
  }
  if (!answers) return fail(ErrorKind::usage, "this benchmark has no baselines", "", "name a model: openai:NAME, gguf:FILE, replay:FILE, ...");
  return std::make_unique<Baseline>(kind, spec.name, seed, value, std::move(answers));
}

}  // namespace assay
