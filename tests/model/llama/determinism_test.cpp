// Reproducible means bit-equal: whatever else is being computed, in whatever order, with any number of sequences.
#include <map>

#include "model/llama/engine_fixture.h"
#include "support/gguf_fixtures.h"

namespace assay::test {
namespace {

class Determinism : public EngineTest {};

Generate sampled(int i) {
  Generate request = user("question " + std::string(static_cast<std::size_t>(i * 9), 'a') + std::to_string(i), 12 + i % 5);
  request.sampling.top_logprobs = 2;
  if (i % 2) request.sampling.temperature = 0.9;
  return request;
}

std::string bits(const Response& response) {
  std::string out = response.text;
  for (const TokenLogprob& t : response.logprobs) {
    out.append(reinterpret_cast<const char*>(&t.logprob), sizeof t.logprob);
    for (const auto& [token, logprob] : t.top) out.append(token).append(reinterpret_cast<const char*>(&logprob), sizeof logprob);
  }
  return out;
}

struct Way {
  GgufType weights;
  const char* kv_type;
  bool flash_attn;
};
const Way kWays[] = {{GgufType::f32, "f32", false},
                     {GgufType::f16, "f16", false},
                     {GgufType::q8_0, "f16", false},
                     {GgufType::q8_0, "f16", true},
                     {GgufType::f16, "q8_0", true}};

TEST_F(Determinism, AnAnswerDoesNotDependOnTheOthersInItsBatch) {
  for (const Way& way : kWays) {
    SCOPED_TRACE("weights " + std::to_string(static_cast<int>(way.weights)) + " cache " + way.kv_type +
                 (way.flash_attn ? " flash" : ""));
    const std::string bytes = tiny_bpe_model(way.weights);
    LlamaSettings s;
    s.path = write("ways.gguf", bytes);
    s.n_ctx = 512;
    s.threads = 1;
    s.kv_type = way.kv_type;
    s.flash_attn = way.flash_attn;
    auto start = [&](int parallel) {
      s.parallel = parallel;
      auto model = make_llama_model(s, system_clock());
      EXPECT_TRUE(model);
      return std::move(*model);
    };
    std::vector<std::string> alone;
    {
      auto model = start(4);
      for (int i = 0; i < 12; ++i) {
        auto answer = ask(*model, sampled(i));
        ASSERT_TRUE(answer) << to_string(answer.error());
        alone.push_back(bits(*answer));
      }
    }
    for (int parallel : {4, 8, 12}) {
      auto model = start(parallel);
      std::vector<Query> queries;
      for (int i = 11; i >= 0; --i) {
        Query q;
        q.request = sampled(i);
        queries.push_back(std::move(q));
      }
      auto answers = ask_all(*model, std::move(queries));
      // An answer may end before the last prompt has been read: not every sequence need have been busy at once.
      EXPECT_GE(model->facts().at("peak_in_batch").as_int64(), parallel - 2);
      for (std::size_t i = 0; i < 12; ++i) {
        ASSERT_TRUE(answers[i]);
        EXPECT_TRUE(bits(*answers[i]) == alone[11 - i]) << "question " << 11 - i << " parallel " << parallel;
      }
    }
  }
}

TEST_F(Determinism, TheSeedComesFromTheDrawUnlessTheRequestNamesOne) {
  auto model = open(tiny_bpe_model());
  ASSERT_TRUE(model);
  Query first;
  Generate request = user("tell me", 24);
  request.sampling.temperature = 1.5;
  request.sampling.min_p = 0.0;
  first.request = request;
  Query again = first, other = first;
  other.draw.iteration = 2;
  auto answers = ask_all(*model, {first, again, other});
  ASSERT_TRUE(answers[0] && answers[1] && answers[2]);
  EXPECT_EQ(answers[0]->text, answers[1]->text);
  EXPECT_NE(answers[0]->text, answers[2]->text);
  request.sampling.seed = 5;
  first.request = other.request = request;
  answers = ask_all(*model, {first, other});
  EXPECT_EQ(answers[0]->text, answers[1]->text);
  request.sampling.temperature = 0.01;  // nearly greedy: the draw hardly matters, the answer must still repeat
  first.request = request;
  answers = ask_all(*model, {first, first});
  EXPECT_EQ(answers[0]->text, answers[1]->text);
}

TEST_F(Determinism, AGroupsNumbersDoNotDependOnWhatWasScoredBefore) {
  for (GgufType weights : {GgufType::f32, GgufType::f16, GgufType::q8_0}) {
    const std::string bytes = tiny_bpe_model(weights);
    auto group = [](int i) {
      LoglikelihoodGroup g;
      g.shared_prefix = "the first example and its answer\n\nthe second example and its answer\n\n";
      std::string question =
          "question " + std::string(static_cast<std::size_t>(i % 7) * 6, 'b') + std::to_string(i) + "\nAnswer:";
      for (const char* ending : {" A", " B", " the other one", " the"}) g.items.push_back({question, ending});
      return g;
    };
    std::map<int, std::vector<double>> forward;
    {
      auto model = open(bytes);
      for (int i = 0; i < 8; ++i) {
        auto answer = ask(*model, group(i));
        ASSERT_TRUE(answer) << to_string(answer.error());
        for (const auto& l : answer->loglikelihoods) forward[i].push_back(l.sum);
      }
    }
    auto model = open(bytes);
    LoglikelihoodGroup stranger;
    stranger.items = {{"something else", " entirely"}};
    for (int i = 7; i >= 0; --i) {
      if (i % 3 == 0) {
        ASSERT_TRUE(ask(*model, stranger));
      }
      auto answer = ask(*model, group(i));
      ASSERT_TRUE(answer);
      for (std::size_t k = 0; k < 4; ++k) EXPECT_EQ(answer->loglikelihoods[k].sum, forward[i][k]) << i << " " << k;
    }
  }
}

}  // namespace
}  // namespace assay::test
