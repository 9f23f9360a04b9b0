#include "benchmark/harness/arc.h"

#include <boost/json/array.hpp>

#include "benchmark/harness/rows.h"

namespace assay::harness {
namespace {

Result<std::vector<std::string>> choices_of(const json::value& row, const json::value& question, const std::string& where) {
  const json::value* listed = question.is_object() ? find(question, "choices") : find(row, "choices");
  if (listed && listed->is_object()) return texts_of(find(*listed, "text"), "choices.text", where);
  if (!listed || !listed->is_array()) return fail(ErrorKind::data, "\"choices\" must be there", where);
  std::vector<std::string> out;
  for (const json::value& choice : listed->get_array()) {
    auto text = text_member(choice, "text", where);
    if (!text) return fail(text.error());
    out.push_back(std::move(*text));
  }
  return out;
}

}  // namespace

Result<Documents> read_arc(std::string_view text, std::string_view where) {
  Documents out;
  auto read = for_each_row(text, where, [&](const json::value& row, std::size_t number, const std::string& place) -> Result<void> {
    const json::value* question = find(row, "question");
    if (!question) return fail(ErrorKind::data, "\"question\" is missing", place);
    auto stem = question->is_object() ? text_member(*question, "stem", place) : text_member(row, "question", place);
    if (!stem) return fail(stem.error());
    auto choices = choices_of(row, *question, place);
    if (!choices) return fail(choices.error());
    auto key = text_member(row, "answerKey", place);
    if (!key) return fail(key.error());
    const char letter = key->size() == 1 ? (*key)[0] : '\0';
    std::size_t gold = letter >= 'A' && letter <= 'E' ? static_cast<std::size_t>(letter - 'A')
                       : letter >= '1' && letter <= '5' ? static_cast<std::size_t>(letter - '1')
                                                        : choices->size();
    if (gold >= choices->size())
      return fail(ErrorKind::data, "\"answerKey\" must be a letter A to E or a number 1 to 5 that names one of the choices", place);
    out.push_back({.row = number, .query = "Question: " + *stem + "\nAnswer:", .choices = std::move(*choices), .gold = gold});
    return {};
  });
  if (!read) return fail(read.error());
  return out;
}

}  // namespace assay::harness
