// Prompts to writer and judge, and the dialogue about a story, against the original's.
#include "benchmark/story_prompts.h"

#include <gtest/gtest.h>

#include "base/hash.h"
#include "base/text.h"
#include "benchmark/story_rounds.h"
#include "support/shared_data.h"

namespace assay::story {
namespace {

struct Official {
  std::vector<StoryPrompt> prompts;
  JudgeTemplate judge;
  const StoryPrompt& prompt(std::string_view id) const {
    for (const StoryPrompt& one : prompts)
      if (one.id == id) return one;
    ADD_FAILURE() << "no prompt " << id;
    return prompts.front();
  }
};

Official official(bool first_set) {
  Official out;
  auto prompts = read_file(test::shared(first_set ? "upstream/eq-bench/data/creative_writing_prompts.json" : "upstream/eq-bench/data/creative_writing_prompts_v2.2.json"));
  auto judge = read_file(test::shared(first_set ? "upstream/eq-bench/judge-prompts/judge_prompt_v1_as_of_2_4.txt" : "upstream/eq-bench/judge-prompts/judge_prompt_v2.txt"));
  auto read = read_prompt_set(prompts.value(), "prompts");
  EXPECT_TRUE(read) << to_string(read.error());
  out.prompts = std::move(*read);
  out.judge = JudgeTemplate::parse(judge.value(), "judge").value();
  return out;
}

TEST(Golden, WritingAndJudgePrompts) {
  ASSAY_NEED_SHARED("golden/eq-bench/cw_prompts.json");
  const Official v1 = official(true), v2 = official(false);
  EXPECT_EQ(v1.prompts.size(), 19u);
  EXPECT_EQ(v2.prompts.size(), 24u);
  const json::value file = test::load_json(test::shared("golden/eq-bench/cw_prompts.json"));
  const json::array& cases = find(file, "cases")->as_array();
  EXPECT_EQ(cases.size(), 215u);
  for (const json::value& one : cases) {
    const bool first_set = get_string(one, "prompt_set") == "v1";
    const Official& set = first_set ? v1 : v2;
    const StoryPrompt& prompt = set.prompt(get_string(one, "prompt_id").value());
    const std::string what = get_string(one, "prompt_set").value() + " " + prompt.id + " " + std::to_string(get_integer(one, "iteration").value());
    const std::string writing = writing_prompt(prompt, static_cast<int>(get_integer(one, "iteration").value()));
    EXPECT_EQ(sha256_hex(writing), get_string(one, "writing_prompt_sha256")) << what;
    ASSERT_EQ(get_string(one, "test_model_response"), "T x 400");
    const std::string judge = set.judge.fill(writing, prompt.reference, std::string(400, 'T'), asked_criteria(prompt, first_set));
    EXPECT_EQ(sha256_hex(judge), get_string(one, "judge_prompt_sha256")) << what;
    EXPECT_EQ(judge, get_string(one, "judge_prompt").value_or(judge)) << what;
    EXPECT_EQ(writing, get_string(one, "writing_prompt").value_or(writing)) << what;
    const Protocol protocol = make_protocol("2.4", "openai").value();
    EXPECT_EQ(protocol.writer_temperature, get_number(one, "writing_temperature"));
    EXPECT_EQ(protocol.judge_temperature, get_number(one, "judge_temperature"));
    EXPECT_EQ(protocol.max_tokens, get_integer(one, "writing_max_tokens"));
    EXPECT_EQ(protocol.max_tokens, get_integer(one, "judge_max_tokens"));
  }
  for (const StoryPrompt& prompt : v1.prompts) EXPECT_EQ(asked_criteria(prompt, true).size(), prompt.id == "2" ? 31u : 36u);
  for (const StoryPrompt& prompt : v2.prompts) EXPECT_EQ(asked_criteria(prompt, false).size(), 28u);
}

TEST(Golden, Dialogues) {
  ASSAY_NEED_SHARED("golden/eq-bench/cw_process.json");
  const Official set = official(false);
  const json::value file = test::load_json(test::shared("golden/eq-bench/cw_process.json"));
  const json::array& cases = find(file, "cases")->as_array();
  EXPECT_EQ(cases.size(), 14u);
  for (const json::value& one : cases) {
    const std::string what = get_string(one, "name").value();
    const StoryPrompt& prompt = set.prompt(get_string(one, "prompt_id").value());
    const std::string writing = writing_prompt(prompt, 1);
    const Protocol protocol = make_protocol("2.4", get_string(one, "engine").value()).value();
    std::optional<std::string> given = get_string(one, "prefilled_test_model_response");
    if (given && count_code_points(*given) <= Rounds::kHeldShortest) given.reset();
    Rounds rounds(protocol, given);
    const json::array& replies = find(one, "replies")->as_array();
    const json::array& calls = find_path(one, {"expect", "calls"})->as_array();
    std::size_t at = 0;
    for (; !rounds.done(); ++at) {
      ASSERT_LT(at, calls.size()) << what;
      const bool writer = rounds.next() == Side::writer;
      EXPECT_EQ(writer ? "test" : "judge", get_string(calls[at], "to")) << what << " " << at;
      EXPECT_EQ(rounds.temperature(), get_number(calls[at], "temperature")) << what << " " << at;
      const std::string sent = writer ? writing : set.judge.fill(writing, prompt.reference, rounds.story(), asked_criteria(prompt, false));
      EXPECT_EQ(sha256_hex(sent), get_string(calls[at], "prompt_sha256")) << what << " " << at;
      ASSERT_LT(at, replies.size()) << what;
      std::optional<std::string> reply;
      if (replies[at].is_string()) reply = std::string(replies[at].get_string());
      rounds.give(reply);
    }
    EXPECT_EQ(at, calls.size()) << what;
    const json::value* stored = find_path(one, {"expect", "stored"});
    const json::object& scores = find(*stored, "individual_scores")->as_object();
    ASSERT_EQ(rounds.judged(), !scores.empty()) << what;
    EXPECT_EQ(rounds.no_story(), find_path(one, {"expect", "returned"})->is_null()) << what;
    if (!rounds.judged()) continue;
    Scores expected;
    for (const auto& member : scores.begin()->value().as_object()) expected.emplace_back(std::string(member.key()), as_number(member.value()).value());
    EXPECT_EQ(rounds.judgement()->scores, expected) << what;
    EXPECT_EQ(rounds.story(), get_string(*find(*stored, "test_model_response"), prompt.id)) << what;
    EXPECT_EQ(rounds.judgement()->stored, std::string(find_path(*stored, {"judge_model_response", prompt.id})->as_array().at(0).as_string())) << what;
  }
}

StoryPrompt small() {
  StoryPrompt out;
  out.id = "1";
  out.writing_prompt = "Write. <SEED> Really, <SEED>";
  out.seeds = {"one", "two", "three"};
  out.criteria = {"Coherent", "Melodramatic", "Trite"};
  out.reference = "Once.";
  return out;
}

TEST(StoryPrompts, SeedsTakeTurnsAndReplaceEveryMark) {
  EXPECT_TRUE(writing_prompt(small(), 1).ends_with("Write. one Really, one"));
  EXPECT_TRUE(writing_prompt(small(), 3).ends_with("Write. three Really, three"));
  EXPECT_EQ(writing_prompt(small(), 4), writing_prompt(small(), 1));
}

TEST(StoryPrompts, CriteriaAreReversedAndSomeLeftOutOfTheFirstSet) {
  EXPECT_EQ(asked_criteria(small(), false), (std::vector<std::string>{"Trite", "Melodramatic", "Coherent"}));
  EXPECT_EQ(asked_criteria(small(), true), (std::vector<std::string>{"Trite", "Coherent"}));
}

TEST(StoryPrompts, WhatIsPutInIsNotLookedAtAgain) {
  auto judge = JudgeTemplate::parse("<{writing_prompt}|{test_model_response}|{criteria}{other}>", "t");
  ASSERT_TRUE(judge);
  EXPECT_EQ(judge->fill("{criteria}", "r", "{test_model_response} {writing_prompt}", {"a", "b"}), "<{criteria}|{test_model_response} {writing_prompt}|a\nb{other}>");
  EXPECT_FALSE(JudgeTemplate::parse("{writing_prompt} {criteria}", "t"));
}

TEST(StoryPrompts, BrokenSetsAreNamed) {
  const std::string good = R"({"7": {"writing_prompt": "w", "seed_modifiers": ["s"], "reference_output": "r", "judging_criteria": [{"prefix_text": "p", "criteria": ["c", "d"]}]}})";
  auto read = read_prompt_set(good, "f");
  ASSERT_TRUE(read) << to_string(read.error());
  EXPECT_EQ(read->at(0).criteria.size(), 2u);
  for (const char* key : {"writing_prompt", "seed_modifiers", "reference_output", "judging_criteria"}) {
    auto broken = read_prompt_set(replace_all(good, key, "other"), "f");
    ASSERT_FALSE(broken);
    EXPECT_TRUE(contains(broken.error().message, key)) << broken.error().message;
    EXPECT_TRUE(contains(broken.error().message, "\"7\""));
  }
  EXPECT_FALSE(read_prompt_set("{}", "f"));
  EXPECT_FALSE(read_prompt_set("[]", "f"));
}

TEST(Rounds, TheOldReleaseIsColder) {
  const Protocol old = make_protocol("2.3", "ooba").value();
  EXPECT_EQ(old.writer_temperature, 0.5);
  EXPECT_EQ(old.judge_temperature, 0.0);
  EXPECT_FALSE(old.min_p);
  EXPECT_FALSE(old.remove_marks);
  EXPECT_EQ(make_protocol("2.4", "ooba")->min_p, 0.1);
  EXPECT_FALSE(make_protocol("2.2", "ooba"));
  EXPECT_FALSE(make_protocol("2.4", "oba"));
}

TEST(Rounds, LengthIsCountedInCharacters) {
  const Protocol protocol;
  std::string story;
  for (int i = 0; i < 299; ++i) story += "\xC3\xA4";
  Rounds rounds(protocol);
  rounds.give(story);
  EXPECT_EQ(rounds.next(), Side::writer);
  rounds.give(story + "\xC3\xA4");
  EXPECT_EQ(rounds.next(), Side::judge);
}

TEST(Rounds, AJudgeThatIsBlankIsAskedWarmerButASilentOneIsNot) {
  const Protocol protocol;
  Rounds rounds(protocol, std::string(500, 'x'));
  auto round = [&](std::initializer_list<std::optional<std::string_view>> answers) {
    for (const auto& answer : answers) rounds.give(answer);
    return rounds.temperature();
  };
  EXPECT_EQ(round({"", std::nullopt, std::nullopt}), 0.01);
  EXPECT_EQ(round({std::nullopt, std::nullopt, " \n"}), 0.01 + 0.2);
  EXPECT_EQ(round({"nothing"}), 0.01 + 0.2 + 0.2);
  EXPECT_EQ(rounds.all().size(), 7u);
}

TEST(Rounds, AShortGivenStoryIsNotJudged) {
  const Protocol protocol;
  Rounds rounds(protocol, "short");
  EXPECT_TRUE(rounds.done());
  EXPECT_TRUE(rounds.no_story());
}

}  // namespace
}  // namespace assay::story
