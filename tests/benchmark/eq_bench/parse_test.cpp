#include "benchmark/eq_bench/parse.h"

#include <gtest/gtest.h>

#include <ctime>

#include "base/python_regex.h"
#include "base/random.h"
#include "base/text.h"
#include "golden.h"

namespace assay::eq_bench {
namespace {

using test::protocol;
using Pairs = std::vector<std::pair<std::string, std::string>>;

Pairs pairs(const Answers& answers) {
  Pairs out;
  for (const Answer& a : answers) out.emplace_back(a.name, a.digits);
  return out;
}

Pairs golden_pairs(const json::value& list) {
  Pairs out;
  for (const json::value& pair : list.as_array())
    out.emplace_back(pair.as_array()[0].as_string().c_str(), pair.as_array()[1].as_string().c_str());
  return out;
}

TEST(EqBenchParse, EnglishTakesTheIntegerPartAndNeedsABlank) {
  Protocol p = protocol("2", "en", false);
  EXPECT_EQ(pairs(parse_answer("Calm: 3.9\nProud:4\nBored: 2/10\nJealous: <5>\nMean : 1", p).first_pass),
            (Pairs{{"Calm", "3"}, {"Bored", "2"}}));
  EXPECT_EQ(pairs(parse_answer("Emotion name: 5, Calm：6, Calm:\n\u00a07", p).first_pass), (Pairs{{"name", "5"}, {"Calm", "7"}}));
}

TEST(EqBenchParse, RepeatedNameKeepsItsPlaceAndTakesTheLastValue) {
  auto answer = parse_answer("A: 1\nB: 2\nA: 3", protocol("2", "en", false)).first_pass;
  EXPECT_EQ(pairs(answer), (Pairs{{"A", "3"}, {"B", "2"}}));
  EXPECT_EQ(answer[0].span, (Span{10, 14}));
}

TEST(EqBenchParse, SpansPointIntoTheTextAsItWasWritten) {
  std::string text = "## **Calm:** 7\n**Proud**: 12, **Böse:** 3";
  for (const Answer& a : parse_answer(text, protocol("2", "en", false)).first_pass) {
    std::string taken = text.substr(a.span.begin, a.span.end - a.span.begin);
    EXPECT_TRUE(taken.starts_with(a.name)) << taken;
    EXPECT_TRUE(taken.ends_with(a.digits)) << taken;
  }
  auto german = parse_answer("Meine\n Ruhe:5", protocol("2", "de", false)).first_pass;
  ASSERT_EQ(german.size(), 1u);
  EXPECT_EQ(german[0].name, "Meine\n Ruhe");
  auto revised = parse_answer("First pass scores:\nA: 1\n*Revised* scores:\nB: 2", protocol("2", "en", true));
  ASSERT_EQ(revised.first_pass.size(), 1u);
  ASSERT_EQ(revised.revised.size(), 1u);
  EXPECT_EQ(revised.first_pass[0].span, (Span{19, 23}));
  EXPECT_EQ(revised.revised[0].span, (Span{42, 46}));
}

TEST(EqBenchParse, OlderProgramsKeepTheMarks) {
  auto old = make_protocol("2", "", {{"program", "2.3"}});
  ASSERT_TRUE(old);
  EXPECT_TRUE(parse_answer("**Calm:** 7", *old).first_pass.empty());
  EXPECT_EQ(parse_answer("**Calm:** 7", protocol("2", "en", false)).first_pass.size(), 1u);
}

TEST(EqBenchParse, GermanHeadingsInAnyCaseOfPython) {
  Protocol p = protocol("2", "de", true);
  auto answer = parse_answer("ER\u017fTE Runde:\nRuhe: 2\nübeRarbe\u0131tete Runde: Ruhe:3", p);
  EXPECT_EQ(pairs(answer.first_pass), (Pairs{{"Ruhe", "2"}}));
  EXPECT_EQ(pairs(answer.revised), (Pairs{{"Ruhe", "3"}}));
}

/// The definition that the scanners must equal: the expressions themselves.
Pairs by_regex(std::string_view text, Language language) {
  static const auto en = PythonRegex::compile(R"((\w+):\s+(\d+))").value();
  static const auto ja = PythonRegex::compile(R"(([^:\s]+):\s*(\d+))").value();
  static const auto de = PythonRegex::compile(R"(([a-zA-ZäöüßÄÖÜ\s]+):\s*\**(\d+(?:,\d+)?)\**)").value();
  const PythonRegex& regex = language == Language::de ? de : language == Language::ja ? ja : en;
  Pairs out;
  auto found = regex.find_all(text);
  if (!found) {
    ADD_FAILURE() << to_string(found.error());
    return out;
  }
  for (const Match& match : *found) {
    std::string name(match.text(text, 1));
    if (language != Language::en) name = std::string(strip(name));
    std::string digits(match.text(text, 2));
    auto known = std::find_if(out.begin(), out.end(), [&](const auto& pair) { return pair.first == name; });
    if (known != out.end()) {
      known->second = digits;
    } else {
      out.emplace_back(name, digits);
    }
  }
  return out;
}

TEST(EqBenchParse, ScannersEqualTheExpressionsOnRandomText) {
  static const std::vector<std::string> alphabet{
      "a",  "B", "ä", "ß",  "Z",  "後",     "い",     "_",      "é", "e\u0301", "1", "7", "0", "２", "٣", ":", ":",     ":",
      ": ", " ", " ", "\n", "\t", "\u00a0", "\u3000", "\u200b", "*", "*",       ",", ".", "-", "：", "½", "Ⅷ", "\u001c"};
  Random random(7);
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    for (std::uint64_t n = random.below(24); n > 0; --n) text += alphabet[random.below(alphabet.size())];
    for (Language language : {Language::en, Language::de, Language::ja})
      ASSERT_EQ(pairs(find_pairs(text, language)), by_regex(text, language)) << name(language) << ": " << text;
  }
}

TEST(EqBenchParse, HeadingsEqualTheExpressionsOnRandomText) {
  static const std::vector<std::string> alphabet{
      "Erste",  "erste", "Überarbeitete",      "überarbeitete",   " Bewertung", ":", ":", "\n", "\n", " ", "Ruhe: 3",
      "Neid:4", "x",     "First pass scores:", "Revised scores:", "Calm: 5"};
  PythonRegex::Flags german{.dotall = true, .ignore_case = true, .multiline = false},
      dotall{.dotall = true, .ignore_case = false, .multiline = false};
  auto first_de = PythonRegex::compile(R"((Erste.*?):\s*(.*?)(?=Überarbeitete|$))", german).value();
  auto revised_de = PythonRegex::compile(R"((Überarbeitete.*?):\s*(.*))", german).value();
  auto first_en = PythonRegex::compile("First pass scores:(.*?)Revised scores:", dotall).value();
  auto revised_en = PythonRegex::compile("Revised scores:(.*?)$", dotall).value();
  auto by = [](const PythonRegex& regex, std::size_t group, const std::string& text, Language language) {
    auto match = regex.search(text).value();
    return match ? by_regex(match->text(text, group), language) : Pairs{};
  };
  Random random(11);
  for (int round = 0; round < 20000; ++round) {
    std::string text;
    for (std::uint64_t n = random.below(14); n > 0; --n) text += alphabet[random.below(alphabet.size())];
    auto de = parse_answer(text, protocol("2", "de", true));
    ASSERT_EQ(pairs(de.first_pass), by(first_de, 2, text, Language::de)) << text;
    ASSERT_EQ(pairs(de.revised), by(revised_de, 2, text, Language::de)) << text;
    auto en = parse_answer(text, protocol("2", "en", true));
    ASSERT_EQ(pairs(en.first_pass), by(first_en, 1, text, Language::en)) << text;
    ASSERT_EQ(pairs(en.revised), by(revised_en, 1, text, Language::en)) << text;
  }
}

TEST(EqBenchParse, IllFormedBytesAndNulDoNoHarm) {
  using namespace std::string_view_literals;
  std::string_view text = "\xff\xc3: 1\0Calm: 2\xe2\x82: 3"sv;
  EXPECT_EQ(pairs(parse_answer(text, protocol("2", "en", false)).first_pass), (Pairs{{"Calm", "2"}}));
}

TEST(EqBenchParse, TimeGrowsWithTheTextAlone) {
  // Each of these makes a backtracking or quadratic parser crawl: a megabyte would take hours.
  for (std::string piece : {"a", ": ", ":", "a: ", " ", "a1b: 5", "Erste", "Erste:", "*", "Revised scores:"}) {
    std::string text;
    while (text.size() < (std::size_t{1} << 20)) text += piece == "a1b: 5" ? "n" + std::to_string(text.size()) + ": 5 " : piece;
    const std::clock_t start = std::clock();  // CPU time: other programs on the machine do not count
    for (const char* lang : {"en", "de", "ja"})
      for (bool revise : {false, true}) parse_answer(text, protocol("2", lang, revise));
    EXPECT_LT((std::clock() - start) / CLOCKS_PER_SEC, 10) << piece;
  }
}

TEST(EqBenchGolden, ParseAnswers) {
  ASSAY_NEED_SHARED("golden/eq-bench/parse_answers.json");
  json::value file = assay::test::load_json(assay::test::shared("golden/eq-bench/parse_answers.json"));
  std::size_t cases = 0;
  for (const json::value& c : find(file, "cases")->as_array()) {
    std::string id = test::text_of(c, "id"), lang = test::text_of(c, "lang");
    bool revise = test::bool_of(c, "revise");
    Protocol p = protocol("2", lang, revise);
    ParsedAnswer parsed = parse_answer(test::text_of(c, "text"), p);
    const json::value& expect = *find(c, "expect");
    EXPECT_EQ(pairs(parsed.first_pass), golden_pairs(*find(expect, "first_pass"))) << id;
    EXPECT_EQ(pairs(parsed.revised), golden_pairs(*find(expect, "revised"))) << id;
    Scores scores = score_answer(parsed, test::question(test::official("v2", lang), test::text_of(c, "question_id")), p);
    const json::value& wanted = *find(expect, "scores");
    test::expect_score(scores.first_v1, *find(wanted, "first_pass_v1"), id + " first v1");
    test::expect_score(scores.first_v2, *find(wanted, "first_pass_v2"), id + " first v2");
    if (const json::value* v = find(wanted, "revised_v1")) test::expect_score(scores.revised_v1, *v, id + " revised v1");
    if (const json::value* v = find(wanted, "revised_v2")) test::expect_score(scores.revised_v2, *v, id + " revised v2");
    ++cases;
  }
  EXPECT_EQ(cases, 124u);
}

}  // namespace
}  // namespace assay::eq_bench
