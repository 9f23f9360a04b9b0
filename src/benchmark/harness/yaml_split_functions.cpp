#include "benchmark/harness/yaml_split_functions.h"

#include <algorithm>
#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <utility>

#include "base/number.h"
#include "base/python_case.h"
#include "base/text.h"
#include "benchmark/harness/drop_answers.h"
#include "benchmark/harness/hellaswag.h"
#include "benchmark/harness/yaml_row_functions.h"

namespace assay::harness::split_functions {
namespace {

using row_functions::lacks;
using row_functions::text_of;
using Rows = std::vector<json::value>;

Error in_row(Error error, std::size_t row) {
  error.where = "row " + std::to_string(row);
  return error;
}

template <Result<json::object> (*one)(json::object)>
Result<Rows> each_row(Rows rows) {
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto made = one(std::move(rows[i].as_object()));
    if (!made) return fail(in_row(made.error(), i));
    rows[i] = std::move(*made);
  }
  return rows;
}

/// int(x) of a text or a number.
Result<std::int64_t> whole_of(const json::object& row, std::string_view key) {
  const json::value* value = row.if_contains(key);
  if (value && value->is_int64()) return value->get_int64();
  if (value && value->is_string())
    if (auto number = python_float(value->get_string());
        number && *number == static_cast<double>(static_cast<std::int64_t>(*number)))
      return static_cast<std::int64_t>(*number);
  return lacks(key, "whole number");
}

Result<std::vector<std::string>> texts_of(const json::object& row, std::string_view key) {
  const json::value* list = row.if_contains(key);
  if (!list || !list->is_array()) return lacks(key, "list");
  std::vector<std::string> out;
  for (const json::value& one : list->get_array()) {
    if (!one.is_string()) return lacks(key, "list of texts");
    out.emplace_back(one.get_string());
  }
  return out;
}

/// The cleaned question and endings beside the row's own fields.
Result<json::object> hellaswag_row(json::object row) {
  auto label = text_of(row, "activity_label");
  if (!label) return fail(label.error());
  auto a = text_of(row, "ctx_a");
  if (!a) return fail(a.error());
  auto b = text_of(row, "ctx_b");
  if (!b) return fail(b.error());
  auto endings = texts_of(row, "endings");
  if (!endings) return fail(endings.error());
  json::array choices;
  for (const std::string& ending : *endings) choices.push_back(json::string(clean_hellaswag(ending)));
  auto gold = whole_of(row, "label");
  if (!gold) return fail(gold.error());
  row["query"] = clean_hellaswag(*label + ": " + *a + " " + capitalize(*b));
  row["choices"] = std::move(choices);
  row["gold"] = *gold;
  return row;
}

constexpr std::string_view kMmluProSubjects[] = {
    "biology", "business", "chemistry", "computer_science", "economics", "engineering", "health", "history",
    "law",     "math",     "other",     "philosophy",       "physics",   "psychology"};

/// MMLU-Pro's tasks are its subjects, by the name of the function ("process_computer_science").
template <int subject>
Result<Rows> mmlu_pro_subject(Rows rows) {
  std::erase_if(rows, [](const json::value& row) {
    auto category = get_string(row, "category");
    return !category || replace_all(*category, " ", "_") != kMmluProSubjects[subject];
  });
  return rows;
}

Result<json::object> drop_row(json::object row) {
  auto id = text_of(row, "query_id");
  if (!id) return fail(id.error());
  auto answers = drop_answers(row);
  if (!answers) return fail(answers.error());
  json::array list;
  for (const std::vector<std::string>& answer : *answers) list.push_back(json::array(answer.begin(), answer.end()));
  row["id"] = *id;
  row["answers"] = std::move(list);
  return row;
}

/// truthfulqa's generation: answers are sentences, and to say nothing is always right.
Result<json::object> truthfulqa_row(json::object row) {
  auto question = text_of(row, "question");
  if (!question) return fail(question.error());
  row["question"] = strip(*question);
  for (const char* key : {"correct_answers", "incorrect_answers"}) {
    auto answers = texts_of(row, key);
    if (!answers) return fail(answers.error());
    json::array list;
    for (const std::string& answer : *answers) {
      const std::string_view stripped = strip(answer);
      if (!stripped.empty()) list.push_back(json::string(std::string(stripped) + (stripped.ends_with('.') ? "" : ".")));
    }
    constexpr std::string_view kNothing = "I have no comment.";
    if (key == std::string_view("correct_answers") && std::find(list.begin(), list.end(), json::value(kNothing)) == list.end())
      list.push_back(json::string(kNothing));
    row[key] = std::move(list);
  }
  return row;
}

/// LogiQA as its authors' text file: records between blank lines, of the answer's letter, passage, question, and options with a letter and a full stop.
Result<Rows> logiqa_records(Rows rows) {
  auto spaced = [](std::string_view text) { return json::string(strip(replace_all(text, ".", ". "))); };
  Rows out;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    auto text = text_of(rows[i].get_object(), "text");
    if (!text) return fail(in_row(text.error(), i));
    std::string_view rest = strip(*text);
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find("\n\n"), rest.size());
      const std::vector<std::string> lines = split(rest.substr(0, end), '\n');
      rest.remove_prefix(std::min(end + 2, rest.size()));
      if (lines.size() < 3) return fail(in_row(Error{ErrorKind::data, "a record needs a letter, a passage and a question, each in its line"}, i));
      json::array options;
      for (std::size_t k = 3; k < lines.size(); ++k)
        options.push_back(spaced(std::string_view(lines[k]).substr(offset_of_code_point(lines[k], 2))));
      out.emplace_back(json::object{
          {"label", strip(lines[0])}, {"context", spaced(lines[1])}, {"question", spaced(lines[2])}, {"options", std::move(options)}});
    }
  }
  return out;
}

