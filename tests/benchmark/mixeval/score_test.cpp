// Scores and the judge's rounds against the original's (golden/mixeval).
#include "benchmark/mixeval/score.h"

#include <gtest/gtest.h>

#include <map>

#include "benchmark/mixeval/judge_order.h"
#include "benchmark/mixeval/verdict.h"
#include "support/shared_data.h"

namespace assay::mixeval {
namespace {

using test::load_json;
using test::shared;

std::vector<Judged> judged_of(const json::value& rows, bool rule, bool choice) {
  std::vector<Judged> out;
  for (const json::value& row : rows.as_array()) {
    const json::array& cells = row.as_array();
    Judged one;
    one.benchmark = std::string(cells[0].as_string());
    if (rule)
      one.value = cells[1].as_bool() ? 1 : 0;
    else if (choice)
      one.value = std::string(1, option_letter(static_cast<std::size_t>(cells[2].as_int64()))) == std::string(cells[3].as_string()) ? 1 : 0;
    else
      one.value = *as_number(cells[1]);
    out.push_back(std::move(one));
  }
  return out;
}

std::map<std::string, double> as_map(const json::value& object) {
  std::map<std::string, double> out;
  for (const auto& member : object.as_object())
    if (member.key() != "number_samples") out[std::string(member.key())] = *as_number(member.value());
  return out;
}

TEST(MixevalScore, EveryVectorOfTheOriginal) {
  ASSAY_NEED_SHARED("golden/mixeval/aggregate.json");
  std::size_t combined = 0;
  const json::value golden = load_json(shared("golden/mixeval/aggregate.json"));
  for (const json::value& item : golden.at("cases").as_array()) {
    const bool ff_rule = *get_string(item, "free_form_parser") == "rule", mc_rule = *get_string(item, "multi_choice_parser") == "rule";
    for (const json::value& model : item.at("models").as_array()) {
      std::optional<SideScores> sides[2];
      for (bool choice : {false, true}) {
        const json::value& rows = model.at(choice ? "mc" : "ff");
        if (rows.is_null()) continue;
        SideScores side = score_side(judged_of(rows, choice ? mc_rule : ff_rule, choice));
        const json::value& wanted = model.at(choice ? "mc_scores" : "ff_scores");
        if (!wanted.is_null()) {
          std::map<std::string, double> made, counts;
          for (const SideScores::Key& key : side.keys) made[key.name] = key.score, counts[key.name] = static_cast<double>(key.n);
          EXPECT_EQ(made, as_map(wanted));
          if (const json::value* numbers = find(wanted, "number_samples")) {
            EXPECT_EQ(counts, as_map(*numbers));
          }
        }
        sides[choice ? 1 : 0] = std::move(side);
      }
      for (auto [key, rule] : {std::pair{"score", ScoreRule::current}, {"legacy", ScoreRule::legacy}, {"legacy_first", ScoreRule::legacy_first}}) {
        const json::value& wanted = model.at(key);
        if (wanted.is_null()) continue;
        ASSERT_TRUE(sides[0] && sides[1]);
        const Scores made = combine(*sides[0], *sides[1], rule);
        EXPECT_EQ((std::map<std::string, double>(made.begin(), made.end())), as_map(wanted)) << key;
        // The order of `score` is arbitrary in the original; that of the older rules is not.
        if (rule != ScoreRule::current) {
          std::size_t i = 0;
          for (const auto& member : wanted.as_object()) EXPECT_EQ(made[i++].first, member.key());
        }
        ++combined;
      }
    }
  }
  EXPECT_GT(combined, 30u);
}

/// One call of the original to its judge: rate limits are waited for, the tenth refusal ends it, other errors are tried again.
struct Call {
  std::optional<std::string> text;
  bool blocked = false;
};
Call call(const std::vector<json::value>& script, std::size_t& at) {
  Call out;
  int refusals = 0;
  for (int i = 0; i < 99; ++i) {
    const json::value& next = script[std::min(at, script.size() - 1)];
    ++at;
    if (next.is_null()) return out;
    const std::string text(next.as_string());
    if (text == "ERR:rate" || text == "ERR:other") continue;
    if (text != "ERR:bad") {
      out.text = text;
      return out;
    }
    if (++refusals == 10) {
      out.blocked = true;
      return out;
    }
  }
  return out;
}

TEST(MixevalJudgeOrder, EveryVectorOfTheOriginal) {
  ASSAY_NEED_SHARED("golden/mixeval/judge_retry.json");
  std::size_t compared = 0;
  const json::value golden = load_json(shared("golden/mixeval/judge_retry.json"));
  for (const json::value& item : golden.at("scenarios").as_array()) {
    if (find(item, "error")) continue;  // the original ends there; we ask again
    const Split split = *get_string(item, "split") == "free-form" ? Split::free_form : Split::multiple_choice;
    std::vector<JudgeOutcome> outcomes;
    std::vector<std::size_t> options;
    std::vector<std::string> ids;
    bool waited = false;
    for (const json::value& task : item.at("tasks").as_array()) {
      ids.push_back(*get_string(task, "id"));
      const json::array& lines = item.at("script").at(ids.back()).as_array();
      const std::vector<json::value> script(lines.begin(), lines.end());
      for (const json::value& line : script) waited = waited || line == "ERR:rate";
      JudgeOutcome one;
      std::size_t at = 0;
      while (one.rounds < kJudgeRounds && !one.accepted && !one.blocked) {
        Call reply = call(script, at);
        one.blocked = reply.blocked;
        take_reply(split, std::move(reply.text), one);
      }
      EXPECT_EQ(static_cast<std::int64_t>(at), *get_integer(item.at("calls_per_task"), ids.back()));
      outcomes.push_back(std::move(one));
      const json::value* letters = find(task, "options");
      options.push_back(letters ? letters->as_array().size() : 0);
    }
    PythonRandom random(*get_integer(item, "seed"));
    const std::vector<Verdict> made = settle(split, outcomes, options, random);
    const json::array& wanted = item.at("output").as_array();
    ASSERT_EQ(made.size(), wanted.size());
    for (std::size_t i = 0; i < made.size(); ++i) {
      EXPECT_EQ(ids[made[i].entry], *get_string(wanted[i], "id"));
      EXPECT_EQ(made[i].words, get_string(wanted[i], "judge_response"));
      if (split == Split::free_form)
        EXPECT_EQ(made[i].score, *get_number(wanted[i], "judge_score"));
      else
        EXPECT_EQ(std::string(1, made[i].option), *get_string(wanted[i], "judge_option"));
    }
    // A wait draws a number of its own, which we do not repeat.
    if (!waited) {
      EXPECT_EQ(random.random(), *get_number(item, "next_random"));
    }
    ++compared;
  }
  EXPECT_GE(compared, 34u);
}

TEST(MixevalScore, NothingJudgedIsNotADivisionByZero) {
  const SideScores none = score_side({});
  EXPECT_EQ(none.overall().score, 0);
  EXPECT_TRUE(combine(none, none).empty()) << "no score is not a score of 0";
  EXPECT_EQ(exact_overall(none, none, ScoreRule::current), std::nullopt);

  const std::vector<Judged> judged{{"DROP", 1}, {"DROP", 0.5}};
  const SideScores one = score_side(judged);
  EXPECT_EQ(combine(one, none), (Scores{{"overall", 0.75}, {"DROP", 0.75}}));
  // The older rules take the mean of both splits: the original leaves a model out that lacks one.
  EXPECT_TRUE(combine(one, none, ScoreRule::legacy).empty());
  EXPECT_EQ(exact_overall(none, one, ScoreRule::legacy), std::nullopt);
  const std::vector<Judged> wrong(98, {"MMLU", 0.0});
  EXPECT_DOUBLE_EQ(*exact_overall(one, score_side(wrong), ScoreRule::legacy), 0.375);
  EXPECT_DOUBLE_EQ(*exact_overall(one, score_side(wrong), ScoreRule::current), 0.015);
}

}  // namespace
}  // namespace assay::mixeval
