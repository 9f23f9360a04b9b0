#include "model/baseline.h"

#include <gtest/gtest.h>

#include "support/run_alone.h"

namespace assay {
namespace {

using test::run_alone;

class Answers final : public BaselineAnswers {
 public:
  Result<std::string> answer(Kind kind, const Origin& origin, const Request&, Random& random, double value) override {
    if (origin.sample == "unknown") return fail(ErrorKind::data, "no such sample");
    switch (kind) {
      case Kind::random: return "random " + std::to_string(random.below(1'000'000));
      case Kind::constant: return "constant " + std::to_string(value);
      case Kind::reference: return "reference of " + origin.sample;
    }
    return fail(ErrorKind::unsupported, "no");
  }
};

std::unique_ptr<Model> baseline(std::string_view spec) { return make_baseline(parse_model_spec(spec).value(), std::make_shared<Answers>()).value(); }

std::string ask(Model& model, std::string sample, int iteration = 1, int ask = 0) {
  auto response = run_alone(model.answer({Generate{}, {iteration, ask, 0}, {"b", "", std::move(sample), "model", iteration, ask}}));
  return response ? response->text : to_string(response.error());
}

TEST(Baseline, RandomDependsOnSeedSampleIterationAndAskAlone) {
  auto one = baseline("baseline:random?seed=1"), same = baseline("baseline:random"), other = baseline("baseline:random?seed=2");
  std::string first = ask(*one, "17");
  EXPECT_EQ(ask(*one, "17"), first);  // not on what was asked before
  ask(*same, "3");
  EXPECT_EQ(ask(*same, "17"), first);
  EXPECT_NE(ask(*other, "17"), first);
  EXPECT_NE(ask(*one, "18"), first);
  EXPECT_NE(ask(*one, "17", 2), first);
  EXPECT_NE(ask(*one, "17", 1, 1), first);
  EXPECT_NE(ask(*one, "17", 1, 1), ask(*one, "17", 2, 0));
}

TEST(Baseline, ConstantAndReference) {
  auto constant = baseline("baseline:constant?value=2.5"), five = baseline("baseline:constant"), reference = baseline("baseline:reference");
  EXPECT_EQ(ask(*constant, "1"), "constant 2.500000");
  EXPECT_EQ(ask(*five, "1"), "constant 5.000000");
  EXPECT_EQ(ask(*reference, "17"), "reference of 17");
  EXPECT_EQ(ask(*reference, "unknown"), "no such sample");
}

TEST(Baseline, IdentityNamesWhatChangesAnswers) {
  auto text = [](std::string_view spec) { return run_alone(baseline(spec)->identify())->text; };
  EXPECT_EQ(text("baseline:random?seed=2"), R"({"backend":"baseline","name":"random","seed":2})");
  EXPECT_EQ(text("baseline:constant"), R"({"backend":"baseline","name":"constant","value":5.0})");
  EXPECT_EQ(text("baseline:reference"), R"({"backend":"baseline","name":"reference"})");
  EXPECT_EQ(run_alone(baseline("baseline:reference")->identify())->label, "baseline:reference");
  EXPECT_TRUE(baseline("baseline:random")->capabilities().recorded_by_origin);
}

TEST(Baseline, RefusesWhatItIsNot) {
  auto refused = [](std::string_view spec) {
    auto model = make_baseline(parse_model_spec(spec).value(), std::make_shared<Answers>());
    EXPECT_FALSE(model) << spec;
    return model ? Error{} : model.error();
  };
  EXPECT_NE(refused("baseline:randm").hint.find("did you mean random?"), std::string::npos);
  EXPECT_EQ(refused("baseline:random?value=3").kind, ErrorKind::usage);
  EXPECT_EQ(refused("baseline:constant?seed=3").kind, ErrorKind::usage);
  auto none = make_baseline(parse_model_spec("baseline:random").value(), nullptr);
  ASSERT_FALSE(none);
  EXPECT_NE(none.error().message.find("no baselines"), std::string::npos);
}

}  // namespace
}  // namespace assay
