// --model and --model_args of the original harness as model specs.
#include "cli/compat/harness_model.h"

#include <gtest/gtest.h>

#include "base/text.h"

namespace assay::compat {
namespace {

std::string spec(const std::string& model, std::string_view arguments) {
  auto named = harness_model(model, arguments);
  return named ? named->spec : "error: " + to_string(named.error());
}

TEST(HarnessModel, LocalFiles) {
  EXPECT_EQ(spec("hf-causal", "pretrained=a/b.gguf"), "gguf:a/b.gguf");
  EXPECT_EQ(spec("hf-causal-experimental", "pretrained=hf:org/name:file.gguf,use_accelerate=True,revision=main"), "gguf:hf:org/name:file.gguf");
  EXPECT_EQ(spec("hf", "pretrained=b.gguf,max_length=4096"), "gguf:b.gguf?n_ctx=4096");
  EXPECT_EQ(harness_model("hf", "pretrained=b.gguf,use_accelerate=True")->notes.size(), 1u);
  EXPECT_TRUE(contains(spec("hf", "pretrained=org/name"), "no GGUF file"));
  EXPECT_TRUE(contains(spec("hf", "pretrained=b.gguf,dtype=float16"), "dtype has no counterpart"));
  EXPECT_TRUE(contains(spec("hf", "pretrained=b.gguf,revision=v2"), "revision"));
  EXPECT_TRUE(contains(spec("hf", ""), "pretrained"));
}

TEST(HarnessModel, Others) {
  EXPECT_EQ(spec("gpt3", "engine=davinci-002"), "openai:davinci-002?api=completions");
  EXPECT_EQ(spec("dummy", ""), "baseline:random");
  EXPECT_EQ(spec("http://127.0.0.1:8080/v1#m", ""), "http://127.0.0.1:8080/v1#m");
  EXPECT_TRUE(contains(spec("gguf:m.gguf", "a=b"), "has no counterpart"));
  EXPECT_TRUE(contains(spec("textsynth", ""), "not supported"));
  EXPECT_TRUE(contains(spec("hf-casual", ""), "did you mean hf-causal"));
}

TEST(HarnessModel, Arguments) {
  EXPECT_EQ(harness_model_arguments("a=b,c=d=e,")->at("c"), "d=e");
  EXPECT_TRUE(harness_model_arguments("")->empty());
  EXPECT_FALSE(harness_model_arguments("a"));
  EXPECT_FALSE(harness_model_arguments("=a"));
  EXPECT_FALSE(harness_model_arguments("a=b,a=c"));
}

}  // namespace
}  // namespace assay::compat
