// Texts from models whose answers are known beforehand.
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>

#include "model/llama/engine_fixture.h"
#include "model/model_spec.h"
#include "support/gguf_fixtures.h"

namespace assay::test {
namespace {

class Generation : public EngineTest {};

TEST_F(Generation, AScriptedModelGivesItsTextThroughTheChatTemplateAndStopsByItself) {
  auto model = open(BigramModel("First pass scores: Rex: 5 Ana: 7").bytes());
  ASSERT_TRUE(model);
  auto answer = ask(*model, user("How does Rex feel?"));
  ASSERT_TRUE(answer) << to_string(answer.error());
  EXPECT_EQ(answer->text, "First pass scores: Rex: 5 Ana: 7");
  EXPECT_EQ(answer->finish, Finish::stop);
  EXPECT_EQ(answer->usage.output_tokens, 1);
  EXPECT_GT(*answer->usage.input_tokens, 18);
}

TEST_F(Generation, GreedyTextFollowsTheTableOfABigramModel) {
  BigramModel bigram;
  auto model = open(bigram.bytes());
  ASSERT_TRUE(model);
  auto answer = ask(*model, raw("abc", 20));
  ASSERT_TRUE(answer) << to_string(answer.error());
  std::string expected;
  int current = 'c';
  std::int64_t written = 0;
  bool stopped = false;
  while (written < 20) {
    current = bigram.likeliest(current);
    if (current == 256 || current == 258) {  // <|endoftext|> and <|im_end|> end a text
      stopped = true;
      break;
    }
    ++written;
  }
  EXPECT_EQ(answer->finish, stopped ? Finish::stop : Finish::length);
  EXPECT_EQ(answer->usage.output_tokens, written);
  EXPECT_EQ(answer->usage.input_tokens, 3);
}

TEST_F(Generation, LogprobsAreTheTables) {
  BigramModel bigram;
  auto model = open(bigram.bytes());
  ASSERT_TRUE(model);
  Generate request = raw("x", 1);
  request.sampling.top_logprobs = 3;
  auto answer = ask(*model, request);
  ASSERT_TRUE(answer) << to_string(answer.error());
  ASSERT_EQ(answer->logprobs.size(), 1u);
  EXPECT_NEAR(answer->logprobs[0].logprob, bigram.logprob('x', bigram.likeliest('x')), 1e-3);
  ASSERT_EQ(answer->logprobs[0].top.size(), 3u);
  EXPECT_EQ(answer->logprobs[0].top[0].first, answer->logprobs[0].token);
  EXPECT_GT(answer->logprobs[0].top[0].second, answer->logprobs[0].top[1].second);
}

TEST_F(Generation, StopStringsCutTheText) {
  auto model = open(BigramModel("one two three").bytes());
  ASSERT_TRUE(model);
  Generate request = user("count");
  request.sampling.stop = {"absent", " three", "o t"};
  auto answer = ask(*model, request);
  ASSERT_TRUE(answer) << to_string(answer.error());
  EXPECT_EQ(answer->text, "one tw");
  EXPECT_EQ(answer->finish, Finish::stop);
}

TEST_F(Generation, ThinkingIsKeptApart) {
  auto model = open(BigramModel("<think>Perhaps: Emotion: 10</think> I would rather not.").bytes());
  ASSERT_TRUE(model);
  auto answer = ask(*model, user("rate"));
  ASSERT_TRUE(answer) << to_string(answer.error());
  EXPECT_EQ(answer->text + "|" + answer->reasoning, "I would rather not.|Perhaps: Emotion: 10");
  EXPECT_EQ(identity(*model)->facts.at("thinking"), "apart") << "answers from before hold the thoughts";
  EXPECT_FALSE(identity(*open(tiny_spm_model()))->facts.contains("thinking")) << "without a template nothing thinks, and scores stay";
}

TEST_F(Generation, AThoughtThatTheTemplateOpensAndNothingClosesIsNoAnswer) {
  LlamaSettings opens;
  opens.chat_template = "{{ messages[0].content }}<|im_start|>assistant\n<think>\n\n";  // one line end is the template's own
  auto cut = open(BigramModel("Perhaps: Emotion: 10").bytes(), opens);
  ASSERT_TRUE(cut);
  auto answer = ask(*cut, user("rate"));
  ASSERT_TRUE(answer) << to_string(answer.error());
  EXPECT_EQ(answer->text + "|" + answer->reasoning, "|Perhaps: Emotion: 10");
  auto whole = open(BigramModel("Perhaps</think>No.").bytes(), opens);
  answer = ask(*whole, user("rate"));
  ASSERT_TRUE(answer) << to_string(answer.error());
  EXPECT_EQ(answer->text + "|" + answer->reasoning, "No.|Perhaps");
}

TEST_F(Generation, MaxTokensEndsWithLength) {
  auto model = open(tiny_bpe_model());
  ASSERT_TRUE(model);
  auto answer = ask(*model, raw("the answer", 7));
  ASSERT_TRUE(answer) << to_string(answer.error());
  EXPECT_EQ(answer->finish, Finish::length);
  EXPECT_EQ(answer->usage.output_tokens, 7);
  auto none = ask(*model, raw("the answer", 0));
  ASSERT_TRUE(none);
  EXPECT_EQ(none->text, "");
  EXPECT_EQ(none->finish, Finish::length);
}

TEST_F(Generation, TheContextEndsATextAndRefusesALongerPromptNamingBothNumbers) {
  LlamaSettings s;
  s.n_ctx = 64;
  auto model = open(tiny_bpe_model(), s);
  ASSERT_TRUE(model);
  Generate endless = raw("abcdefgh", 0);
  endless.sampling.max_tokens.reset();
  auto answer = ask(*model, endless);
  ASSERT_TRUE(answer) << to_string(answer.error());
  if (answer->finish == Finish::length) {
    EXPECT_EQ(*answer->usage.output_tokens, 64 - 8 + 1);
  }
  auto full = ask(*model, raw(std::string(64, 'x'), 5));
  ASSERT_TRUE(full) << to_string(full.error());
  EXPECT_EQ(full->usage.output_tokens, 1);
  EXPECT_EQ(full->finish, Finish::length);
  auto refused = ask(*model, raw(std::string(65, 'x'), 5));
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::bad_request);
  EXPECT_NE(refused.error().message.find("65"), std::string::npos);
  EXPECT_NE(refused.error().message.find("64"), std::string::npos);
  EXPECT_TRUE(ask(*model, raw("ok", 2)));
}

TEST_F(Generation, ManyQuestionsAtOnceAllGetTheirAnswer) {
  auto model = open(BigramModel("the answer").bytes());
  ASSERT_TRUE(model);
  std::vector<Query> queries;
  for (int i = 0; i < 40; ++i) {
    Query q;
    q.request = user(std::string(static_cast<std::size_t>(i * 5 + 1), 'q'));
    queries.push_back(std::move(q));
  }
  for (const auto& answer : ask_all(*model, std::move(queries))) {
    ASSERT_TRUE(answer) << to_string(answer.error());
    EXPECT_EQ(answer->text, "the answer");
  }
}

TEST_F(Generation, ACancelledQuestionComesBackAtOnceAndTheEngineGoesOn) {
  LlamaSettings s;
  s.n_ctx = 40000;  // by itself the text would take long
  auto model = open(tiny_bpe_model(), s);
  ASSERT_TRUE(model);
  ASSERT_TRUE(ask(*model, raw("warm", 1)));
  asio::io_context loop;
  asio::cancellation_signal signal;
  std::optional<Result<Response>> answer;
  Query endless;
  endless.request = raw(std::string(30000, 'z'), 10000);
  asio::co_spawn(loop, keep(model->answer(std::move(endless)), answer),
                 asio::bind_cancellation_slot(signal.slot(), asio::detached));
  // Some turns of the loop let the question reach the engine; then it is called off, in the middle of reading the prompt or
  // before.
  asio::post(loop, [&] { asio::post(loop, [&] { signal.emit(asio::cancellation_type::terminal); }); });
  loop.run();
  ASSERT_TRUE(answer);
  ASSERT_FALSE(*answer);
  EXPECT_EQ(answer->error().kind, ErrorKind::cancelled);
  EXPECT_TRUE(ask(*model, raw("again", 2)));
}

TEST_F(Generation, ADeadlineEndsAnAnswerWhereverItIs) {
  // Goes on by a millisecond whenever somebody looks.
  class Ticking final : public Clock {
   public:
    Instant now() const override { return Instant(std::chrono::milliseconds(++looks_)); }
    std::int64_t unix_micros() const override { return 0; }

   private:
    mutable std::atomic<int> looks_{0};
  } clock;
  LlamaSettings s = settings(write("model.gguf", tiny_bpe_model()));
  s.n_ctx = 40000;
  s.parallel = 1;  // so that the second one waits in the queue
  auto made = make_llama_model(s, clock);
  ASSERT_TRUE(made);
  Model& model = **made;
  LoglikelihoodGroup group;
  group.shared_prefix = std::string(20000, 'y');
  group.items = {{"", "z"}};
  for (Request request : {Request(raw(std::string(30000, 'z'), 10000)), Request(raw("z", 39000)), Request(group)}) {
    std::vector<Query> queries(2);
    for (Query& query : queries) {
      query.request = request;
      query.draw.ask = static_cast<int>(&query - queries.data());
      query.deadline = clock.now() + std::chrono::milliseconds(100);
    }
    for (const auto& answer : ask_all(model, std::move(queries))) {
      ASSERT_FALSE(answer);
      EXPECT_EQ(answer.error().kind, ErrorKind::timeout) << to_string(answer.error());
    }
  }
  EXPECT_TRUE(ask(model, raw("again", 2)));
}

TEST_F(Generation, DestroyingTheModelAnswersWhatWaits) {
  LlamaSettings s;
  s.n_ctx = 40000;
  auto model = open(tiny_bpe_model(), s);
  ASSERT_TRUE(model);
  asio::io_context loop;
  std::vector<std::optional<Result<Response>>> answers(6);
  for (auto& answer : answers) {
    Query q;
    q.request = raw(std::string(30000, 'y'), 10000);
    asio::co_spawn(loop, keep(model->answer(std::move(q)), answer), asio::detached);
  }
  for (int i = 0; i < 20; ++i) loop.poll();
  model.reset();
  loop.run();
  int cancelled = 0;
  for (auto& answer : answers) cancelled += answer && !*answer && answer->error().kind == ErrorKind::cancelled;
  EXPECT_EQ(cancelled, 6);
}

// At every stage of a question: before its identity is known, in the queue, being computed, answered but not yet taken.
TEST_F(Generation, AModelMayGoAtAnyTurnOfTheLoop) {
  const std::string bytes = BigramModel("the answer").bytes();
  for (int turns = 0; turns < 30; turns += turns < 6 ? 1 : 8) {
    auto model = open(bytes);
    ASSERT_TRUE(model);
    asio::io_context loop;
    std::vector<std::optional<Result<Response>>> answers(5);
    for (auto& answer : answers) {
      Query q;
      q.request = user("hello");
      asio::co_spawn(loop, keep(model->answer(std::move(q)), answer), asio::detached);
    }
    for (int i = 0; i < turns; ++i) loop.run_one_for(std::chrono::milliseconds(20));
    model.reset();
    loop.run();
    for (auto& answer : answers) {
      ASSERT_TRUE(answer);
      EXPECT_TRUE(*answer ? (*answer)->text == "the answer" : answer->error().kind == ErrorKind::cancelled);
    }
  }
}

TEST_F(Generation, ALoopMayGoBeforeItsAnswersCome) {
  auto model = open(tiny_bpe_model());
  ASSERT_TRUE(model);
  std::optional<Result<Response>> answer;
  {
    asio::io_context loop;
    Query q;
    q.request = raw("some words", 400);
    asio::co_spawn(loop, keep(model->answer(std::move(q)), answer), asio::detached);
    for (int i = 0; i < 4; ++i) loop.run_one_for(std::chrono::milliseconds(20));
  }
  EXPECT_FALSE(answer);
  EXPECT_TRUE(ask(*model, raw("again", 2)));
}

TEST_F(Generation, WhatTheEngineCannotDoIsRefused) {
  auto model = open(tiny_spm_model());  // has no chat template
  ASSERT_TRUE(model);
  EXPECT_FALSE(model->capabilities().chat);
  auto chat = ask(*model, user("hello"));
  ASSERT_FALSE(chat);
  EXPECT_EQ(chat.error().kind, ErrorKind::bad_request);
  EXPECT_NE(chat.error().hint.find("template=chatml"), std::string::npos);
  Generate tools = raw("x", 3);
  tools.tools = json::array{};
  auto refused = ask(*model, tools);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().kind, ErrorKind::unsupported);
}

