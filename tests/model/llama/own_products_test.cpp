// Our kernel in libllama's place: it is used, and no bit tells.
#include "model/llama/own_products.h"

#include "model/llama/engine_fixture.h"
#include "model/llama/llama_context.h"
#include "model/llama/loaded_model.h"
#include "model/llama/q8_product.h"
#include "support/gguf_fixtures.h"

namespace assay::test {
namespace {

class OwnProductsTest : public EngineTest {
 protected:
  /// The logits of three decodes of so many tokens each, behind one another, and who made them.
  struct Decoded {
    std::vector<float> logits;
    std::size_t computed = 0;
    bool refuted = false;
  };
  Decoded decode_thrice(GgufType weights, bool own, int threads, int tokens) {
    LlamaSettings s = settings(write("model.gguf", tiny_bpe_model(weights)));
    s.n_batch = 64;
    s.kv_type = "f16";
    s.threads = threads;
    s.own_kernels = own;
    DecodeInterrupt interrupt(system_clock());
    Decoded out;
    auto model = ModelLoader(s).get();
    EXPECT_TRUE(model);
    if (!model) return out;
    auto context = make_llama_context((*model)->get(), s, 1, true, interrupt);
    EXPECT_TRUE(context);
    if (!context) return out;
    LlamaBatch batch(s.n_batch, 1);
    for (int round = 0; round < 3; ++round) {
      batch.clear();
      for (int i = 0; i < tokens; ++i) batch.add((i * 37 + round) % (*model)->vocabulary.size(), round * tokens + i, {0}, true);
      auto done = decode(context->get(), batch);
      EXPECT_TRUE(done) << to_string(done.error());
      if (!done) return out;
      for (int i = 0; i < tokens; ++i) {
        const float* row = lib().llama_get_logits_ith(context->get(), i);
        out.logits.insert(out.logits.end(), row, row + (*model)->vocabulary.size());
      }
    }
    if (const auto& products = context->get_deleter().products) {
      out.computed = products->computed();
      out.refuted = products->refuted();
    }
    return out;
  }
};

TEST_F(OwnProductsTest, GiveTheLibrarysBitsWithAnyNumberOfThreads) {
  if (!has_q8_product()) GTEST_SKIP() << "this processor has no AVX-512 VNNI";
  // Few threads: they wait for one another by spinning, which takes long where other tests run.
  for (const auto& [tokens, threads] : std::vector<std::pair<int, int>>{{2, 1}, {4, 1}, {7, 2}, {30, 1}, {30, 3}}) {
    const Decoded library = decode_thrice(GgufType::q8_0, false, 1, tokens);
    EXPECT_EQ(library.computed, 0u);
    ASSERT_FALSE(library.logits.empty());
    const Decoded own = decode_thrice(GgufType::q8_0, true, threads, tokens);
    EXPECT_FALSE(own.refuted);
    EXPECT_GT(own.computed, 20u) << "the kernel is not used";  // 7 products a layer and the output, less one of each shape at first
    EXPECT_TRUE(own.logits == library.logits) << tokens << " tokens, " << threads << " threads";
  }
}

TEST_F(OwnProductsTest, LeaveOtherWeightsAndSingleTokensToTheLibrary) {
  EXPECT_EQ(decode_thrice(GgufType::f16, true, 1, 8).computed, 0u);
  EXPECT_EQ(decode_thrice(GgufType::q8_0, true, 1, 1).computed, 0u);
}

}  // namespace
}  // namespace assay::test
