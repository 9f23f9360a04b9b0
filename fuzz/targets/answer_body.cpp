// Bodies of successful answers in every dialect (model/http): a Response or a reason, and what becomes a Response can be journaled.
#include "base/text.h"
#include "fuzz.h"
#include "model/http/anthropic_dialect.h"
#include "model/http/bedrock_dialect.h"
#include "model/http/cohere_dialect.h"
#include "model/http/echo_logprobs.h"
#include "model/http/gemini_dialect.h"
#include "model/http/hugging_face_dialect.h"
#include "model/http/llama_server_dialect.h"
#include "model/http/openai_dialect.h"
#include "model/http/reka_dialect.h"
#include "model/http/replicate_dialect.h"
#include "model/reasoning.h"

namespace assay::fuzz {
namespace {

void check(const Result<Response>& response) {
  if (!response) {
    REQUIRE(!response.error().message.empty() && response.error().kind != ErrorKind::internal);
    return;
  }
  REQUIRE(is_valid_utf8(response->text) && is_valid_utf8(response->reasoning));
  std::string stored = write_json(to_json(*response));
  auto value = parse_json(stored);
  REQUIRE(value.has_value());
  auto again = response_from_json(*value);
  REQUIRE(again.has_value() && again->text == response->text && again->finish == response->finish);
}

}  // namespace

void fuzz_one(std::string_view input) {
  auto body = read_json_body(std::string(input), "application/json", "input");
  if (!body) {
    REQUIRE(body.error().kind == ErrorKind::bad_response);
    REQUIRE(is_valid_utf8(to_string(body.error())) && to_string(body.error()).size() < 4096);
    return;
  }
  REQUIRE(is_valid_utf8(body->text));
  check(openai_chat_response(body->value));
  check(openai_completion_response(body->value));
  check(anthropic_response(body->value));
  check(gemini_response(body->value));
  check(llama_server_response(body->value));
  check(bedrock_response(body->value));
  check(cohere_response(body->value));
  check(hugging_face_response(body->value));
  check(reka_response(body->value));
  auto prediction = replicate_prediction(body->value);
  if (!prediction) check(std::unexpected(prediction.error()));
  if (prediction && prediction->response) check(*prediction->response);
  json::object server;
  add_server_props(body->value, server);
  LoglikelihoodGroup group;
  group.shared_prefix = "Two and";
  group.items = {{" two are", " four"}, {" three are", " five"}};
  auto scores = openai_echo_response(body->value, group);
  if (scores) REQUIRE(scores->size() == group.items.size());
  (void)judge_echo(body->value);
  (void)judge_echo(body->value, true);
  REQUIRE(tokens_before(body->text, group) >= 0);
  openai_usage(body->value);
  std::string text = valid_utf8(input);
  ReasoningSplit split = split_reasoning(text);
  REQUIRE(split.answer.size() + split.reasoning.size() <= text.size());
}

}  // namespace assay::fuzz