Result<json::object> logiqa2_row(json::object row) {
  for (const char* key : {"text", "question"}) {
    auto text = text_of(row, key);
    if (!text) return fail(text.error());
    row[key] = strip(*text);
  }
  auto options = texts_of(row, "options");
  if (!options) return fail(options.error());
  json::array stripped;
  for (const std::string& option : *options) stripped.push_back(json::string(strip(option)));
  row["options"] = std::move(stripped);
  return row;
}

/// The Winograd schemas' options as they stand in the sentence: possessive, and in small letters unless a sentence begins.
Result<json::object> wsc273_row(json::object row) {
  auto text = text_of(row, "text");
  if (!text) return fail(text.error());
  auto pronoun = text_of(row, "pronoun");
  if (!pronoun) return fail(pronoun.error());
  auto place = whole_of(row, "pronoun_loc");
  if (!place) return fail(place.error());
  auto options = texts_of(row, "options");
  if (!options) return fail(options.error());
  if (options->size() < 2) return lacks("options", "list of two texts");
  *text = replace_all(*text, "  ", " ");
  const auto points = static_cast<std::int64_t>(count_code_points(*text));
  std::int64_t before = *place - 2;
  if (before < 0) before += points;  // as Python counts from the end
  if (before < 0 || before >= points) return fail(ErrorKind::data, "pronoun_loc lies outside the text");
  const bool begins = (*text)[offset_of_code_point(*text, static_cast<std::size_t>(before))] == '.';
  const std::string small = lower(*pronoun);
  constexpr std::string_view kPossessive[] = {"my", "his", "her", "our", "their"};
  constexpr std::string_view kCapital[] = {"A", "An", "The", "She", "He", "It", "They", "My", "His", "Her", "Their"};
  auto among = [](const auto& list, std::string_view word) { return std::find(std::begin(list), std::end(list), word) != std::end(list); };
  json::array out = row["options"].as_array();
  for (std::size_t i = 0; i < 2; ++i) {
    std::string option = (*options)[i] + (among(kPossessive, small) ? "'s" : "");
    const std::string_view trimmed = lstrip(option);
    std::size_t length = 0;
    for (std::string_view rest = trimmed; !rest.empty();) {
      if (is_space(next_code_point(rest))) break;
      length = trimmed.size() - rest.size();
    }
    const std::string first(trimmed.substr(0, length));
    if (!begins && among(kCapital, first)) option = replace_all(option, first, lower(first));
    out[i] = json::string(option);
  }
  row["text"] = *text;
  row["options"] = std::move(out);
  return row;
}

struct Bias {
  const char *function, *type;
};
constexpr Bias kBiases[] = {{"race_color", "race-color"},   {"socio", "socioeconomic"},
                            {"gender", "gender"},           {"age", "age"},
                            {"religion", "religion"},       {"disability", "disability"},
                            {"orientation", "sexual-orientation"}, {"nationality", "nationality"},
                            {"appearance", "physical-appearance"}, {"autre", "autre"}};
template <int bias>
Result<Rows> crows_pairs_bias(Rows rows) {
  std::erase_if(rows, [](const json::value& row) { return !get_string(row, "bias_type").value_or("").starts_with(kBiases[bias].type); });
  return rows;
}

template <int... subject>
void add_subjects(std::map<std::string, RowsFunction>& table, std::integer_sequence<int, subject...>) {
  (table.emplace("tasks/mmlu_pro/utils.process_" + std::string(kMmluProSubjects[subject]), mmlu_pro_subject<subject>), ...);
}
template <int... bias>
void add_biases(std::map<std::string, RowsFunction>& table, std::integer_sequence<int, bias...>) {
  (table.emplace(std::string("crows_pairs/utils.filter_") + kBiases[bias].function, crows_pairs_bias<bias>), ...);
}

}  // namespace

std::map<std::string, RowsFunction> table() {
  std::map<std::string, RowsFunction> out{
      {"hellaswag/utils.process_docs", each_row<hellaswag_row>},
      {"drop/utils.process_docs", each_row<drop_row>},
      {"truthfulqa/utils.process_docs_gen", each_row<truthfulqa_row>},
      {"logiqa/utils_logiqa.process_docs", logiqa_records},
      {"logiqa2/utils_logiqa2.process_docs", each_row<logiqa2_row>},
      {"wsc273/utils.process_doc", each_row<wsc273_row>},
  };
  add_subjects(out, std::make_integer_sequence<int, static_cast<int>(std::size(kMmluProSubjects))>());
  add_biases(out, std::make_integer_sequence<int, static_cast<int>(std::size(kBiases))>());
  return out;
}

}  // namespace assay::harness::split_functions
