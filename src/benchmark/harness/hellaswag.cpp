#include "benchmark/harness/hellaswag.h"

#include "base/python_case.h"
#include "base/text.h"
#include "benchmark/harness/rows.h"

namespace assay::harness {

std::string clean_hellaswag(std::string_view text) {
  std::string titled = replace_all(strip(text), " [title]", ". ");
  std::string out;
  out.reserve(titled.size());
  for (std::size_t at = 0; at < titled.size();) {
    if (titled[at] == '[') {
      std::size_t end = titled.find_first_of("]\n", at);
      if (end != std::string::npos && titled[end] == ']') {
        at = end + 1;
        continue;
      }
    }
    out += titled[at++];
  }
  return replace_all(out, "  ", " ");
}

Result<Documents> read_hellaswag(std::string_view text, std::string_view where) {
  Documents out;
  auto read = for_each_row(text, where, [&](const json::value& row, std::size_t number, const std::string& place) -> Result<void> {
    auto label = text_member(row, "activity_label", place);
    if (!label) return fail(label.error());
    auto a = text_member(row, "ctx_a", place);
    if (!a) return fail(a.error());
    std::string b;
    if (const json::value* second = find(row, "ctx_b"); second && !second->is_null()) {
      auto given = text_member(row, "ctx_b", place);
      if (!given) return fail(given.error());
      b = std::move(*given);
    }
    auto endings = texts_of(find(row, "endings"), "endings", place);
    if (!endings) return fail(endings.error());
    std::size_t gold = endings->size();
    if (auto number_label = get_integer(row, "label")) {
      if (*number_label >= 0) gold = static_cast<std::size_t>(*number_label);
    } else if (auto text_label = get_string(row, "label"); text_label && text_label->size() == 1 && (*text_label)[0] >= '0' && (*text_label)[0] <= '9') {
      gold = static_cast<std::size_t>((*text_label)[0] - '0');
    }
    if (gold >= endings->size())
      return fail(ErrorKind::data, "\"label\" must be the place of the right ending, from 0", place, "the test split has no labels; use train or validation");
    Document document{.row = number, .query = clean_hellaswag(*label + ": " + *a + " " + capitalize(b)), .choices = {}, .gold = gold};
    for (const std::string& ending : *endings) document.choices.push_back(clean_hellaswag(ending));
    out.push_back(std::move(document));
    return {};
  });
  if (!read) return fail(read.error());
  return out;
}

}  // namespace assay::harness
