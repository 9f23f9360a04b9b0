// Foreign files: what is no model is refused with a reason, and nothing that is read is trusted.
#include <cstring>

#include "base/file.h"
#include "base/hash.h"
#include "base/random.h"
#include "model/llama/engine_fixture.h"
#include "model/llama/gguf_file.h"
#include "model/llama/gguf_writer.h"
#include "model/llama/quickstart_model.h"
#include "model/llama/weights_hash.h"
#include "model/model_spec.h"
#include "support/gguf_fixtures.h"

namespace assay::test {
namespace {

class GgufFiles : public EngineTest {
 protected:
  Error refused(const std::string& bytes) {
    auto file = read_gguf(write("file.gguf", bytes));
    EXPECT_FALSE(file);
    return file ? Error{} : file.error();
  }
};

TEST_F(GgufFiles, TheHeadOfAGoodFileIsRead) {
  auto file = read_gguf(write("good.gguf", tiny_bpe_model()));
  ASSERT_TRUE(file) << to_string(file.error());
  EXPECT_EQ(file->architecture(), "llama");
  EXPECT_EQ(file->hyper("context_length"), 4096u);
  EXPECT_EQ(file->number("tokenizer.ggml.eos_token_id"), 256u);
  EXPECT_EQ(file->array_length("tokenizer.ggml.tokens"), 270u);
  EXPECT_NE(file->chat_template().find("im_start"), std::string::npos);
  EXPECT_EQ(file->tensor_count, 21u);
}

TEST_F(GgufFiles, WhatIsNoModelSaysSo) {
  auto absent = read_gguf(folder_ / "absent.gguf");
  ASSERT_FALSE(absent);
  EXPECT_EQ(absent.error().kind, ErrorKind::not_found);
  EXPECT_NE(absent.error().where.find("absent.gguf"), std::string::npos);
  EXPECT_FALSE(read_gguf(folder_.path()));
  EXPECT_EQ(refused("").kind, ErrorKind::data);
  EXPECT_NE(refused("GGU").message.find("ends inside"), std::string::npos);
  EXPECT_NE(refused("<!doctype html><html>404</html>").message.find("does not begin with 'GGUF'"), std::string::npos);
  std::string version = tiny_bpe_model();
  version[4] = 9;
  EXPECT_NE(refused(version).message.find("version 9"), std::string::npos);
}

TEST_F(GgufFiles, ATruncatedFileNamesItsFirstMissingTensor) {
  std::string bytes = tiny_bpe_model();
  Error error = refused(bytes.substr(0, bytes.size() - 100000));
  EXPECT_NE(error.message.find("truncated"), std::string::npos);
  EXPECT_NE(error.message.find("blk.1.ffn_down.weight"), std::string::npos);
  auto model = make_llama_model(settings(write("cut.gguf", bytes.substr(0, bytes.size() / 2))), system_clock());
  ASSERT_FALSE(model);
  EXPECT_EQ(model.error().kind, ErrorKind::data);
}

TEST_F(GgufFiles, EveryLengthOfHeadIsRefusedOrRead) {
  std::string bytes = make_random_model(1);
  std::size_t head = bytes.find("blk.1.ffn_down.weight") + 64;
  for (std::size_t size = 0; size < head; size += size < 300 ? 1 : 211)
    EXPECT_FALSE(read_gguf(write("cut.gguf", bytes.substr(0, size)))) << size;
}

// Flipped bytes: refused or read, never a crash, never an allocation on the file's word.
TEST_F(GgufFiles, DamagedHeadsDoNoHarm) {
  const std::string bytes = make_random_model(1);
  std::size_t head = bytes.find("blk.1.ffn_down.weight") + 64;
  Random random(3);
  int refusals = 0;
  for (int i = 0; i < 600; ++i) {
    std::string damaged = bytes;
    for (int k = 0; k < 3; ++k) damaged[random.below(head)] = static_cast<char>(random.next());
    refusals += !read_gguf(write("damaged.gguf", damaged));
  }
  EXPECT_GT(refusals, 100);
}

TEST_F(GgufFiles, ImpossibleNumbersAreRefused) {
  auto with = [](auto&& change) {
    GgufWriter out;
    out.set_string("general.architecture", "llama");
    change(out);
    return out.bytes();
  };
  EXPECT_NE(refused(with([](GgufWriter&) {})).message.find("no tensors"), std::string::npos);
  EXPECT_NE(refused(with([](GgufWriter& out) {
              out.set_u32("llama.attention.head_count", 0);
              out.add_tensor("t", {32}, GgufType::f32, std::vector<float>(32));
            })).message.find("head_count"),
            std::string::npos);
  std::string huge =
      with([](GgufWriter& out) { out.add_tensor("t", {1ull << 40, 1ull << 40}, GgufType::f32, std::vector<float>(32)); });
  EXPECT_NE(refused(huge).message.find("impossible shape"), std::string::npos);
  std::string odd = with([](GgufWriter& out) { out.add_tensor("t", {31}, GgufType::q8_0, std::vector<float>(32)); });
  EXPECT_NE(refused(odd).message.find("multiple"), std::string::npos);
}

// Both make libllama abort or read beyond its memory.
TEST_F(GgufFiles, AVocabularyThatContradictsItselfIsRefused) {
  auto with = [](std::vector<std::string> tokens, std::vector<float> scores) {
    GgufWriter out;
    out.set_string("general.architecture", "llama");
    out.set_strings("tokenizer.ggml.tokens", tokens);
    out.set_f32s("tokenizer.ggml.scores", scores);
    out.add_tensor("t", {32}, GgufType::f32, std::vector<float>(32));
    return out.bytes();
  };
  EXPECT_NE(refused(with({"a", "b", "a"}, {0, 0, 0})).message.find("twice"), std::string::npos);
  EXPECT_NE(refused(with({"a", "b", "c"}, {0, 0})).message.find("2 elements for 3 tokens"), std::string::npos);
  EXPECT_TRUE(read_gguf(write("file.gguf", with({"a", "b", "c"}, {0, 0, 0}))));
}

TEST_F(GgufFiles, AModelThatLibllamaRefusesIsAnError) {
  GgufWriter out;
  out.set_string("general.architecture", "no-such-architecture");
  out.add_tensor("t", {32}, GgufType::f32, std::vector<float>(32));
  auto model = open(out.bytes());
  ASSERT_TRUE(model);  // the file itself is sound
  auto answer = ask(*model, raw("x", 1));
  ASSERT_FALSE(answer);
  EXPECT_EQ(answer.error().kind, ErrorKind::data);
  EXPECT_NE(answer.error().message.find("no-such-architecture"), std::string::npos);
}

TEST_F(GgufFiles, HalvesAreRoundedToTheNearestEven) {
  EXPECT_EQ(to_half(0.0f), 0x0000);
  EXPECT_EQ(to_half(-0.0f), 0x8000);
  EXPECT_EQ(to_half(1.0f), 0x3C00);
  EXPECT_EQ(to_half(-2.0f), 0xC000);
  EXPECT_EQ(to_half(65504.0f), 0x7BFF);
  EXPECT_EQ(to_half(65520.0f), 0x7C00);
  EXPECT_EQ(to_half(1.0f + 0x1p-11f), 0x3C00);
  EXPECT_EQ(to_half(1.0f + 3 * 0x1p-11f), 0x3C02);
  EXPECT_EQ(to_half(0x1p-24f), 0x0001);
  EXPECT_EQ(to_half(0x1p-25f), 0x0000);
  EXPECT_EQ(to_half(0x1p-14f), 0x0400);
  EXPECT_EQ(to_half(INFINITY), 0x7C00);
  EXPECT_EQ(to_half(NAN) & 0x7C00, 0x7C00);
}

TEST_F(GgufFiles, TheSameModelIsTheSameBytesEverywhere) {
  EXPECT_EQ(sha256_hex(make_random_model(1)), sha256_hex(make_random_model(1)));
  EXPECT_NE(sha256_hex(make_random_model(1)), sha256_hex(make_random_model(2)));
  EXPECT_EQ(random_weights(7, "w", 3, 1.0f), random_weights(7, "w", 3, 1.0f));
}

TEST_F(GgufFiles, SumsOfWeightsAreRememberedUntilTheFileChanges) {
  auto weights = write("w.bin", "some weights"), cache = folder_ / "sums.json";
  auto sum = weights_sha256(weights, cache);
  ASSERT_TRUE(sum);
  EXPECT_EQ(*sum, sha256_hex("some weights"));
  // A planted value shows that the second call does not read the weights.
  std::string text = *read_file(cache);
  std::string fake(64, 'a');
  ASSERT_TRUE(write_file(cache, text.replace(text.find(*sum), 64, fake)));
  EXPECT_EQ(*weights_sha256(weights, cache), fake);
  write("w.bin", "other weights!");
  EXPECT_EQ(*weights_sha256(weights, cache), sha256_hex("other weights!"));
  ASSERT_TRUE(write_file(cache, "no json"));
  EXPECT_EQ(*weights_sha256(weights, cache), sha256_hex("other weights!"));
  EXPECT_EQ(weights_sha256(folder_ / "absent", cache).error().kind, ErrorKind::not_found);
}

TEST_F(GgufFiles, IdentityHoldsWhatChangesNumbersAndNothingElse) {
  auto id = [&](auto&& change) {
    LlamaSettings s;
    s.n_ctx = 512;
    change(s);
    auto model = open(make_random_model(1), s);
    auto identity = this->identity(*model);
    EXPECT_TRUE(identity);
    return identity ? identity->text : std::string();
  };
  std::string plain = id([](LlamaSettings&) {});
  EXPECT_NE(plain.find(sha256_hex(make_random_model(1))), std::string::npos);
  EXPECT_EQ(plain.find(folder_.path().string()), std::string::npos);
  EXPECT_EQ(plain, id([](LlamaSettings& s) { s.parallel = 8; }));
  EXPECT_EQ(plain, id([](LlamaSettings& s) { s.threads = 2; }));
  EXPECT_NE(plain, id([](LlamaSettings& s) { s.n_ctx = 768; }));
  EXPECT_NE(plain, id([](LlamaSettings& s) { s.n_batch = 64; }));
  EXPECT_NE(plain, id([](LlamaSettings& s) { s.chat_template = "chatml"; }));
  EXPECT_NE(plain, id([](LlamaSettings& s) { s.flash_attn = true; }));
  EXPECT_EQ(plain, id([](LlamaSettings& s) { s.own_kernels = false; })) << "the bits are the same";
}

TEST_F(GgufFiles, SettingsComeFromTheModelSpec) {
  auto spec = [](const std::string& settings) {
    ModelSpec s;
    s.text = "gguf:m.gguf?" + settings;
    s.backend = "gguf";
    s.name = "m.gguf";
    std::size_t eq = settings.find('=');
    if (eq != std::string::npos) s.settings[settings.substr(0, eq)] = settings.substr(eq + 1);
    return llama_settings(s);
  };
  EXPECT_EQ(spec("n_ctx=2048")->n_ctx, 2048);
  EXPECT_TRUE(spec("flash_attn=on")->flash_attn);
  EXPECT_FALSE(spec("n_ctx=2k"));
  EXPECT_EQ(spec("template=chatml")->chat_template, "chatml");
  EXPECT_EQ(spec("template=" + write("t.jinja", "{{ messages }}").string())->chat_template, "{{ messages }}");
  EXPECT_EQ(spec("template=chatmi").error().kind, ErrorKind::usage);
  EXPECT_FALSE(spec("flash_attn=maybe"));
  EXPECT_TRUE(spec("bos=on")->bos);
  EXPECT_FALSE(spec("bos=maybe"));
  EXPECT_TRUE(spec("kernels=own")->own_kernels);
  EXPECT_FALSE(spec("kernels=library")->own_kernels);
  EXPECT_EQ(spec("kernels=mine").error().kind, ErrorKind::usage);
  GgufFile file;
  file.values["general.architecture"] = std::string("llama");
  file.values["llama.context_length"] = std::uint64_t{131072};
  LlamaSettings s;
  EXPECT_EQ(settle(s, file)->n_ctx, 8192);
  EXPECT_EQ(settle(s, file)->threads, 1) << "a small model is faster alone";
  file.size = std::uint64_t{1} << 30;
  EXPECT_EQ(settle(s, file)->threads, physical_cores());
  s.threads = 3;
  EXPECT_EQ(settle(s, file)->threads, 3);
  file.values["llama.block_count"] = std::uint64_t{80};
  file.values["llama.embedding_length"] = std::uint64_t{8192};
  file.values["llama.attention.head_count"] = std::uint64_t{64};
  EXPECT_EQ(settle(s, file)->n_ctx, 4096);
  s.parallel = 5;
  EXPECT_EQ(settle(s, file)->parallel, 8);
  s.parallel = 300;
  EXPECT_EQ(settle(s, file).error().kind, ErrorKind::usage);
  s = {};
  s.kv_type = "q2";
  EXPECT_FALSE(settle(s, file));
  s.kv_type = "q8_0";
  EXPECT_FALSE(settle(s, file));
  s = {};
  s.mode = "fast";
  EXPECT_TRUE(settle(s, file));
  s.mode = "quick";
  EXPECT_FALSE(settle(s, file));
}

}  // namespace
}  // namespace assay::test
