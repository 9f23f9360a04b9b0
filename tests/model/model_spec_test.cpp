#include "model/model_spec.h"

#include <gtest/gtest.h>

#include <algorithm>

namespace assay {
namespace {

ModelSpec parse(std::string_view text) {
  auto spec = parse_model_spec(text);
  if (!spec) {
    ADD_FAILURE() << text << ": " << to_string(spec.error());
    return {};
  }
  EXPECT_EQ(spec->text, text);
  return *spec;
}

Error error_of(std::string_view text) {
  auto spec = parse_model_spec(text);
  if (spec) {
    ADD_FAILURE() << text << " was accepted";
    return {};
  }
  EXPECT_EQ(spec.error().kind, ErrorKind::usage) << text;
  return spec.error();
}

using Settings = std::map<std::string, std::string>;

TEST(ModelSpec, NamesOfProviders) {
  ModelSpec spec = parse("openai:gpt-4o?temperature=0.7&max_tokens=100");
  EXPECT_EQ(spec.backend, "openai");
  EXPECT_EQ(spec.name, "gpt-4o");
  EXPECT_EQ(spec.base, "");
  EXPECT_EQ(spec.settings, (Settings{{"temperature", "0.7"}, {"max_tokens", "100"}}));
  EXPECT_EQ(spec.label(), "gpt-4o");
  EXPECT_EQ(parse("Anthropic:claude-3-5-sonnet").backend, "anthropic");
  EXPECT_EQ(parse("openai:ft:gpt-4o:org::id").name, "ft:gpt-4o:org::id");
  EXPECT_EQ(parse("openai:x?").settings, Settings{});
}

TEST(ModelSpec, Addresses) {
  ModelSpec spec = parse("http://127.0.0.1:8080/v1?temperature=0.7#name");
  EXPECT_EQ(spec.backend, "openai");
  EXPECT_EQ(spec.base, "http://127.0.0.1:8080/v1");
  EXPECT_EQ(spec.name, "name");
  EXPECT_EQ(spec.settings, (Settings{{"temperature", "0.7"}}));
  EXPECT_EQ(spec.label(), "name");

  EXPECT_EQ(parse("HTTPS://Api.Example.COM/V1/").base, "https://api.example.com/V1");
  EXPECT_EQ(parse("http://localhost").base, "http://localhost");
  EXPECT_EQ(parse("http://localhost").label(), "localhost");
  EXPECT_EQ(parse("http://127.0.0.1:8080/v1").label(), "127.0.0.1:8080");
  EXPECT_EQ(parse("http://[::1]:8080/v1#m").base, "http://[::1]:8080/v1");
  EXPECT_EQ(parse("http://h/v1#org/model%20one").name, "org/model one");
  ModelSpec behind = parse("http://h/v1#name?seed=3");
  EXPECT_EQ(behind.name, "name");
  EXPECT_EQ(behind.settings, (Settings{{"seed", "3"}}));
}

TEST(ModelSpec, Files) {
  ModelSpec spec = parse("gguf:/a/b.gguf?n_ctx=2048");
  EXPECT_EQ(spec.backend, "gguf");
  EXPECT_EQ(spec.name, "/a/b.gguf");
  EXPECT_EQ(spec.settings, (Settings{{"n_ctx", "2048"}}));
  EXPECT_EQ(spec.label(), "b.gguf");
  EXPECT_EQ(parse("gguf:C:\\models\\a.gguf").name, "C:\\models\\a.gguf");
  EXPECT_EQ(parse("gguf:./a b.gguf").name, "./a b.gguf");
  EXPECT_EQ(parse("gguf:really?.gguf").name, "really?.gguf");
  EXPECT_EQ(parse("gguf:really?.gguf?threads=1").name, "really?.gguf");
  EXPECT_EQ(parse("gguf:a%20b.gguf").name, "a%20b.gguf");  // a file's name is taken as it is
  EXPECT_EQ(parse("replay:results/run.json").label(), "run.json");
  EXPECT_EQ(parse("replay:results/").label(), "results");
  EXPECT_EQ(parse("baseline:constant?value=5").label(), "baseline:constant");
}

TEST(ModelSpec, ValuesAreDecoded) {
  EXPECT_EQ(parse("openai:m?system=a%26b%3Dc%25%C3%A4+d").settings.at("system"), "a&b=c%ä+d");
  EXPECT_EQ(parse("openai:m?system=a=b").settings.at("system"), "a=b");
  EXPECT_NE(error_of("openai:m?system=50%").hint.find("%25"), std::string::npos);
  error_of("openai:m?system=%zz");
  error_of("openai:m?system=%ff");
}

TEST(ModelSpec, NearestNames) {
  EXPECT_NE(error_of("opnai:gpt-4o").hint.find("did you mean openai?"), std::string::npos);
  EXPECT_NE(error_of("openai:m?temprature=1").hint.find("did you mean temperature?"), std::string::npos);
  EXPECT_NE(error_of("openai:m?n_ctx=1024").message.find("n_ctx is not a setting of openai"), std::string::npos);
  EXPECT_NE(error_of("model.gguf").hint.find("gguf:model.gguf"), std::string::npos);
  EXPECT_NE(error_of("C:\\models\\a.gguf").hint.find("gguf:C:\\models\\a.gguf"), std::string::npos);
  EXPECT_NE(error_of("gpt-4o").hint.find("openai:NAME"), std::string::npos);
}

TEST(ModelSpec, KeysAndCredentialsAreRefusedAndNotRepeated) {
  for (const char* text : {"http://user:hunter2@host/v1#m", "https://hunter2@host/v1", "openai:m?api_key=hunter2", "http://h/v1?API_KEY=hunter2#m", "http://h/v1?key=hunter2",
                           R"(openai:m?extra={"api_key":"hunter2"})", R"(http://h/v1?extra={"provider":[{"Authorization":"Bearer hunter2"}]}#m)",
                           "launch:vllm?model=m&args=--api-key hunter2", "launch:vllm?model=m&args=--api-key%20hunter2", "launch:vllm?model=m&args=--api-key=hunter2", "launch:vllm?model=m&args=--hf-token=hunter2",
                           "launch:vllm?model=m&args=--x --auth-password hunter2", "launch:vllm?model=m&args=--api-key -hunter2", "launch:command?command=env HF_TOKEN=hunter2 serve {port}",
                           "launch:command?command=serve {port}&args=--api-key hunter2"}) {
    Error error = error_of(text);
    EXPECT_EQ(to_string(error).find("hunter2"), std::string::npos) << text;
    EXPECT_NE(error.hint.find("key_env=NAME"), std::string::npos) << text;
  }
  // Nor where something else is wrong with them.
  for (const char* text : {"launch:vllm?args=--api-key hunter2 50%", "launch:vllm?args=--api-key%20hunter2%ff", "launch:vllm?args=--api-key 'hunter2", R"(openai:m?extra={"api_key":"hunter2")"})
    EXPECT_EQ(to_string(error_of(text)).find("hunter2"), std::string::npos) << text;
  // What has to do with keys and tokens and is none, and a place for one.
  parse(R"(openai:m?extra={"stop_token_ids":[2],"min_tokens":4,"token_healing":true})");
  parse("launch:vllm?model=m&args=--api-key {key} --max-num-batched-tokens 64 --ssl-keyfile server.pem --tokenizer t --eos-token-id 2");
  parse("launch:command?command=env HF_TOKEN={key} MODE=fast serve {port}");
  EXPECT_EQ(parse("http://h/v1?key_env=MY_KEY#m").settings.at("key_env"), "MY_KEY");
}

TEST(ModelSpec, WhatMakesNoSenseIsRefused) {
  for (const char* text : {"", "openai", "openai:", "openai:?seed=1", "gguf: ", "http", "HTTPS", "http:", "http://", "http:///v1", "http://h:0/v1", "http://h:99999/v1", "http://h:x/v1", "http://a b/v1",
                           "openai:m?seed", "openai:m?seed=1&seed=2", "openai:m?seed=x", "openai:m?temperature=3", "openai:m?temperature=nan", "openai:m?top_p=2", "openai:m?max_tokens=0",
                           "openai:m?max_tokens=1.5", "openai:m?api=soap", "gguf:m?flash_attn=maybe", "openai:m?=3", "openai:m\n", "openai:m?stop=", "baseline:random?temperature=1"})
    error_of(text);
  error_of("openai:" + std::string(10'000, 'x'));
  error_of("openai:\xff");
}

TEST(ModelSpec, EverySettingIsDescribed) {
  for (const SettingInfo& setting : model_settings()) {
    EXPECT_FALSE(setting.meaning.empty()) << setting.key;
    EXPECT_FALSE(setting.values.empty()) << setting.key;
    EXPECT_EQ(std::count_if(model_settings().begin(), model_settings().end(), [&](const SettingInfo& s) { return s.key == setting.key; }), 1) << setting.key;
  }
  for (const char* key : {"temperature", "top_p", "min_p", "top_k", "max_tokens", "seed", "stop", "system", "template", "n_ctx", "key_env", "value", "run", "price_in"})
    EXPECT_TRUE(std::any_of(model_settings().begin(), model_settings().end(), [&](const SettingInfo& s) { return s.key == key; })) << key;
}

TEST(ModelSpec, MoreProviders) {
  ModelSpec mistral = parse("mistral:mistral-small?temperature=0.7&reasoning=off");
  EXPECT_EQ(mistral.backend + " " + mistral.name, "mistral mistral-small");
  EXPECT_TRUE(mistral.is_remote());
  EXPECT_EQ(parse("gemini:gemini-pro?concurrency=2").backend, "gemini");
  EXPECT_FALSE(parse("gguf:m.gguf").is_remote());
  error_of("gemini:m?template=x");
  error_of("openai:m?template=x");
  EXPECT_NE(error_of("llama.cpp:m").hint.find("http://HOST:PORT?api=llama.cpp"), std::string::npos);
  EXPECT_NE(error_of("ooba:m").hint.find("api=ooba"), std::string::npos);
}

TEST(ModelSpec, TheApiOfAnAddressIsItsBackEnd) {
  // The setting that only the api allows may stand before it, or behind the name.
  for (const char* text : {"http://h:8080?api=llama.cpp&template=ChatML", "http://h:8080?template=ChatML&api=llama.cpp",
                           "http://h:8080/?api=llama.cpp#?template=ChatML"}) {
    ModelSpec spec = parse(text);
    EXPECT_EQ(spec.backend, "llama.cpp") << text;
    EXPECT_EQ(spec.base, "http://h:8080") << text;
    EXPECT_EQ(spec.settings, (Settings{{"template", "ChatML"}})) << text;
    EXPECT_TRUE(spec.is_remote());
  }
  ModelSpec ooba = parse("http://h:5000/v1?api=ooba&template=Vicuna-v1.1#name");
  EXPECT_EQ(ooba.backend + " " + ooba.name, "ooba name");
  EXPECT_EQ(parse("http://h?api=gemini#g").backend, "gemini");
  EXPECT_EQ(parse("http://h?api=chat#g").settings, (Settings{{"api", "chat"}}));
  error_of("http://h?template=ChatML");
  error_of("http://h?api=gemini&template=ChatML#g");
  error_of("http://h?api=llama.cpp&api=ooba");
  error_of("http://h?api=llama.cpp&reasoning=low");
  for (const char* text : {"openai:m?api=gemini", "openai:m?api=llama.cpp", "openai:m?api=ooba"})
    EXPECT_NE(error_of(text).hint.find("http://HOST?api="), std::string::npos) << text;
}

TEST(ModelSpec, OnlyTheSystemTextMayBeEmpty) {
  EXPECT_EQ(parse("openai:m?system=").settings, (Settings{{"system", ""}}));
  error_of("openai:m?stop=");
}

TEST(ModelSpec, AnAddressMaySpeakAnthropicsDialect) {
  auto spec = parse_model_spec("http://127.0.0.1:9/v1?api=messages#claude");
  ASSERT_TRUE(spec) << to_string(spec.error());
  EXPECT_EQ(spec->backend, "anthropic");
  EXPECT_EQ(spec->base, "http://127.0.0.1:9/v1");
  EXPECT_EQ(spec->name, "claude");
  EXPECT_EQ(parse_model_spec("openai:gpt?api=messages").error().kind, ErrorKind::usage);
}

}  // namespace
}  // namespace assay
