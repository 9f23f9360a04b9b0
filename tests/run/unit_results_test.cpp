// What a row keeps of a unit, and what sums read of it.
#include "run/unit_results.h"

#include <gtest/gtest.h>

#include "support/temporary_folder.h"

namespace assay {
namespace {

/// Two units of two samples; the first sample's prompt is known beforehand.
class Pairs final : public Evaluation {
 public:
  std::size_t unit_count() const override { return 2; }
  Unit unit(std::size_t ordinal) const override { return {"u" + std::to_string(ordinal), 1}; }
  std::vector<std::string> samples_of(std::size_t) const override { return {"a", "b"}; }
  Async<UnitResult> evaluate(std::size_t, UnitContext&) override { co_return UnitResult{}; }
  Result<void> finish(const UnitResults&, Report&) const override { return {}; }
  std::vector<KnownRequest> known_requests(std::size_t, std::vector<std::string>&) const override {
    Generate generate;
    generate.messages = {{"user", "the \"known\" prompt"}};
    return {{"", "a", "model", generate}};
  }
  json::object manifest() const override { return {}; }
  Result<std::vector<OutputFile>> original_files(const UnitResults&, const Report&) const override {
    return std::vector<OutputFile>{};
  }
};

UnitResult example(Outcome outcome) {
  UnitResult out;
  SampleResult a;
  a.sample = "a";
  a.outcome = Outcome::scored;
  a.cut = true;
  a.values = {{"score", 7.25}, {"tiny", 1e-7}};
  a.evidence = {{"before", 1}, {"prompt", "the \"known\" prompt"}, {"text", "line\nline \x01 \u00e9"}, {"list", {1, 2.5, nullptr}}};
  SampleResult b;
  b.sample = "b \"quoted\"";
  b.outcome = outcome;
  b.reason = outcome == Outcome::scored ? "" : "no \\ answer";
  b.evidence = {{"prompt", "another prompt"}, {"no_text", true}};
  out.samples = {a, b};
  return out;
}

TEST(StoredJson, IsTheResultWithoutThePromptsThatComeBack) {
  Pairs pairs;
  for (Outcome outcome : {Outcome::scored, Outcome::unparseable, Outcome::failed}) {
    UnitResult whole = example(outcome), without = example(outcome);
    without.samples[0].evidence.stable_erase("prompt");
    take_prompts(whole, pairs, 0);
    EXPECT_EQ(stored_json(whole), write_json(to_json(without)));
  }
  UnitResult only_prompt = example(Outcome::scored);
  only_prompt.samples[0].evidence = {{"prompt", "the \"known\" prompt"}};
  take_prompts(only_prompt, pairs, 0);
  EXPECT_EQ(stored_json(only_prompt).find("known"), std::string::npos);
  EXPECT_EQ(stored_json(UnitResult{}), write_json(to_json(UnitResult{})));
}

TEST(UnitResults, SumsReadTheSameButForTheEvidenceOfScoredUnits) {
  test::TemporaryFolder folder;
  auto journal = Journal::open(folder.path() / "j.db", Journal::Mode::read_write, system_clock()).value();
  RunRow run;
  run.id = "01RUN";
  run.status = "running";
  ASSERT_TRUE(journal->create_run(run));
  auto pairs = std::make_shared<Pairs>();
  for (std::size_t i = 0; i < 2; ++i) {
    UnitRow row;
    row.run = run.id;
    row.ordinal = static_cast<std::int64_t>(i);
    row.unit = pairs->unit(i).id;
    row.outcome = i == 0 ? "scored" : "failed";
    UnitResult result = example(i == 0 ? Outcome::scored : Outcome::failed);
    take_prompts(result, *pairs, i);
    row.make_result = [result = std::move(result)] { return stored_json(result); };
    journal->put_unit(std::move(row));
  }
  auto results = journal_results(*journal, run.id, pairs);
  std::vector<UnitResult> whole, light, answers;
  ASSERT_TRUE(results->for_each([&](std::size_t, const Unit&, const UnitResult& unit) { return whole.push_back(unit), true; }));
  ASSERT_TRUE(results->for_each_score([&](std::size_t, const Unit&, const UnitResult& unit) { return light.push_back(unit), true; }));
  ASSERT_TRUE(results->for_each_answer([&](std::size_t, const Unit&, const UnitResult& unit) { return answers.push_back(unit), true; }));
  ASSERT_EQ(whole.size(), 2u);
  ASSERT_EQ(light.size(), 2u);
  EXPECT_EQ(write_json(to_json(whole[0])).size() > write_json(to_json(light[0])).size(), true);
  EXPECT_TRUE(whole[0].samples[0].evidence.contains("prompt")) << "given back";
  EXPECT_EQ(write_json(to_json(whole[1])), write_json(to_json(light[1]))) << "not scored: nothing is left out";
  ASSERT_EQ(answers.size(), 2u);
  whole[0].samples[0].evidence.stable_erase("prompt");
  EXPECT_EQ(write_json(to_json(answers[0])), write_json(to_json(whole[0]))) << "all but the prompt that the evaluation knows";
  for (UnitResult* unit : {&whole[0], &light[0]})
    for (SampleResult& sample : unit->samples) sample.evidence.clear();
  EXPECT_EQ(write_json(to_json(whole[0])), write_json(to_json(light[0])));
}

/// One sample a unit, as most benchmarks have it.
class Singles final : public Evaluation {
 public:
  explicit Singles(std::size_t count) : count_(count) {}
  std::size_t unit_count() const override { return count_; }
  Unit unit(std::size_t ordinal) const override { return {"u" + std::to_string(ordinal), 1}; }
  std::vector<std::string> samples_of(std::size_t ordinal) const override { return {"s" + std::to_string(ordinal)}; }
  Async<UnitResult> evaluate(std::size_t, UnitContext&) override { co_return UnitResult{}; }
  Result<void> finish(const UnitResults&, Report&) const override { return {}; }
  std::vector<KnownRequest> known_requests(std::size_t, std::vector<std::string>&) const override { return {}; }
  json::object manifest() const override { return {}; }
  Result<std::vector<OutputFile>> original_files(const UnitResults&, const Report&) const override {
    return std::vector<OutputFile>{};
  }

