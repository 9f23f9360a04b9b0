#include "benchmark/harness/yaml_row_functions.h"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <utility>

#include "base/python_literal.h"
#include "base/text.h"
#include "benchmark/harness/wikitext.h"
#include "benchmark/harness/yaml_loader.h"

namespace assay::harness::row_functions {
namespace {

constexpr std::string_view kLetters = "ABCDEFGHIJKLMNOPQRSTUVWXYZ";

Result<std::vector<std::string>> list_of(const json::object& row, std::string_view key, std::size_t most) {
  const json::value* value = row.if_contains(key);
  if (!value || !value->is_array()) return lacks(key, "list");
  std::vector<std::string> out;
  for (const json::value& one : value->get_array()) out.push_back(python_str(python_value(one)));
  if (out.size() > most)
    return fail(ErrorKind::data, "the row's \"" + std::string(key) + "\" has more than " + std::to_string(most) + " entries");
  return out;
}

// Winogrande: the sentence has "_" where one of two options goes. The inputs are several, what follows the gap is asked for.
Result<std::size_t> gap(const std::string& sentence) {
  std::size_t at = sentence.find('_');
  if (at == std::string::npos) return fail(ErrorKind::data, "the sentence has no \"_\"");
  return at;
}
Result<PythonValue> winogrande_text(const json::object& row) {
  auto answer = text_of(row, "answer");
  if (!answer) return fail(answer.error());
  if (*answer != "1" && *answer != "2") return fail(ErrorKind::data, "answer must be \"1\" or \"2\"");
  return PythonValue::of(std::int64_t{*answer == "2"});
}
Result<PythonValue> winogrande_target(const json::object& row) {
  auto sentence = text_of(row, "sentence");
  if (!sentence) return fail(sentence.error());
  auto at = gap(*sentence);
  if (!at) return fail(at.error());
  return PythonValue::of(std::string(strip(std::string_view(*sentence).substr(*at + 1))));
}
Result<PythonValue> winogrande_choice(const json::object& row) {
  auto sentence = text_of(row, "sentence");
  if (!sentence) return fail(sentence.error());
  auto at = gap(*sentence);
  if (!at) return fail(at.error());
  std::vector<PythonValue> out;
  for (const char* key : {"option1", "option2"}) {
    auto option = text_of(row, key);
    if (!option) return fail(option.error());
    out.push_back(PythonValue::of(sentence->substr(0, *at) + *option));
  }
  return PythonValue::list_of(std::move(out));
}

// MMLU-Pro, by letters and step by step.
Result<PythonValue> leaderboard_mmlu_pro_text(const json::object& row) {
  auto question = text_of(row, "question");
  if (!question) return fail(question.error());
  auto options = list_of(row, "options", kLetters.size());
  if (!options) return fail(options.error());
  std::string out = *question + "\n";
  for (std::size_t i = 0; i < options->size(); ++i) out += std::string(1, kLetters[i]) + ". " + (*options)[i] + "\n";
  return PythonValue::of(out + "Answer:");
}
Result<PythonValue> leaderboard_mmlu_pro_choice(const json::object& row) {
  auto options = list_of(row, "options", kLetters.size());
  if (!options) return fail(options.error());
  std::vector<PythonValue> out;
  out.reserve(options->size());
  for (std::size_t i = 0; i < options->size(); ++i) out.push_back(PythonValue::of(std::string(1, kLetters[i])));
  return PythonValue::list_of(std::move(out));
}
template <bool answered>
Result<PythonValue> mmlu_pro_text(const json::object& row) {
  auto question = text_of(row, "question");
  if (!question) return fail(question.error());
  auto options = list_of(row, "options", 16);
  if (!options) return fail(options.error());
  std::string out = "Question:\n" + *question + "\nOptions:\n";
  for (std::size_t i = 0; i < options->size(); ++i) out += std::string(1, kLetters[i]) + ". " + (*options)[i] + "\n";
  if (!answered) return PythonValue::of(out + "Answer: Let's think step by step.");
  auto thought = text_of(row, "cot_content");
  if (!thought) return fail(thought.error());
  return PythonValue::of(out + replace_all(*thought, "A: Let's think step by step.", "Answer: Let's think step by step.") +
                         "\n\n");
}

// MuSR: the row has its choices as the text of a Python list.
Result<std::vector<PythonValue>> musr_choices(const json::object& row) {
  auto text = text_of(row, "choices");
  if (!text) return fail(text.error());
  auto list = read_python_literal(*text);
  if (!list || !list->is_sequence())
    return fail(ErrorKind::data, "the row's \"choices\" are no Python list: " + shorten(*text, 60));
  return list->items;
}
Result<PythonValue> musr_choice(const json::object& row) {
  auto choices = musr_choices(row);
  if (!choices) return fail(choices.error());
  return PythonValue::list_of(std::move(*choices));
}
Result<PythonValue> musr_text(const json::object& row) {
  auto narrative = text_of(row, "narrative");
  if (!narrative) return fail(narrative.error());
  auto question = text_of(row, "question");
  if (!question) return fail(question.error());
  auto choices = musr_choices(row);
  if (!choices) return fail(choices.error());
  std::string list;
  for (std::size_t i = 0; i < choices->size(); ++i) list += std::to_string(i + 1) + " - " + python_str((*choices)[i]) + "\n";
  return PythonValue::of(*narrative + "\n\n" + *question + "\n\n" + list + "\nAnswer:");
}

Result<PythonValue> wikitext_target(const json::object& row) {
  auto page = text_of(row, "page");
  if (!page) return fail(page.error());
  auto text = detokenize_wikitext(*page);
  if (!text) return fail(text.error());
  return PythonValue::of(std::move(*text));
}

// XCOPA: the premise goes on with a connector of its language; choices begin in lower case.
Result<PythonValue> xcopa_choices(const json::object& row) {
  std::vector<PythonValue> out;
  for (const char* key : {"choice1", "choice2"}) {
    auto choice = with_small_first(row, key);
    if (!choice) return fail(choice.error());
    out.push_back(PythonValue::of(std::move(*choice)));
  }
  return PythonValue::list_of(std::move(out));
}
Result<PythonValue> xcopa_target(const json::object& row) {
  const json::value* label = row.if_contains("label");
  if (!label) return lacks("label", "number");
  auto choice = with_small_first(row, as_number(*label) == 0.0 ? "choice1" : "choice2");
  if (!choice) return fail(choice.error());
  return PythonValue::of(std::move(*choice));
}
struct Connector {
  const char *language, *cause, *effect;
};
constexpr Connector kConnectors[] = {{"et", "sest", "seetõttu"},   {"ht", "poukisa", "donk sa"}, {"it", "perché", "quindi"},
                                     {"id", "karena", "maka"},     {"qu", "imataq", "chaymi"},   {"sw", "kwa sababu", "kwa hiyo"},
                                     {"zh", "因为", "所以"},       {"ta", "காரணமாக", "எனவே"},    {"th", "เพราะ", "ดังนั้น"},
                                     {"tr", "çünkü", "bu yüzden"}, {"vi", "bởi vì", "vì vậy"}};
template <int language>
Result<PythonValue> xcopa_text(const json::object& row) {
  auto premise = text_of(row, "premise");
  if (!premise) return fail(premise.error());
  auto question = text_of(row, "question");
  if (!question) return fail(question.error());
  const Connector& connector = kConnectors[language];
  if (*question != "cause" && *question != "effect") return fail(ErrorKind::data, "question must be \"cause\" or \"effect\"");
  return PythonValue::of(without_last(strip(*premise)) + " " + (*question == "cause" ? connector.cause : connector.effect));
}
template <int... language>
void add_connectors(std::map<std::string, RowFunction>& table, std::integer_sequence<int, language...>) {
  (table.emplace(std::string("xcopa/utils.doc_to_text_") + kConnectors[language].language, xcopa_text<language>), ...);
}

}  // namespace

std::unexpected<Error> lacks(std::string_view key, const char* kind) {
  return fail(ErrorKind::data, "the row has no " + std::string(kind) + " \"" + std::string(key) + "\"");
}

Result<std::string> text_of(const json::object& row, std::string_view key) {
  const json::value* value = row.if_contains(key);
  if (!value || !value->is_string()) return lacks(key, "text");
  return std::string(value->get_string());
}

Result<std::string> with_small_first(const json::object& row, std::string_view key) {
  auto text = text_of(row, key);
  if (!text) return text;
  const std::size_t first = offset_of_code_point(*text, 1);
  return lower(std::string_view(*text).substr(0, first)) + text->substr(first);
}

std::string without_last(std::string_view text) {
  const std::size_t points = count_code_points(text);
  return std::string(text.substr(0, points == 0 ? 0 : offset_of_code_point(text, points - 1)));
}

std::map<std::string, RowFunction> table() {
  std::map<std::string, RowFunction> out{
      {"winogrande/preprocess_winogrande.doc_to_text", winogrande_text},
      {"winogrande/preprocess_winogrande.doc_to_target", winogrande_target},
      {"winogrande/preprocess_winogrande.doc_to_choice", winogrande_choice},
      {"winogrande/preprocess_winogrande.gold_alias", winogrande_text},
      {"winogrande/preprocess_winogrande.partial_target", winogrande_target},
      {"winogrande/preprocess_winogrande.create_choices", winogrande_choice},
      {"xwinograd/utils.doc_to_text", winogrande_text},
      {"xwinograd/utils.doc_to_target", winogrande_target},
      {"xwinograd/utils.doc_to_choice", winogrande_choice},
      {"leaderboard/mmlu_pro/utils.doc_to_text", leaderboard_mmlu_pro_text},
      {"leaderboard/mmlu_pro/utils.doc_to_choice", leaderboard_mmlu_pro_choice},
      {"tasks/mmlu_pro/utils.doc_to_text", mmlu_pro_text<false>},
      {"tasks/mmlu_pro/utils.fewshot_to_text", mmlu_pro_text<true>},
      {"leaderboard/musr/utils.doc_to_choice", musr_choice},
      {"leaderboard/musr/utils.doc_to_text", musr_text},
      {"wikitext/preprocess_wikitext.wikitext_detokenizer", wikitext_target},
      {"xcopa/utils.doc_to_choice", xcopa_choices},
      {"xcopa/utils.doc_to_target", xcopa_target},
  };
  add_connectors(out, std::make_integer_sequence<int, static_cast<int>(std::size(kConnectors))>());
  add_exams(out);
  return out;
}

}  // namespace assay::harness::row_functions
