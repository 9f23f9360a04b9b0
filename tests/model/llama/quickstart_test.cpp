// The model that the quick start runs: it must answer EQ-Bench's format, and say nothing it was not asked.

#include "base/text.h"
#include "model/llama/engine_fixture.h"
#include "model/llama/quickstart_model.h"

namespace assay::test {
namespace {

class Quickstart : public EngineTest {
 protected:
  const std::vector<std::string> names_ = {"Relieved",
                                           "Proud",
                                           "Ashamed",
                                           "Happy",
                                           "Unhappy",
                                           "\xC3\x9C"
                                           "berrascht",
                                           "Stolz",
                                           "Neidisch",
                                           "Wehm\xC3\xBCtig"};
  std::unique_ptr<Model> model(std::span<const std::string> names) {
    auto bytes = make_quickstart_model(names);
    EXPECT_TRUE(bytes) << to_string(bytes.error());
    LlamaSettings s;
    s.n_ctx = 4096;
    return bytes ? open(*bytes, s) : nullptr;
  }
  static std::string lines(const std::vector<std::string>& names, const std::string& ending) {
    std::string out;
    for (const auto& name : names) out += name + ending;
    return out;
  }
  std::string scores(std::vector<std::string> names) const {  // in the order of the list
    std::string out;
    for (const auto& name : names_)
      if (std::find(names.begin(), names.end(), name) != names.end())
        out += name + ": " + std::to_string(quickstart_intensity(name)) + "\n";
    return out;
  }
};

TEST_F(Quickstart, AnswersEveryNameOnceAndStops) {
  auto quick = model(names_);
  ASSERT_TRUE(quick);
  for (std::vector<std::string> asked :
       {std::vector<std::string>{"Proud", "Happy", "Ashamed", "Relieved"}, {"Unhappy", "Happy", "Proud", "Stolz"}}) {
    for (double temperature : {0.0, 0.01, 0.31, 0.76}) {
      Generate request =
          user("Read this.\n\nAnn: I won! Proud of me?\n[End dialogue]\n\nHow does she feel?\n" + lines(asked, "\n") +
               "\nUse this layout:\n\n" + lines(asked, ": <score>\n") + "\n[End of answer]\n\nYour answer:\n");
      request.sampling.temperature = temperature;
      auto answer = ask(*quick, request);
      ASSERT_TRUE(answer) << to_string(answer.error());
      EXPECT_EQ(answer->text, scores(asked)) << temperature;
      EXPECT_EQ(answer->finish, Finish::stop);
    }
  }
}

TEST_F(Quickstart, AnswersBothPassesWhenTheRevisionIsAskedFor) {
  auto quick = model(names_);
  ASSERT_TRUE(quick);
  std::vector<std::string> asked = {"Proud", "Happy", "Ashamed", "Relieved"};
  auto answer = ask(*quick, user("Text.\n" + lines(asked, "\n") + "\nFirst pass scores:\n" + lines(asked, ": <score>\n") +
                                     "\nCritique: <your critique here>\n\nRevised scores:\n" +
                                     lines(asked, ": <revised score>\n") + "\n[End of answer]\n",
                                 600));
  ASSERT_TRUE(answer) << to_string(answer.error());
  EXPECT_EQ(answer->text, "First pass scores:\n" + scores(asked) + "\nRevised scores:\n" + std::string(rstrip(scores(asked))));
  std::vector<std::string> german = {"Stolz",
                                     "\xC3\x9C"
                                     "berrascht",
                                     "Neidisch", "Wehm\xC3\xBCtig"};
  answer = ask(*quick, user("Text.\n" + lines(german, "\n") + "\n" + lines(german, ": <Zahl>\n") + "\nIhre Antwort:\n"));
  ASSERT_TRUE(answer) << to_string(answer.error());
  EXPECT_EQ(answer->text, scores(german));
}

TEST_F(Quickstart, SaysThatItKnowsNothingElse) {
  auto quick = model(names_);
  ASSERT_TRUE(quick);
  auto answer = ask(*quick, user("What is the capital of France?"));
  ASSERT_TRUE(answer) << to_string(answer.error());
  EXPECT_EQ(answer->text, "This model answers questions in EQ-Bench's format alone.\n");
  EXPECT_EQ(answer->finish, Finish::stop);
}

TEST_F(Quickstart, IsSmallAndFewTokensWithAllNamesOfTheSamples) {
  std::vector<std::string> many;
  for (int i = 0; i < 120; ++i) many.push_back("Feeling" + std::to_string(i));
  auto bytes = make_quickstart_model(many);
  ASSERT_TRUE(bytes);
  EXPECT_LE(bytes->size(), 3'000'000u);
  LlamaSettings s;
  s.n_ctx = 8192;
  auto quick = open(*bytes, s);
  ASSERT_TRUE(quick);
  std::vector<Query> queries;
  for (int i = 0; i < 20; ++i) {
    std::vector<std::string> asked = {many[static_cast<std::size_t>(i)], many[static_cast<std::size_t>(i + 30)],
                                      many[static_cast<std::size_t>(i + 60)], many[static_cast<std::size_t>(i + 90)]};
    Query q;
    q.request = user(std::string(1800, 'd') + "\n" + lines(asked, "\n") + lines(asked, ": <score>\n"));
    queries.push_back(std::move(q));
  }
  auto answers = ask_all(*quick, std::move(queries));
  for (const auto& answer : answers) {
    ASSERT_TRUE(answer) << to_string(answer.error());
    EXPECT_EQ(split_lines(answer->text).size(), 4u) << answer->text;
    // What makes 20 items take a second or two: a name is one token, and so is each letter of the text around the names.
    EXPECT_LE(answer->usage.input_tokens.value_or(1 << 30), 2000);
    EXPECT_LE(answer->usage.output_tokens.value_or(1 << 30), 100);
  }
}

TEST_F(Quickstart, RefusesNamesThatCannotStandInAPrompt) {
  for (const std::string& bad : {std::string(""), std::string("two\nlines"), std::string(65, 'x'), std::string("\xFF")}) {
    std::vector<std::string> names = {"Happy", bad};
    EXPECT_FALSE(make_quickstart_model(names));
  }
  EXPECT_FALSE(make_quickstart_model({}));
}

TEST_F(Quickstart, TheRandomModelWritesSomethingThatNobodyCanParse) {
  auto model = open(make_random_model(1));
  ASSERT_TRUE(model);
  auto answer = ask(*model, user("Happy: <score>", 60));
  ASSERT_TRUE(answer) << to_string(answer.error());
  EXPECT_TRUE(is_valid_utf8(answer->text));
  EXPECT_EQ(answer->text.find("Happy: "), std::string::npos);
}

}  // namespace
}  // namespace assay::test