TEST_F(Generation, RenderShowsTextTokensPiecesAndWarnsOfADoubledBos) {
  auto model = open(tiny_spm_model());
  ASSERT_TRUE(model);
  auto rendering = model->render(raw("the answer", 1));
  ASSERT_TRUE(rendering) << to_string(rendering.error());
  EXPECT_EQ(rendering->text, "the answer");
  ASSERT_GE(rendering->tokens.size(), 3u);
  EXPECT_EQ(rendering->tokens[0], 1);
  EXPECT_EQ(rendering->pieces[0], "<s>");
  EXPECT_EQ(rendering->pieces[1], " the");
  EXPECT_TRUE(rendering->warnings.empty());
  auto doubled = model->render(raw("<s>the answer", 1));
  ASSERT_TRUE(doubled);
  EXPECT_EQ(doubled->tokens[1], 1);
  ASSERT_EQ(doubled->warnings.size(), 1u);

  // A template that writes BOS gets one, and two where that is asked for.
  LlamaSettings own;
  own.chat_template = "{{ bos_token }}{{ messages[0].content }}";
  auto one = open(tiny_spm_model(), own)->render(user("the answer"));
  ASSERT_TRUE(one) << to_string(one.error());
  EXPECT_EQ(one->tokens[0], 1);
  EXPECT_NE(one->tokens[1], 1);
  own.double_bos = true;
  auto twice = open(tiny_spm_model(), own);
  auto two = twice->render(user("the answer"));
  ASSERT_TRUE(two) << to_string(two.error());
  ASSERT_GE(two->tokens.size(), 2u);
  EXPECT_EQ(two->tokens[0], 1);
  EXPECT_EQ(two->tokens[1], 1);
  EXPECT_EQ(two->warnings.size(), 1u);
  EXPECT_TRUE(identity(*twice)->facts.contains("double_bos"));

  // A limit cuts at the end, and is told and counted; the answer is the one to the beginning alone.
  own.double_bos = false;
  own.max_input = static_cast<int>(one->tokens.size()) - 1;
  auto limited = open(tiny_spm_model(), own);
  auto cut = limited->render(user("the answer"));
  ASSERT_TRUE(cut) << to_string(cut.error());
  EXPECT_EQ(cut->tokens, std::vector(one->tokens.begin(), one->tokens.end() - 1));
  ASSERT_EQ(cut->warnings.size(), 1u);
  EXPECT_NE(cut->warnings[0].find("last 1 tokens are cut off (max_input="), std::string::npos) << cut->warnings[0];
  EXPECT_EQ(identity(*limited)->facts.at("max_input"), own.max_input);
  auto answered = ask(*limited, user("the answer", 4));
  ASSERT_TRUE(answered) << to_string(answered.error());
  EXPECT_EQ(answered->usage.input_tokens, own.max_input);
  EXPECT_EQ(limited->facts().at("prompts_cut"), 1);
  EXPECT_FALSE(identity(*model)->facts.contains("double_bos"));

  auto chat = open(tiny_bpe_model());
  ASSERT_TRUE(chat);
  auto messages = chat->render(user("hi<|im_end|>"));
  ASSERT_TRUE(messages) << to_string(messages.error());
  EXPECT_EQ(messages->text, "<|im_start|>user\nhi<|im_end|><|im_end|>\n<|im_start|>assistant\n");
  EXPECT_EQ(messages->renderer, "gguf chat template (jinja)");
  EXPECT_EQ(messages->tokens[0], 257);
  EXPECT_EQ(messages->warnings.size(), 1u);  // the message brought a control token along
}

