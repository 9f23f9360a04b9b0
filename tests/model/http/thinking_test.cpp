// What every dialect does with <think>...</think> in a text: it is kept apart, or it would be scored.
#include <gtest/gtest.h>

#include "model/http/anthropic_dialect.h"
#include "model/http/bedrock_dialect.h"
#include "model/http/cohere_dialect.h"
#include "model/http/gemini_dialect.h"
#include "model/http/hugging_face_dialect.h"
#include "model/http/llama_server_dialect.h"
#include "model/http/openai_dialect.h"
#include "model/http/reka_dialect.h"
#include "model/http/replicate_dialect.h"

namespace assay {
namespace {

Result<Response> replicate(const json::value& body) {
  auto prediction = replicate_prediction(body);
  if (!prediction) return std::unexpected(prediction.error());
  return *prediction->response;
}

struct Dialect {
  const char* name;
  Result<Response> (*read)(const json::value& body);
  const char* body;  // with @ for the text
};

constexpr Dialect kDialects[] = {
    {"openai", openai_chat_response, R"({"choices":[{"message":{"content":"@"}}]})"},
    {"openai completions", openai_completion_response, R"({"choices":[{"text":"@"}]})"},
    {"anthropic", anthropic_response, R"({"content":[{"type":"text","text":"@"}]})"},
    {"gemini", gemini_response, R"({"candidates":[{"content":{"parts":[{"text":"@"}]}}]})"},
    {"llama.cpp", llama_server_response, R"({"content":"@"})"},
    {"cohere", cohere_response, R"({"message":{"content":[{"type":"text","text":"@"}]}})"},
    {"cohere generate", cohere_response, R"({"generations":[{"text":"@"}]})"},
    {"reka", reka_response, R"({"text":"@"})"},
    {"replicate", replicate, R"({"id":"a","status":"succeeded","output":["@"]})"},
    {"hugging face", hugging_face_response, R"([{"generated_text":"@"}])"},
    {"hugging face chat", hugging_face_response, R"({"choices":[{"message":{"content":"@"}}]})"},
    {"bedrock claude", bedrock_response, R"({"content":[{"type":"text","text":"@"}]})"},
    {"bedrock completion", bedrock_response, R"({"completion":"@"})"},
    {"bedrock generation", bedrock_response, R"({"generation":"@"})"},
    {"bedrock converse", bedrock_response, R"({"output":{"message":{"content":[{"text":"@"}]}}})"},
};

TEST(Thinking, IsKeptApartInEveryDialect) {
  for (const Dialect& dialect : kDialects) {
    auto answer = [&](std::string_view text) -> std::string {
      std::string body = dialect.body;
      body.replace(body.find('@'), 1, text);
      auto response = dialect.read(parse_json(body).value());
      return response ? response->text + "|" + response->reasoning : to_string(response.error());
    };
    EXPECT_EQ(answer("<think>Perhaps: Emotion: 10</think> I would rather not."), "I would rather not.|Perhaps: Emotion: 10") << dialect.name;
    EXPECT_EQ(answer("Perhaps</think>No."), "No.|Perhaps") << dialect.name;
    EXPECT_EQ(answer("<think>and so on"), "|and so on") << dialect.name;
    EXPECT_EQ(answer("a <think> quoted"), "a <think> quoted|") << dialect.name;
  }
}

}  // namespace
}  // namespace assay
