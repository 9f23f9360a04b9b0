// Vectors of a GGUF model whose every token has a vector of its own: the mean over a text is its bag of tokens.
#include "model/embedding.h"
#include "model/llama/engine_fixture.h"
#include "support/gguf_fixtures.h"

namespace assay::test {
namespace {

class EmbeddingOfText : public EngineTest {};

TEST_F(EmbeddingOfText, IsTheMeanOfItsTokens) {
  BigramModel bigram;
  auto model = open(bigram.bytes());
  ASSERT_TRUE(model);
  auto answer = ask(*model, embedding_request({"abca", "z", "aabc"}));
  ASSERT_TRUE(answer) << to_string(answer.error());
  auto vectors = vectors_of(answer->text, 3);
  ASSERT_TRUE(vectors);
  ASSERT_EQ((*vectors)[0].size(), static_cast<std::size_t>(BigramModel::kVocabulary));
  for (std::size_t i = 0; i < (*vectors)[0].size(); ++i) {
    const double expected = i == 'a' ? 0.5 : i == 'b' || i == 'c' ? 0.25 : 0;
    EXPECT_NEAR((*vectors)[0][i], expected, 1e-4) << i;
    EXPECT_NEAR((*vectors)[1][i], i == 'z' ? 1 : 0, 1e-4) << i;
    EXPECT_NEAR((*vectors)[2][i], expected, 1e-4) << i;
  }
  EXPECT_EQ(answer->usage.input_tokens, 9);
  EXPECT_EQ(answer->finish, Finish::stop);
  // A text's vector does not depend on what is computed beside it or before it.
  auto alone = ask(*model, embedding_request({"aabc"}));
  ASSERT_TRUE(alone);
  EXPECT_EQ(*vector_of(alone->text), (*vectors)[2]);
}

}  // namespace
}  // namespace assay::test