TEST_F(Generation, WhetherARawPromptGetsBosTheSpecSaysThenTheRequestThenTheFile) {
  using Bos = std::optional<bool>;
  auto first_is_bos = [&](const std::string& bytes, int token, Bos spec, Bos request) {
    LlamaSettings s;
    s.prompt_bos = spec;
    Generate ask = raw("the answer", 1);
    ask.bos = request;
    auto rendering = open(bytes, s)->render(ask);
    EXPECT_TRUE(rendering);
    return rendering && rendering->tokens.at(0) == token;
  };
  const std::string adds = tiny_spm_model(), adds_none = tiny_bpe_model();
  const int end_of_text = 256;  // its BOS
  for (Bos request : {Bos(), Bos(false), Bos(true)}) {
    EXPECT_EQ(first_is_bos(adds, 1, {}, request), request.value_or(true));
    EXPECT_EQ(first_is_bos(adds_none, end_of_text, {}, request), request.value_or(false));
    for (bool spec : {false, true}) EXPECT_EQ(first_is_bos(adds, 1, spec, request), spec);
    for (bool spec : {false, true}) EXPECT_EQ(first_is_bos(adds_none, end_of_text, spec, request), spec);
  }
}

TEST_F(Generation, BosOfTheSpecIsPartOfWhoTheModelIs) {
  LlamaSettings s;
  EXPECT_FALSE(identity(*open(tiny_spm_model(), s))->facts.contains("prompt_bos"));
  s.prompt_bos = false;
  EXPECT_EQ(identity(*open(tiny_spm_model(), s))->facts.at("prompt_bos"), "off");
  auto spec = parse_model_spec("gguf:a.gguf?bos=on");
  ASSERT_TRUE(spec);
  EXPECT_EQ(llama_settings(*spec)->prompt_bos, true);
  EXPECT_EQ(llama_settings(*parse_model_spec("gguf:a.gguf"))->prompt_bos, std::nullopt);
}

