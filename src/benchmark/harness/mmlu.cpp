#include "benchmark/harness/mmlu.h"

#include "base/text.h"
#include "benchmark/harness/rows.h"
#include "dataset/csv.h"

namespace assay::harness {
namespace {

constexpr std::string_view kLetters[] = {"A", "B", "C", "D"};

/// "A" to "D" or "0" to "3"; 4 for anything else.
std::size_t answer_of(std::string_view text) {
  if (text.size() != 1) return 4;
  if (text[0] >= 'A' && text[0] <= 'D') return static_cast<std::size_t>(text[0] - 'A');
  if (text[0] >= '0' && text[0] <= '3') return static_cast<std::size_t>(text[0] - '0');
  return 4;
}

Document make_document(std::size_t row, std::string_view question, const std::vector<std::string>& choices, std::size_t gold) {
  Document out{.row = row, .query = std::string(strip(question)) + "\n", .choices = {}, .gold = gold};
  for (std::size_t i = 0; i < 4; ++i) {
    out.query += std::string(kLetters[i]) + ". " + choices[i] + "\n";
    out.choices.emplace_back(kLetters[i]);
  }
  out.query += "Answer:";
  return out;
}

bool is_json(std::string_view text) {
  std::string_view start = lstrip(text);
  if (!start.starts_with('{') && !start.starts_with('[')) return false;
  // A question may begin with a bracket too; a line of JSON is told by being one.
  std::string_view line = start.substr(0, start.find('\n'));
  return start.starts_with('[') ? parse_json(text).has_value() : parse_json(line).has_value();
}

Result<Documents> read_csv(std::string_view text, std::string_view where) {
  Documents out;
  CsvReader reader(text, {.where = std::string(where)});
  CsvRow row;
  for (std::size_t number = 0;;) {
    auto more = reader.next(row);
    if (!more) return fail(more.error());
    if (!*more) break;
    if (row.empty()) continue;
    std::string place = std::string(where) + ":" + std::to_string(reader.line());
    if (row.size() != 6)
      return fail(ErrorKind::data, "a row must have six columns (question, four choices, answer), not " + std::to_string(row.size()), place);
    if (out.empty() && number == 0 && row[0] == "question" && row[5] == "answer") continue;
    std::size_t gold = answer_of(row[5]);
    if (gold > 3) return fail(ErrorKind::data, "the answer must be A to D or 0 to 3, not \"" + shorten(row[5], 20) + "\"", place);
    std::vector<std::string> choices(row.begin() + 1, row.begin() + 5);
    out.push_back(make_document(number++, row[0], choices, gold));
  }
  if (reader.cut()) return fail(ErrorKind::data, "the file ends inside a quoted field", std::string(where));
  if (out.empty()) return fail(ErrorKind::data, "the file holds no rows", std::string(where));
  return out;
}

}  // namespace

const std::array<std::string_view, 57> kMmluSubjects = {
    "abstract_algebra", "anatomy", "astronomy", "business_ethics", "clinical_knowledge", "college_biology", "college_chemistry",
    "college_computer_science", "college_mathematics", "college_medicine", "college_physics", "computer_security", "conceptual_physics",
    "econometrics", "electrical_engineering", "elementary_mathematics", "formal_logic", "global_facts", "high_school_biology",
    "high_school_chemistry", "high_school_computer_science", "high_school_european_history", "high_school_geography",
    "high_school_government_and_politics", "high_school_macroeconomics", "high_school_mathematics", "high_school_microeconomics",
    "high_school_physics", "high_school_psychology", "high_school_statistics", "high_school_us_history", "high_school_world_history",
    "human_aging", "human_sexuality", "international_law", "jurisprudence", "logical_fallacies", "machine_learning", "management", "marketing",
    "medical_genetics", "miscellaneous", "moral_disputes", "moral_scenarios", "nutrition", "philosophy", "prehistory",
    "professional_accounting", "professional_law", "professional_medicine", "professional_psychology", "public_relations",
    "security_studies", "sociology", "us_foreign_policy", "virology", "world_religions"};

std::string mmlu_description(std::string_view subject) {
  return "The following are multiple choice questions (with answers) about " + replace_all(subject, "_", " ") + ".\n\n";
}

Result<Documents> read_mmlu(std::string_view text, std::string_view where) {
  auto clean = readable(text, where);
  if (!clean) return fail(clean.error());
  if (!is_json(*clean)) return read_csv(*clean, where);
  Documents out;
  auto read = for_each_row(*clean, where, [&](const json::value& row, std::size_t number, const std::string& place) -> Result<void> {
    auto question = text_member(row, "question", place);
    if (!question) return fail(question.error());
    auto choices = texts_of(find(row, "choices"), "choices", place);
    if (!choices) return fail(choices.error());
    if (choices->size() != 4) return fail(ErrorKind::data, "\"choices\" must hold four texts", place);
    std::size_t gold = 4;
    if (auto answer = get_integer(row, "answer")) {
      if (*answer >= 0 && *answer < 4) gold = static_cast<std::size_t>(*answer);
    } else if (auto letter = get_string(row, "answer")) {
      gold = answer_of(*letter);
    }
    if (gold > 3) return fail(ErrorKind::data, "\"answer\" must be 0 to 3 or A to D", place);
    out.push_back(make_document(number, *question, *choices, gold));
    return {};
  });
  if (!read) return fail(read.error());
  return out;
}

}  // namespace assay::harness