 private:
  std::size_t count_;
};

TEST(UnitResults, SumsReadTheSameNumbersWhateverTheEvidenceLooksLike) {
  const std::string rows[] = {
      R"({"samples":[{"sample":"s0","outcome":"scored","values":{"score":7.25},"evidence":{"text":"t"}}]})",
      R"({"samples":[{"sample":"s1","outcome":"scored","cut":true,"values":{"score":1},"evidence":{"text":",\"evidence\":{}}]}","evidence":{"x":1},"y":{}}}]})",
      R"({"samples":[{"sample":"s,\"evidence\":{","outcome":"scored","values":{"score":2},"evidence":{"list":[{"sample":"s1","values":{"score":9}}]}}]})",
      R"({"samples":[{"sample":"s3","outcome":"scored","reason":",\"values\":{","evidence":{"c":{"d":{}}}}]})",
      R"({"samples":[{"sample":"s4","outcome":"scored","evidence":{"a":1,"values":{"score":4}}}]})",
      R"({"samples":[{"sample":"s5","outcome":"scored","evidence":{"a":{}},"values":{"score":5,"more":{}}}]})",
      R"({"samples":[{"sample":"s6","outcome":"scored","values":{"score":6}}]})",
      R"({"samples":[{"sample":"a","outcome":"scored","values":{"score":7},"evidence":{"x":1}},{"sample":"b","outcome":"scored","values":{"score":8},"evidence":{"x":{}}}]})",
      R"({"samples":[{"sample":"s8","outcome":"scored","values":{"score":7},"evidence":{"x":1}}],"more":[{"y":{}}]})"};
  test::TemporaryFolder folder;
  auto journal = Journal::open(folder.path() / "j.db", Journal::Mode::read_write, system_clock()).value();
  RunRow run;
  run.id = "01RUN";
  run.status = "running";
  ASSERT_TRUE(journal->create_run(run));
  for (std::size_t i = 0; i < std::size(rows); ++i) {
    UnitRow row;
    row.run = run.id;
    row.ordinal = static_cast<std::int64_t>(i);
    row.unit = "u" + std::to_string(i);
    row.outcome = "scored";
    row.result = rows[i];
    journal->put_unit(std::move(row));
  }
  auto results = journal_results(*journal, run.id, std::make_shared<Singles>(std::size(rows)));
  std::vector<UnitResult> light;
  auto read = results->for_each_score([&](std::size_t, const Unit&, const UnitResult& unit) { return light.push_back(unit), true; });
  ASSERT_TRUE(read) << to_string(read.error());
  ASSERT_EQ(light.size(), std::size(rows));
  for (std::size_t i = 0; i < std::size(rows); ++i) {
    UnitResult whole = unit_result_from_json(parse_json(rows[i]).value()).value();
    for (UnitResult* unit : {&whole, &light[i]})
      for (SampleResult& sample : unit->samples) sample.evidence.clear();
    EXPECT_EQ(write_json(to_json(whole)), write_json(to_json(light[i]))) << rows[i];
  }
}

}  // namespace
}  // namespace assay
