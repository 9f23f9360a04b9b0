// Fields of examinations: questions with lettered options, passages with questions, causes and effects.
#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <utility>

#include "base/python_literal.h"
#include "base/python_regex.h"
#include "base/text.h"
#include "benchmark/harness/yaml_loader.h"
#include "benchmark/harness/yaml_row_functions.h"

namespace assay::harness::row_functions {
namespace {

constexpr std::string_view kLetters = "ABCDE";

/// "A. one\nB. two\n...".
std::string lettered(const std::vector<std::string>& options) {
  std::string out;
  for (std::size_t i = 0; i < options.size() && i < kLetters.size(); ++i) out += std::string(1, kLetters[i]) + ". " + options[i] + "\n";
  return out;
}

Result<std::vector<std::string>> members(const json::object& row, std::initializer_list<std::string_view> keys) {
  std::vector<std::string> out;
  for (std::string_view key : keys) {
    const json::value* value = row.if_contains(key);
    if (!value) return lacks(key, "text");
    out.push_back(python_str(python_value(*value)));
  }
  return out;
}

/// A member that is a number, or a text that Python's int() takes.
Result<std::int64_t> whole_of(const json::object& row, std::string_view key) {
  const json::value* value = row.if_contains(key);
  if (value && value->is_int64()) return value->get_int64();
  if (value && value->is_string())
    if (auto number = read_python_literal(strip(value->get_string())); number && number->kind == PythonValue::Kind::integer && number->text.empty())
      return number->integer;
  return lacks(key, "whole number");
}
Result<PythonValue> letter_of(const json::object& row, std::string_view key) {
  auto index = whole_of(row, key);
  if (!index) return fail(index.error());
  const std::int64_t at = *index < 0 ? *index + 4 : *index;
  if (at < 0 || at > 3) return fail(ErrorKind::data, "the row's \"" + std::string(key) + "\" is not between 0 and 3");
  return PythonValue::of(std::string(1, kLetters[static_cast<std::size_t>(at)]));
}

constexpr std::string_view kStepByStep =
    "First, think step-by-step. End your response with exactly this format:\nFinal Answer: X\n(where X is A, B, C, or D).";

template <bool thinking>
Result<PythonValue> medmcqa_text(const json::object& row) {
  auto question = text_of(row, "question");
  if (!question) return fail(question.error());
  auto options = members(row, {"opa", "opb", "opc", "opd"});
  if (!options) return fail(options.error());
  return PythonValue::of("Question: " + *question + "\nChoices:\n" + lettered(*options) + std::string(thinking ? kStepByStep : "Answer:"));
}
Result<PythonValue> medmcqa_letter(const json::object& row) {
  return letter_of(row, "cop");
}

template <bool thinking>
Result<PythonValue> medqa_text(const json::object& row) {
  auto question = members(row, {"sent1"});
  if (!question) return fail(question.error());
  auto options = members(row, {"ending0", "ending1", "ending2", "ending3"});
  if (!options) return fail(options.error());
  return PythonValue::of("Question: " + question->front() + "\n" + lettered(*options) + std::string(thinking ? kStepByStep : "Answer:"));
}
Result<PythonValue> medqa_label(const json::object& row) {
  const json::value* label = row.if_contains("label");
  if (!label) return lacks("label", "number");
  return python_value(*label);
}
Result<PythonValue> medqa_letter(const json::object& row) {
  return letter_of(row, "label");
}

/// Two spellings of the data set: capitals at the top, or below "context".
Result<PythonValue> pubmedqa_text(const json::object& row) {
  const bool capitals = row.contains("CONTEXTS");
  const json::value* list = row.if_contains("CONTEXTS");
  if (!capitals)
    if (const json::value* context = row.if_contains("context")) list = find(*context, "contexts");
  if (!list || !list->is_array()) return lacks("CONTEXTS", "list");
  auto question = text_of(row, capitals ? "QUESTION" : "question");
  if (!question) return fail(question.error());
  std::vector<std::string> parts;
  for (const json::value& part : list->get_array()) {
    if (!part.is_string()) return lacks("CONTEXTS", "list of texts");
    parts.emplace_back(part.get_string());
  }
  return PythonValue::of("Abstract: " + join(parts, "\n") + "\nQuestion: " + *question + "\nAnswer:");
}

// LogiQA: four options, the label is a small letter.
Result<std::vector<std::string>> four_options(const json::object& row) {
  const json::value* list = row.if_contains("options");
  if (!list || !list->is_array()) return lacks("options", "list");
  std::vector<std::string> out;
  for (const json::value& option : list->get_array())
    if (out.size() < 4) out.push_back(python_str(python_value(option)));
  return out;
}
Result<PythonValue> logiqa_text(const json::object& row) {
  auto context = text_of(row, "context");
  if (!context) return fail(context.error());
  auto question = text_of(row, "question");
  if (!question) return fail(question.error());
  auto options = four_options(row);
  if (!options) return fail(options.error());
  return PythonValue::of("Passage: " + *context + "\nQuestion: " + *question + "\nChoices:\n" + lettered(*options) + "Answer:");
}
Result<PythonValue> logiqa2_text(const json::object& row) {
  auto parts = members(row, {"text", "question"});
  if (!parts) return fail(parts.error());
  auto options = four_options(row);
  if (!options) return fail(options.error());
  return PythonValue::of("Passage: " + (*parts)[0] + "\nQuestion: " + (*parts)[1] + "\n" + lettered(*options) + "Answer:");
}
Result<PythonValue> logiqa_target(const json::object& row) {
  auto label = text_of(row, "label");
  if (!label) return fail(label.error());
  const std::string_view letter = strip(*label);
  if (letter.size() != 1 || letter[0] < 'a' || letter[0] > 'd') return fail(ErrorKind::data, "label must be a, b, c or d");
  return PythonValue::of(std::int64_t{letter[0] - 'a'});
}

// ArabicMMLU: up to five options, the examination named by subject, level and country where they are known.
constexpr const char* kArabicOptions[] = {"Option 1", "Option 2", "Option 3", "Option 4", "Option 5"};
bool is_true(const json::value& value) {
  return !value.is_null() && !(value.is_string() && value.get_string().empty()) && as_number(value) != 0.0;
}
Result<PythonValue> arabicmmlu_text(const json::object& row) {
  auto parts = members(row, {"Subject", "Level", "Country", "Context", "Question"});
  if (!parts) return fail(parts.error());
  std::string exam = (*parts)[0] + " question";
  if (is_true(row.at("Level"))) {
    constexpr std::pair<const char*, const char*> kLevels[] = {
        {"Primary", "primary school"}, {"Middle", "middle school"}, {"High", "high school"}, {"Univ", "university"}, {"Prof", "professional"}};
    auto level = std::find_if(std::begin(kLevels), std::end(kLevels), [&](const auto& known) { return known.first == (*parts)[1]; });
    if (level == std::end(kLevels)) return fail(ErrorKind::data, "the row's \"Level\" is unknown: " + shorten((*parts)[1], 40));
    exam += std::string(" for ") + level->second;
  }
  if (is_true(row.at("Country"))) exam += " in " + (*parts)[2];
  std::string out = "This is a " + exam + ". Select the correct answer!\n\nQuestion: " + ((*parts)[3].empty() ? "" : (*parts)[3] + "\n\n") + (*parts)[4] + "\n";
  for (std::size_t i = 0; i < std::size(kArabicOptions); ++i) {
    const json::value* option = row.if_contains(kArabicOptions[i]);
    if (!option) return lacks(kArabicOptions[i], "text");
    if (!is_true(*option)) break;
    out += (i > 0 ? "\n" : "") + std::string(1, kLetters[i]) + ". " + python_str(python_value(*option));
  }
  return PythonValue::of(out + "\n\nAnswer:");
}
Result<PythonValue> arabicmmlu_choices(const json::object& row) {
  std::vector<PythonValue> out;
  for (std::size_t i = 0; i < std::size(kArabicOptions); ++i) {
    const json::value* option = row.if_contains(kArabicOptions[i]);
    if (!option) return lacks(kArabicOptions[i], "text");
    if (is_true(*option)) out.push_back(PythonValue::of(std::string(1, kLetters[i])));
  }
  return PythonValue::list_of(std::move(out));
}

/// MathQA: "a ) 38 , b ) 27.675 , c ) 30 , d ) data inadequate , e ) none of these".
Result<PythonValue> mathqa_choices(const json::object& row) {
  static const auto pattern = PythonRegex::compile(R"([abcd] \) .*?, |e \) .*?$)");
  auto options = text_of(row, "options");
  if (!options) return fail(options.error());
  auto found = pattern->find_all(*options);
  if (!found) return fail(found.error());
  std::vector<PythonValue> out;
  for (const Match& match : *found) {
    std::string_view option = match.text(*options, 0).substr(4);
    option = option.substr(0, option.find_last_not_of(" ,") + 1);
    out.push_back(PythonValue::of(std::string(option)));
  }
  return PythonValue::list_of(std::move(out));
}

// RACE: an article with several problems as the text of a Python list; all but the last are asked and answered in the prompt.
struct Problem {
  std::string question;
  std::vector<std::string> options;
  std::size_t answer = 0;
};
Result<std::vector<Problem>> race_problems(const json::object& row) {
  auto text = text_of(row, "problems");
  if (!text) return fail(text.error());
  auto list = read_python_literal(*text);
  if (!list || !list->is_sequence() || list->items.empty())
    return fail(ErrorKind::data, "the row's \"problems\" are no Python list: " + shorten(*text, 60));
  std::vector<Problem> out;
  for (const PythonValue& one : list->items) {
    const PythonValue *question = one.find("question"), *options = one.find("options"), *answer = one.find("answer");
    if (!question || question->kind != PythonValue::Kind::text || !options || !options->is_sequence() || options->items.size() < 4 || !answer ||
        answer->text.size() != 1 || answer->text[0] < 'A' || answer->text[0] > 'D')
      return fail(ErrorKind::data, "a problem needs a question, four options and an answer A, B, C or D");
    Problem problem{question->text, {}, static_cast<std::size_t>(answer->text[0] - 'A')};
    for (std::size_t i = 0; i < 4; ++i) problem.options.push_back(python_str(options->items[i]));
    out.push_back(std::move(problem));
  }
  return out;
}
Result<PythonValue> race_text(const json::object& row) {
  auto article = text_of(row, "article");
  if (!article) return fail(article.error());
  auto problems = race_problems(row);
  if (!problems) return fail(problems.error());
  constexpr std::string_view kGap = "  _  .";
  std::string out = "Article: " + *article + "\n\n";
  for (std::size_t i = 0; i + 1 < problems->size(); ++i) {
    const Problem& problem = (*problems)[i];
    const std::string& answer = problem.options[problem.answer];
    if (problem.question.ends_with(kGap))
      out += std::string(kGap.substr(1)) + answer + "\n";  // of the question only the gap stays: so does the original
    else
      out += "Question: " + problem.question + "\nAnswer: " + answer + "\n";
  }
  return PythonValue::of(out + problems->back().question);
}
Result<PythonValue> race_choices(const json::object& row) {
  auto problems = race_problems(row);
  if (!problems) return fail(problems.error());
  std::vector<PythonValue> out;
  for (const std::string& option : problems->back().options) out.push_back(PythonValue::of(option));
  return PythonValue::list_of(std::move(out));
}
Result<PythonValue> race_target(const json::object& row) {
  auto problems = race_problems(row);
  if (!problems) return fail(problems.error());
  return PythonValue::of(static_cast<std::int64_t>(problems->back().answer));
}

Result<PythonValue> copa_text(const json::object& row) {
  auto premise = text_of(row, "premise");
  if (!premise) return fail(premise.error());
  auto question = text_of(row, "question");
  if (!question) return fail(question.error());
  if (*question != "cause" && *question != "effect") return fail(ErrorKind::data, "question must be \"cause\" or \"effect\"");
  return PythonValue::of(without_last(strip(*premise)) + (*question == "cause" ? " because" : " therefore"));
}
template <bool target>
Result<PythonValue> copa_choice(const json::object& row) {
  std::vector<PythonValue> out;
  for (const char* key : {"choice1", "choice2"}) {
    auto choice = with_small_first(row, key);
    if (!choice) return fail(choice.error());
    out.push_back(PythonValue::of(" " + *choice));
  }
  if (!target) return PythonValue::list_of(std::move(out));
  const json::value* label = row.if_contains("label");
  if (!label) return lacks("label", "number");
  return out[as_number(*label) == 0.0 ? 0 : 1];
}

Result<PythonValue> mnli_text(const json::object& row) {
  auto premise = text_of(row, "premise");
  if (!premise) return fail(premise.error());
  auto hypothesis = text_of(row, "hypothesis");
  if (!hypothesis) return fail(hypothesis.error());
  const std::string_view claim = strip(*hypothesis);
  return PythonValue::of(*premise + "\nQuestion: " + std::string(claim) + (claim.ends_with('.') ? "" : ".") + " True, False or Neither?\nAnswer:");
}

/// WebQuestions: every accepted answer, but for those that go on from another one.
Result<std::vector<PythonValue>> webqs_answers(const json::object& row) {
  const json::value* list = row.if_contains("answers");
  if (!list || !list->is_array() || list->get_array().empty()) return lacks("answers", "list");
  std::vector<std::string> answers;
  for (const json::value& answer : list->get_array()) {
    if (!answer.is_string()) return lacks("answers", "list of texts");
    answers.emplace_back(answer.get_string());
  }
  std::sort(answers.begin(), answers.end());  // by code points, which UTF-8 keeps
  std::vector<PythonValue> out{PythonValue::of(answers.front())};
  for (const std::string& answer : answers)
    if (!answer.starts_with(out.back().text)) out.push_back(PythonValue::of(answer));
  return out;
}
Result<PythonValue> webqs_choices(const json::object& row) {
  auto answers = webqs_answers(row);
  if (!answers) return fail(answers.error());
  return PythonValue::list_of(std::move(*answers));
}
Result<PythonValue> webqs_target(const json::object& row) {
  auto answers = webqs_answers(row);
  if (!answers) return fail(answers.error());
  std::vector<PythonValue> out;
  out.reserve(answers->size());
  for (std::size_t i = 0; i < answers->size(); ++i) out.push_back(PythonValue::of(static_cast<std::int64_t>(i)));
  return PythonValue::list_of(std::move(out));
}

Result<PythonValue> crows_pairs_choices(const json::object& row) {
  auto sentences = members(row, {"sent_more", "sent_less"});
  if (!sentences) return fail(sentences.error());
  return PythonValue::list_of({PythonValue::of((*sentences)[0]), PythonValue::of((*sentences)[1])});
}

}  // namespace

void add_exams(std::map<std::string, RowFunction>& table) {
  table.insert({
      {"medmcqa/utils_medmcqa.doc_to_text", medmcqa_text<false>},
      {"medmcqa/utils_medmcqa.doc_to_text_cot", medmcqa_text<true>},
      {"medmcqa/utils_medmcqa.doc_to_target_cot", medmcqa_letter},
      {"medqa/preprocess_medqa.doc_to_text", medqa_text<false>},
      {"medqa/preprocess_medqa.doc_to_text_cot", medqa_text<true>},
      {"medqa/preprocess_medqa.doc_to_target", medqa_label},
      {"medqa/preprocess_medqa.doc_to_target_cot", medqa_letter},
      {"pubmedqa/preprocess_pubmedqa.doc_to_text", pubmedqa_text},
      {"logiqa/utils_logiqa.doc_to_text", logiqa_text},
      {"logiqa/utils_logiqa.doc_to_target", logiqa_target},
      {"logiqa2/utils_logiqa2.doc_to_text", logiqa2_text},
      {"arabicmmlu/utils.doc_to_text", arabicmmlu_text},
      {"arabicmmlu/utils.doc_to_choice", arabicmmlu_choices},
      {"mathqa/utils.doc_to_choice", mathqa_choices},
      {"mathqa/utils.create_choices", mathqa_choices},
      {"race/preprocess_race.doc_to_text", race_text},
      {"race/preprocess_race.doc_to_choice", race_choices},
      {"race/preprocess_race.create_choices", race_choices},
      {"race/preprocess_race.doc_to_target", race_target},
      {"super_glue/copa/utils.doc_to_text", copa_text},
      {"super_glue/copa/utils.doc_to_choice", copa_choice<false>},
      {"super_glue/copa/utils.doc_to_target", copa_choice<true>},
      {"glue/mnli/utils.doc_to_text", mnli_text},
      {"webqs/utils.doc_to_choice", webqs_choices},
      {"webqs/utils.doc_to_target", webqs_target},
      {"crows_pairs/utils.doc_to_choice", crows_pairs_choices},
  });
}

}  // namespace assay::harness::row_functions
