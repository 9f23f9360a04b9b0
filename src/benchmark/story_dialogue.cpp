#include "benchmark/story_dialogue.h"

#include "benchmark/unit_errors.h"

namespace assay::story {
namespace {

Generate one_message(std::string text, double temperature, const Protocol& protocol) {
  Generate out;
  Message message;
  message.role = "user";
  message.content = std::move(text);
  out.messages.push_back(std::move(message));
  out.sampling.temperature = temperature;
  out.sampling.max_tokens = protocol.max_tokens;
  return out;
}

}  // namespace

Request writer_request(const Dialogue& dialogue, double temperature) {
  Generate out = one_message(dialogue.writing_prompt, temperature, *dialogue.protocol);
  out.sampling.min_p = dialogue.protocol->min_p;
  return out;
}

Request judge_request(const Dialogue& dialogue, std::string_view story, double temperature) {
  return one_message(dialogue.judge->fill(dialogue.writing_prompt, dialogue.prompt->reference, story, dialogue.criteria), temperature,
                     *dialogue.protocol);
}

KnownRequest first_request(const Dialogue& dialogue, std::vector<std::string>& pending) {
  KnownRequest out;
  out.sample = dialogue.sample;
  if (dialogue.given) {
    out.role = dialogue.judge_role;
    out.request = judge_request(dialogue, *dialogue.given, dialogue.protocol->judge_temperature);
    pending.push_back("judge of sample " + dialogue.sample + " again, only if its words hold no score");
  } else {
    out.role = dialogue.writer_role;
    out.request = writer_request(dialogue, dialogue.protocol->writer_temperature);
    pending.push_back("judge of sample " + dialogue.sample);
    pending.push_back("story and judge of sample " + dialogue.sample + " again, only if the story is short or the judge's words hold no score");
  }
  return out;
}

Async<SampleResult> talk(Dialogue dialogue, UnitContext& context) {
  Rounds rounds(*dialogue.protocol, dialogue.given);
  std::vector<AskRecord> asks;
  while (!rounds.done()) {
    const bool writer = rounds.next() == Side::writer;
    Request request;
    if (writer)
      request = writer_request(dialogue, rounds.temperature());
    else
      request = judge_request(dialogue, rounds.story(), rounds.temperature());
    const std::string& role = writer ? dialogue.writer_role : dialogue.judge_role;
    Result<Response> response = co_await context.ask(role, dialogue.sample, std::move(request));
    if (!response && ends_unit(response.error().kind)) co_return std::unexpected(response.error());
    AskRecord record;
    if (response) {
      record.finish = response->finish;
      record.reasoning = std::move(response->reasoning);
      // The original's engines take an empty text for none, and one of blanks for an answer.
      rounds.give(response->text.empty() ? std::nullopt : std::optional<std::string_view>(response->text));
    } else {
      record.finish = Finish::error;
      record.error = to_string(response.error());
      rounds.give(std::nullopt);
    }
    asks.push_back(std::move(record));
  }
  SampleResult result = sample_result(dialogue.sample, dialogue.criteria, *dialogue.protocol, rounds, asks);
  if (dialogue.given && !dialogue.writer_role.empty()) result.evidence["story"] = *dialogue.given;  // it is in no other place
  co_return result;
}

}  // namespace assay::story
