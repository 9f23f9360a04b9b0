// Decoders: which model is asked, what it is sent, and what the answer is said to have cost; all configurations that the original ships.
#include "benchmark/alpaca_eval/decoder.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "base/file.h"
#include "base/python_literal.h"
#include "base/python_yaml.h"
#include "base/text.h"
#include "model/model_spec.h"
#include "support/shared_data.h"

namespace assay::alpaca_eval {
namespace {

Result<Decoder> decoder(std::string_view function, std::string_view yaml, const DecoderPlaces& places = {}) {
  auto arguments = read_python_yaml(yaml, "test");
  if (!arguments) return std::unexpected(arguments.error());
  auto out = make_decoder(function, *arguments, "test", places);
  if (out && !out->constant) {
    auto parsed = parse_model_spec(out->spec);
    EXPECT_TRUE(parsed) << out->spec << ": " << (parsed ? "" : to_string(parsed.error()));
  }
  return out;
}

std::string spec(std::string_view function, std::string_view yaml, const DecoderPlaces& places = {}) {
  auto out = decoder(function, yaml, places);
  return out ? out->spec : "error: " + to_string(out.error());
}

json::value extra(std::string_view function, std::string_view yaml, const DecoderPlaces& places = {}) {
  auto parsed = parse_model_spec(spec(function, yaml, places));
  if (!parsed || !parsed->settings.contains("extra")) return nullptr;
  return parse_json(parsed->settings.at("extra")).value();
}

TEST(AlpacaDecoder, Bedrock) {
  EXPECT_EQ(spec("bedrock_anthropic_completions", "{}"), "bedrock:anthropic.claude-v1?region=us-west-2");
  auto out = decoder("bedrock_anthropic_completions", "{model_name: anthropic.claude-v2, max_tokens_to_sample: 50, temperature: 0, top_k: 5, region: eu-west-1, num_procs: 2}");
  ASSERT_TRUE(out) << to_string(out.error());
  EXPECT_EQ(out->spec, "bedrock:anthropic.claude-v2?extra={\"top_k\":5}&region=eu-west-1");
  auto request = out->request("\n\nHuman: Which?\n\nAssistant:");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->prompt, "\n\nHuman: Which?\n\nAssistant:") << "not stripped: the model wants the lines before it";
  EXPECT_EQ(request->sampling.max_tokens, 50);
  EXPECT_EQ(request->sampling.temperature, 0);
  EXPECT_EQ(out->price("p", Response{}), 0);
}

TEST(AlpacaDecoder, Cohere) {
  auto out = decoder("cohere_completions", "{model_name: command-nightly, max_tokens: null}");
  ASSERT_TRUE(out) << to_string(out.error());
  EXPECT_EQ(out->spec, "cohere:command-nightly?extra={\"return_likelihoods\":\"ALL\"}");
  EXPECT_FALSE(out->sampling.max_tokens) << "up to the end";
  EXPECT_EQ(out->sampling.temperature, 0.7);
  EXPECT_EQ(decoder("cohere_completions", "{}")->sampling.max_tokens, 1000);
  EXPECT_EQ(decoder("cohere_completions", "{}")->model, "command");
  Response response;
  EXPECT_EQ(out->price("p", response), std::nullopt);
  response.raw = R"({"generations":[{"text":"x","token_likelihoods":[{"token":"a"},{"token":"b"},{"token":"c"}]}]})";
  EXPECT_DOUBLE_EQ(out->price("p", response).value(), 3 * 1.5e-5);
  EXPECT_EQ(write_json(extra("cohere_completions", "{k: 3, truncate: END}")), R"({"return_likelihoods":"ALL","k":3,"truncate":"END"})");
}

TEST(AlpacaDecoder, HuggingFaceApi) {
  auto out = decoder("huggingface_api_completions", "{model_name: timdettmers/guanaco-33b-merged, max_new_tokens: 256, temperature: 0.7, do_sample: True, gpu: True, repetition_penalty: 1.1}");
  ASSERT_TRUE(out) << to_string(out.error());
  EXPECT_EQ(out->spec, "huggingface:timdettmers/guanaco-33b-merged?extra={\"do_sample\":true,\"repetition_penalty\":1.1}");
  EXPECT_EQ(out->sampling.max_tokens, 256);
  EXPECT_EQ(out->price("p", Response{}), std::nullopt);
  EXPECT_EQ(spec("huggingface_api_completions", "{model_name: a/b}", {.hugging_face_key_env = "HUGGINGFACEHUB_API_TOKEN"}),
            "huggingface:a/b?extra={\"do_sample\":false}&key_env=HUGGINGFACEHUB_API_TOKEN");
  EXPECT_TRUE(contains(spec("huggingface_api_completions", "{}"), "model_name"));
}

TEST(AlpacaDecoder, Replicate) {
  auto out = decoder("replicate_completions", "{model_name: 'replicate/llama70b-v2-chat:e951f185', max_length: 4096, temperature: 0.7, top_p: 1.0, num_procs: 4}");
  ASSERT_TRUE(out) << to_string(out.error());
  EXPECT_EQ(out->spec, "replicate:replicate/llama70b-v2-chat:e951f185?extra={\"max_length\":4096}");
  EXPECT_EQ(out->sampling.temperature, 0.7);
  EXPECT_EQ(out->sampling.top_p, 1.0);
  EXPECT_EQ(out->request(" p ")->prompt, " p ");
}

TEST(AlpacaDecoder, Jina) {
  auto out = decoder("jina_chat_completions", "{}");
  ASSERT_TRUE(out) << to_string(out.error());
  EXPECT_EQ(out->spec, "jina:jina-chat");
  auto request = out->request("<|im_start|>user\nq\n<|im_end|>");
  ASSERT_TRUE(request);
  EXPECT_EQ(request->messages.size(), 1u);
  EXPECT_FALSE(out->request("plain")) << "it wants ChatML";
  Response response;
  response.usage.output_tokens = 301;
  EXPECT_EQ(out->price("p", response), 0.08);
  response.usage.output_tokens = 300;
  EXPECT_EQ(out->price("p", response), 0);
}

TEST(AlpacaDecoder, AnthropicsTextCompletionBecomesMessages) {
  auto out = decoder("anthropic_completions", "{model_name: claude-v1, max_tokens_to_sample: 50, temperature: 0, client_function_name: completions}");
  ASSERT_TRUE(out) << to_string(out.error());
  auto request = out->request("\n\nHuman: One?\n\nAssistant: Two.\n\nHuman: Three?\n\nAssistant:");
  ASSERT_TRUE(request);
  ASSERT_EQ(request->messages.size(), 3u);
  EXPECT_EQ(request->messages[1].role + request->messages[1].content, "assistantTwo.");
  EXPECT_EQ(request->messages[2].content, "Three?");
  EXPECT_EQ(request->sampling.max_tokens, 50);
  auto chat = decoder("anthropic_completions", "{model_name: claude-2}");
  EXPECT_EQ(chat->request("\n\nHuman: One?\n\nAssistant:")->messages.size(), 1u);
  EXPECT_EQ(chat->request("<|im_start|>user\nq\n<|im_end|>")->messages[0].content, "q");
  EXPECT_FALSE(chat->request("plain"));
}

TEST(AlpacaDecoder, AnthropicsPriceCountsMessagesAsTheOriginalDoes) {
  auto out = decoder("anthropic_completions", "{model_name: claude-3-opus-20240229, price_per_token: 15e-6}");
  ASSERT_TRUE(out) << to_string(out.error());
  Response response;
  response.text = "four";
  EXPECT_DOUBLE_EQ(out->price("<|im_start|>system\nBe brief.\n<|im_end|>\n<|im_start|>user\nq\n<|im_end|>", response).value(), (2 + 4) / 4.0 * 15e-6);
  EXPECT_DOUBLE_EQ(out->price("four and more", response).value(), (13 + 4) / 4.0 * 15e-6);
  for (const char* model : {"claude-2.1", "claude-v1.3", "anthropic.claude-v1"})
    EXPECT_DOUBLE_EQ(decoder("anthropic_completions", std::string("{model_name: ") + model + "}")->price("12345678", response).value(), 12 / 4.0 * 8e-6) << model;
  EXPECT_EQ(decoder("anthropic_completions", "{model_name: claude-3-haiku}")->price("p", response), std::nullopt);
}

TEST(AlpacaDecoder, OpenAisPricesByPartsOfTheName) {
  Response response;
  response.usage.input_tokens = 900;
  response.usage.output_tokens = 100;
  for (const auto& [model, price] : {std::pair("gpt-4o-mini-2024-07-18", 0.15e-6), {"gpt-4-turbo-2024-04-09", 1e-5}, {"gpt-4-1106-preview", 1e-5}, {"gpt-4o-2024-05-13", 3e-5}, {"gpt-3.5-turbo-16k", 2e-6},
                                     {"text-davinci-003", 2e-5}})
    EXPECT_DOUBLE_EQ(decoder("openai_completions", std::string("{model_name: ") + model + "}")->price("p", response).value(), 1000 * price) << model;
  EXPECT_EQ(decoder("openai_completions", "{model_name: davinci-002}")->price("p", response), std::nullopt);
  EXPECT_DOUBLE_EQ(decoder("openai_completions", "{model_name: davinci-002, price_per_token: 9e-7}")->price("p", response).value(), 1000 * 9e-7);
  response.text = "12345678";
  EXPECT_DOUBLE_EQ(decoder("google_completions", "{}")->price("1234", response).value(), (4 * 0.00025 + 8 * 0.0005) / 1000);
}

TEST(AlpacaDecoder, TokensAreFavouredByTheModelsOwnNumbers) {
  DecoderPlaces places;
  places.tokens = [](std::string_view model, std::string_view text) -> Result<std::vector<std::int64_t>> {
    EXPECT_EQ(model, "gpt-4");
    if (text == "Both") return std::vector<std::int64_t>{21279};
    return std::vector<std::int64_t>{5207, 320, 64, 8};
  };
  const std::string yaml = "{model_name: gpt-4, tokens_to_favor: ['Output (a)'], tokens_to_avoid: [Both, 'of several']}";
  EXPECT_EQ(write_json(extra("openai_completions", yaml, places)), R"({"logit_bias":{"21279":-100,"5207":7,"320":7,"64":7,"8":7}})");
  EXPECT_EQ(write_json(extra("openai_completions", "{model_name: gpt-4, tokens_to_avoid: ['of several'], is_skip_multi_tokens_to_avoid: False}", places)),
            R"({"logit_bias":{"5207":-100,"320":-100,"64":-100,"8":-100}})");
  EXPECT_TRUE(decoder("openai_completions", yaml, places)->deviates.empty());
  places.tokens = [](std::string_view, std::string_view) -> Result<std::vector<std::int64_t>> { return fail(ErrorKind::not_found, "it is not here", "", "get it"); };
  auto without = decoder("openai_completions", yaml, places);
  ASSERT_TRUE(without);
  EXPECT_EQ(without->spec, "openai:gpt-4?api=chat");
  ASSERT_EQ(without->deviates.size(), 2u);
  EXPECT_TRUE(contains(without->deviates[0], "get it"));
}

TEST(AlpacaDecoder, TokensThatAreNotKnownLeaveTheOtherListAsItIs) {
  DecoderPlaces places;
  places.tokens = [](std::string_view, std::string_view text) -> Result<std::vector<std::int64_t>> {
    if (text == "known") return std::vector<std::int64_t>{7};
    return fail(ErrorKind::not_found, "it is not here");
  };
  for (const bool favor : {false, true}) {
    const std::string known = favor ? "tokens_to_favor" : "tokens_to_avoid", other = favor ? "tokens_to_avoid" : "tokens_to_favor";
    const std::string yaml = "{model_name: gpt-4, " + known + ": [known], " + other + ": [unknown]}";
    EXPECT_EQ(write_json(extra("openai_completions", yaml, places)), favor ? R"({"logit_bias":{"7":7}})" : R"({"logit_bias":{"7":-100}})");
    const auto made = decoder("openai_completions", yaml, places);
    ASSERT_TRUE(made);
    ASSERT_EQ(made->deviates.size(), 1u);
    EXPECT_TRUE(made->deviates[0].starts_with(other)) << made->deviates[0];
  }
}

TEST(AlpacaDecoder, OpenAiSeveralKeysAndFurtherArguments) {
  EXPECT_EQ(spec("openai_completions", "{model_name: gpt-4}", {.openai_clients = "c/clients.yaml"}), "openai:gpt-4?api=chat&clients=c/clients.yaml");
  EXPECT_EQ(spec("openai_completions", "{model_name: gpt-4, client_config_path: d.yaml}", {.openai_clients = "env"}), "openai:gpt-4?api=chat&clients=d.yaml");
  EXPECT_EQ(spec("openai_completions", "{model_name: m, requires_chatml: true, client_kwargs: {base_url: 'https://h/v1'}}", {.openai_clients = "env"}),
            "https://h/v1?api=chat&key_env=OPENAI_API_KEY&clients=env#m");
  EXPECT_EQ(spec("openai_completions", "{model_name: openchat, requires_chatml: false, is_chat: false, openai_api_base: 'http://127.0.0.1:18888/v1'}"),
            "http://127.0.0.1:18888/v1?api=completions&key_env=OPENAI_API_KEY#openchat");
  EXPECT_EQ(write_json(extra("openai_completions", "{model_name: gpt-4, presence_penalty: 0.5, extra_body: {top_k: 3}}")), R"({"presence_penalty":0.5,"top_k":3})");
  EXPECT_TRUE(contains(spec("openai_completions", "{model_name: gpt-4, temperatur: 1}"), "did you mean temperature"));
}

TEST(AlpacaDecoder, NoneIsNotSent) {
  auto out = decoder("openai_completions", "{model_name: gpt-4, temperature: null, top_p: null, max_tokens: null, max_completion_tokens: 9}");
  ASSERT_TRUE(out) << to_string(out.error());
  EXPECT_FALSE(out->sampling.temperature || out->sampling.top_p || out->sampling.max_tokens);
  EXPECT_EQ(decoder("openai_completions", "{model_name: gpt-4}")->sampling.max_tokens, 2048);
}

TEST(AlpacaDecoder, ABiasThatIsGivenStaysBesideTheTokens) {
  DecoderPlaces places;
  places.tokens = [](std::string_view, std::string_view) -> Result<std::vector<std::int64_t>> { return std::vector<std::int64_t>{5}; };
  EXPECT_EQ(write_json(extra("openai_completions", "{model_name: gpt-4, logit_bias: {'5': 1, '9': 2}, tokens_to_avoid: [x]}", places)), R"({"logit_bias":{"5":-100,"9":2}})");
  EXPECT_EQ(write_json(extra("openai_completions", "{model_name: gpt-4, logit_bias: {'9': 2}}", places)), R"({"logit_bias":{"9":2}})");
}

TEST(AlpacaDecoder, Google) {
  auto out = decoder("google_completions", "{top_k: 4, stop_sequences: [a, b], max_tries: 3}");
  ASSERT_TRUE(out) << to_string(out.error());
  EXPECT_EQ(out->sampling.top_k, 4);
  EXPECT_EQ(out->sampling.stop, (std::vector<std::string>{"a", "b"}));
}

TEST(AlpacaDecoder, LocalModels) {
  auto phi = decoder("vllm_local_completions", "{model_name: microsoft/phi-2, model_kwargs: {dtype: float16}, max_new_tokens: 2048, use_beam_search: True, stop_token_ids: [7]}");
  ASSERT_TRUE(phi) << to_string(phi.error());
  EXPECT_TRUE(contains(phi->spec, "launch:vllm?model=microsoft/phi-2&api=completions")) << phi->spec;
  EXPECT_EQ(phi->sampling.temperature, 1) << "vLLM's own default, whatever the model's files say";
  EXPECT_EQ(write_json(extra("vllm_local_completions", "{model_name: a/b, max_new_tokens: 9, repetition_penalty: 1.1}")), R"({"repetition_penalty":1.1,"top_k":-1,"min_p":0.0})");
  EXPECT_EQ(decoder("vllm_local_completions", "{model_name: a/b, max_new_tokens: 9, top_k: -1}")->sampling.top_k, -1);
  EXPECT_EQ(decoder("huggingface_local_completions", "{model_name: models/tiny.gguf, max_new_tokens: 9}")->spec, "gguf:models/tiny.gguf?template=raw");
  EXPECT_EQ(spec("assay_completions", "{model_name: 'gguf:m.gguf?n_ctx=512', max_tokens: 9}"), "gguf:m.gguf?n_ctx=512");
}

TEST(AlpacaDecoder, EveryConfigurationOfTheOriginal) {
  ASSAY_NEED_SHARED("upstream/alpaca-eval/models_configs");
  std::size_t count = 0;
  for (const char* folder : {"upstream/alpaca-eval/models_configs", "upstream/alpaca-eval/evaluators_configs"})
    for (const auto& entry : std::filesystem::directory_iterator(test::shared(folder))) {
      auto text = read_file(entry.path() / "configs.yaml");
      if (!text) continue;
      auto root = read_python_yaml(*text, entry.path().string());
      ASSERT_TRUE(root) << to_string(root.error());
      for (std::size_t i = 0; i + 1 < root->items.size(); i += 2) {
        const PythonValue& one = root->items[i + 1];
        const PythonValue* function = one.find("fn_completions");
        const PythonValue* arguments = one.find("completions_kwargs");
        if (function && function->text.empty()) continue;  // null: recorded outputs alone
        const std::string name = function ? function->text : "openai_completions";
        auto out = make_decoder(name, arguments ? *arguments : PythonValue(), root->items[i].text);
        const bool adapters = arguments && arguments->find("adapters_name");
        EXPECT_EQ(out.has_value(), !adapters) << root->items[i].text << ": " << (out ? out->spec : to_string(out.error()));
        if (out && !out->constant) {
          EXPECT_TRUE(parse_model_spec(out->spec)) << out->spec;
        }
        ++count;
      }
    }
  EXPECT_GT(count, 100u);
}

}  // namespace
}  // namespace assay::alpaca_eval
