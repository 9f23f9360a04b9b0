#include "benchmark/alpaca_eval/model_facts.h"

#include "base/python_yaml.h"

namespace assay::alpaca_eval {
namespace {

// The instruction alone, in the notations of chats and of completion models.
constexpr std::string_view kChat = "<|im_start|>user\n{instruction}\n<|im_end|>";
constexpr std::string_view kHelpful = "<|im_start|>system\nYou are a helpful assistant.\n<|im_end|>\n<|im_start|>user\n{instruction}\n<|im_end|>";
constexpr std::string_view kHuman = "\n\nHuman: {instruction}\n\nAssistant:";
constexpr std::string_view kCompletion = "Instruction: {instruction}\nOutput:";
constexpr std::string_view kPlain = "{instruction}";

struct Row {
  std::string_view name, prompt, function, arguments;
};

constexpr Row kRows[] = {
    {"Meta-Llama-3-8B-Instruct", kChat, "openai_completions",
     "{model_name: meta-llama/Llama-3-8b-chat-hf, max_tokens: 4096, requires_chatml: True, price_per_token: 0.2e-6, client_kwargs: {base_url: 'https://api.together.xyz'}}"},
    {"Meta-Llama-3.1-8B-Instruct-Turbo", kChat, "openai_completions",
     "{model_name: meta-llama/Meta-Llama-3.1-8B-Instruct-Turbo, max_tokens: 4096, requires_chatml: True, client_kwargs: {base_url: 'https://api.together.xyz'}}"},
    {"Mistral-7B-Instruct-v0.2", kChat, "openai_completions",
     "{model_name: mistralai/Mistral-7B-Instruct-v0.2, max_tokens: 4096, requires_chatml: True, price_per_token: 2e-7, client_kwargs: {base_url: 'https://api.together.xyz'}}"},
    {"Mixtral-8x7B-Instruct-v0.1", kChat, "openai_completions",
     "{model_name: mistralai/Mixtral-8x7B-Instruct-v0.1, max_tokens: 4096, requires_chatml: True, price_per_token: 6e-7, client_kwargs: {base_url: 'https://api.together.xyz'}}"},
    {"bedrock_claude", kHuman, "bedrock_anthropic_completions", "{model_name: anthropic.claude-v1, max_tokens_to_sample: 2048}"},
    {"claude", kHuman, "anthropic_completions", "{model_name: claude-v1, max_tokens_to_sample: 2048}"},
    {"claude-2", kHuman, "anthropic_completions", "{model_name: claude-2, max_tokens_to_sample: 4096}"},
    {"claude-2.1", kHuman, "anthropic_completions", "{model_name: claude-2.1, max_tokens_to_sample: 4096}"},
    {"claude-3-5-sonnet-20240620", kChat, "anthropic_completions", "{model_name: claude-3-5-sonnet-20240620, max_tokens_to_sample: 4096, price_per_token: 3e-6}"},
    {"claude-3-opus-20240229", kChat, "anthropic_completions", "{model_name: claude-3-opus-20240229, max_tokens_to_sample: 4096, price_per_token: 15e-6}"},
    {"cohere", kPlain, "cohere_completions", "{model_name: command-nightly, max_tokens: null}"},
    {"gemini-pro", kPlain, "google_completions", "{model_name: gemini-pro, max_output_tokens: 2048, candidate_count: 1}"},
    {"gemma-7b-it", kChat, "openai_completions",
     "{model_name: google/gemma-7b-it, max_tokens: 4096, requires_chatml: True, price_per_token: 2e-7, client_kwargs: {base_url: 'https://api.together.xyz'}}"},
    {"gpt-3.5-turbo-1106", kHelpful, "openai_completions", "{model_name: gpt-3.5-turbo-1106, max_tokens: 4096}"},
    {"gpt-4-turbo-2024-04-09", kHelpful, "openai_completions", "{model_name: gpt-4-turbo-2024-04-09, max_tokens: 4096}"},
    {"gpt-4o-2024-05-13", kHelpful, "openai_completions", "{model_name: gpt-4o-2024-05-13, max_tokens: 4096}"},
    {"gpt-4o-mini-2024-07-18", kHelpful, "openai_completions", "{model_name: gpt-4o-mini-2024-07-18, max_tokens: 4096}"},
    {"gpt35_turbo_instruct", kCompletion, "openai_completions", "{model_name: gpt-3.5-turbo-instruct, max_tokens: 3072}"},
    {"gpt4", kHelpful, "openai_completions", "{model_name: gpt-4, max_tokens: 4096}"},
    {"gpt4_1106_preview", kHelpful, "openai_completions", "{model_name: gpt-4-1106-preview, max_tokens: 4096}"},
    {"mistral-large-2402", kChat, "openai_completions",
     "{model_name: mistral-large-2402, max_tokens: 4096, requires_chatml: True, price_per_token: 8e-6, client_kwargs: {base_url: 'https://api.mistral.ai/v1'}}"},
    {"mistral-medium", kChat, "openai_completions",
     "{model_name: mistral-medium, max_tokens: 4096, requires_chatml: True, price_per_token: 8e-6, client_kwargs: {base_url: 'https://api.mistral.ai/v1'}}"},
    {"openchat-13b", kChat, "openai_completions",
     "{openai_api_base: 'http://127.0.0.1:18888/v1', requires_chatml: True, sleep_time: 0, model_name: openchat, max_tokens: 2048, top_p: 1.0, temperature: 0.7}"},
    {"text_davinci_001", kCompletion, "openai_completions", "{model_name: text-davinci-001, max_tokens: 1500}"},
    {"text_davinci_003", kCompletion, "openai_completions", "{model_name: text-davinci-003, max_tokens: 2048}"},
};

}  // namespace

std::optional<ModelFacts> model_facts(std::string_view name) {
  for (const Row& row : kRows)
    if (row.name == name) {
      auto arguments = read_python_yaml(row.arguments, row.name);
      return ModelFacts{std::string(row.name), std::string(row.prompt), std::string(row.function), arguments ? std::move(*arguments) : PythonValue()};
    }
  return std::nullopt;
}

std::vector<std::string> models_with_facts() {
  std::vector<std::string> out;
  for (const Row& row : kRows) out.emplace_back(row.name);
  return out;
}

}  // namespace assay::alpaca_eval