TEST_F(Generation, NoEndStandsBeforeAnAnswer) {
  auto model = open(tiny_spm_model(true));  // its file asks for </s> behind every text
  ASSERT_TRUE(model);
  auto rendering = model->render(raw("the answer", 1));
  ASSERT_TRUE(rendering) << to_string(rendering.error());
  EXPECT_EQ(rendering->tokens, open(tiny_spm_model())->render(raw("the answer", 1))->tokens);
  EXPECT_EQ(rendering->pieces.front(), "<s>");
  EXPECT_NE(rendering->pieces.back(), "</s>");
  LlamaSettings chat;
  chat.chat_template = "{{ messages[0].content }}";
  EXPECT_EQ(open(tiny_spm_model(true), chat)->render(user("the answer"))->tokens, rendering->tokens);
  EXPECT_TRUE(identity(*model)->facts.contains("prompt_eos")) << "answers from before came after an end";
  EXPECT_FALSE(identity(*open(tiny_spm_model()))->facts.contains("prompt_eos"));
}

TEST_F(Generation, ARawPromptThatMayBeCutLosesItsBeginning) {
  LlamaSettings s;
  s.n_ctx = 64;
  auto model = open(tiny_bpe_model(), s);
  ASSERT_TRUE(model);
  const std::string end = "012345678901234567890123456789012345678901234567890123456789";  // a token a digit
  Generate ask_for = raw("000000" + end, 4);
  ask_for.cut_left = true;
  auto rendering = model->render(ask_for);
  ASSERT_TRUE(rendering) << to_string(rendering.error());
  EXPECT_EQ(rendering->tokens, model->render(raw(end, 4))->tokens);
  ASSERT_EQ(rendering->warnings.size(), 1u);
  EXPECT_NE(rendering->warnings[0].find("first 6 tokens are cut off"), std::string::npos) << rendering->warnings[0];
  auto answer = ask(*model, ask_for);
  ASSERT_TRUE(answer) << to_string(answer.error());
  EXPECT_TRUE(answer->truncated);
  EXPECT_EQ(answer->usage.input_tokens, 60);
  EXPECT_EQ(answer->text, ask(*model, raw(end, 4))->text);
  EXPECT_EQ(model->facts().at("prompts_cut"), 1);
  ask_for.prompt = end;
  EXPECT_FALSE(ask(*model, ask_for)->truncated) << "it fits";
  ask_for.prompt = "000000" + end;
  ask_for.sampling.max_tokens = 64;
  EXPECT_EQ(ask(*model, ask_for).error().kind, ErrorKind::bad_request) << "there is no room for any prompt";
}

}  // namespace
}  // namespace assay::test
