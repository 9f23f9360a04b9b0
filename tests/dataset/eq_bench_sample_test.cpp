// The project's own EQ-Bench questions have the layout of the official files, and the official prompt shortening works on them.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>

#include "base/json.h"
#include "base/python_regex.h"
#include "base/text.h"
#include "dataset/pack.h"
#include "packs/embedded.h"

namespace assay {
namespace {

constexpr std::string_view kCritique =
    " Then critique your answer by thinking it through step by step. Finally, give your revised scores.";

json::value load(const char* name) {
  auto store = PackStore::load(embedded_packs());
  if (!store) {
    ADD_FAILURE() << to_string(store.error());
    return nullptr;
  }
  const OwnFile* file = (*store->find("eq-bench"))->own_file("sample", name);
  if (!file) {
    ADD_FAILURE() << "no sample " << name;
    return nullptr;
  }
  auto value = parse_json(file->content, name);
  return value ? *value : json::value(nullptr);
}

std::vector<std::string> emotions(const json::value& reference) {
  std::vector<std::string> out;
  for (int i = 1; i <= 4; ++i) out.push_back(get_string(reference, "emotion" + std::to_string(i)).value_or(""));
  return out;
}

std::vector<double> scores(const json::value& reference) {
  std::vector<double> out;
  for (int i = 1; i <= 4; ++i) out.push_back(get_number(reference, "emotion" + std::to_string(i) + "_score").value_or(NAN));
  return out;
}

bool is_one_word(std::string_view text) {
  if (text.empty()) return false;
  while (!text.empty())
    if (!is_word(next_code_point(text))) return false;
  return true;
}

std::size_t occurrences(std::string_view text, std::string_view part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != std::string_view::npos; at = text.find(part, at + part.size())) ++n;
  return n;
}

void check_references(const json::value& questions, std::size_t at_least, bool fullscale) {
  ASSERT_TRUE(questions.is_object());
  EXPECT_GE(questions.get_object().size(), at_least);
  std::set<std::string> dialogues;
  int number = 0;
  for (const auto& member : questions.get_object()) {
    SCOPED_TRACE(std::string(member.key()));
    EXPECT_EQ(std::string_view(member.key()), std::to_string(++number));
    const json::value& item = member.value();
    EXPECT_EQ(item.get_object().size(), fullscale ? 3u : 2u);
    const json::value* relative = find(item, "reference_answer");
    ASSERT_TRUE(relative);
    EXPECT_EQ(relative->get_object().size(), 8u);
    std::vector<std::string> names = emotions(*relative);
    std::set<std::string> lowered;
    for (const std::string& name : names) {
      EXPECT_TRUE(is_one_word(name)) << name;
      lowered.insert(lower(name));
    }
    EXPECT_EQ(lowered.size(), 4u);
    double sum = 0;
    for (double score : scores(*relative)) sum += score;
    EXPECT_EQ(sum, 10);

    if (fullscale) {
      const json::value* full = find(item, "reference_answer_fullscale");
      ASSERT_TRUE(full);
      EXPECT_EQ(emotions(*full), names);
      double total = 0, low = 10, high = 0;
      for (double score : scores(*full)) {
        EXPECT_EQ(score, std::floor(score));
        EXPECT_GE(score, 0);
        EXPECT_LE(score, 10);
        total += score;
        low = std::min(low, score);
        high = std::max(high, score);
      }
      EXPECT_LE(low, 1) << "one feeling should plainly not fit";
      EXPECT_GE(high, 5) << "one feeling should plainly fit";
      for (std::size_t i = 0; i < 4; ++i) EXPECT_NEAR(scores(*relative)[i], scores(*full)[i] / total * 10, 1.0);
    }
    std::string prompt = get_string(item, "prompt").value_or("");
    EXPECT_TRUE(prompt.starts_with("\n") && prompt.ends_with("\n"));
    std::size_t first = prompt.find("\n\n");
    EXPECT_TRUE(dialogues.insert(prompt.substr(first, prompt.find("[End") - first)).second) << "the same dialogue twice";
    for (const std::string& name : names) EXPECT_TRUE(contains(prompt, "\n" + name + "\n")) << name;
  }
}

TEST(EqBenchSample, EnglishQuestionsHaveTheOfficialLayout) {
  check_references(load("v2/questions/en"), 22, true);
}
TEST(EqBenchSample, GermanQuestionsHaveTheOfficialLayout) {
  check_references(load("v2/questions/de"), 7, true);
}
TEST(EqBenchSample, Version1QuestionsHaveNoFullScale) {
  check_references(load("v1/questions/en"), 12, false);
}

TEST(EqBenchSample, EnglishPromptsShortenWell) {
  json::value questions = load("v2/questions/en");
  ASSERT_TRUE(questions.is_object());
  for (const auto& member : questions.get_object()) {
    SCOPED_TRACE(std::string(member.key()));
    std::string prompt = get_string(member.value(), "prompt").value_or("");
    std::vector<std::string> names = emotions(*find(member.value(), "reference_answer"));
    for (std::string_view marker :
         {kCritique, std::string_view("First pass scores:\n"), std::string_view("Critique: <your critique here>"),
          std::string_view("Revised scores:\n"), std::string_view("[End of answer]"), std::string_view("[End dialogue]\n")})
      EXPECT_EQ(occurrences(prompt, marker), 1u) << marker;

    prompt = replace_all(prompt, kCritique, "");
    prompt = replace_all(prompt, "First pass scores:\n", "");
    prompt = prompt.substr(0, prompt.find("Critique: <your critique here>")) + "\n" +
             prompt.substr(prompt.find("[End of answer]")) + "\nYour answer:\n";

    std::string layout = "\n\n";
    for (const std::string& name : names) layout += name + ": <score>\n";
    EXPECT_TRUE(contains(prompt, layout + "\n\n[End of answer]\n\n")) << prompt;
    EXPECT_TRUE(prompt.ends_with("\n\nYour answer:\n"));
    for (std::string_view gone : {"critique", "Critique", "revised", "Revised", "First pass"})
      EXPECT_FALSE(contains(prompt, gone)) << gone;
  }
}

TEST(EqBenchSample, GermanPromptsShortenWell) {
  constexpr std::string_view kSentence =
      "Geben Sie jeder dieser möglichen Emotionen eine Punktzahl von 0-10 für die relative Intensität, die sie wahrscheinlich "
      "fühlen werden.";
  json::value questions = load("v2/questions/de");
  ASSERT_TRUE(questions.is_object());
  for (const auto& member : questions.get_object()) {
    SCOPED_TRACE(std::string(member.key()));
    std::string prompt = get_string(member.value(), "prompt").value_or("");
    std::vector<std::string> names = emotions(*find(member.value(), "reference_answer"));
    for (std::string_view marker :
         {"Geben Sie jeder dieser möglichen Emotionen", "Erste Bewertung:\n", "Kritik: <Ihre Kritik hier>",
          "Überarbeitete Bewertung:\n", "[Ende der Antwort]", "[Ende des Dialogs]\n"})
      EXPECT_EQ(occurrences(prompt, marker), 1u) << marker;

    std::size_t a = prompt.find("Geben Sie jeder dieser möglichen Emotionen"), b = prompt.find('\n', a);
    prompt = prompt.substr(0, a) + std::string(kSentence) + prompt.substr(b);
    prompt = replace_all(prompt, "Erste Bewertung:\n", "");
    prompt = prompt.substr(0, prompt.find("Kritik: <Ihre Kritik hier>")) + "\n" +
             prompt.substr(prompt.find("[Ende der Antwort]")) + "\nIhre Antwort:\n";

    std::string layout = "\n\n";
    for (const std::string& name : names) layout += name + ": <Zahl>\n";
    EXPECT_TRUE(contains(prompt, layout + "\n\n[Ende der Antwort]\n\n")) << prompt;
    for (std::string_view gone : {"Kritik", "berarbeitet", "verbesserte", "Erste Bewertung"})
      EXPECT_FALSE(contains(prompt, gone)) << gone;
    // The German parser knows these letters only.
    auto letters = PythonRegex::compile("^[a-zA-ZäöüßÄÖÜ]+$");
    ASSERT_TRUE(letters);
    for (const std::string& name : names) EXPECT_TRUE(letters->search(name).value()) << name;
  }
}

}  // namespace
}  // namespace assay
