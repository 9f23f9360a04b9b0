// Counts of tokens come from a server and are added up: what no request can have is taken for no count, in every dialect.
#include <gtest/gtest.h>

#include "model/http/anthropic_dialect.h"
#include "model/http/bedrock_dialect.h"
#include "model/http/cohere_dialect.h"
#include "model/http/gemini_dialect.h"
#include "model/http/llama_server_dialect.h"
#include "model/http/openai_dialect.h"
#include "model/http/reka_dialect.h"

namespace assay {
namespace {

struct Dialect {
  const char* name;
  Result<Response> (*read)(const json::value& body);
  const char* body;  // IN and OUT stand for the counts
};

const Dialect kDialects[] = {
    {"anthropic", anthropic_response,
     R"({"content":[{"type":"text","text":"x"}],"stop_reason":"end_turn",
         "usage":{"input_tokens":IN,"cache_read_input_tokens":IN,"cache_creation_input_tokens":IN,"output_tokens":OUT}})"},
    {"bedrock", bedrock_response,
     R"({"output":{"message":{"content":[{"text":"x"}]}},"stopReason":"end_turn",
         "usage":{"inputTokens":IN,"cacheReadInputTokens":IN,"cacheWriteInputTokens":IN,"outputTokens":OUT}})"},
    {"bedrock llama", bedrock_response, R"({"generation":"x","stop_reason":"stop","prompt_token_count":IN,"generation_token_count":OUT})"},
    {"cohere", cohere_response,
     R"({"message":{"content":[{"type":"text","text":"x"}]},"finish_reason":"COMPLETE","usage":{"tokens":{"input_tokens":IN,"output_tokens":OUT}}})"},
    {"gemini", gemini_response,
     R"({"candidates":[{"content":{"parts":[{"text":"x"}]},"finishReason":"STOP"}],
         "usageMetadata":{"promptTokenCount":IN,"candidatesTokenCount":OUT,"thoughtsTokenCount":OUT}})"},
    {"llama-server", llama_server_response, R"({"content":"x","tokens_evaluated":IN,"tokens_predicted":OUT})"},
    {"openai", openai_chat_response,
     R"({"choices":[{"message":{"content":"x"},"finish_reason":"stop"}],"usage":{"prompt_tokens":IN,"completion_tokens":OUT}})"},
    {"reka", reka_response, R"({"text":"x","finish_reason":"stop","metadata":{"input_tokens":IN,"generated_tokens":OUT}})"},
};

Response answer(const Dialect& dialect, std::string_view count) {
  std::string body = dialect.body;
  for (std::string_view place : {"IN", "OUT"})
    for (std::size_t at; (at = body.find(":" + std::string(place))) != std::string::npos;) body.replace(at + 1, place.size(), count);
  auto value = parse_json(body);
  EXPECT_TRUE(value) << body;
  auto response = dialect.read(*value);
  EXPECT_TRUE(response) << dialect.name << ": " << to_string(response.error());
  return response.value_or(Response{});
}

TEST(UsageCounts, WhatNoRequestCanHaveIsNoCount) {
  for (const Dialect& dialect : kDialects) {
    for (const char* absurd : {"-1", "-9223372036854775808", "9223372036854775807", "1000000000001", "4e15", "\"many\""}) {
      Response out = answer(dialect, absurd);
      for (const auto& count : {out.usage.input_tokens, out.usage.output_tokens, out.usage.cached_tokens, out.usage.reasoning_tokens})
        EXPECT_EQ(count, std::nullopt) << dialect.name << " " << absurd;
    }
    Response out = answer(dialect, "7");
    EXPECT_EQ(out.usage.input_tokens.value_or(0) % 7, 0) << dialect.name;
    EXPECT_GE(out.usage.input_tokens.value_or(0), 7) << dialect.name;
    EXPECT_GE(out.usage.output_tokens.value_or(0), 7) << dialect.name;
  }
}

}  // namespace
}  // namespace assay
