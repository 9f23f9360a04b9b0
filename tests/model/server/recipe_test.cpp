#include "model/server/recipe.h"

#include <gtest/gtest.h>

#include <set>

#include "base/text.h"

namespace assay {
namespace {

using Words = std::vector<std::string>;

Result<LaunchPlan> plan(std::string_view recipe, LaunchWish wish, int free_port = 4711) {
  auto found = find_launch_recipe(recipe);
  if (!found) return std::unexpected(found.error());
  return plan_launch(**found, wish, free_port);
}

TEST(Recipe, LlamaServer) {
  LaunchWish wish{.model = "models/a b.gguf", .args = "-c 4096 --threads 8 --chat-template 'my chat'"};
  auto out = plan("llama-server", wish);
  ASSERT_TRUE(out) << out.error().message;
  EXPECT_EQ(out->words, (Words{"llama-server", "-m", "models/a b.gguf", "--host", "127.0.0.1", "--port", "4711", "-c", "4096", "--threads", "8", "--chat-template", "my chat"}));
  EXPECT_EQ(out->port, 4711);
  // What changes no number, and the port, is no part of who it is.
  EXPECT_EQ(write_json(out->facts, JsonStyle::canonical),
            R"({"args":["-c","4096","--chat-template","my chat"],"backend":"launch","model":"models/a b.gguf","recipe":"llama-server"})");
  wish.port = 9;
  wish.program = "/opt/llama-server";
  EXPECT_EQ(plan("llama-server", wish)->words[6], "9");
  EXPECT_EQ(plan("llama-server", wish)->words[0], "/opt/llama-server");
  EXPECT_EQ(plan("llama-server", wish)->facts, out->facts);
}

TEST(Recipe, OobaAsTheOriginalStartsIt) {
  LaunchWish wish{.program = "/x/start_linux.sh", .model = "org_model", .args = "--loader exllamav2 --max_seq_len 4096"};
  auto out = plan("ooba", wish);
  ASSERT_TRUE(out) << out.error().message;
  EXPECT_EQ(out->words, (Words{"/x/start_linux.sh", "--model", "org_model", "--api", "--loader", "exllamav2", "--max_seq_len", "4096"}));
  EXPECT_EQ(out->port, 5000);
  wish.model_dir = "/models";
  wish.trust_remote_code = true;
  EXPECT_EQ(plan("ooba", wish)->words, (Words{"/x/start_linux.sh", "--model", "org_model", "--model-dir", "/models", "--trust-remote-code", "--api", "--loader", "exllamav2",
                                              "--max_seq_len", "4096"}));
  wish.port = 5055;
  EXPECT_EQ(plan("ooba", wish)->words[7], "--api-port");
  EXPECT_EQ(plan("ooba", wish)->words[8], "5055");
  // A port among the arguments is the port.
  wish.port = 0;
  wish.args = "--api-port=5066";
  EXPECT_EQ(plan("ooba", wish)->port, 5066);
  EXPECT_EQ(plan("ooba", wish)->words.back(), "--api-port=5066");
  EXPECT_FALSE(plan("ooba", wish)->facts.contains("args"));
}

TEST(Recipe, TheOthers) {
  LaunchWish wish{.model = "org/m", .trust_remote_code = true};
  EXPECT_EQ(plan("vllm", wish)->words, (Words{"vllm", "serve", "org/m", "--trust-remote-code", "--host", "127.0.0.1", "--port", "4711"}));
  EXPECT_EQ(plan("sglang", wish)->words, (Words{"python3", "-m", "sglang.launch_server", "--model-path", "org/m", "--trust-remote-code", "--host", "127.0.0.1", "--port", "4711"}));
  EXPECT_EQ(plan("transformers", wish)->words,
            (Words{"transformers", "serve", "--force-model", "org/m", "--trust-remote-code", "--host", "127.0.0.1", "--port", "4711"}));
  wish.args = "--port 8123";
  auto told = plan("vllm", wish);
  EXPECT_EQ(told->port, 8123);
  EXPECT_EQ(told->words, (Words{"vllm", "serve", "org/m", "--trust-remote-code", "--host", "127.0.0.1", "--port", "8123"}));
}

TEST(Recipe, AnyCommand) {
  LaunchWish wish{.model = "m.bin", .command = "sh serve.sh 'the port' {port} --weights={model}"};
  auto out = plan("command", wish);
  ASSERT_TRUE(out) << out.error().message;
  EXPECT_EQ(out->words, (Words{"sh", "serve.sh", "the port", "4711", "--weights=m.bin"}));
  EXPECT_EQ(write_json(out->facts, JsonStyle::canonical),
            R"({"args":["sh","serve.sh","the port","{port}","--weights={model}"],"backend":"launch","model":"m.bin","recipe":"command"})");
  EXPECT_FALSE(plan("command", {.command = "serve"})) << "nobody told it where to listen";
  EXPECT_EQ(plan("command", {.command = "serve", .port = 80})->words, Words{"serve"});
  EXPECT_EQ(plan("command", {.command = "serve --port 81"})->port, 81);
}

TEST(Recipe, APlaceForAKeyIsNoPartOfTheIdentity) {
  auto out = plan("vllm", {.model = "m", .args = "--api-key {key} --max-num-batched-tokens 64 --ssl-keyfile server.pem --tokenizer t --eos-token-id 2"});
  ASSERT_TRUE(out) << to_string(out.error());
  EXPECT_EQ(out->words[8], "{key}");
  const std::string facts = write_json(out->facts);
  EXPECT_FALSE(contains(facts, "key}"));
  for (const char* kept : {"--max-num-batched-tokens", "server.pem", "--tokenizer", "--eos-token-id"}) EXPECT_TRUE(contains(facts, kept)) << facts;
}

TEST(Recipe, WhatIsMissingIsNamed) {
  EXPECT_NE(plan("llama-servr", {}).error().hint.find("llama-server"), std::string::npos);
  EXPECT_NE(plan("llama-server", {}).error().hint.find("?model="), std::string::npos);
  EXPECT_NE(plan("ooba", {.model = "m"}).error().hint.find("?program="), std::string::npos);
  EXPECT_NE(plan("command", {}).error().hint.find("?command="), std::string::npos);
  EXPECT_FALSE(plan("vllm", {.model = "m", .command = "x"}));
  EXPECT_FALSE(plan("vllm", {.model = "m", .args = "'open"}));
  EXPECT_FALSE(plan("vllm", {.model = "m", .args = "--port 1", .port = 2}));
}

TEST(Recipe, TheTableIsWhole) {
  std::set<std::string> names;
  for (const LaunchRecipe& recipe : launch_recipes()) {
    EXPECT_TRUE(names.insert(recipe.name).second);
    EXPECT_FALSE(recipe.what.empty());
    EXPECT_FALSE(recipe.api.empty());
    EXPECT_EQ(recipe.command.back(), Words{"{args}"}) << "what the user adds comes last, and wins: " << recipe.name;
  }
}

}  // namespace
}  // namespace assay
